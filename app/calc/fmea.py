"""FMEA: RPN and Action Priority of a row, how effects and controls roll up, what sorts first.

A row is a failure mode with one of its causes. It is unscored until severity, occurrence and
detection are all given; nothing here fills one in. There is no threshold on the RPN: it only
sorts rows of one priority. What the ratings mean stands in `fmea_scales`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.calc.fmea_matrix import CONSENSUS, ActionMatrix, Priority, check_rating

MOST_SEVERE = 9
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Scores:
    """The three ratings of a row, 1 … 10 each; None where nobody gave one."""

    severity: int | None = None
    occurrence: int | None = None
    detection: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("S", self.severity), ("O", self.occurrence), ("D", self.detection)):
            if value is not None:
                check_rating(name, value)

    @property
    def is_scored(self) -> bool:
        """Whether all three are given."""
        return None not in (self.severity, self.occurrence, self.detection)


UNSCORED = Scores()


def rpn(scores: Scores) -> int | None:
    """Return the risk priority number of a row.

    Formula: RPN = S · O · D.

    Args:
        scores: ratings, each 1 … 10, higher is worse.
    Returns:
        1 … 1000, higher is worse, only 120 different values; None while a rating is missing.
    Source: AIAG FMEA, 4th edition, which advises against any threshold on it.
    Edge cases: sorts rows within one Action Priority and decides nothing.

    >>> rpn(Scores(8, 6, 5)), rpn(Scores(8, 6, None))
    (240, None)
    """
    if scores.severity is None or scores.occurrence is None or scores.detection is None:
        return None
    return scores.severity * scores.occurrence * scores.detection


def criticality(scores: Scores) -> int | None:
    """Return severity times occurrence, what the heat map shows.

    Formula: S · O.

    Args:
        scores: ratings, each 1 … 10.
    Returns:
        1 … 100, higher is worse; None while one of the two is missing.
    Source: domain rules §5.1: useful, but secondary.
    Edge cases: detection has no part in it.

    >>> criticality(Scores(9, 4, None))
    36
    """
    if scores.severity is None or scores.occurrence is None:
        return None
    return scores.severity * scores.occurrence


def action_priority(scores: Scores, matrix: ActionMatrix = CONSENSUS) -> Priority | None:
    """Return the Action Priority of a row.

    Formula: a look-up in the matrix.

    Args:
        scores: ratings, each 1 … 10, higher is worse.
        matrix: the version that holds.
    Returns:
        H, M or L; None while a rating is missing.
    Source: AIAG & VDA FMEA handbook (2019), verified by consensus; ADR 0037.
    Edge cases: says how soon to act, not how large a risk is.

    >>> action_priority(Scores(8, 6, 5)).value, action_priority(Scores(8, 6)) is None
    ('H', True)
    """
    if scores.severity is None or scores.occurrence is None or scores.detection is None:
        return None
    return matrix.priority(scores.severity, scores.occurrence, scores.detection)


def row_scores(
    effects: Iterable[int | None],
    occurrence: int | None,
    detections: Sequence[int | None],
    *,
    undetected: int | None = None,
) -> Scores:
    """Return the ratings of a row from those of its effects, its cause and its controls.

    Formula: S = max over the effects of the mode; O of the cause; D = min over the rated
    detection controls of the cause, or the rating without any where it has none.

    Args:
        effects: severity of each effect of the mode, 1 … 10, None where not rated.
        occurrence: of the cause, 1 … 10.
        detections: of each detection control of the cause, 1 … 10, None where not rated.
        undetected: detection of the cause as long as no control looks for it, 1 … 10.
    Returns:
        The three ratings, None each where it can't be known.
    Raises:
        ValueError: a rating is no whole number from 1 to 10.
    Source: domain rules §5.3.
    Edge cases: an effect without rating may be the worst one, so S is then unknown; a control
        without rating can only make D better, so it is left out.

    >>> row_scores([4, 8], 6, [7, None, 5])
    Scores(severity=8, occurrence=6, detection=5)
    >>> row_scores([4, None], 6, [], undetected=10)
    Scores(severity=None, occurrence=6, detection=10)
    """
    severities = list(effects)
    known = [each for each in severities if each is not None]
    is_whole = bool(severities) and len(known) == len(severities)
    rated = [each for each in detections if each is not None]
    best = min(rated, default=None) if detections else undetected
    return Scores(max(known) if is_whole else None, occurrence, best)


@dataclass(frozen=True, slots=True)
class Row:
    """A rated row as it is sorted: its ratings and the priority that its matrix gave it."""

    scores: Scores
    priority: Priority | None


def sort_key(row: Row) -> tuple[int, int, int, int, int]:
    """Return what rows are sorted by, the largest first: AP, S, O, D, then RPN.

    Formula: the tuple (urgency, S, O, D, RPN); unknown sorts last.

    Args:
        row: with its ratings and priority.
    Returns:
        A tuple of whole numbers, larger is more urgent.
    Source: domain rules §5.2: the Action Priority is no risk ranking.
    Edge cases: a row without priority comes after every row that has one.

    >>> high, low = Row(Scores(9, 6, 1), Priority.HIGH), Row(Scores(3, 7, 10), Priority.LOW)
    >>> sort_key(high) > sort_key(low)
    True
    """
    urgency = -1 if row.priority is None else row.priority.urgency
    scores = row.scores
    return (
        urgency, scores.severity or 0, scores.occurrence or 0, scores.detection or 0,
        rpn(scores) or 0,
    )  # fmt: skip


def worst(rows: Iterable[Row]) -> Row | None:
    """Return the row that speaks for a failure mode: the one that sorts first.

    Formula: max by AP, S, O, D, RPN.

    Args:
        rows: of one mode, of one register, or of any set.
    Returns:
        The worst row; None where there is none or none is scored.
    Source: domain rules §5.3.
    Edge cases: unscored rows never speak; count them beside it.

    >>> worst([Row(Scores(), None)]) is None
    True
    """
    return max((row for row in rows if row.priority is not None), key=sort_key, default=None)


def needs_second_approver(rows: Iterable[Row]) -> bool:
    """Return whether rows are grave enough for two approvers.

    Formula: any row with S ≥ 9 or priority H.

    Args:
        rows: of a register.
    Returns:
        Whether one of them is.
    Source: house rule of segregation of duties, ADR 0037.
    Edge cases: a severity of 9 counts also while the row is unscored.

    >>> needs_second_approver([Row(Scores(9, 1, 1), Priority.LOW)])
    True
    """
    return any(
        row.priority is Priority.HIGH or (row.scores.severity or 0) >= MOST_SEVERE for row in rows
    )


def rpn_reduction(before: Scores, after: Scores) -> float | None:
    """Return by how much an action lowered the RPN.

    Formula: (RPN_before - RPN_after) / RPN_before · 100.

    Args:
        before: ratings before the action.
        after: ratings after it.
    Returns:
        Percent, at most 99.9; negative where it rose; None while one side is unscored.
    Source: domain rules §5.4.
    Edge cases: says nothing of urgency; show the Action Priority before → after beside it.

    >>> rpn_reduction(Scores(8, 6, 5), Scores(8, 2, 3))
    80.0
    """
    old, new = rpn(before), rpn(after)
    return None if old is None or new is None else (old - new) / old * PERCENT
