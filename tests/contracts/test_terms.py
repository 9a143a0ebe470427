"""Terms are versions: drafted by one, approved by another, never written again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.base import acting, db
from app.base.errors import Conflict, Forbidden
from app.judgement.contracts import documents, drafting, events, queries, services
from app.judgement.contracts.line_values import BY_NAME, check_line
from app.judgement.contracts.models import (
    ClauseKind,
    Contract,
    ContractTerms,
    DocumentRole,
    Presence,
)
from app.judgement.contracts.values import TermsRefused, TermsSaid, check_terms
from app.platform.approvals.models import Verdict
from tests.conftest import TODAY
from tests.contracts.conftest import REASON, SAID, House

OTIF: dict[str, Any] = {
    "measure": "otif_line", "direction": "at_least", "target": Decimal("0.95"),
    "window_kind": "quarter", "min_n": 20, "valid_from": None, "valid_to": None,
}  # fmt: skip
DAMAGES: dict[str, Any] = {
    "mode": "per_week_or_part_percent", "rate": Decimal("2.5"), "amount": None, "grace_days": 0,
    "cap_percent": Decimal(15), "valid_from": None, "valid_to": None,
}  # fmt: skip
PROMPT: dict[str, Any] = {
    "kind": "payment", "label": "Prompt", "measure": "otd", "direction": "at_least",
    "threshold": Decimal("0.97"), "window_kind": "month", "min_n": 1,
}  # fmt: skip


def problems(**given: Any) -> dict[str, tuple[str, ...]]:
    """Return by code which fields the terms are refused for."""
    with pytest.raises(TermsRefused) as refused:
        check_terms(TermsSaid(**(SAID | given)))
    return {each.code: each.fields for each in refused.value.problems}


def line_problems(
    kind: str, line: Mapping[str, Any], *others: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    with pytest.raises(TermsRefused) as refused:
        check_line(BY_NAME[kind], line, others)
    return {each.code: each.fields for each in refused.value.problems}


def add(house: House, contract_id: int, kind: str, line: Mapping[str, Any]) -> None:
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, contract_id)
        terms = drafting.open_version(session, contract)
        assert terms is not None
        drafting.add_line(session, contract, BY_NAME[kind], line, seen_version=terms.version)


def test_dates_in_the_wrong_order_are_told_at_both() -> None:
    assert problems(ends_on=date(2025, 12, 31)) == {"E-CTR-03": ("starts_on", "ends_on")}


def test_a_notice_longer_than_the_term_could_never_be_given() -> None:
    # 1 January to 31 March is 90 days.
    short = {"ends_on": date(2026, 3, 31)}
    check_terms(TermsSaid(**(SAID | short)))
    assert problems(**short, our_notice_days=91) == {"E-CTR-05": ("our_notice_days",)}
    # A renewal of one month has 30 days in April.
    renewing = {"auto_renew": True, "renewal_months": 1}
    assert problems(**short, **renewing, our_notice_days=31)["E-CTR-05"] == ("our_notice_days",)


def test_a_renewal_needs_an_end_and_its_months() -> None:
    assert problems(auto_renew=True, ends_on=None) == {"E-CTR-04": ("renewal_months", "auto_renew")}
    assert problems(currency="Euro", value=Decimal(-1))["E-CTR-06"] == ("value",)


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("damages", DAMAGES | {"cap_percent": Decimal(-5)}, {"E-CTR-11": ("cap_percent",)}),
        ("damages", DAMAGES | {"rate": None}, {"E-CTR-14": ("rate",)}),
        ("damages", DAMAGES | {"valid_from": TODAY, "valid_to": date(2026, 1, 1)},
         {"E-CTR-10": ("valid_from", "valid_to")}),
        ("obligations", OTIF | {"target": Decimal("1.95")}, {"E-CTR-11": ("target",)}),
        ("obligations", OTIF | {"min_n": 0}, {"E-CTR-11": ("min_n",)}),
        ("incentives", PROMPT | {"percent": Decimal(2)},
         {"E-CTR-14": ("payment_days", "percent")}),
        ("incentives", PROMPT | {"payment_days": 14, "cap_percent": Decimal(2)},
         {"E-CTR-14": ("cap_percent",)}),
        ("obligations", OTIF | {"measure": "manual_esg"}, {"E-CTR-12": ("measure",)}),
    ],
)  # fmt: skip
def test_a_line_that_can_t_be_names_its_field(
    kind: str, line: dict[str, Any], expected: dict[str, tuple[str, ...]]
) -> None:
    assert line_problems(kind, line) == expected


def test_obligations_overlap_only_where_they_hold_on_one_day() -> None:
    first = OTIF | {"valid_to": date(2026, 6, 30)}
    check_line(BY_NAME["obligations"], OTIF | {"valid_from": date(2026, 7, 1)}, [first])
    check_line(BY_NAME["obligations"], OTIF | {"window_kind": "month"}, [first])
    overlapping = OTIF | {"valid_from": date(2026, 6, 30)}
    assert "E-CTR-13" in line_problems("obligations", overlapping, first)


def test_who_wrote_the_terms_does_not_approve_them(house: House) -> None:
    terms = house.submit(house.open())
    with pytest.raises(Forbidden, match="You wrote this version"):
        house.decide(terms, by="buyer")
    settled = house.decide(terms)
    assert settled is not None
    assert settled.is_independent
    with db.reading() as session:
        row = queries.contract_rows(session, TODAY)[0]
        assert (row.contract.status, row.terms.state) == ("active", "in_force")
        assert row.terms.content_hash == settled.content_hash


@pytest.mark.parametrize("value", [Decimal(1_000_000), None])
def test_a_large_or_unknown_value_asks_a_second_person(house: House, value: Decimal | None) -> None:
    terms = house.submit(house.open(value=value))
    assert house.decide(terms) is None
    assert house.decide(terms, by="second") is not None


def test_nothing_is_edited_while_it_waits_and_a_rejected_draft_is(house: House) -> None:
    key = house.open()
    terms = house.submit(key)
    with pytest.raises(Conflict, match="waits for approval"):
        add(house, key, "obligations", OTIF)
    house.decide(terms, verdict=Verdict.REJECT)
    add(house, key, "obligations", OTIF)
    with db.reading() as session:
        assert session.get_one(ContractTerms, terms).state == "draft"


def test_an_amendment_leaves_what_was_approved_readable(house: House) -> None:
    key = house.open()
    add(house, key, "obligations", OTIF)
    add(house, key, "damages", DAMAGES)
    house.decide(house.submit(key))
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        said = TermsSaid(**(SAID | {"our_notice_days": 30, "from_on": TODAY}))
        drafting.write_terms(session, contract, said, seen_version=made.version)
        with pytest.raises(Conflict, match="open already"):
            drafting.amend(session, contract, reason=REASON)
    house.decide(house.submit(key))
    with db.reading() as session:
        rows = session.scalars(select(ContractTerms).order_by(ContractTerms.sequence)).all()
        assert [(row.state, row.our_notice_days) for row in rows] == [
            ("superseded", 90), ("in_force", 30),
        ]  # fmt: skip
        contract = session.get_one(Contract, key)
        assert contract.sequence == 2
        for row in rows:
            held = services.content.sheet_of(session, contract, row)
            assert [each.target for each in held.obligations] == [Decimal("0.95")]
            assert [each.rate for each in held.lines["damages"]] == [Decimal("2.5")]


def test_what_is_agreed_for_later_holds_from_its_day_on(house: House) -> None:
    key, later = house.active(), date(2026, 11, 25)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        said = TermsSaid(**(SAID | {"from_on": later}))
        drafting.write_terms(session, contract, said, seen_version=made.version)
    house.decide(house.submit(key))
    with db.transaction() as session:
        assert session.get_one(Contract, key).sequence == 1
        assert services.begin_agreed(session, date(2026, 11, 24)) == 0
        assert services.begin_agreed(session, later) == 1
        assert session.get_one(Contract, key).sequence == 2


def test_an_amendment_follows_what_was_agreed_last_and_loses_nothing_of_it(house: House) -> None:
    key, later = house.active(), date(2026, 11, 25)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        said = TermsSaid(**(SAID | {"from_on": later, "title": "Castings and cores"}))
        drafting.write_terms(session, contract, said, seen_version=made.version)
    house.decide(house.submit(key))
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        assert (made.title, made.from_on) == ("Castings and cores", later)
        for from_on, told in ((TODAY, "agreed from 25 Nov 2026 on"), (None, "Give the first day")):
            said = TermsSaid(**(SAID | {"from_on": from_on}))
            with pytest.raises(TermsRefused, match=told) as refused:
                drafting.write_terms(session, contract, said, seen_version=made.version)
            assert refused.value.problems[0].fields == ("from_on",)
        wrong = {"from_on": TODAY, "currency": "USD", "ends_on": date(2025, 12, 31)}
        with pytest.raises(TermsRefused) as all_of_it:
            drafting.write_terms(
                session, contract, TermsSaid(**(SAID | wrong)), seen_version=made.version
            )
        assert [each.code for each in all_of_it.value.problems] == [
            "E-CTR-03", "E-CTR-07", "E-CTR-03"
        ]  # fmt: skip


def test_an_amendment_into_another_currency_is_refused(house: House) -> None:
    key = house.active()
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        with pytest.raises(TermsRefused, match="two currencies into one sum"):
            drafting.write_terms(
                session, contract, TermsSaid(**(SAID | {"currency": "USD"})),
                seen_version=made.version,
            )  # fmt: skip


def test_what_another_tab_stored_is_not_overwritten(house: House) -> None:
    key = house.open()
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        drafting.write_terms(session, contract, TermsSaid(**SAID), seen_version=1)
        with pytest.raises(Conflict, match="changed meanwhile"):
            drafting.write_terms(session, contract, TermsSaid(**SAID), seen_version=1)


def test_an_approval_is_bound_to_the_files_it_was_given_for(house: House) -> None:
    key = house.open()
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        documents.note_document(
            session, contract, attachment=uuid.UUID(int=7), sha256="a" * 64,
            role=DocumentRole.CONTRACT,
        )  # fmt: skip
    terms = house.submit(key)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        sheet = services.content.sheet_of(session, contract, session.get_one(ContractTerms, terms))
        said = services.content.content_of(session, sheet)
        assert said["documents"] == ["contract sha256 " + "a" * 64]
        with pytest.raises(Conflict, match="with its files"):
            documents.check_takes_files(session, contract)
        sheet.documents[0].sha256 = "b" * 64
        session.flush()
    with pytest.raises(Conflict, match="changed after it was submitted"):
        house.decide(terms)


def test_coverage_tells_no_from_not_looked(house: House) -> None:
    key = house.open()
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        said = {
            ClauseKind.CONTINUITY: (Presence.YES, "Plan each March", 8),
            ClauseKind.AUDIT_RIGHT: (Presence.NO, None, None),
        }
        contract = session.get_one(Contract, key)
        drafting.write_clauses(session, contract, said, seen_version=1)
    with db.reading() as session:
        assert queries.coverage(session, [house.supplier_id], as_of=TODAY) == {}
    house.decide(house.submit(key))
    with db.reading() as session:
        found = queries.coverage(session, [house.supplier_id], as_of=TODAY)[house.supplier_id]
    assert found.until == date(2026, 12, 1)
    assert found.present == (ClauseKind.CONTINUITY,)
    assert found.absent == (ClauseKind.AUDIT_RIGHT,)
    assert ClauseKind.CAPACITY in found.unknown


def test_a_day_that_has_passed_keeps_what_its_versions_covered(house: House) -> None:
    key, before = house.open(), date(2026, 10, 31)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        said = {ClauseKind.AUDIT_RIGHT: (Presence.YES, None, None)}
        drafting.write_clauses(session, contract, said, seen_version=1)
    house.decide(house.submit(key))
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        gone = {ClauseKind.AUDIT_RIGHT: (Presence.NO, None, None)}
        drafting.write_clauses(session, contract, gone, seen_version=made.version)
    house.decide(house.submit(key))
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        events.terminate(session, contract, on=TODAY, reason=REASON)

    def covered(on: date) -> queries.Coverage | None:
        with db.reading() as session:
            return queries.coverage(session, [house.supplier_id], as_of=on).get(house.supplier_id)

    then, today, after = (covered(on) for on in (before, TODAY, TODAY + timedelta(days=1)))
    assert then is not None
    assert (then.present, then.until) == ((ClauseKind.AUDIT_RIGHT,), date(2026, 12, 1))
    assert today is not None
    assert today.absent == (ClauseKind.AUDIT_RIGHT,)
    assert after is None
    assert covered(date(2025, 12, 31)) is None


def test_a_notice_ends_what_a_contract_covers_that_would_renew_itself(house: House) -> None:
    renewing = {"ends_on": date(2027, 3, 2), "auto_renew": True, "renewal_months": 12}
    key = house.active(**renewing)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        events.give_notice(session, contract, on=TODAY, is_theirs=False, reason=REASON)
    with db.reading() as session:
        found = queries.coverage(session, [house.supplier_id], as_of=TODAY)[house.supplier_id]
        before = queries.coverage(session, [house.supplier_id], as_of=date(2026, 10, 31))
    assert found.until == date(2027, 3, 2)
    assert before[house.supplier_id].until is None
