"""What releases make owed: the firm zone, what a release moves, what it withdraws."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.release_schedule import Call, ReleaseOf, owed_by_releases


def on(day: int) -> date:
    return date(2026, 3, day)


def release(number: int, sent: int, **calls: int) -> ReleaseOf:
    """A release with cumulative figures: d9=100 is 100 by the 9th."""
    rows = (Call(on(int(day[1:])), cumulative=figure) for day, figure in calls.items())
    return ReleaseOf(number, on(sent), tuple(rows))


def owed(*releases: ReleaseOf, firm: int = 0, opening: int = 0) -> list[tuple[int, int, int]]:
    """What stands: day, quantity, release."""
    found = owed_by_releases(releases, firm_days=firm, opening=opening)
    return [
        (each.due_on.day, each.quantity, each.release)
        for each in found
        if each.withdrawn_on is None
    ]


def test_the_first_release_binds_whole() -> None:
    assert owed(release(1, 1, d2=40, d9=100), firm=14) == [(2, 40, 1), (9, 60, 1)]


def test_the_last_release_before_the_firm_zone_is_what_counts() -> None:
    first, second = release(1, 1, d9=100, d20=200), release(2, 6, d9=100, d18=160, d20=200)
    assert owed(first, second, firm=5) == [(9, 100, 1), (18, 60, 2), (20, 40, 2)]


def test_less_inside_the_firm_zone_shortens_what_follows() -> None:
    first, second = release(1, 1, d9=100, d20=200), release(2, 6, d9=60, d20=140)
    assert owed(first, second, firm=5) == [(9, 100, 1), (20, 40, 2)]


def test_more_inside_the_firm_zone_is_owed_when_the_zone_ends() -> None:
    first, second = release(1, 1, d9=100, d20=200), release(2, 6, d9=150, d20=200)
    found = owed_by_releases([first, second], firm_days=5)
    assert [(each.due_on, each.quantity, each.requested_on) for each in found] == [
        (on(9), 100, on(9)), (on(11), 50, on(9)), (on(20), 50, on(20)),
    ]  # fmt: skip


def test_a_day_that_a_release_leaves_out_is_withdrawn() -> None:
    first, second = release(1, 1, d9=100, d20=200), release(2, 6, d9=100, d24=200)
    found = owed_by_releases([first, second], firm_days=5)
    assert [(each.due_on, each.quantity, each.withdrawn_on) for each in found] == [
        (on(9), 100, None), (on(20), 100, on(6)), (on(24), 100, None),
    ]  # fmt: skip


def test_a_day_that_is_called_again_is_owed_again() -> None:
    assert owed(
        release(1, 1, d20=100), release(2, 2, d24=100), release(3, 3, d20=100)
    ) == [(20, 100, 3)]  # fmt: skip


def test_the_order_in_which_releases_are_known_does_not_matter() -> None:
    releases = [release(1, 1, d9=100, d20=200), release(2, 6, d9=60, d20=140)]
    assert owed(*releases, firm=5) == owed(*reversed(releases), firm=5)


def test_cumulative_figures_begin_where_the_agreement_stood() -> None:
    assert owed(release(1, 1, d9=5_100), opening=5_000) == [(9, 100, 1)]


def test_quantities_of_days_add_to_what_is_owed_before_the_release() -> None:
    first = ReleaseOf(1, on(1), (Call(on(9), 100), Call(on(20), 100)))
    second = ReleaseOf(2, on(10), (Call(on(20), 70), Call(on(24), 30)))
    assert owed(first, second) == [(9, 100, 1), (20, 70, 2), (24, 30, 2)]


def test_a_call_says_one_figure() -> None:
    with pytest.raises(ValueError, match="either its quantity or a cumulative one"):
        Call(on(9), 1, 1)
    with pytest.raises(ValueError, match="firm_days is -1"):
        owed_by_releases([], firm_days=-1)
