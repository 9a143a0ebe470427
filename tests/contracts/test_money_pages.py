"""The pages of money under a contract: what is typed is kept, nothing foreign, never a 500."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.base import db
from app.facts.deliveries import rollup
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.models import ContractClaim, ContractRelief, ContractSaving
from app.judgement.contracts.money_models import DamagesSchedule, GainShare
from tests.builders import facts
from tests.conftest import NOW, TODAY
from tests.web_app import Visitor, words

REASON = "Late as clause 5 has it"


@pytest.fixture
def money(visitor: Visitor) -> str:
    """The address of money under a contract with one line that is three days late."""
    with db.transaction() as session:
        of = facts.supplier(session, "Kestrel", number="V-1")
        facts.supplier(session, "Other", number="V-2")
        contract = Contract(supplier_id=of.id, number="C-1", status="active")
        session.add(contract)
        session.flush()
        terms = ContractTerms(
            contract_id=contract.id, sequence=1, state="in_force", from_on=date(2026, 1, 1),
            title="Castings", kind="framework", our_party="Adler", their_party="Kestrel",
            currency="EUR", starts_on=date(2026, 1, 1), made_by="m", made_at=NOW,
        )  # fmt: skip
        session.add(terms)
        session.flush()
        session.add_all(
            [
                DamagesSchedule(terms_id=terms.id, mode="per_day_percent", rate=Decimal(1)),
                GainShare(
                    terms_id=terms.id, label="Redesign", share=Decimal(40), baseline=Decimal(100),
                    baseline_from=TODAY, baseline_to=TODAY,
                ),
            ]
        )  # fmt: skip
        line = facts.line(session, facts.order(session, of, contract_reference="C-1"))
        facts.receipt(session, line, date(2026, 3, 8))
        facts.receipt(session, facts.line(session, facts.order(session, of)), date(2026, 4, 1))
        rollup.rebuild(session, until=TODAY)
        return f"/suppliers/{of.public_id}/contracts/{contract.public_id}/money"


def beside(answer: TestResponse, field: str) -> str:
    """Return what a page says beside a field."""
    found = re.search(rf'id="{field}-error">(?:<span[^>]*>[^<]*</span>)?(.*?)</p>', answer.text)
    return "" if found is None else found[1]


def stored(model: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_figure_leads_to_its_line_and_a_claim_prints_the_same_amount(
    visitor: Visitor, money: str
) -> None:
    page = visitor.get(f"{money}/?period=2026Q1")
    # Three days at 1 % of 2,000 euro, and 27 days of the line whose order names no contract.
    assert "600.00 EUR" in words(page)
    assert "/lines/1" in page.text
    assert visitor.get(f"{money}/lines.csv?period=2026Q1").text.count(",charged,") == 2
    drawn = visitor.post(f"{money}/claims", {"period": "2026Q1", "reason": REASON})
    assert drawn.status_code == 303
    claim = drawn.headers["Location"]
    assert "600.00" in words(visitor.get(claim))
    assert ",600.00," in visitor.get(f"{claim}/annex.csv").text
    stale = visitor.post(f"{claim}/withdraw", {"version": "2", "reason": REASON})
    assert stale.status_code == 409
    assert visitor.post(f"{claim}/withdraw", {"version": "1", "reason": "short"}).status_code == 422
    for back in ("600.01", "0.001", "0.00001", "1_0"):
        most = visitor.post(f"{claim}/settle", {"version": "1", "amount": back, "reason": REASON})
        assert most.status_code == 422
    asked = visitor.post(f"{claim}/submit", {"version": "1", "reason": REASON})
    assert asked.status_code == 303
    shown = visitor.get(claim)
    assert "waits for another person" in words(shown)
    approval = re.search(r'href="(/approvals/[0-9a-f-]{36})"', shown.text)
    assert approval is not None
    # Whoever decides gets to the lines that prove it.
    assert f'href="{claim}"' in visitor.get(approval[1]).text


@pytest.mark.parametrize("period", ["2026Q5", "0001", "١٢٣٤", "x" * 2_000])
def test_a_period_that_can_t_be_is_told(visitor: Visitor, money: str, period: str) -> None:
    answer = visitor.get(f"{money}/", query_string={"period": period})
    assert answer.status_code == 400
    assert "is not a quarter or a year" in words(answer)


def test_what_can_t_be_entered_is_told_kept_and_not_stored(visitor: Visitor, money: str) -> None:
    days = {"kind": "buyer", "first_on": "2026-03-09", "last_on": "2026-03-02", "reason": REASON}
    answer = visitor.post(f"{money}/days-off", days)
    assert answer.status_code == 422
    told = "It ends on 2 Mar 2026, before it begins on 9 Mar 2026."
    assert beside(answer, "off-first").startswith(told)
    assert beside(answer, "off-last").startswith(told)
    assert 'value="2026-03-09"' in answer.text
    for wrong in ({"last_on": "9999-12-31"}, {"kind": "weather"}, {"reason": "\u200b"}):
        assert visitor.post(f"{money}/days-off", days | wrong).status_code == 422
    with db.reading() as session:
        share = session.scalars(select(GainShare.public_id)).one()
    saving = {
        "share": str(share), "label": "Half", "first_on": "2026-01-01", "last_on": "2026-06-30",
        "actual_cost": "80", "investment": "1", "reason": REASON,
    }  # fmt: skip
    for wrong in (
        {"actual_cost": "NaN"}, {"actual_cost": "-1"}, {"investment": str(2**63)},
        {"share": str(share)[:-1] + "x"}, {"label": " \u200b"}, {"label": "x" * 10_001},
    ):  # fmt: skip
        assert visitor.post(f"{money}/savings", saving | wrong).status_code == 422
    backwards = visitor.post(f"{money}/savings", saving | {"last_on": "2025-12-31"})
    assert beside(backwards, "saving-last").startswith("It ends on 31 Dec 2025, before it begins")
    ahead = visitor.post(f"{money}/savings", saving | {"last_on": "2027-06-30"})
    assert beside(ahead, "saving-last").startswith("30 Jun 2027 lies in the future")
    assert (stored(ContractRelief), stored(ContractSaving)) == (0, 0)
    assert visitor.post(f"{money}/savings", saving).status_code == 303
    assert visitor.get(f"{money}/").status_code == 200
    future = visitor.post(f"{money}/claims", {"period": "2199Q1", "reason": REASON})
    assert (future.status_code, stored(ContractClaim)) == (422, 0)


def test_a_contract_is_not_found_under_another_supplier(visitor: Visitor, money: str) -> None:
    with db.transaction() as session:
        other = facts.supplier(session, "Third", number="V-3").public_id
    _, _, _, *rest = money.split("/")
    assert visitor.get(f"/suppliers/{other}/" + "/".join(rest) + "/").status_code == 404


def test_two_currencies_never_become_one_sum(visitor: Visitor, money: str) -> None:
    with db.transaction() as session:
        of = session.scalars(select(Supplier).where(Supplier.number == "V-1")).one()
        order = facts.order(session, of, contract_reference="C-1", currency="USD")
        facts.receipt(session, facts.line(session, order, currency="USD"), date(2026, 3, 9))
        rollup.rebuild(session, until=TODAY)
    page = words(visitor.get(f"{money}/?period=2026Q1"))
    assert "No sum can be made." in page
    assert "is priced in USD, the contract is in EUR: two currencies are never one sum." in page
    assert "600.00 EUR" not in page
    answer = visitor.post(f"{money}/claims", {"period": "2026Q1", "reason": REASON})
    assert answer.status_code == 422
    assert "Correct the currency of the order, or name its own contract on it." in words(answer)
    assert stored(ContractClaim) == 0


def test_an_amendment_keeps_the_currency_of_its_contract(visitor: Visitor, money: str) -> None:
    contract = money.removesuffix("/money")
    begun = visitor.post(f"{contract}/amend", {"reason": REASON})
    assert begun.status_code == 303, words(begun)
    head = {
        "title": "Castings", "kind": "framework", "our_party": "Adler", "their_party": "Kestrel",
        "starts_on": "2026-01-01", "from_on": "2026-12-01", "notice_kind": "calendar",
        "calendar": "", "currency": "USD", "version": "1",
    }  # fmt: skip
    answer = visitor.post(f"{contract}/draft/terms", head)
    assert answer.status_code == 422
    beside = re.search(r'id="currency-error">(.*?)</p>', answer.text)
    assert beside is not None
    assert "two currencies into one sum" in beside[1]
    with db.reading() as session:
        assert set(session.scalars(select(ContractTerms.currency))) == {"EUR"}


def test_a_form_that_is_sent_twice_is_entered_once(visitor: Visitor, money: str) -> None:
    days = {"kind": "buyer", "first_on": "2026-03-02", "last_on": "2026-03-03", "reason": REASON}
    with db.reading() as session:
        share = session.scalars(select(GainShare.public_id)).one()
    saving = {
        "share": str(share), "label": "Half", "first_on": "2026-01-01", "last_on": "2026-06-30",
        "actual_cost": "80", "investment": "1", "reason": REASON,
    }  # fmt: skip
    for there, said in (("days-off", days), ("savings", saving)):
        codes = [visitor.post(f"{money}/{there}", said).status_code for _ in range(2)]
        assert codes == [303, 409]
    assert (stored(ContractRelief), stored(ContractSaving)) == (1, 1)
