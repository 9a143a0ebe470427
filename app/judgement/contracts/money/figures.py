"""The figure of a measure under a contract, exact, with its sample.

Line rates are counted over the contract's own lines, without those that the obligation
excludes; these stay in every operational score. An obligation that names a delivery rule counts
the lines which that rule judged, in that version, and no others. Other measures are the
supplier's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from app.calc.attribution import BUYERS_CAUSES, MissCause
from app.calc.measure import Measure
from app.calc.periods import Period, month_index
from app.facts.deliveries.lines.promised_lines import PromisedLine
from app.judgement.contracts.models import ContractObligation
from app.judgement.contracts.money.windows import Window
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import measure_table

# Which outcome of a line a rate counts.
BY_LINE: Mapping[str, str] = {"otif_line": "otif", "otd": "on_time", "in_full": "in_full"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Which lines a rate under a contract does not count."""

    force_majeure: bool
    buyer_caused: bool
    disputed: bool
    # The delivery rule that must have judged a line, as verdicts name it; None: whichever.
    rule: str | None = None

    def has(self, line: PromisedLine) -> bool:
        """Whether a line is one of them."""
        return (
            self.is_judged_otherwise(line)
            or (self.force_majeure and line.cause is MissCause.FORCE_MAJEURE)
            or (self.buyer_caused and line.cause in BUYERS_CAUSES)
            or (self.disputed and line.dispute_id is not None)
        )

    def is_judged_otherwise(self, line: PromisedLine) -> bool:
        """Whether another delivery rule than the one that is named judged a line."""
        return self.rule is not None and line.rule != self.rule


EVERYTHING_LEFT_OUT = LeftOut(force_majeure=True, buyer_caused=True, disputed=True)


def left_out_by(obligation: ContractObligation) -> LeftOut:
    """Return what an obligation leaves out."""
    return LeftOut(
        force_majeure=obligation.excludes_force_majeure,
        buyer_caused=obligation.excludes_buyer_caused,
        disputed=obligation.excludes_disputed,
        rule=rule_of(obligation),
    )


def rule_of(obligation: ContractObligation) -> str | None:
    """Return the delivery rule that an obligation names, as verdicts name it."""
    if obligation.rule_label is None:
        return None
    return f"{obligation.rule_label} v{obligation.rule_version}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value in its own unit, exact, and what it was counted from.

    missed: the lines that count against it, empty where it is the supplier's own measure.
    excluded: lines left out, of which another delivery rule judged `judged_otherwise`.
    """

    value: Fraction | None
    n: int | None
    met: int | None
    excluded: int
    missed: tuple[PromisedLine, ...]
    judged_otherwise: int = 0

    @property
    def is_of_lines(self) -> bool:
        """Whether the contract's lines prove it."""
        return self.met is not None


class Figures:
    """Figures of one contract's supplier; what was read once is kept."""

    def __init__(
        self, session: Session, supplier_id: int, lines: Sequence[PromisedLine], as_of: date
    ) -> None:
        self._session = session
        self._supplier_id = supplier_id
        self._lines = lines
        self._as_of = as_of
        self._kept: dict[Window, Mapping[str, Measure]] = {}

    def of(self, measure: str, window: Window, left_out: LeftOut) -> Figure:
        """Return the figure of a measure for a window, counted over lines where that can be."""
        if measure not in BY_LINE:
            return self.of_supplier(measure, window)
        within = (
            each for each in self._lines if window.first_on <= each.window_end_on <= window.last_on
        )
        return figure_of_lines(measure, within, left_out)

    def of_supplier(self, measure: str, window: Window) -> Figure:
        """Return a measure of the supplier for a window, as its scorecard has it."""
        if window not in self._kept:
            period = Period(
                window.label, month_index(window.first_on), month_index(window.last_on),
                as_of=min(window.last_on, self._as_of),
            )  # fmt: skip
            sums = gather(self._session, period, supplier_ids=[self._supplier_id])
            self._kept[window] = measure_table(sums).measures(0)
        return _measured(self._kept[window].get(measure))


def _measured(found: Measure | None) -> Figure:
    if found is None or found.value is None:
        return Figure(None, None if found is None else found.n, None, 0, ())
    # The shortest decimal that stands for the float, which is what people read.
    return Figure(Fraction(Decimal(repr(found.value))), found.n, None, 0, ())


def figure_of_lines(measure: str, lines: Iterable[PromisedLine], left_out: LeftOut) -> Figure:
    """Return the rate of a measure of `BY_LINE` over lines, without those that are left out."""
    outcome = BY_LINE[measure]
    known, excluded, otherwise = 0, 0, 0
    missed: list[PromisedLine] = []
    for line in lines:
        if left_out.has(line):
            excluded += 1
            otherwise += left_out.is_judged_otherwise(line)
            continue
        said: bool | None = getattr(line, outcome)
        known += said is not None
        if said is False:
            missed.append(line)
    met = known - len(missed)
    value = Fraction(met, known) if known else None
    return Figure(value, known, met, excluded, tuple(missed), otherwise)
