"""What stands on top of a supplier's page: what presses, in which order."""

from __future__ import annotations

from app.faces.overview.key_figures import Need, most_pressing_first


def test_what_presses_most_stands_first_and_nothing_twice() -> None:
    one, two = Need("act", "A line stopped"), Need("watch", "One dimension is at 75 or more")
    unknown = Need("none", "15 % is not known")
    assert most_pressing_first([two, unknown, two, one]) == (one, two, unknown)
