"""What approvers of contracts see, in words, and who must agree that one ends early."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.base import acting, db, formatting
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.calc.damages import CapBase, DamagesMode, GraceKind
from app.judgement.contracts import drafting, ending
from app.judgement.contracts.approval_words import LABELS
from app.judgement.contracts.content import HEAD
from app.judgement.contracts.forms import TermsForm
from app.judgement.contracts.line_forms import DamagesForm, ObligationForm
from app.judgement.contracts.line_values import BY_NAME
from app.judgement.contracts.models import (
    Contract,
    ContractEvent,
    ContractStatus,
    Direction,
    EventKind,
    ObligationWindow,
)
from app.judgement.contracts.services import KIND
from app.platform.approvals import services as approvals
from app.platform.approvals.changes import changes_of
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Approval, Verdict
from tests.contracts.conftest import REASON, House

THIN = formatting.NARROW_SPACE
OBLIGATION = {
    "measure": "otif_line", "direction": Direction.AT_LEAST, "target": Decimal("0.95125"),
    "window_kind": ObligationWindow.QUARTER, "min_n": 20,
}  # fmt: skip
DAMAGES = {
    "mode": DamagesMode.PER_WEEK_OR_PART_PERCENT, "rate": Decimal("2.5"), "grace_days": 0,
    "grace_kind": GraceKind.FREE, "cap_percent": Decimal(15),
    "cap_base": CapBase.DELAYED_PORTION,
}  # fmt: skip


def seen(about: str) -> dict[str, tuple[str | None, str]]:
    """The lines of the newest approval of a kind as its page shows them."""
    with db.reading() as session:
        found = session.scalars(
            select(Approval).where(Approval.object_type == about).order_by(Approval.id.desc())
        ).first()
        assert found is not None
        before = None if found.before is None else KIND.told(found.before)
        rows = changes_of(before, KIND.told(found.content))
    return {each.field: (each.before, each.after) for each in rows}


def add(house: House, contract_id: int, **lines: dict[str, object]) -> None:
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, contract_id)
        for name, values in lines.items():
            terms = drafting.open_version(session, contract)
            assert terms is not None
            drafting.add_line(session, contract, BY_NAME[name], values, seen_version=terms.version)


def test_an_approver_reads_words_money_and_days_before_and_after(house: House) -> None:
    key = house.open(value=Decimal("50000.1234"))
    add(house, key, obligations=OBLIGATION, damages=DAMAGES)
    house.decide(house.submit(key))
    told = seen(drafting.TERMS)
    assert told["Value over its term, without tax"] == (None, "50000.1234 EUR")
    assert told["First day"] == (None, "1 Jan 2026")
    promised = "Obligation › OTIF by line, each quarter › "
    assert told[promised + "Target"] == (None, "95.125 %")
    assert told[promised + "Is to be"] == (None, "at least")
    assert told["Damages for late delivery › 1 › Percent"] == (None, f"2.5{THIN}%")
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        terms = drafting.amend(session, contract, reason=REASON)
        terms.value, terms.our_notice_days = Decimal(60000), 30
        (obligation,) = (
            each for each in session.scalars(select(BY_NAME["obligations"].model))
            if each.terms_id == terms.id
        )  # fmt: skip
        obligation.target = Decimal("0.97")
    house.submit(key)
    told = seen(drafting.TERMS)
    assert told["Value over its term, without tax"] == ("50000.1234 EUR", f"60,000.00{THIN}EUR")
    assert told["Our notice, days"] == ("90", "30")
    assert told[promised + "Target"] == ("95.125 %", "97 %")
    assert told["Kind"] == ("Framework agreement", "Framework agreement")


def test_forms_and_approvals_call_a_field_the_same() -> None:
    for name, form in (("title", TermsForm), ("our_notice_days", TermsForm), ("value", TermsForm),
                       ("target", ObligationForm), ("grace_days", DamagesForm)):  # fmt: skip
        assert getattr(form, name).args[0] == LABELS[name]
    tables = [kind.model.__table__ for kind in BY_NAME.values()]
    kept = {column.key for table in tables for column in table.columns}
    unseen = {"id", "public_id", "terms_id", "obligation_id", "created_at", "updated_at"}
    assert kept - unseen - {"base_value", "base_n"} <= LABELS.keys()
    assert set(HEAD) <= LABELS.keys()


def test_two_lines_of_one_name_are_both_shown(house: House) -> None:
    key = house.open()
    add(house, key, obligations=OBLIGATION | {"valid_to": date(2026, 6, 30)})
    later = OBLIGATION | {"valid_from": date(2026, 7, 1), "target": Decimal("0.97")}
    add(house, key, obligations=later)
    house.submit(key)
    told = seen(drafting.TERMS)
    first = "Obligation › OTIF by line, each quarter › "
    assert told[first + "To and including"] == (None, "30 Jun 2026")
    assert told["Obligation › OTIF by line, each quarter 2 › Target"] == (None, "97 %")


def end(house: House, contract_id: int, on: date = date(2026, 11, 1)) -> bool:
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, contract_id)
        return ending.terminate(session, contract, on=on, reason=REASON)


def decide(house: House, contract_id: int, by: str, verdict: Verdict = Verdict.APPROVE) -> None:
    with acting.acting_as(house.people[by]), db.transaction() as session:
        waits = approvals.awaiting(session, ObjectRef(ending.TYPE, str(contract_id)))
        approvals.decide(
            session, approval_id=waits.id, decision=verdict, reason="It is as they say",
            seen_version=waits.version, seen_hash=waits.content_hash,
        )  # fmt: skip


def standing(contract_id: int) -> tuple[str, date | None, str | None]:
    with db.reading() as session:
        found = session.get_one(Contract, contract_id)
        return found.status, found.ended_on, found.status_because


def test_a_small_contract_ends_with_a_reason_alone(house: House) -> None:
    key = house.active(value=Decimal("999999.99"))
    assert end(house, key)
    assert standing(key) == (ContractStatus.TERMINATED, date(2026, 11, 1), REASON)


@pytest.mark.parametrize("value", [Decimal(1_000_000), None])
def test_a_large_or_unknown_value_asks_another_person(house: House, value: Decimal | None) -> None:
    key = house.open(value=value)
    terms_id = house.submit(key)
    house.decide(terms_id)
    house.decide(terms_id, by="second")
    assert not end(house, key)
    assert standing(key)[0] == ContractStatus.ACTIVE
    told = seen(ending.TYPE)
    assert told["Status"] == ("active", "terminated")
    assert told["Last day on which it holds"] == ("1 Dec 2026", "1 Nov 2026")
    with pytest.raises(Conflict, match="waits for another person already"):
        end(house, key)
    with pytest.raises(Forbidden):
        decide(house, key, "buyer")
    decide(house, key, "lead")
    assert standing(key) == (ContractStatus.TERMINATED, date(2026, 11, 1), REASON)
    with db.reading() as session:
        happened = select(ContractEvent.kind).where(ContractEvent.contract_id == key)
        assert EventKind.TERMINATED in session.scalars(happened).all()


def test_an_end_that_was_refused_or_overtaken_ends_nothing(house: House) -> None:
    key = house.open(value=None)
    terms_id = house.submit(key)
    house.decide(terms_id)
    house.decide(terms_id, by="second")
    with pytest.raises(InvalidInput, match="Give the last day on which it held"):
        end(house, key, on=date(2026, 11, 30))
    end(house, key)
    decide(house, key, "lead", Verdict.REJECT)
    assert standing(key)[0] == ContractStatus.ACTIVE
    end(house, key)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        session.get_one(Contract, key).version += 1
    with pytest.raises(Conflict, match="was changed since"):
        decide(house, key, "lead")
    assert standing(key)[0] == ContractStatus.ACTIVE
