"""Credits and bonuses of a contract by window, what earlier claims took, and the net."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.pdf.printable import PaperSize
from app.facts.deliveries import rollup
from app.judgement.contracts.models import Contract
from app.judgement.contracts.money import annex, claims
from app.judgement.contracts.money.claim_content import bonus_words, claim_content_of
from app.judgement.contracts.money.models import ContractClaim
from app.judgement.contracts.money_models import DamagesSchedule, Incentive
from tests.contracts.conftest import House
from tests.contracts.money_world import AS_OF, DUE, World

YEAR_BEFORE = {"starts_on": date(2025, 1, 1)}
DUE_BEFORE = date(2025, 3, 5)


def lines(world: World, session: Session, *late: int, **given: Any) -> None:
    """Add lines of 2,000 euro, each so many days late."""
    for days in late:
        world.line(session, (days, 1000), **given)
    # The latest fact is another contract's.
    world.line(session, (0, 1000), reference="another", due=AS_OF)
    rollup.rebuild(session, until=AS_OF)


def incentive(world: World, session: Session, **given: Any) -> None:
    """Add a bonus of 100 euro for two of five lines in time."""
    said: dict[str, Any] = {
        "kind": "bonus", "label": "Prompt", "measure": "otd", "direction": "at_least",
        "threshold": Decimal("0.4"), "amount": Decimal(100), "min_n": 1,
    }  # fmt: skip
    session.add(Incentive(terms_id=world.terms_id, **(said | given)))
    session.flush()


def test_a_rolling_year_and_its_quarter_are_two_credits_and_the_larger_stands(
    house: House,
) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        lines(world, session, 0, 1)
        world.band(session, ("0", "4"))
        world.band(session, ("0", "3"), window_kind="rolling_year")
        found = world.stated(session)
        # 4 % and 3 % of 4,000 euro, beside 50 of damages.
        assert [each.amount for each in found.credits] == [160, 0]
        assert len({each.key for each in found.credits}) == 2
    world.draw()
    with world.acts("buyer") as session:
        assert world.stated(session).total.amount == 0


@pytest.mark.parametrize(("is_cumulative", "stands"), [(False, 110), (True, 160)])
def test_a_years_credit_stands_less_what_was_claimed_as_damages_before(
    house: House, is_cumulative: bool, stands: int
) -> None:
    world = World(house, terms=YEAR_BEFORE, is_cumulative=is_cumulative)
    with world.acts("buyer") as session:
        lines(world, session, 0, 1, due=DUE_BEFORE)
        world.band(session, ("0", "4"), window_kind="year")
        rollup.rebuild(session, until=AS_OF)
    world.draw(period="2025Q1")
    with world.acts("buyer") as session:
        claimed = session.scalars(select(ContractClaim.total)).one()
        days = {"first_on": date(2025, 10, 1), "last_on": date(2025, 12, 31)}
        found = world.stated(session, **days)
    # 4 % of 4,000 euro, 50 of which were claimed for the line that was a day late.
    assert (claimed, found.credited.amount) == (50, stands)


def test_a_window_counts_the_days_on_which_the_contract_held(house: House) -> None:
    world = World(house, terms={"starts_on": date(2026, 3, 1)})
    with world.acts("buyer") as session:
        lines(world, session, 0, 0, 0, due=date(2026, 2, 5), reference=None)
        lines(world, session, 20)
        world.band(session, ("0.95", "0"), ("0", "5"))
        contract = session.get_one(Contract, world.contract_id)
        contract.status, contract.ended_on = "ended", date(2026, 3, 31)
        session.flush()
        found = world.stated(session)
    assert (found.credits[0].figure.n, found.credits[0].spend) == (1, 2000)
    # 5 % of 2,000 euro are less than three weeks of damages.
    assert (found.damages.amount, found.credited.amount) == (150, 0)
    with world.acts("buyer") as session:
        session.get_one(Contract, world.contract_id).ended_on = date(2026, 3, 10)
        session.flush()
        assert world.stated(session).credits[0].credit.amount == 100


def test_bonuses_less_penalties_stay_the_same_once_the_penalties_are_claimed(
    house: House,
) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        lines(world, session, 0, 1)
        incentive(world, session)
        incentive(world, session, kind="volume", label="Volume", amount=Decimal(9000))
        incentive(world, session, kind="payment", label="Sooner", amount=None, payment_days=14)
        before = world.stated(session)
        assert [(each.is_earned, each.is_money) for each in before.rewards] == [
            (True, True), (True, False), (True, False)
        ]  # fmt: skip
        assert (before.bonuses.amount, before.penalties.amount, before.net) == (100, 50, 50)
    world.draw()
    with world.acts("buyer") as session:
        after = world.stated(session)
        assert (after.total.amount, after.net) == (0, 50)
        claim = session.scalars(select(ContractClaim)).one()
        said = claims.frozen(claim)
        printed = annex.claim_annex(
            said, state="draft", claim_hash=claim.content_hash, house="", paper=PaperSize.A4
        )
        sheet = list(annex.claim_sheet(said, claim_hash=claim.content_hash).rows)
    assert [row[-1] for row in printed.bonus_rows] == ["100.00"]
    assert "50.00: 50.00 EUR to the supplier." in printed.bonus_told
    assert [(row[1], row[12]) for row in sheet[1:4]] == [
        ("total", 50), ("bonus, not in the total", 100),
        ("net: bonuses less penalties of the period", 50),
    ]  # fmt: skip


def test_a_bonus_is_earned_once_in_each_of_its_windows_and_never_past_the_gate(
    house: House,
) -> None:
    world = World(house)
    year = {"first_on": date(2026, 1, 1), "last_on": date(2026, 12, 31)}
    with world.acts("buyer") as session:
        lines(world, session, 0)
        lines(world, session, 0, due=date(2026, 4, 6))
        incentive(world, session)
        found = world.stated(session, **year)
        assert [each.window.label for each in found.rewards] == ["2026Q1", "2026Q2"]
        assert found.bonuses.amount == 200
        gate = {"gate_measure": "in_full", "gate_direction": "at_least", "gate_value": Decimal(2)}
        incentive(world, session, label="Gated", **gate)
        assert world.stated(session, **year).bonuses.amount == 200


def test_what_a_projection_says_holds_damages_and_credits(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        session.delete(session.scalars(select(DamagesSchedule)).one())
        lines(world, session, 0, 1)
        world.band(session, ("0", "4"))
        # 64 of 90 days have passed on the due day.
        found = world.stated(session, as_of=DUE)
    assert found.exposure is not None
    assert (found.exposure.accrued, found.exposure.projected) == (160, 225)


def test_a_claim_of_before_prints_without_bonuses(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        lines(world, session, 1)
    world.draw()
    with world.acts("buyer") as session:
        kept = dict(session.scalars(select(ContractClaim.content)).one())
    for name in ("bonuses", "bonus", "penalties", "net"):
        del kept[name]
    said = claim_content_of(kept)
    assert (said.total, bonus_words(said)) == ("50.00", "")
