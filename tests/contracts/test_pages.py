"""The pages of contracts: what is typed is kept, nothing is half stored, nothing is foreign."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.base import db
from app.judgement.contracts.models import Contract, ContractClause, ContractTerms
from app.judgement.contracts.money_models import DamagesSchedule
from tests.builders import facts
from tests.web_app import Visitor, words

TERMS = {
    "number": "C-7", "title": "Castings", "kind": "framework", "our_party": "Adler",
    "their_party": "Kestrel", "currency": "eur", "value": "50000", "starts_on": "2026-01-01",
    "ends_on": "2027-03-02", "notice_kind": "calendar", "calendar": "", "our_notice_days": "90",
}  # fmt: skip
DAMAGES = {
    "mode": "per_week_or_part_percent", "rate": "2.5", "grace_days": "0", "grace_kind": "free",
    "cap_percent": "15", "cap_base": "delayed_portion", "version": "1",
}  # fmt: skip
REASON = "Read against the signed paper"


@pytest.fixture
def at(visitor: Visitor) -> str:
    """The address of a supplier's contracts."""
    with db.transaction() as session:
        facts.supplier(session, "Other", number="V-2")
        key = facts.supplier(session, "Kestrel", number="V-1").public_id
    return f"/suppliers/{key}/contracts"


@pytest.fixture
def draft(visitor: Visitor, at: str) -> str:
    """The address of a contract that is a draft."""
    answer = visitor.post(f"{at}/new", TERMS)
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"].removesuffix("/draft")


def stored(model: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ends_on", "2025-12-31", "It ends on 31 Dec 2025, before it starts on 1 Jan 2026"),
        ("our_notice_days", "427", "longer than the shortest term of 426 days"),
        ("our_notice_days", str(2**63), "A whole number"),
        ("value", "NaN", "A number such as 2.5"),
        ("value", "1_000", "A number such as 2.5"),
        ("value", "1.1234567", "At most 6 decimals"),
        ("title", "\u200b  ", "Required"),
        ("title", "x" * 10_001, "At most 200 characters"),
        ("currency", "Euro", "Three letters of ISO 4217"),
        ("starts_on", "0001-01-01", "not a day from 1970 to 2199"),
        ("kind", "marriage", "Not a valid choice"),
    ],
)
def test_what_can_t_be_is_told_beside_its_field_and_kept(
    visitor: Visitor, at: str, field: str, value: str, said: str
) -> None:
    answer = visitor.post(f"{at}/new", TERMS | {field: value})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "C-7" in answer.text
    assert stored(Contract) == 0


def test_a_number_is_taken_once(visitor: Visitor, at: str, draft: str) -> None:
    answer = visitor.post(f"{at}/new", TERMS)
    assert answer.status_code == 409
    assert "Kestrel has a contract C-7 already" in words(answer)


def test_a_cap_below_zero_names_place_value_and_remedy(visitor: Visitor, draft: str) -> None:
    there = f"{draft}/draft/lines/damages/new"
    answer = visitor.post(there, DAMAGES | {"cap_percent": "-5"})
    assert answer.status_code == 422
    assert "-5 % is not from 0 to 100. Give the percent as 2.5." in words(answer)
    assert stored(DamagesSchedule) == 0
    assert visitor.post(there, DAMAGES).status_code == 303
    again = visitor.post(there, DAMAGES | {"version": "2"})
    assert again.status_code == 422
    assert "Damages are agreed for these days already" in words(again)


def test_a_share_is_typed_in_percent_and_a_band_hangs_on_its_obligation(
    visitor: Visitor, draft: str
) -> None:
    promise = {
        "measure": "otif_line", "direction": "at_least", "target": "95", "window_kind": "quarter",
        "min_n": "20", "version": "1",
    }  # fmt: skip
    there = f"{draft}/draft/lines"
    assert visitor.post(f"{there}/obligations/new", promise).status_code == 303
    assert "OTIF by line at least 95.0 %" in words(visitor.get(f"{draft}/draft"))
    band = {"obligation_id": "1", "floor": "90", "percent": "1", "version": "2"}
    foreign = visitor.post(f"{there}/credits/new", band | {"obligation_id": "77"})
    assert foreign.status_code == 422
    assert visitor.post(f"{there}/credits/new", band).status_code == 303
    assert "from 90.0 % on" in words(visitor.get(draft))
    unknown = visitor.post(f"{there}/obligations/new", promise | {"rule": f"x v{9**40}"})
    assert "There is no delivery rule" in words(unknown)


def test_an_older_version_of_the_draft_is_not_stored(visitor: Visitor, draft: str) -> None:
    first = visitor.post(f"{draft}/draft/terms", TERMS | {"title": "First", "version": "1"})
    assert first.status_code == 303
    second = visitor.post(f"{draft}/draft/terms", TERMS | {"title": "Second", "version": "1"})
    assert second.status_code == 409
    assert "changed meanwhile" in words(second)
    assert "Second" in second.text
    with db.reading() as session:
        assert session.scalars(select(ContractTerms.title)).all() == ["First"]


