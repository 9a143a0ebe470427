"""Damages, credits, bonuses, gain-share and glidepaths, against published and worked figures."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calc.attribution import MissCause
from app.calc.cents import coin_places, limit, one_currency, owed
from app.calc.damages import (
    CapBase,
    DamagesClause,
    DamagesMode,
    Excuse,
    GraceKind,
    chargeable_days,
    excused_days,
    excuses_supplier,
    line_damages,
)
from app.calc.gain_share import shared_gain
from app.calc.glidepath import PERFECT_RATE, glide_target, years_between
from app.calc.incentives import GATE_FAILED, GATE_UNKNOWN, bonus, is_reached, net_of_penalties
from app.calc.recovery import exposure, total, under_one_cap, without_double_recovery
from app.calc.service_credits import CreditBand, band_of, service_credit

PER_WEEK = DamagesClause(
    DamagesMode.PER_WEEK_OR_PART_PERCENT, Decimal("0.025"), cap=Decimal("0.15")
)
BANDS = [
    CreditBand(Decimal(edge), Decimal(share))
    for edge, share in (("98", "0"), ("95", "0.01"), ("92", "0.03"), ("0", "0.05"))
]
DUE = date(2026, 3, 2)


def amounts(clause: DamagesClause, value: int | None, days: list[int]) -> list[Decimal | None]:
    base = None if value is None else Decimal(value)
    return [line_damages(clause, late, base).amount for late in days]


def test_oracle_buckinghamshire_charges_each_week_begun_up_to_fifteen_percent() -> None:
    assert amounts(PER_WEEK, 40000, [0, 1, 17, 50]) == [0, 1000, 3000, 6000]
    assert amounts(PER_WEEK, 40000, [7, 8]) == [1000, 2000]


def test_oracle_grace_then_from_day_one() -> None:
    clause = DamagesClause(
        DamagesMode.PER_DAY_PERCENT, Decimal("0.015"), 10, GraceKind.THEN_FROM_DAY_ONE,
        Decimal("0.3"),
    )  # fmt: skip

    assert amounts(clause, 100000, [9, 10, 11, 12]) == [0, 0, 16500, 18000]


def test_free_grace_is_never_charged() -> None:
    clause = DamagesClause(DamagesMode.PER_DAY_PERCENT, Decimal("0.015"), 10)

    assert amounts(clause, 100000, [10, 11, 12]) == [0, 1500, 3000]


def test_oracle_nec_x7_is_limited_by_the_contracts_value() -> None:
    clause = DamagesClause(
        DamagesMode.FIXED_PER_DAY, Decimal(500), cap=Decimal("0.1"), cap_base=CapBase.CONTRACT
    )
    found = amounts(clause, None, [5, 14])

    assert found == [2500, 7000]
    assert [under_one_cap([each], [Decimal(6000)]) for each in found] == [(2500,), (6000,)]


def test_a_hundred_days_at_fifteen_hundredths_percent_are_the_most() -> None:
    clause = DamagesClause(DamagesMode.PER_DAY_PERCENT, Decimal("0.0015"), cap=Decimal("0.15"))

    assert amounts(clause, 10000, [99, 100, 101]) == [1485, 1500, 1500]


def test_unknown_value_or_lateness_is_unknown_and_nothing_late_owes_nothing() -> None:
    assert line_damages(PER_WEEK, 3, None).amount is None
    assert line_damages(PER_WEEK, None, Decimal(1)).amount is None
    assert line_damages(PER_WEEK, -3, None).amount == 0


def test_excused_days_come_off_before_the_grace_and_a_day_excused_twice_counts_once() -> None:
    storm = Excuse(DUE - timedelta(days=5), DUE + timedelta(days=4))
    ours = Excuse(DUE + timedelta(days=3), DUE + timedelta(days=6))
    clause = DamagesClause(DamagesMode.PER_DAY_PERCENT, Decimal("0.01"), 2)
    excused = excused_days(DUE, DUE + timedelta(days=10), [ours, storm])

    assert excused == 6
    assert chargeable_days(clause, 10, excused=excused) == 2
    assert excused_days(DUE, DUE + timedelta(days=5), [ours]) == 3


@pytest.mark.parametrize(
    ("cause", "incoterm", "is_excused"),
    [
        (MissCause.FORCE_MAJEURE, "DAP", True),
        (MissCause.BUYER, "DAP", True),
        (MissCause.RECEIVING, None, True),
        (MissCause.CARRIER, "FCA", True),
        (MissCause.CUSTOMS, "DAP", False),
        (MissCause.CARRIER, None, False),
        (MissCause.SUPPLIER, "FCA", False),
        (None, "FCA", False),
    ],
)
def test_who_answers_for_a_cause(
    cause: MissCause | None, incoterm: str | None, is_excused: bool
) -> None:
    assert excuses_supplier(cause, incoterm) is is_excused


CLAUSES = st.builds(
    DamagesClause,
    mode=st.sampled_from(DamagesMode),
    rate=st.decimals(0, 5, places=4),
    grace_days=st.integers(0, 20),
    grace_kind=st.sampled_from(GraceKind),
    cap=st.none() | st.decimals(0, 1, places=4),
    cap_base=st.sampled_from(CapBase),
)
VALUES = st.decimals(0, 10**8, places=4)
DAYS = st.integers(-10, 800)
EXCUSES = st.lists(
    st.builds(
        lambda first, days: Excuse(first, first + timedelta(days=days)),
        st.dates(DUE - timedelta(days=30), DUE + timedelta(days=400)),
        st.integers(-1, 60),
    ),
    max_size=3,
)


@settings(max_examples=150)
@given(
    clause=CLAUSES,
    value=VALUES,
    late=DAYS,
    later=st.integers(0, 60),
    excuses=EXCUSES,
    places=st.sampled_from((0, 2, 3)),
)
def test_damages_never_exceed_the_cap_and_never_fall_as_lateness_grows(
    clause: DamagesClause,
    value: Decimal,
    late: int,
    later: int,
    excuses: list[Excuse],
    places: int,
) -> None:
    def owes(days: int) -> Decimal:
        excused = excused_days(DUE, DUE + timedelta(days=days), excuses)
        found = line_damages(clause, days, value, excused=excused, places=places).amount
        assert found is not None
        return found

    amount, grown = owes(late), owes(late + later)

    assert 0 <= amount <= grown
    if clause.cap is not None and clause.has_line_cap:
        assert grown <= value * clause.cap


@settings(max_examples=100)
@given(
    clause=CLAUSES,
    lines=st.lists(st.tuples(VALUES, DAYS), min_size=1, max_size=6),
    later=st.integers(0, 60),
    worth=VALUES,
    used=st.decimals(0, 10**5, places=2),
    data=st.data(),
)
def test_lines_that_share_a_cap_never_exceed_it_and_their_sum_never_falls(
    clause: DamagesClause,
    lines: list[tuple[Decimal, int]],
    later: int,
    worth: Decimal,
    used: Decimal,
    data: st.DataObject,
) -> None:
    cap = None if clause.cap is None else limit(worth * clause.cap)

    def owes(delays: list[int]) -> Decimal:
        each = [
            line_damages(clause, days, value).amount
            for (value, _), days in zip(lines, delays, strict=True)
        ]
        return total(under_one_cap(each, [cap] * len(each), used=used)).amount

    delays = [days for _, days in lines]
    grown = list(delays)
    grown[data.draw(st.integers(0, len(lines) - 1))] += later

    assert owes(grown) >= owes(delays) >= 0
    if cap is not None:
        assert owes(grown) <= max(cap - used, Decimal(0)) <= worth


@settings(max_examples=60)
@given(
    parts=st.lists(st.decimals(0, 10**6, places=2), max_size=8),
    cap=st.decimals(0, 10**6, places=2),
    used=st.decimals(0, 10**6, places=2),
)
def test_lines_under_one_cap_add_up_to_at_most_what_is_left_of_it(
    parts: list[Decimal], cap: Decimal, used: Decimal
) -> None:
    found = under_one_cap(parts, [cap] * len(parts), used=used)

    assert total(found).amount == min(sum(parts, Decimal(0)), max(cap - used, Decimal(0)))


def test_an_amended_cap_counts_what_the_former_one_paid() -> None:
    caps = [Decimal(100), Decimal(150)]

    assert under_one_cap([Decimal(120), Decimal(120)], caps) == (100, 50)


@settings(max_examples=60)
@given(
    damages=st.decimals(0, 10**6, places=2),
    credit=st.decimals(0, 10**6, places=2),
    is_cumulative=st.booleans(),
)
def test_no_double_recovery(damages: Decimal, credit: Decimal, is_cumulative: bool) -> None:
    found = without_double_recovery(damages, credit, is_cumulative=is_cumulative)
    expected = damages + credit if is_cumulative else max(damages, credit)

    assert total([found.damages, found.credit]).amount == expected


def test_oracle_force_majeure_exclusion() -> None:
    # Twelve of twenty days are charged; 10,000 where force majeure were overlooked.
    clause = DamagesClause(
        DamagesMode.FIXED_PER_DAY, Decimal(500), cap=Decimal(1), cap_base=CapBase.CONTRACT
    )
    flood = Excuse(DUE + timedelta(days=3), DUE + timedelta(days=10))
    excused = excused_days(DUE, DUE + timedelta(days=20), [flood])
    found = [line_damages(clause, 20, None, excused=days).amount for days in (excused, 0)]

    assert excused == 8
    assert [under_one_cap([each], [Decimal(20000)]) for each in found] == [(6000,), (10000,)]


def test_where_one_of_two_is_unknown_neither_stands() -> None:
    assert without_double_recovery(None, Decimal(5)).credit is None
    assert without_double_recovery(None, Decimal(0)).credit == 0
    assert without_double_recovery(Decimal(0), None).damages == 0


def test_oracle_service_credit_bands() -> None:
    found = [
        service_credit(Fraction(actual), BANDS, spend=Decimal(400000), n=100).amount
        for actual in ("98.2", "96", "94.9", "91")
    ]

    assert found == [0, 4000, 12000, 20000]


def test_a_figure_exactly_on_a_floor_is_in_that_band() -> None:
    # 49 of 50 is 98 %; as a float it would lie a hair below.
    band = band_of(Fraction(49, 50) * 100, BANDS)

    assert band is not None
    assert band.share == 0


def test_where_lower_is_better_the_higher_floors_credit_more() -> None:
    bands = [CreditBand(Decimal(0), Decimal(0)), CreditBand(Decimal(50), Decimal("0.02"))]
    found = [service_credit(Fraction(ppm), bands, spend=Decimal(1000), n=9) for ppm in (49, 50)]

    assert [credit.amount for credit in found] == [0, 20]


def test_a_figure_below_every_floor_is_unknown_not_free() -> None:
    assert service_credit(Fraction(1), BANDS[:1], spend=Decimal(1000), n=9).amount is None


def test_too_few_measured_charge_nothing_and_say_so() -> None:
    credit = service_credit(Fraction(50), BANDS, spend=Decimal(400000), n=9, min_n=10)

    assert credit.amount == 0
    assert credit.reason == "Only 9 measured, the clause asks for 10: no charge."


def test_a_credit_without_figure_or_spend_is_unknown() -> None:
    assert service_credit(None, BANDS, spend=Decimal(1), n=9).amount is None
    assert service_credit(Fraction(50), BANDS, spend=None, n=9).amount is None
    assert service_credit(Fraction(99), BANDS, spend=None, n=9).amount == 0


def test_bands_with_one_floor_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="share a floor"):
        band_of(Fraction(1), [BANDS[0], BANDS[0]])


def test_a_bonus_is_not_paid_where_the_quality_gate_fails_or_is_unknown() -> None:
    def earned(target: bool | None, gate: bool | None) -> tuple[Decimal | None, str | None]:
        found = bonus(is_target_met=target, is_gate_met=gate, reward=Decimal("5.005"))
        return found.amount, found.reason

    assert earned(True, True) == (Decimal("5.01"), None)
    assert earned(True, False) == (0, GATE_FAILED)
    assert earned(None, False) == (0, GATE_FAILED)
    assert earned(True, None) == (None, GATE_UNKNOWN)
    assert earned(False, None)[0] == 0
    assert earned(None, True)[0] is None
    capped = bonus(is_target_met=True, is_gate_met=True, reward=Decimal(9), cap=Decimal("4.999"))
    assert capped.amount == Decimal("4.99")
    assert is_reached(Fraction(50), Decimal(50), at_least=False)
    assert net_of_penalties(Decimal(10), Decimal(25)) == -15
    assert net_of_penalties(None, Decimal(25)) is None


def test_oracle_gain_share_is_on_the_net_saving() -> None:
    gain = shared_gain(
        baseline_cost=Decimal(2000000), actual_cost=Decimal(1850000),
        supplier_share=Decimal("0.4"), investment=Decimal(30000),
    )  # fmt: skip

    assert gain is not None
    assert (gain.gross, gain.net, gain.supplier, gain.buyer) == (150000, 120000, 48000, 72000)


def test_a_saving_below_the_investment_shares_nothing_and_an_unverified_one_is_unknown() -> None:
    shared = {"baseline_cost": Decimal(100), "supplier_share": Decimal("0.5")}
    loss = shared_gain(**shared, actual_cost=Decimal(90), investment=Decimal(11))

    assert loss is not None
    assert (loss.net, loss.supplier, loss.buyer) == (-1, 0, 0)
    assert shared_gain(**shared, actual_cost=None, investment=Decimal(0)) is None


@settings(max_examples=40)
@given(
    saved=st.decimals("0.01", 10**7, places=2), share=st.decimals(0, 1, places=4)
)  # fmt: skip
def test_both_parts_of_a_gain_add_up_to_the_net(saved: Decimal, share: Decimal) -> None:
    gain = shared_gain(
        baseline_cost=saved, actual_cost=Decimal(0), supplier_share=share, investment=Decimal(0)
    )

    assert gain is not None
    assert gain.supplier + gain.buyer == saved
    assert gain.supplier >= 0
    assert gain.buyer >= 0


def test_oracle_ci_glidepath_ppm() -> None:
    found = [glide_target(500, yearly_rate=0.2, years=year) for year in (1, 2, 3)]

    assert found == pytest.approx([400, 320, 256], abs=1e-9)
    assert glide_target(500, yearly_rate=0.19, years=0.5) == pytest.approx(450)


def test_a_glidepath_of_a_rate_closes_the_distance_to_every_line() -> None:
    assert glide_target(0.9, yearly_rate=0.5, years=1, perfect=PERFECT_RATE) == pytest.approx(0.95)


def test_a_baseline_of_too_few_gives_no_target() -> None:
    assert glide_target(500, yearly_rate=0.2, years=1, n=29, min_n=30) is None
    assert glide_target(500, yearly_rate=0.2, years=1, n=None, min_n=30) is None
    assert glide_target(None, yearly_rate=0.2, years=1) is None


def test_years_are_whole_on_the_anniversary() -> None:
    assert years_between(date(2026, 7, 1), date(2028, 7, 1)) == 2
    assert years_between(date(2026, 1, 1), date(2026, 7, 3)) == pytest.approx(183 / 365.25)


def test_coins_are_those_of_the_currency_and_caps_round_down() -> None:
    assert [coin_places(code) for code in ("EUR", "JPY", "TND")] == [2, 0, 3]
    assert owed(Decimal("10.125")) == Decimal("10.13")
    assert limit(Decimal("10.129")) == Decimal("10.12")
    assert owed(Decimal("99.5"), 0) == 100


def test_a_sum_of_two_currencies_is_refused() -> None:
    assert one_currency([]) is None
    with pytest.raises(ValueError, match="EUR and USD"):
        one_currency(["USD", "EUR", "USD"])


def test_exposure_projects_the_run_rate_up_to_what_the_cap_allows() -> None:
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    third = exposure(Decimal(300), first_on=first, last_on=last, as_of=date(2026, 1, 30))
    over = exposure(Decimal(300), first_on=first, last_on=last, as_of=last, cap_left=Decimal(250))
    early = exposure(Decimal(0), first_on=first, last_on=last, as_of=date(2025, 12, 31))

    assert (third.projected, third.cap_left) == (900, None)
    assert (over.projected, over.cap_left) == (300, 0)
    assert early.projected is None
