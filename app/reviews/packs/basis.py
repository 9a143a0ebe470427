"""What one pack is built from: everything read for one supplier and one period, frozen.

Filled by `reading`, turned into pages by `building`. Holds figures, no sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.calc.measure import Measure
from app.calc.periods import Period
from app.calc.risk_bands import Floor
from app.facts.deliveries.lines.arrivals import Arrival
from app.facts.deliveries.lines.breakdowns import BatchUse, Incident, PartLeadTime, PartRejects
from app.facts.deliveries.lines.counted_lines import CountedLine
from app.facts.deliveries.lines.line_lists import OrderLine
from app.facts.suppliers.queries import SupplierHead
from app.judgement.contracts.queries import Coverage
from app.judgement.risk_index.evaluation import RiskCard
from app.judgement.risk_index.methods import IndexMethodVersion
from app.judgement.scorecards.course import ON_TIME, OTIF, Course, leading_measure
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.queries import MonthFigures, Scored, SnapshotHead
from app.judgement.scorecards.restatements import PriorLine
from app.reviews.packs.resilience import NOTHING, Resilience

__all__ = ["ON_TIME", "OTIF"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time and all that was measured in it; `words` names it in print."""

    period: Period
    words: str
    scored: Scored

    @property
    def named(self) -> str:
        """The window within a sentence (“the 3rd quarter 2026”, “October 2026”)."""
        is_counted = self.words[:1].isdigit() and not self.words[:4].isdigit()
        return f"the {self.words}" if is_counted else self.words

    @property
    def measures(self) -> dict[str, Measure]:
        """All measures of the window, by id."""
        return self.scored.measures

    def __getitem__(self, measure_id: str) -> Measure:
        return self.scored.measures[measure_id]


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A missed line to be printed with what came for it.

    `days` is how late it was complete or how long it has been open; `moved` how often the
    supplier moved its promise; `note` what people wrote beside the cause.
    """

    line: OrderLine
    arrivals: tuple[Arrival, ...]
    days: int
    is_open: bool
    has_stopped_us: bool
    moved: int
    note: str | None


@dataclass(frozen=True, slots=True)
class MissGroup:
    """Missed lines with one reason and one cause (None: nobody has attributed them)."""

    reason: str | None
    cause: str | None
    note: str | None
    lines: int


@dataclass(frozen=True, slots=True)
class OpenLines:
    """Lines past due and not complete, by age in days, on the day of the facts."""

    lines: int
    days_1_7: int
    days_8_30: int
    days_over_30: int


@dataclass(frozen=True, slots=True)
class AnnexLines:
    """Order lines for an annex, missed ones first, and how many there are in all."""

    lines: tuple[CountedLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RiskBasis:
    """The index now and at the end of the window before, None where there was none."""

    method: IndexMethodVersion
    card: RiskCard
    before: RiskCard | None
    before_on: date | None

    @property
    def floors(self) -> tuple[Floor, ...]:
        """The floors that lift the band now."""
        return self.card.result.floors


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything that a pack of one supplier and one period says.

    period: what was asked for, cut at the day of the facts; its label is canonical.
    year: the 12 months to its end, which are scored. focus: the period itself, None where it
    is the year. focus_before, year_before: the windows just before them, None where there is
    nothing before. months: up to 24, oldest first. course: how the primary measure went in them.
    as_of: the earlier of the period's last day and the day of the latest fact.
    standing: what whoever orders must know, a sentence, empty where nothing stands against it.
    agreed: what contracts that are active on `as_of` cover, None where none is.
    resilience: continuity and contracts at the end of the 12 months.
    facts_until: the day of the latest fact. is_over: whether the period has ended by then.
    """

    head: SupplierHead
    period: Period
    as_of: date
    is_over: bool
    method: Method
    year: Window
    year_before: Window | None
    focus: Window | None
    focus_before: Window | None
    months: tuple[MonthFigures, ...]
    course: Course
    lead_time_days: dict[int, int]
    lateness_days: dict[int, int]
    excluded: dict[str, int]
    open_lines: OpenLines | None
    oldest_open_days: int | None
    missed: tuple[MissGroup, ...]
    worst: tuple[ToldLine, ...]
    incidents: tuple[Incident, ...]
    parts: tuple[PartLeadTime, ...]
    rejects: tuple[PartRejects, ...]
    risk: RiskBasis
    batches: tuple[BatchUse, ...]
    scorecard_snapshot_id: int | None
    risk_snapshot_id: int | None
    # The published card, where it restates another; what closed periods left to this one.
    restated: SnapshotHead | None = None
    carried: tuple[PriorLine, ...] = ()
    standing: str = ""
    agreed: Coverage | None = None
    resilience: Resilience = NOTHING

    @property
    def supplier_name(self) -> str:
        """The supplier's name."""
        return self.head.name

    @property
    def rated_until(self) -> date:
        """The last day of all windows."""
        return self.year.period.last_day

    @property
    def primary(self) -> str:
        """The measure that the pack leads with: OTIF, or on time where OTIF is unknown."""
        return leading_measure(self.year.measures)

    @property
    def missed_lines(self) -> int:
        """How many lines missed the primary measure in the 12 months."""
        return sum(group.lines for group in self.missed)

    @property
    def spoken(self) -> Window:
        """The window that the review is about: the period itself."""
        return self.focus or self.year

    @property
    def spoken_before(self) -> Window | None:
        """The window before the one that the review is about."""
        return self.focus_before if self.focus is not None else self.year_before
