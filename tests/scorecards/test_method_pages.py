"""The pages of scoring methods: what they show, keep, refuse and export."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask

from app.base import acting, db
from app.base.acting import Source
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.methods import default_content
from app.judgement.scorecards.values import typed_of
from app.platform.accounts import grants
from app.platform.accounts import services as accounts
from app.platform.accounts.grant_models import Role
from app.platform.accounts.models import SecretPurpose
from app.recompute import recompute
from tests.approvals.test_pages import someone
from tests.builders import facts, houses
from tests.web_app import Visitor, words

REASON = "Agreed in the quality council."


@pytest.fixture
def house(app: Flask) -> str:
    """A supplier with a published card; its path."""
    with db.transaction() as session:
        own = facts.supplier(session, "Nordlys Elektronik AS", number="S-1", segment="strategic")
        houses.deliveries(session, own, lines=60, late=3, rejected=2)
    recompute()
    with db.reading() as session:
        return f"/suppliers/{suppliers.find_supplier(session, 'S-1').public_id}"


def who_approves(app: Flask, name: str, *roles: Role) -> Visitor:
    """Somebody with roles who may approve whatever others wrote."""
    user_id, visitor = someone(app, name, *roles)
    from_the_machine = acting.system("test", Source.CLI)
    with acting.acting_as(from_the_machine), app.app_context(), db.transaction() as session:
        grants.grant(session, user_id=user_id, role=Role.APPROVER, reason=REASON)
        secret = accounts.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    # A new role ends the sessions that were open.
    assert visitor.post("/sign-in/once", {"secret": secret}).status_code == 302
    return visitor


@pytest.fixture
def writer(app: Flask, house: str) -> Visitor:
    """Somebody who writes methods and may approve those of others."""
    return who_approves(app, "wanda", Role.RISK_MANAGER)


@pytest.fixture
def approver(app: Flask, house: str) -> Visitor:
    return who_approves(app, "anton")


def typed(**changes: str) -> dict[str, str]:
    """The form of a method for three measures that are known, with changes."""
    weights = {"otif_line": "60", "ltv_A": "10", "ppm": "30"}
    form = {"revision": "1"} | typed_of(default_content())
    form |= {name: "" for name in form if name.startswith("weight-")}
    form |= {f"weight-{measure}": weight for measure, weight in weights.items()}
    return form | {name.replace("__", "-"): value for name, value in changes.items()}


def begin(writer: Visitor, **changes: str) -> str:
    """Begin a draft and save it with the changes; its path."""
    answer = writer.post("/methods/", {"segment": "", "base": "", "name": ""})
    path = answer.location.removesuffix("/edit")
    assert writer.post(f"{path}/edit", typed(**changes)).status_code == 303
    return path


def test_the_list_names_every_version_with_its_state(writer: Visitor) -> None:
    begin(writer)
    said = words(writer.get("/methods/"))
    assert "Direct material v1 everybody ● active the beginning open shipped" in said
    assert "Direct material v2 everybody ○ draft Wanda" in said


def test_a_version_shows_its_formulas(writer: Visitor) -> None:
    said = words(writer.get(begin(writer, minimum__otif_line="40")))
    assert "OTIF by line Delivery." in said
    assert "60 Points of OTIF by line at 80 % 90 % 95 % 98 % points 0 50 90 100 95 % 40" in said
    assert "Sum of the weights 100" in said


def test_wrong_fields_are_said_beside_them_and_nothing_typed_is_lost(writer: Visitor) -> None:
    path = begin(writer)
    answer = writer.post(
        f"{path}/edit", typed(revision="2", weight__otif_line="59.5", anchors__ppm="0:0 1:90")
    )
    assert answer.status_code == 422
    said = words(answer)
    assert "The weights add up to 99.5; they must add up to exactly 100. Add 0.5." in said
    assert "The weight “59.5” is no whole number from 0 to 100." in said
    assert "At 1 the points go from 0 to 90; they may only fall." in said
    assert 'value="59.5"' in answer.text
    assert 'value="0:0 1:90"' in answer.text


def test_a_draft_that_somebody_saved_meanwhile_is_not_overwritten(writer: Visitor) -> None:
    path = begin(writer)
    answer = writer.post(
        f"{path}/edit", typed(revision="1", weight__otif_line="50", weight__ppm="40")
    )
    assert answer.status_code == 409
    assert "Somebody saved this draft after you opened it" in words(answer)


def test_a_simulation_shows_both_cards_and_the_grades_as_a_matrix(writer: Visitor) -> None:
    said = words(writer.get(f"{begin(writer)}/simulate"))
    assert "1 supplier of 1 changes grade" in said
    assert "NR · · · · · 1" not in said
    assert "Nordlys Elektronik AS S-1 NR → A changes not rated 91.6" in said


def test_a_simulation_is_exported_as_csv_and_xlsx(writer: Visitor) -> None:
    path = begin(writer)
    answer = writer.get(f"{path}/simulate?format=csv&period=2026Q4")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row["Number"], row["Grade, Direct material v1"], row["Grade, Direct material v2"],
             row["Changes grade"]) for row in rows] == [("S-1", "NR", "A", "yes")]  # fmt: skip
    assert writer.get(f"{path}/simulate?format=xlsx").get_data()[:2] == b"PK"


def test_the_last_twelve_months_are_scored_again_beside_their_method(writer: Visitor) -> None:
    said = words(writer.get(f"{begin(writer)}/history"))
    # Nothing was due before October 2026.
    assert "12 months to 30 Sep 2026 Direct material v1 1 0 0 0 0 → 0" in said
    assert "12 months to 31 Oct 2025" in said
    assert "12 months to 30 Sep 2025" not in said


@pytest.mark.parametrize("period", ["tomorrow", "to-2027-01-01", "2026Q9"])
def test_a_period_that_cannot_be_is_refused(writer: Visitor, period: str) -> None:
    assert writer.get(f"{begin(writer)}/simulate?period={period}").status_code == 400


def test_another_person_approves_and_the_method_judges(writer: Visitor, approver: Visitor) -> None:
    path = begin(writer)
    answer = writer.post(
        f"{path}/propose", {"day": "2026-11-21", "reason": REASON, "revision": "2"}
    )
    assert answer.status_code == 303
    page = writer.get(path)
    assert "waits for another person" in words(page)
    found = re.search(r"/approvals/([0-9a-f-]{36})", page.text)
    assert found is not None
    place = found.group(1)
    shown = approver.get(f"/approvals/{place}")
    assert "Weights › OTIF by line 25 60 changed" in words(shown)
    sent = {
        "seen_version": "2",
        "seen_hash": shown.text.split('name="seen_hash" value="')[1].split('"')[0],
        "decision": "approve",
        "reason": REASON,
    }
    assert writer.post(f"/approvals/{place}/decide", sent).status_code == 403
    assert approver.post(f"/approvals/{place}/decide", sent).status_code == 303
    said = words(writer.get("/methods/"))
    assert "Direct material v2 everybody ● active 21 Nov 2026 open Wanda Anton" in said
    assert "Direct material v1 everybody ○ retired the beginning 21 Nov 2026 shipped" in said


def test_a_proposal_without_day_or_reason_is_refused_beside_its_field(writer: Visitor) -> None:
    path = begin(writer)
    answer = writer.post(f"{path}/propose", {"day": "", "reason": REASON, "revision": "2"})
    assert (answer.status_code, "A date, such as 2026-11-21." in words(answer)) == (422, True)
    answer = writer.post(f"{path}/propose", {"day": "2026-11-21", "reason": "x", "revision": "2"})
    assert answer.status_code == 422
    assert "at least 10 characters" in words(answer)


def test_a_draft_that_was_saved_after_it_was_looked_at_is_not_proposed(writer: Visitor) -> None:
    path = begin(writer)
    sent = {"day": "2026-11-21", "reason": REASON, "revision": "1"}
    answer = writer.post(f"{path}/propose", sent)
    assert answer.status_code == 409
    assert "nothing of yours is proposed" in words(answer)


def test_a_discarded_draft_is_kept_in_the_list(writer: Visitor) -> None:
    path = begin(writer)
    assert writer.post(f"{path}/discard", {"reason": REASON}).status_code == 303
    assert "Direct material v2 everybody ○ discarded" in words(writer.get("/methods/"))


def test_a_supplier_shows_its_period_by_another_method_on_request(
    writer: Visitor, house: str
) -> None:
    key = begin(writer).rpartition("/")[2]
    plain = words(writer.get(house))
    assert "scored again beside what is published" not in plain
    said = words(writer.get(f"{house}?method={key}"))
    assert "Published, by Direct material v1" in said
    assert "By Direct material v2 A 91.6 100 %" in said
    assert writer.get(f"{house}?method=x").status_code == 400
    assert writer.get(f"{house}?method=999").status_code == 400


def test_who_only_reads_scorecards_sees_methods_and_changes_none(
    app: Flask, writer: Visitor
) -> None:
    path = begin(writer)
    _, buyer = someone(app, "berta", Role.BUYER)
    assert buyer.get("/methods/").status_code == 200
    assert buyer.get(path).status_code == 200
    assert "Propose it" not in words(buyer.get(path))
    assert buyer.get(f"{path}/simulate").status_code == 403
    assert buyer.post(f"{path}/edit", typed()).status_code == 403
