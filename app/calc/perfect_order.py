"""Perfect orders as SCOR counts them: in full, on time, papers right, goods sound.

An order is perfect only if every line is perfect in all four; the product of four rates
is never taken, because failures coincide. A component that nobody recorded is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.calc.measure import Measure, rate


@dataclass(frozen=True, slots=True)
class PerfectLine:
    """The four components of one line; each None where it is unknown."""

    in_full: bool | None
    on_time: bool | None
    documents_ok: bool | None
    undamaged: bool | None

    @property
    def is_perfect(self) -> bool | None:
        """True only if all four are; None as soon as one is unknown."""
        components = (self.in_full, self.on_time, self.documents_ok, self.undamaged)
        if any(component is None for component in components):
            return None
        return all(components)


COMPONENTS = ("in_full", "on_time", "documents_ok", "undamaged")


@dataclass(frozen=True, slots=True)
class PerfectOrders:
    """The rate over orders whose lines are wholly known, and the share of known lines.

    `met` and `told` count by component the lines that have it and those that tell of it.
    """

    measure: Measure
    coverage: float | None
    lines: int = 0
    met: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)


def perfect_orders(orders: Iterable[Sequence[PerfectLine]]) -> PerfectOrders:
    """Return the perfect order rate and how much of the population it speaks for.

    Formula: orders whose every line is perfect / orders whose every line is known;
    coverage = known lines / lines.

    Args:
        orders: per order its due lines, cancelled orders left out.
    Returns:
        The measure `pof` [fraction], lower is worse, coverage in [0, 1], None where there is
        no line, and counts of lines. Orders are taken one by one, so that any number of them
        needs no more memory.
    Raises:
        Nothing.
    Source: SCOR RL.1.1 with RL.2.1–RL.2.4; domain rules §1.4.
    Edge cases: an order without lines is left out; nothing is assumed perfect.

    >>> good, bad = PerfectLine(True, True, True, True), PerfectLine(True, False, True, True)
    >>> perfect_orders([[good], [good, bad]]).measure.value
    0.5
    """
    perfect = known = unknown = lines_total = lines_known = 0
    met, told = dict.fromkeys(COMPONENTS, 0), dict.fromkeys(COMPONENTS, 0)
    for lines in orders:
        judged = [line.is_perfect for line in lines]
        lines_total += len(judged)
        lines_known += len(judged) - judged.count(None)
        unknown += None in judged
        known += bool(judged) and None not in judged
        perfect += bool(judged) and all(judged)
        for line in lines:
            for name in COMPONENTS:
                has = getattr(line, name)
                told[name] += has is not None
                met[name] += has is True
    measure = rate(
        "pof",
        perfect,
        known,
        unknown=unknown,
        reason_no_data="No order has all four components known. Ask for documents and condition.",
        noun="orders",
    )
    coverage = lines_known / lines_total if lines_total else None
    return PerfectOrders(measure, coverage, lines_total, met, told)
