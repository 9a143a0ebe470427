"""The Action Priority matrix: which S, O and D ask for action first, as data with versions.

The table is looked up, never computed from a product. It serves design and process FMEA and
our supply chain FMEA; FMEA-MSR rates other things (frequency, monitoring) and has a table of
its own, which this one must not be used for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LOWEST, HIGHEST = 1, 10
SCALE = range(LOWEST, HIGHEST + 1)
OCCURRENCE_BANDS = ((8, 10), (6, 7), (4, 5), (2, 3), (1, 1))
DETECTION_BANDS = ((7, 10), (5, 6), (2, 4), (1, 1))


class Priority(StrEnum):
    """How urgent action is: H must act or justify, M should, L could. The most urgent first."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"

    @property
    def urgency(self) -> int:
        """A number that rises with urgency, 0 … 2, for sorting only."""
        return len(Priority) - 1 - list(Priority).index(self)


def is_rating(value: object) -> bool:
    """Return whether a value is a rating: a whole number from 1 to 10.

    >>> is_rating(10), is_rating(0), is_rating(2.5), is_rating(True)
    (True, False, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and value in SCALE


def check_rating(name: str, value: object) -> None:
    """Raise ValueError unless a value is a whole number from 1 to 10."""
    if not is_rating(value):
        raise ValueError(f"{name} is {value!r}, it must be a whole number from 1 to 10")


@dataclass(frozen=True, slots=True)
class ActionMatrix:
    """A whole matrix: by severity (1 first) and occurrence band, four letters.

    rows: ten rows of five cells; a cell holds the letters for D 7–10, 5–6, 2–4 and 1. The
    cells of a row stand for O 8–10, 6–7, 4–5, 2–3 and 1.
    """

    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if len(self.rows) != HIGHEST or any(len(r) != len(OCCURRENCE_BANDS) for r in self.rows):
            raise ValueError("rows: a matrix has ten rows of severity with five bands each")
        for severity, row in enumerate(self.rows, start=LOWEST):
            for cell in row:
                if len(cell) != len(DETECTION_BANDS) or not set(cell) <= set("HML"):
                    raise ValueError(f"severity {severity}: {cell!r} is not four of H, M and L")

    def priority(self, severity: int, occurrence: int, detection: int) -> Priority:
        """Return the Action Priority of three ratings.

        Formula: a look-up in the matrix, by the bands of occurrence and detection.

        Args:
            severity: of the worst effect, 1 … 10, 10 is worst.
            occurrence: of the cause, 1 … 10, 10 is most frequent.
            detection: of the best detection control, 1 … 10, 10 is never noticed in time.
        Returns:
            H, M or L.
        Raises:
            ValueError: a rating is no whole number from 1 to 10.
        Source: AIAG & VDA FMEA handbook (2019), verified by consensus; ADR 0037.
        Edge cases: severity 9 or 10 alone makes no H: S 10, O 2, D 2 is L.

        >>> CONSENSUS.priority(9, 6, 1).value, CONSENSUS.priority(3, 7, 10).value
        ('H', 'L')
        """
        for name, value in (("S", severity), ("O", occurrence), ("D", detection)):
            check_rating(name, value)
        cell = self.rows[severity - LOWEST][_band(OCCURRENCE_BANDS, occurrence)]
        return Priority(cell[_band(DETECTION_BANDS, detection)])


def _band(bands: Sequence[tuple[int, int]], value: int) -> int:
    return next(place for place, (low, _) in enumerate(bands) if value >= low)


_SAFETY = ("HHHH", "HHHH", "HHHM", "HMLL", "LLLL")
_PRIMARY = ("HHHH", "HHHM", "HMMM", "MMLL", "LLLL")
_SECONDARY = ("HHMM", "MMML", "MLLL", "LLLL", "LLLL")
_MINOR = ("MMLL", "LLLL", "LLLL", "LLLL", "LLLL")
_NONE = ("LLLL", "LLLL", "LLLL", "LLLL", "LLLL")
CONSENSUS = ActionMatrix((_NONE, *[_MINOR] * 2, *[_SECONDARY] * 3, *[_PRIMARY] * 2, *[_SAFETY] * 2))


def cells(matrix: ActionMatrix) -> Iterator[tuple[int, int, int, Priority]]:
    """Yield all 1,000 cells: S, O, D and what the matrix says of them.

    >>> sum(1 for _ in cells(CONSENSUS))
    1000
    """
    for s in SCALE:
        for o in SCALE:
            for d in SCALE:
                yield s, o, d, matrix.priority(s, o, d)


def census(matrix: ActionMatrix) -> Mapping[Priority, int]:
    """Return how many of the 1,000 cells are H, M and L.

    Formula: a count over all cells.

    Args:
        matrix: any.
    Returns:
        By priority the number of cells; together 1,000.
    Source: house rule, ADR 0037: the consensus table has H 318, M 214, L 468.
    Edge cases: a priority that no cell has counts 0.

    >>> [census(CONSENSUS)[each] for each in Priority]
    [318, 214, 468]
    """
    counts = Counter(priority for *_, priority in cells(matrix))
    return {priority: counts[priority] for priority in Priority}


def reversals(matrix: ActionMatrix) -> list[str]:
    """Return where a worse rating would be less urgent, a sentence each; none in a sound matrix.

    Formula: each band compared with the next worse one in S, in O and in D.

    Args:
        matrix: any.
    Returns:
        Sentences that name both cells.
    Source: house rule, ADR 0037: a priority never falls as S, O or D rises.
    Edge cases: the consensus table has none.

    >>> reversals(CONSENSUS)
    []
    """
    found = []
    for severity in SCALE:
        for o, (low_o, _) in enumerate(OCCURRENCE_BANDS):
            for d, (low_d, _) in enumerate(DETECTION_BANDS):
                here = (severity, low_o, low_d)
                for there in _next_better(severity, o, d):
                    if matrix.priority(*here).urgency < matrix.priority(*there).urgency:
                        found.append(_reversal(matrix, here, there))
    return found


def _next_better(severity: int, o: int, d: int) -> Iterator[tuple[int, int, int]]:
    low_o, low_d = OCCURRENCE_BANDS[o][0], DETECTION_BANDS[d][0]
    if severity > LOWEST:
        yield severity - 1, low_o, low_d
    if o + 1 < len(OCCURRENCE_BANDS):
        yield severity, OCCURRENCE_BANDS[o + 1][0], low_d
    if d + 1 < len(DETECTION_BANDS):
        yield severity, low_o, DETECTION_BANDS[d + 1][0]


def _reversal(matrix: ActionMatrix, here: tuple[int, int, int], there: tuple[int, int, int]) -> str:
    return (
        f"S {here[0]}, O {here[1]}, D {here[2]} is {matrix.priority(*here)}, "
        f"but the milder S {there[0]}, O {there[1]}, D {there[2]} is {matrix.priority(*there)}"
    )


@dataclass(frozen=True, slots=True)
class CellChange:
    """A band of cells in which two matrices differ."""

    severity: int
    occurrence: tuple[int, int]
    detection: tuple[int, int]
    before: Priority
    after: Priority

    @property
    def size(self) -> int:
        """How many of the 1,000 cells it stands for."""
        (low_o, high_o), (low_d, high_d) = self.occurrence, self.detection
        return (high_o - low_o + 1) * (high_d - low_d + 1)


def differences(before: ActionMatrix, after: ActionMatrix) -> list[CellChange]:
    """Return the bands in which two matrices differ, the highest severity first.

    Formula: letter against letter.

    Args:
        before: the matrix that holds.
        after: the one that is proposed.
    Returns:
        One entry per severity and pair of bands; none where both say the same.
    Source: house rule, ADR 0037.
    Edge cases: none.

    >>> differences(CONSENSUS, CONSENSUS)
    []
    """
    found = []
    for severity in reversed(SCALE):
        for o, occurrence in enumerate(OCCURRENCE_BANDS):
            old, new = before.rows[severity - LOWEST][o], after.rows[severity - LOWEST][o]
            found += [
                CellChange(severity, occurrence, detection, Priority(old[d]), Priority(new[d]))
                for d, detection in enumerate(DETECTION_BANDS)
                if old[d] != new[d]
            ]
    return found
