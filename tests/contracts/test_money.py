"""Money under a contract: lines to the cent, caps, no double recovery, claims with four eyes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.base.pdf.press import Press
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import TEMPLATES
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Receipt
from app.judgement.contracts.models import ContractTerms
from app.judgement.contracts.money import annex, claims, days_off, glide, savings
from app.judgement.contracts.money.days_off import SaidOff
from app.judgement.contracts.money.glide import Frozen
from app.judgement.contracts.money.held_terms import At, whose_contract
from app.judgement.contracts.money.judged_lines import Apart
from app.judgement.contracts.money.models import ClaimItem, ContractClaim, ReliefKind
from app.judgement.contracts.money.savings import SaidSaving
from app.judgement.contracts.money_models import DamagesSchedule, GainShare, ImprovementClause
from tests.builders import facts
from tests.contracts.conftest import REASON, House
from tests.contracts.money_world import AS_OF, FIRST, LAST, PER_WEEK, World, fill


def test_each_line_owes_its_weeks_and_what_is_not_theirs_stands_apart(house: House) -> None:
    world = World(house)
    fill(world)
    with world.acts("buyer") as session:
        found = world.stated(session)

    assert [line.amount for line in found.charged] == [50, 150, 300, 20, 300]
    assert found.damages.amount == 820
    assert found.damages.unknown == 1
    assert [line.judged.apart for line in found.apart] == [
        Apart.EXCUSED, Apart.DISPUTED, Apart.UNKNOWN
    ]  # fmt: skip
    assert found.in_all == 9


def test_a_claim_adds_up_to_the_cent_and_takes_a_line_once(house: House) -> None:
    world = World(house, rate=Decimal("1.2345"))
    fill(world)
    claim_id = world.draw()
    with world.acts("buyer") as session:
        claim = session.scalars(select(ContractClaim)).one()
        said = claims.frozen(claim)
        items = session.scalar(select(func.sum(ClaimItem.amount)))
        printed = annex.claim_annex(
            said, state="draft", claim_hash=claim.content_hash, house="Adler", paper=PaperSize.A4
        )
        sheet = list(annex.claim_sheet(said, claim_hash=claim.content_hash).rows)
        total = claim.total
    # 24.69 a week on 2,000 euro, 9.876 → 9.88 on 800: three weeks are 74.07, eight 197.52.
    assert [line.amount for line in said.lines] == ["24.69", "74.07", "197.52", "9.88"]
    assert total == Decimal("306.16")
    assert items == total
    assert sum(Decimal(row[-1]) for row in printed.rows) == total
    amounts = [row[12] for row in sheet]
    assert sum(amounts[:4]) == amounts[4] == total
    # The open line is left out: it still grows.
    assert "Not complete yet: what it owes still grows." in [each.reason for each in said.apart]
    with pytest.raises(InvalidInput, match="Nothing is owed"):
        world.draw()
    world.step(claim_id, lambda session, claim: claims.withdraw(session, claim, reason=REASON))
    world.draw()


def test_what_was_claimed_stays_and_the_page_says_that_facts_were_corrected(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        gone, less = world.line(session, (17, 1000)), world.line(session, (17, 1000))
        world.line(session, (0, 1000), reference="another", due=AS_OF)
        rollup.rebuild(session, until=AS_OF)
    world.draw()
    with world.acts("buyer") as session:
        for line, days in ((gone, 17), (less, 16)):
            mended = session.scalars(select(Receipt).where(Receipt.line_id == line.id)).one()
            mended.arrived_on -= timedelta(days=days)
        rollup.rebuild(session, until=AS_OF)
        found = world.stated(session)
        claim = session.scalars(select(ContractClaim)).one()
        assert (claim.total, claims.frozen(claim).total) == (300, "300.00")
    assert (found.cleared, found.claimed, found.total.amount) == (1, 300, 0)
    assert [line.judged.reason for line in found.lines] == [
        "It stands in claim C-1/1. As the facts stand now it owes less than was claimed."
    ]


def test_an_annex_prints_the_same_bytes_again(house: House) -> None:
    world = World(house)
    fill(world)
    world.draw()
    with world.acts("buyer") as session:
        claim = session.scalars(select(ContractClaim)).one()
        printed = annex.claim_annex(
            claims.frozen(claim), state="draft", claim_hash=claim.content_hash, house="",
            paper=PaperSize.A4,
        )  # fmt: skip
    press = Press(TEMPLATES)
    pdf = press.print(annex.TEMPLATE, printed)

    assert pdf.startswith(b"%PDF")
    assert press.print(annex.TEMPLATE, printed) == pdf


def test_a_claim_whose_content_was_tampered_with_is_refused(house: House) -> None:
    world = World(house)
    fill(world)
    world.draw()
    with world.acts("buyer") as session:
        claim = session.scalars(select(ContractClaim)).one()
        claim.content = claim.content | {"total": "1000000.00"}
        with pytest.raises(Conflict, match="does not match its hash"):
            claims.frozen(claim)


def test_days_off_come_off_every_delay_but_stay_in_the_operational_verdict(house: House) -> None:
    world = World(house)
    fill(world)
    with world.acts("buyer") as session:
        said = SaidOff(ReliefKind.FORCE_MAJEURE, date(2026, 3, 6), date(2026, 3, 22), REASON)
        relief = days_off.enter(session, world.at, said)
        found = world.stated(session)
        # 1 and 17 days are gone; 33 of 50 are left, five weeks.
        assert [line.amount for line in found.charged] == [250, 250]
        assert sum(1 for line in found.lines if line.judged.line.on_time is False) == 8
        days_off.withdraw(session, world.at, relief.public_id, reason=REASON)
        assert world.stated(session).damages.amount == 820
        with pytest.raises(InvalidInput, match="before it begins"):
            days_off.enter(session, world.at, SaidOff(ReliefKind.BUYER, LAST, FIRST, REASON))


def test_a_cap_on_the_contract_is_used_up_by_the_oldest_lines(house: House) -> None:
    # 0.5 % of 50,000 euro.
    world = World(house, cap_percent=Decimal("0.5"), cap_base="contract")
    fill(world)
    with world.acts("buyer") as session:
        found = world.stated(session)
        # Without a cap of its own the line 50 days late owes eight weeks: 400.
        assert [line.owed for line in found.lines if line.judged.apart is None] == [
            50, 150, 400, 20, 400
        ]  # fmt: skip
        assert [line.amount for line in found.charged] == [50, 150, 50]
        assert found.exposure is not None
        assert found.exposure.cap_left == 0
        assert found.exposure.projected == 250


def test_a_yearly_cap_begins_anew_with_each_calendar_year(house: House) -> None:
    # 0.5 % of 50,000 euro are 250 each year.
    begun = {"starts_on": date(2025, 1, 1)}
    world = World(house, terms=begun, cap_percent=Decimal("0.5"), cap_base="year")
    with world.acts("buyer") as session:
        for _ in range(2):
            world.line(session, (17, 1000), due=date(2025, 3, 5))
        world.line(session, (17, 1000))
        world.line(session, (0, 1000), reference="another", due=AS_OF)
        rollup.rebuild(session, until=AS_OF)
    world.draw(period="2025")
    with world.acts("buyer") as session:
        assert session.scalars(select(ContractClaim.total)).one() == 250
        found = world.stated(session)
    assert [line.amount for line in found.charged] == [150]
    assert found.exposure is not None
    assert found.exposure.cap_left == 100


def test_an_unknown_contract_value_makes_its_share_unknown(house: House) -> None:
    world = World(house, cap_percent=Decimal("0.5"), cap_base="contract")
    fill(world)
    with world.acts("buyer") as session:
        session.get_one(ContractTerms, world.terms_id).value = None
        session.flush()
        found = world.stated(session)

    assert found.charged == ()
    assert found.damages.unknown == 6


def test_two_currencies_are_never_one_sum_and_nothing_is_stored(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        world.line(session, (3, 1000))
        world.line(session, (3, 1000), currency="USD")
        rollup.rebuild(session, until=AS_OF)
        facts.receipt(session, world.line(session, (50, 1)), AS_OF, 1)
    with pytest.raises(InvalidInput, match="in USD, the contract is in EUR: two currencies"):
        world.draw()
    with world.acts("buyer") as session:
        assert session.scalar(select(func.count()).select_from(ContractClaim)) == 0


@pytest.mark.parametrize(
    ("percent", "is_cumulative", "damages", "credited"),
    [("4", False, 0, 240), ("1", False, 200, 0), ("4", True, 200, 240)],
)
def test_for_one_failure_the_larger_stands_unless_both_are_owed(
    house: House, percent: str, is_cumulative: bool, damages: int, credited: int
) -> None:
    world = World(house, is_cumulative=is_cumulative)
    with world.acts("buyer") as session:
        # 6,000 euro were due, a third of the lines in time.
        for late in (0, 1, 17):
            world.line(session, (late, 1000))
        world.band(session, ("0.95", "0"), ("0", percent))
        rollup.rebuild(session, until=AS_OF)
        found = world.stated(session)

    assert (found.damages.amount, found.credited.amount) == (damages, credited)
    assert found.credits[0].figure.n == 3


def test_a_credit_that_was_claimed_pays_for_a_line_that_comes_to_light_later(
    house: House,
) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        for late in (0, 1, 17):
            world.line(session, (late, 1000))
        world.band(session, ("0.95", "0"), ("0", "4"))
        rollup.rebuild(session, until=LAST)
        facts.receipt(session, world.line(session, (1, 1)), AS_OF, 999)
    world.draw()
    with world.acts("buyer") as session:
        rollup.rebuild(session, until=AS_OF)
        found = world.stated(session)

    assert found.total.amount == 0
    assert {line.note for line in found.lines} == {
        "The service credit in claim C-1/1 is for the same failure."
    }


def test_an_order_that_names_no_contract_is_under_the_only_one_that_asks_money(
    house: House,
) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        world.line(session, (1, 1000), reference=None)
        world.line(session, (1, 1000), reference="another")
        rollup.rebuild(session, until=AS_OF)
        assert world.stated(session).damages.amount == 50
    other = house.active("C-2")
    with world.acts("buyer") as session:
        terms = session.scalars(
            select(ContractTerms.id).where(ContractTerms.contract_id == other)
        ).one()
        session.add(DamagesSchedule(terms_id=terms, **PER_WEEK))
        session.flush()
        found = world.stated(session)

    assert (found.damages.amount, found.unnamed) == (0, 1)


def test_whoever_draws_a_claim_up_never_lets_it_go_out(house: House) -> None:
    world = World(house)
    fill(world)
    claim_id = world.draw()
    world.step(claim_id, lambda session, claim: claims.submit(session, claim, reason=REASON))
    with pytest.raises(Forbidden, match="another approver"):
        world.decide(claim_id, "buyer")
    with pytest.raises(Conflict, match="waits for another person"):
        world.step(claim_id, lambda session, claim: claims.withdraw(session, claim, reason=REASON))
    world.decide(claim_id)
    with world.acts("buyer") as session:
        with pytest.raises(Conflict, match="was changed meanwhile, it is issued now"):
            claims.claim_to_change(session, world.at, claim_id, seen=1)
        with pytest.raises(InvalidInput, match=r"521 can’t be: the claim is for 520.00"):
            claims.settle(
                session, claims.claim_to_change(session, world.at, claim_id, seen=2),
                amount=Decimal("521.00"), reason=REASON,
            )  # fmt: skip
    world.step(
        claim_id,
        lambda session, claim: claims.settle(session, claim, amount=Decimal(500), reason=REASON),
    )
    world.decide(claim_id)
    with world.acts("buyer") as session:
        claim = session.scalars(select(ContractClaim)).one()
        assert (claim.state, claim.settled_amount, claim.issued_by) == ("settled", 500, "lead")
        with pytest.raises(Conflict, match="is settled; it can’t become withdrawn"):
            claims.withdraw(session, claim, reason=REASON)


def test_only_a_quarter_or_a_year_that_is_over_is_claimed(house: House) -> None:
    world = World(house)
    fill(world)
    for period, told in (("2026Q2", "is over"), ("2026Q5", "no period"), ("2026-03", "no period")):
        with pytest.raises(InvalidInput, match=told):
            world.draw(period=period)


def test_a_contract_of_another_supplier_is_not_there(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        other = facts.supplier(session, "Another")
        with pytest.raises(NotFound):
            whose_contract(session, At(other.public_id, world.at.contract))
        with pytest.raises(NotFound):
            days_off.withdraw(session, world.at, uuid.uuid4(), reason=REASON)


def test_a_saving_is_shared_once_another_person_has_verified_it(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        share = GainShare(
            terms_id=world.terms_id, label="Redesign", share=Decimal(40),
            baseline=Decimal(2000000), baseline_from=FIRST, baseline_to=LAST,
        )  # fmt: skip
        session.add(share)
        session.flush()
        said = SaidSaving(
            share.public_id, "Half year", FIRST, LAST, Decimal(1850000), Decimal(30000), REASON
        )
        row = savings.enter(session, world.at, said)
        key = row.public_id
        assert savings.gain_of(row, share, "EUR") is None
        amended = GainShare(
            terms_id=world.terms_id, label="Redesign", share=Decimal(40),
            baseline=Decimal(2000000), baseline_from=FIRST, baseline_to=LAST,
        )  # fmt: skip
        session.add(amended)
        session.flush()
        again = replace(said, gain_share_id=amended.public_id)
        with pytest.raises(Conflict, match="entered for these days already"):
            savings.enter(session, world.at, again)
        with pytest.raises(Forbidden, match="another person"):
            savings.verify(session, world.at, key, seen=1, reason=REASON)
    with world.acts("lead") as session:
        row = savings.verify(session, world.at, key, seen=1, reason=REASON)
        gain = savings.gain_of(row, session.get_one(GainShare, row.gain_share_id), "EUR")
        assert gain is not None
        assert (gain.net, gain.supplier, gain.buyer) == (120000, 48000, 72000)
        with pytest.raises(Conflict, match="is verified by now"):
            savings.withdraw(session, world.at, key, seen=1, reason=REASON)


def test_a_baseline_freezes_once_and_never_on_too_few(house: House) -> None:
    world = World(house)
    fill(world)
    with world.acts("buyer") as session:
        clause = ImprovementClause(
            terms_id=world.terms_id, measure="otd", base_from=FIRST, base_to=LAST, min_n=30,
            yearly_rate=Decimal(50),
        )  # fmt: skip
        session.add(clause)
        session.flush()
        with pytest.raises(InvalidInput, match="Only 9 were observed in the window"):
            glide.freeze_baseline(session, world.at, clause.public_id, reason=REASON)
        clause.min_n = 9
        glide.freeze_baseline(session, world.at, clause.public_id, reason=REASON)
        # One of nine in time; half of what is missing goes each year.
        assert (clause.base_value, clause.base_n) == (Decimal("0.111111"), 9)
        with pytest.raises(Conflict, match="frozen already"):
            glide.freeze_baseline(session, world.at, clause.public_id, reason=REASON)
        # The same clause in an amendment that was begun before has it too.
        again = ImprovementClause(
            terms_id=world.terms_id, measure="otd", base_from=FIRST, base_to=LAST, min_n=9,
            yearly_rate=Decimal(40),
        )  # fmt: skip
        session.add(again)
        session.flush()
        assert glide.frozen_base(world.book(session), again) == Frozen(Decimal("0.111111"), 9)
        with pytest.raises(Conflict, match="frozen already"):
            glide.freeze_baseline(session, world.at, again.public_id, reason=REASON)