def test_a_contract_is_not_found_at_another_supplier(visitor: Visitor, draft: str) -> None:
    with db.transaction() as session:
        other = facts.supplier(session, "Third", number="V-3").public_id
    key = draft.rsplit("/", 1)[1]
    assert visitor.get(f"/suppliers/{other}/contracts/{key}").status_code == 404
    posted = visitor.post(f"/suppliers/{other}/contracts/{key}/draft/submit", {"reason": REASON})
    assert posted.status_code == 404
    assert visitor.get(f"{draft}/versions/2").status_code == 404
    assert visitor.get(f"{draft}/draft/lines/marriages/new").status_code == 404


def test_a_submitted_draft_waits_and_may_not_be_edited(visitor: Visitor, draft: str) -> None:
    short = visitor.post(f"{draft}/draft/submit", {"reason": "x", "version": "1"})
    assert "at least 10 characters" in words(short)
    assert (
        visitor.post(f"{draft}/draft/submit", {"reason": REASON, "version": "1"}).status_code == 303
    )
    shown = visitor.get(draft)
    assert "waits for approval" in words(shown)
    approval = re.search(r'href="(/approvals/[0-9a-f-]{36})"', shown.text)
    assert approval is not None
    assert f'href="{draft}/versions/1"' in visitor.get(approval[1]).text
    late = visitor.post(f"{draft}/draft/terms", TERMS | {"version": "2"})
    assert late.status_code == 409


def test_a_dropped_draft_takes_its_contract_along(visitor: Visitor, draft: str) -> None:
    visitor.post(f"{draft}/draft/clauses", {"penalties_presence": "yes", "version": "1"})
    assert visitor.post(f"{draft}/draft/discard", {"version": "2"}).status_code == 303
    assert (stored(Contract), stored(ContractTerms)) == (0, 0)


def test_a_contract_is_found_by_its_number(visitor: Visitor, draft: str) -> None:
    assert "C-7 Castings, Kestrel" in words(visitor.get("/search?q=c-7"))
    assert "Nothing found" in words(visitor.get("/search?q=%25"))


def test_the_list_is_filtered_exported_and_refuses_what_it_lacks(
    visitor: Visitor, draft: str
) -> None:
    assert "C-7" in words(visitor.get("/contracts/?status=draft&q=kestrel"))
    assert "No contract fits" in words(visitor.get("/contracts/?next=overlooked"))
    assert "C-7" in visitor.get("/contracts/?format=csv").text
    assert visitor.get("/contracts/?sort=password_hash").status_code == 400


def test_a_recovery_time_is_asked_with_the_duty_and_kept_as_typed(
    visitor: Visitor, draft: str
) -> None:
    duty = {"version": "1", "continuity_presence": "yes", "continuity_note": "Plan each March"}
    for days, told in (
        (str(2**63), "From 0 to 3,660."), ("-1", "From 0 to 3,660."),
        ("NaN", "Not a valid integer value."),
    ):  # fmt: skip
        refused = visitor.post(f"{draft}/draft/clauses", duty | {"recovery_days": days})
        assert refused.status_code == 422, days
        assert told in words(refused), days
        assert f'value="{days}"' in refused.text
    without = visitor.post(
        f"{draft}/draft/clauses", duty | {"recovery_days": "20", "continuity_presence": "no"}
    )
    assert without.status_code == 422
    assert "only where the contract has the duty" in words(without)
    assert stored(ContractClause) == 0
    kept = visitor.post(f"{draft}/draft/clauses", duty | {"recovery_days": "20"})
    assert kept.status_code == 303
    assert 'value="20"' in visitor.get(f"{draft}/draft").text
    assert "Plan each March Back within 20 days." in words(visitor.get(draft))


def test_the_risk_page_says_what_is_agreed_beside_the_index(
    visitor: Visitor, at: str, draft: str
) -> None:
    there = at.removesuffix("/contracts") + "/risk"
    assert "None is active today: nothing that was agreed" in words(visitor.get(there))
    with db.transaction() as session:
        contract = session.scalars(select(Contract)).one()
        contract.status = "active"
        terms = session.scalars(select(ContractTerms)).one()
        terms.state = "in_force"
        session.add_all(
            ContractClause(terms_id=terms.id, kind=kind, presence=presence)
            for kind, presence in (("continuity", "yes"), ("audit_right", "no"))
        )
    shown = visitor.get(there)
    assert "Agreed: duty to keep a continuity plan." in words(shown)
    assert "1 contract active, covered until 2 Mar 2027. No contract names: right to audit." in (
        words(shown)
    )
    assert f'href="{at}"' in shown.text
