"""What another method would make of a period: both cards of everybody side by side.

Worked out by the column and stored nowhere. Scores are absolute: what one supplier gets
depends on its own measures and the method, never on who else is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.calc.grading import CapReason
from app.calc.measure_columns import PROVISIONAL
from app.calc.periods import Period
from app.calc.score_columns import ScoreColumns, score_columns
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.gathering import gather_for, otif_below_floor
from app.judgement.scorecards.measures import MeasureTable, measure_table
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.queries import methods_in_force
from app.judgement.scorecards.sums import PeriodSums

NOT_RATED = "NR"
# What scores and caps read, whatever a method scores.
ALWAYS = frozenset({"line_stops"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method makes of a supplier; score and grade are None where it is not rated."""

    score: float | None
    grade: str | None
    coverage: float
    is_capped: bool

    @property
    def word(self) -> str:
        """The grade, or NR."""
        return self.grade or NOT_RATED


@dataclass(frozen=True, slots=True)
class Change:
    """A supplier under the present and under the other method."""

    supplier_id: int
    before: Outcome
    after: Outcome

    @property
    def difference(self) -> float | None:
        """By how many points the score moves, None where either is not rated."""
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @property
    def moves_grade(self) -> bool:
        """Whether the grade changes."""
        return self.before.word != self.after.word

    @property
    def rank(self) -> tuple[bool, float, int]:
        """Its place among others: who changes grade first, then by how much, largest first."""
        size = self.difference
        return (not self.moves_grade, np.inf if size is None else -abs(size), self.supplier_id)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everybody whom a method judges, under it and under the method in force at the time.

    `matrix` counts suppliers by (grade before, grade after), `grades` are its words, best
    first and NR last. `changes` hold every supplier, the largest change first.
    """

    period: Period
    before: Method
    after: Method
    grades: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    changes: tuple[Change, ...]

    @property
    def movers(self) -> tuple[Change, ...]:
        """Those whose grade changes."""
        return tuple(change for change in self.changes if change.moves_grade)

    @property
    def counts(self) -> tuple[tuple[int, int], ...]:
        """How many suppliers have each grade before, and after."""
        before = (sum(row) for row in self.matrix)
        after = (sum(column) for column in zip(*self.matrix, strict=True))
        return tuple(zip(before, after, strict=True))

    @property
    def better(self) -> int:
        """How many get a better grade."""
        return self._moved(lambda before, after: after < before)

    @property
    def worse(self) -> int:
        """How many get a worse grade."""
        return self._moved(lambda before, after: after > before)

    def _moved(self, is_wanted: Callable[[int, int], bool]) -> int:
        # Who is not rated on either side gets neither a better nor a worse grade.
        rated = range(len(self.grades) - 1)
        return sum(
            self.matrix[before][after]
            for before in rated
            for after in rated
            if is_wanted(before, after)
        )


def compare(session: Session, period: Period, method: Method) -> Comparison:
    """Return what a method, draft or not, would make of a period of all whom it is for."""
    in_force = methods_in_force(session, on=period.last_day)
    present = in_force.of(method.segment)
    ids = _judged_by(session, method, segments=frozenset(in_force.segments))
    wanted = frozenset(_measures(present) | _measures(method))
    sums = gather_for(session, period, measures=wanted, supplier_ids=ids)
    before, after = _both(session, sums, period, (present, method))
    keys = sums.supplier_ids.tolist()
    changes = [Change(*each) for each in zip(keys, before, after, strict=True)]
    grades = _grade_words(present, method)
    return Comparison(
        period=period,
        before=present,
        after=method,
        grades=grades,
        matrix=_matrix(changes, grades),
        changes=tuple(sorted(changes, key=lambda change: change.rank)),
    )


def compare_one(
    session: Session, supplier_id: int, period: Period, method: Method
) -> tuple[Outcome, Outcome]:
    """Return a supplier under the method in force at the time, and under another one."""
    segment = suppliers.segments(session).get(supplier_id)
    present = methods_in_force(session, on=period.last_day).of(segment)
    wanted = frozenset(_measures(present) | _measures(method))
    sums = gather_for(session, period, measures=wanted, supplier_ids=[supplier_id])
    before, after = _both(session, sums, period, (present, method))
    return before[0], after[0]


def history(session: Session, periods: Sequence[Period], method: Method) -> list[Comparison]:
    """Return periods scored again by a method, each beside the method in force at its end."""
    return [compare(session, period, method) for period in periods]


def _judged_by(session: Session, method: Method, *, segments: frozenset[str]) -> list[int] | None:
    """Return whom a method judges beside the segments that have their own; None for everybody."""
    own = suppliers.segments(session)
    if method.segment is not None:
        return [
            key for key in suppliers.rated_supplier_ids(session) if own.get(key) == method.segment
        ]
    if not segments:
        return None
    return [key for key in suppliers.rated_supplier_ids(session) if own.get(key) not in segments]


def _both(
    session: Session, sums: PeriodSums, period: Period, methods: tuple[Method, Method]
) -> tuple[list[Outcome], list[Outcome]]:
    """Return what two methods make of every supplier in `sums`, in their order."""
    before, after = methods
    manual = {*before.manual_ids, *after.manual_ids}
    table = measure_table(sums, limit_ppm=before.limits["ppm"], manual=manual)
    # Only the limit of PPM changes a measure: how large a sample it needs.
    same = before.limits == after.limits
    other = table
    if not same:
        other = measure_table(sums, limit_ppm=after.limits["ppm"], manual=manual)
    critical = sums.critical_open
    return (
        _outcomes(_columns(session, table, period, before, critical=critical)),
        _outcomes(_columns(session, other, period, after, critical=critical)),
    )


def _outcomes(scored: ScoreColumns) -> list[Outcome]:
    score, coverage, capped = (
        each.tolist() for each in (scored.score, scored.coverage, scored.is_capped)
    )
    grades = [*map(str, scored.grades), None]
    return [
        Outcome(None if grades[code] is None else score[place], grades[code], coverage[place],
                capped[place])
        for place, code in enumerate(scored.grade.tolist())
    ]  # fmt: skip


def _columns(
    session: Session,
    table: MeasureTable,
    period: Period,
    method: Method,
    *,
    critical: NDArray[np.bool_],
) -> ScoreColumns:
    """Return the scores of every supplier in a table by a method."""
    values = {}
    for row in method.scoring.measures:
        column = table.columns[row.measure_id]
        least = method.minimums.get(row.measure_id, 0)
        counts = (column.state >= PROVISIONAL) & (column.n >= least)
        values[row.measure_id] = np.where(counts, column.value, np.nan)
    flags: dict[CapReason, NDArray[np.bool_]] = {
        CapReason.SUPPLIER_LINE_STOP: np.nan_to_num(table.columns["line_stops"].value) > 0,
        CapReason.OPEN_CRITICAL_SCAR: critical,
    }
    if CapReason.OTIF_BELOW_FLOOR in method.caps:
        flags[CapReason.OTIF_BELOW_FLOOR] = otif_below_floor(
            session, period, supplier_ids=table.supplier_ids, floor=method.otif_floor
        )
    held = {reason: own for reason, own in flags.items() if reason in method.caps}
    return score_columns(values, method.scoring, limits=method.limits, flags=held)


def _measures(method: Method) -> frozenset[str]:
    return ALWAYS | {row.measure_id for row in method.scoring.measures}


def _grade_words(*methods: Method) -> tuple[str, ...]:
    words = dict.fromkeys(
        str(grade) for method in methods for _, grade in method.scoring.bands.edges
    )
    return (*sorted(words), NOT_RATED)


def _matrix(changes: Sequence[Change], grades: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    places = {word: place for place, word in enumerate(grades)}
    counts = np.zeros((len(grades), len(grades)), np.int64)
    for change in changes:
        counts[places[change.before.word], places[change.after.word]] += 1
    return tuple(tuple(row) for row in counts.tolist())
