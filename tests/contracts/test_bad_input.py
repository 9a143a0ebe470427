"""What a contract can't say is told beside each field it concerns, and nothing is half stored."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.base import db
from app.judgement.contracts.models import Contract, ContractObligation, ContractTerms
from app.judgement.contracts.money_models import DamagesSchedule
from tests.builders import facts
from tests.contracts.test_pages import DAMAGES, TERMS
from tests.web_app import Visitor

PROMISE = {
    "measure": "otif_line", "direction": "at_least", "target": "95", "window_kind": "quarter",
    "min_n": "20", "version": "1",
}  # fmt: skip
WRONG_ORDER = "It ends on 31 Dec 2025, before it starts on 1 Jan 2026."


@pytest.fixture
def at(visitor: Visitor) -> str:
    """The address of a supplier's contracts."""
    with db.transaction() as session:
        return f"/suppliers/{facts.supplier(session, 'Kestrel', number='V-1').public_id}/contracts"


@pytest.fixture
def draft(visitor: Visitor, at: str) -> str:
    """The address of a draft."""
    return str(visitor.post(f"{at}/new", TERMS).headers["Location"])


def told(answer: TestResponse) -> dict[str, str]:
    """Return what a page says beside its fields."""
    found = re.findall(r'<p class="error" id="([a-z_]+)-error">.*?</span>(.*?)</p>', answer.text)
    return dict(found)


def stored(model: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_dates_in_the_wrong_order_are_told_at_both_fields(visitor: Visitor, at: str) -> None:
    answer = visitor.post(f"{at}/new", TERMS | {"ends_on": "2025-12-31"})
    assert answer.status_code == 422
    found = told(answer)
    assert found.keys() == {"starts_on", "ends_on"}
    assert all(each.startswith(WRONG_ORDER) for each in found.values())
    assert 'value="2025-12-31"' in answer.text
    assert (stored(Contract), stored(ContractTerms)) == (0, 0)


def test_an_edit_that_can_t_be_leaves_the_draft_as_it_was(visitor: Visitor, draft: str) -> None:
    wrong = TERMS | {"title": "Half of it", "ends_on": "2025-12-31", "version": "1"}
    answer = visitor.post(f"{draft}/terms", wrong)
    assert (answer.status_code, told(answer).keys()) == (422, {"starts_on", "ends_on"})
    with db.reading() as session:
        kept = session.scalars(select(ContractTerms)).one()
        assert (kept.title, kept.version) == ("Castings", 1)


@pytest.mark.parametrize("field", ["our_notice_days", "their_notice_days"])
def test_a_notice_longer_than_the_term_is_told_at_its_field(
    visitor: Visitor, at: str, field: str
) -> None:
    # 1 January 2026 to 2 March 2027 are 426 days.
    answer = visitor.post(f"{at}/new", TERMS | {field: "427"})
    assert answer.status_code == 422
    assert told(answer) == {
        field: "A notice of 427 days is longer than the shortest term of 426 days: it could never "
        "be given in time. Give a shorter notice or a later end."
    }
    assert stored(Contract) == 0


def test_overlapping_obligations_are_told_at_their_fields(visitor: Visitor, draft: str) -> None:
    there = f"{draft}/lines/obligations/new"
    assert visitor.post(there, PROMISE | {"valid_to": "2026-06-30"}).status_code == 303
    again = PROMISE | {"version": "2", "valid_from": "2026-06-30", "target": "97"}
    answer = visitor.post(there, again)
    assert answer.status_code == 422
    found = told(answer)
    assert found.keys() == {"measure", "valid_from", "valid_to"}
    assert "from the start to 30 Jun 2026" in found["measure"]
    assert stored(ContractObligation) == 1
    backwards = visitor.post(there, again | {"valid_from": "2026-08-01", "valid_to": "2026-07-01"})
    assert told(backwards).keys() == {"valid_from", "valid_to"}
    assert stored(ContractObligation) == 1
    assert visitor.post(there, again | {"valid_from": "2026-07-01"}).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cap_percent", "-5", "-5 % is not from 0 to 100. Give the percent as 2.5."),
        ("cap_percent", "100.01", "100.01 % is not from 0 to 100. Give the percent as 2.5."),
        ("rate", "-0.5", "-0.5 % is not from 0 to 100. Give the percent as 2.5."),
        ("grace_days", "-1", "-1 is not from 0 to 366."),
        ("grace_days", str(2**63), "A whole number"),
        ("rate", "9" * 40, "A number such as 2.5"),
    ],
)
def test_a_cap_below_zero_and_its_like_are_told_at_their_field(
    visitor: Visitor, draft: str, field: str, value: str, said: str
) -> None:
    answer = visitor.post(f"{draft}/lines/damages/new", DAMAGES | {field: value})
    assert answer.status_code == 422
    assert told(answer).keys() == {field}
    assert said in told(answer)[field]
    assert stored(DamagesSchedule) == 0
