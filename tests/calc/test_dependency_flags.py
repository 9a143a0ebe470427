"""Flags of parts and warmth of backups."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from app.calc.dependency_flags import PartSource, SiteKnowledge, SourcingFlag, part_flags
from app.calc.dependency_warmth import (
    Backup,
    ColdReason,
    Warmth,
    backup_warmth,
    backup_warmths,
    requalification_due_on,
)

AS_OF = date(2026, 10, 31)
QUALIFIED = date(2025, 1, 1)


def test_a_part_without_a_source_has_none_approved_and_is_not_single() -> None:
    found = part_flags([])
    assert (found.flags, found.sites) == ((SourcingFlag.NONE_APPROVED,), SiteKnowledge.UNKNOWN)


@pytest.mark.parametrize(
    ("sites", "flags", "knowledge"),
    [
        ((), ["single"], SiteKnowledge.UNKNOWN),
        (("Kiel",), ["single", "single_site"], SiteKnowledge.ONE),
        (("Kiel", "Kiel"), ["single", "single_site"], SiteKnowledge.ONE),
        (("Kiel", "Brno"), ["single"], SiteKnowledge.SEVERAL),
    ],
)
def test_one_source_is_single_and_single_site_where_it_told_one_place(
    sites: tuple[str, ...], flags: list[str], knowledge: SiteKnowledge
) -> None:
    found = part_flags([PartSource("S-1", sites)])
    assert ([str(flag) for flag in found.flags], found.sites) == (flags, knowledge)
    assert len(found.why) == len(flags)


def test_sole_holds_for_a_single_source_only() -> None:
    assert SourcingFlag.SOLE in part_flags([PartSource("S-1", (), True)]).flags
    beside = part_flags([PartSource("S-1", (), True), PartSource("S-2")])
    assert beside.flags == ()
    assert beside.contradiction == (
        "S-1 is recorded as the only maker, yet 2 sources are approved."
    )


def test_a_supplier_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        part_flags([PartSource("S-1"), PartSource("S-1")])


def warmth(days: int | None, *, target: float | None = 0.3, actual: float | None = 0.3) -> Warmth:
    last = None if days is None else AS_OF - timedelta(days=days)
    return backup_warmth(Backup(target, actual, last, QUALIFIED), as_of=AS_OF).warmth


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "warm"), (90, "warm"), (91, "cooling"), (180, "cooling"), (181, "cold"), (None, "cold")],
)
def test_days_since_the_last_order_cool_a_backup(days: int | None, expected: str) -> None:
    assert warmth(days) == expected


@pytest.mark.parametrize(
    ("target", "actual", "expected"),
    [
        (0.3, 0.15, "warm"), (0.3, 0.149, "cooling"), (0.3, 0.0, "cold"),
        # Without a target, or without known shares, nothing is missed.
        (None, 0.0, "warm"), (0.0, 0.0, "warm"), (0.3, None, "warm"),
    ],
)  # fmt: skip
def test_a_share_below_half_of_its_target_cools(
    target: float | None, actual: float | None, expected: str
) -> None:
    assert warmth(30, target=target, actual=actual) == expected


def test_a_part_that_nobody_orders_says_nothing() -> None:
    found = backup_warmth(Backup(0.3, None, None, QUALIFIED, False), as_of=AS_OF)
    assert (found.warmth, found.reasons) == (Warmth.UNKNOWN, ())
    assert found.qualification_age_days == 668


def test_a_qualification_runs_out_three_years_after_it_or_the_last_order() -> None:
    assert requalification_due_on(date(2023, 10, 31), None) == date(2026, 10, 31)
    assert requalification_due_on(date(2020, 1, 1), date(2026, 9, 1)) == date(2029, 9, 1)
    assert requalification_due_on(date(2024, 2, 29), None) == date(2027, 2, 28)
    assert requalification_due_on(date(9998, 1, 1), None) == date.max
    assert requalification_due_on(None, date(2026, 9, 1)) is None


def test_one_that_ran_out_today_is_cold_though_never_ordered_is_told_first() -> None:
    found = backup_warmth(Backup(None, None, None, date(2023, 10, 31)), as_of=AS_OF)
    assert found.warmth is Warmth.COLD
    assert found.reasons == (ColdReason.NEVER_ORDERED, ColdReason.REQUALIFICATION_DUE)


@pytest.mark.parametrize("backup", [Backup(1.2, 0, None, None), Backup(0.2, -0.1, None, None)])
def test_shares_out_of_range_are_refused(backup: Backup) -> None:
    with pytest.raises(ValueError, match="share is"):
        backup_warmth(backup, as_of=AS_OF)


def test_many_backups_are_as_warm_as_each_of_them() -> None:
    days = (None, date(2026, 11, 9), *(AS_OF - timedelta(days=each) for each in (0, 90, 91, 181)))
    qualified = (None, QUALIFIED, date(2023, 10, 31), date(2024, 2, 29), date(9998, 1, 1))
    shares = (None, 0.0, 0.149, 0.15, 0.3)
    rows = [
        Backup(target, actual, last, since, is_ordered)
        for target, actual, last, since, is_ordered in product(
            shares, shares, days, qualified, (True, False)
        )
    ]
    found = backup_warmths(
        target_share=[math.nan if row.target_share is None else row.target_share for row in rows],
        actual_share=[math.nan if row.actual_share is None else row.actual_share for row in rows],
        last_order_on=np.array([row.last_order_on for row in rows], "M8[D]"),
        qualified_on=np.array([row.qualified_on for row in rows], "M8[D]"),
        is_ordered_at_all=[row.is_ordered_at_all for row in rows],
        as_of=AS_OF,
    )
    each = [backup_warmth(row, as_of=AS_OF) for row in rows]
    assert [tuple(Warmth)[place] for place in found.place] == [one.warmth for one in each]
    assert [None if math.isnan(day) else day for day in found.days_since_order] == [
        one.days_since_order for one in each
    ]
    assert found.due_on.tolist() == [one.requalification_due_on for one in each]
    assert {one.warmth for one in each} == set(Warmth)
