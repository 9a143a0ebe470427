"""Corrective action requests by 8D: due times, what each step stands at, what may close.

Clocks run in calendar time from the issue of the request. A rejected answer changes no due
time: the clock has run on all the while. Rates over many requests stand in `corrective_rates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

LINE_DOWN_HOURS = 4.0
DEFECT_SHARE = 0.01
REPEAT_DAYS = 90
CLEAN_LOTS = 3
WATCH_DAYS = 90


class Step(StrEnum):
    """The eight disciplines."""

    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    D7 = "D7"
    D8 = "D8"


class Severity(StrEnum):
    """How grave the problem is, the gravest first."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


_EIGHT_HOURS = timedelta(hours=8)
_COMMON = {
    Step.D1: _EIGHT_HOURS,
    Step.D2: _EIGHT_HOURS,
    Step.D3: timedelta(hours=48),
    Step.D4: timedelta(days=14),
    Step.D5: timedelta(days=30),
}
# D6 is due by the plan of D5, D7 and D8 when effectiveness is shown: no default for them.
DUE_AFTER: Mapping[Severity, Mapping[Step, timedelta]] = MappingProxyType(
    {
        Severity.CRITICAL: MappingProxyType({**_COMMON, Step.D3: timedelta(hours=24)}),
        Severity.MAJOR: MappingProxyType(_COMMON),
        Severity.MINOR: MappingProxyType(_COMMON),
    }
)


def severity_of(
    *,
    is_safety: bool = False,
    line_down_hours: float | None = None,
    days_since_same_mode: int | None = None,
    defect_share: float | None = None,
) -> Severity:
    """Return how grave a problem is.

    Formula: safety or regulatory, or the line down for more than 4 h → critical; the same
    failure mode within 90 days, or more than 1 % defects → major; else (trend, papers) minor.

    Args:
        is_safety: whether safety or a regulation is touched.
        line_down_hours: how long our line stood [hours], ≥ 0; None where unknown.
        days_since_same_mode: since the same failure mode [days], ≥ 0; None where never.
        defect_share: defective units in the lot [fraction], 0 … 1; None where unknown.
    Returns:
        The severity; the gravest trigger wins.
    Raises:
        ValueError: a number lies outside its range.
    Source: domain rules §2.4 (levels L1 to L3).
    Edge cases: exactly 4 h or 1 % does not yet trigger; the 90th day still does.

    >>> severity_of(line_down_hours=5).value, severity_of(defect_share=0.02).value
    ('critical', 'major')
    """
    hours, since, share = line_down_hours, days_since_same_mode, defect_share
    if (hours is not None and hours < 0) or (since is not None and since < 0):
        raise ValueError(
            f"line_down_hours is {hours} and days_since_same_mode {since}, both must be ≥ 0 or None"
        )
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"defect_share is {share}, it must lie in [0, 1] or be None")
    if is_safety or (hours is not None and hours > LINE_DOWN_HOURS):
        return Severity.CRITICAL
    is_repeated = since is not None and since <= REPEAT_DAYS
    if is_repeated or (share is not None and share > DEFECT_SHARE):
        return Severity.MAJOR
    return Severity.MINOR


def due_times(
    severity: Severity,
    issued_at: datetime,
    *,
    agreed: Mapping[Step, datetime] = MappingProxyType({}),
) -> dict[Step, datetime | None]:
    """Return when each step is due.

    Formula: the agreed moment where there is one, else issue + the default of the severity:
    D1 and D2 8 h, D3 24 h (critical) or 48 h, D4 14 days, D5 30 days.

    Args:
        severity: of the problem.
        issued_at: when the request was issued, aware.
        agreed: moments that buyer and supplier agreed (D6 by the plan), aware.
    Returns:
        Per step its due time; None for D6, D7 and D8 unless agreed.
    Raises:
        ValueError: a moment has no time zone, or an agreed one lies before the issue.
    Source: 8D practice (24 h containment, 30 days plan), domain rules §2.4.
    Edge cases: calendar time: nights and weekends count.

    >>> from datetime import UTC
    >>> issued = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> due_times(Severity.CRITICAL, issued)[Step.D3].isoformat()
    '2026-03-03T09:00:00+00:00'
    """
    check_aware("issued_at", issued_at)
    for step, moment in agreed.items():
        check_aware(f"agreed {step.value}", moment)
        if moment < issued_at:
            raise ValueError(f"agreed {step.value} is {moment}, before the issue at {issued_at}")
    defaults = {step: issued_at + after for step, after in DUE_AFTER[severity].items()}
    return {step: agreed.get(step, defaults.get(step)) for step in Step}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one step; `accepted` None while nobody has decided, `decided_at` when."""

    answered_at: datetime
    accepted: bool | None = None
    decided_at: datetime | None = None

    def __post_init__(self) -> None:
        check_aware("answered_at", self.answered_at)
        if (self.accepted is None) is not (self.decided_at is None):
            raise ValueError(
                f"accepted is {self.accepted} and decided_at {self.decided_at}; give both or none"
            )
        if self.decided_at is not None:
            check_aware("decided_at", self.decided_at)
            if self.decided_at < self.answered_at:
                raise ValueError(
                    f"decided_at {self.decided_at} lies before answered_at {self.answered_at}"
                )

    def stands_at(self, moment: datetime) -> bool:
        """Return whether the answer was there at a moment and not rejected by then."""
        was_rejected = (
            self.accepted is False and self.decided_at is not None and self.decided_at <= moment
        )
        return self.answered_at <= moment and not was_rejected

    def is_accepted_at(self, moment: datetime) -> bool:
        """Return whether it had been accepted by a moment."""
        return bool(self.accepted) and self.decided_at is not None and self.decided_at <= moment


class StepState(StrEnum):
    """Where a step stands at a moment."""

    OPEN = "open"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class StepStanding:
    """A step at a moment.

    `answered_at` is that of the earliest answer that still stands, `is_late` whether it
    came after `due_at`: None where nothing is due yet and nothing stands, or no due time is
    known. `rejections` counts the answers that were rejected by then.
    """

    state: StepState
    due_at: datetime | None
    answered_at: datetime | None
    is_late: bool | None
    rejections: int


def step_standing(
    answers: Sequence[Answer], *, due_at: datetime | None, moment: datetime
) -> StepStanding:
    """Return where a step stands at a moment.

    Formula: an accepted answer → accepted; else an answer that is not rejected → answered;
    else overdue when moment > due_at, open otherwise. Late: the standing answer came after
    due_at, or none stands and moment > due_at.

    Args:
        answers: shape (n,), all answers to the step, in any order.
        due_at: when it is due, aware; None where not agreed yet.
        moment: the moment to tell, aware; what came later does not count.
    Returns:
        The standing. The due time is the first one, whatever was rejected.
    Raises:
        ValueError: a moment has no time zone.
    Source: domain rules §2.4 (a rejected response restarts nothing).
    Edge cases: answered in time, rejected after the due time: overdue at once.

    >>> from datetime import UTC
    >>> due = datetime(2026, 3, 3, 9, tzinfo=UTC)
    >>> answer = Answer(due - timedelta(hours=1), False, due + timedelta(hours=20))
    >>> at = [due, due + timedelta(hours=20)]
    >>> [step_standing([answer], due_at=due, moment=moment).state.value for moment in at]
    ['answered', 'overdue']
    """
    check_aware("moment", moment)
    if due_at is not None:
        check_aware("due_at", due_at)
    standing = sorted(a.answered_at for a in answers if a.stands_at(moment))
    accepted = sorted(a.answered_at for a in answers if a.is_accepted_at(moment))
    rejections = sum(a.answered_at <= moment and not a.stands_at(moment) for a in answers)
    answered_at = next(iter(accepted or standing), None)
    is_past = None if due_at is None else moment > due_at
    if answered_at is None:
        state = StepState.OVERDUE if is_past else StepState.OPEN
        return StepStanding(state, due_at, None, is_past or None, rejections)
    state = StepState.ACCEPTED if accepted else StepState.ANSWERED
    is_late = None if due_at is None else answered_at > due_at
    return StepStanding(state, due_at, answered_at, is_late, rejections)


@dataclass(frozen=True, slots=True)
class RootCauses:
    """Why it happened, and why it was not found before it left; None where not shown."""

    occurrence: str | None = None
    escape: str | None = None


class Effectiveness(StrEnum):
    """Whether the correction has been shown to work."""

    NOT_STARTED = "not_started"
    WATCHING = "watching"
    EFFECTIVE = "effective"
    FAILED = "failed"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class LotSeen:
    """One lot received after the correction; `recurred` None where nobody looked."""

    seen_on: date
    recurred: bool | None


def effectiveness(
    corrected_on: date | None, lots: Iterable[LotSeen], *, as_of: date
) -> Effectiveness:
    """Return whether a correction has been shown to work by the close of a day.

    Formula: over the lots after `corrected_on`, in order: a recurrence before the window is
    over → failed; three lots without → effective; 90 days with one or two → effective, with
    none → unproven; else watching.

    Args:
        corrected_on: when the correction was in place (D6); None where it is not.
        lots: shape (n,), lots of the same part, in any order.
        as_of: the day at whose close is told.
    Returns:
        The state.
    Raises:
        Nothing.
    Source: no recurrence on the next 3 lots or in 90 days, domain rules §2.4; that no lot at
    all proves nothing is a house rule.
    Edge cases: lots that nobody looked at prove nothing; a recurrence after the window is
    over is a new request (of severity major). Lots of the day itself are before it.

    >>> clean = [LotSeen(date(2026, 4, day), False) for day in (2, 9, 16)]
    >>> [effectiveness(date(2026, 4, 1), clean, as_of=date(2026, 4, day)).value for day in (9, 16)]
    ['watching', 'effective']
    """
    if corrected_on is None or corrected_on > as_of:
        return Effectiveness.NOT_STARTED
    ends_on = corrected_on + timedelta(days=WATCH_DAYS)
    until = min(as_of, ends_on)
    seen = sorted(
        (lot.seen_on, not lot.recurred)
        for lot in lots
        if lot.recurred is not None and corrected_on < lot.seen_on <= until
    )
    watched = [is_clean for _, is_clean in seen][:CLEAN_LOTS]
    if not all(watched):
        return Effectiveness.FAILED
    if len(watched) == CLEAN_LOTS:
        return Effectiveness.EFFECTIVE
    if as_of < ends_on:
        return Effectiveness.WATCHING
    return Effectiveness.EFFECTIVE if watched else Effectiveness.UNPROVEN


def missing_to_close(
    step: Step,
    accepted: Iterable[Step],
    *,
    causes: RootCauses = RootCauses(),
    shown: Effectiveness = Effectiveness.NOT_STARTED,
) -> tuple[str, ...]:
    """Return what still keeps a step from being closed, in words.

    Formula: D4 needs both root causes; D7 and D8 an effective correction; D8 also D1 to D7
    accepted.

    Args:
        step: the step to close.
        accepted: the steps whose answers are accepted.
        causes: the root causes as far as they are shown.
        shown: the state of the effectiveness check.
    Returns:
        One sentence per gap; empty when the step may close.
    Raises:
        Nothing.
    Source: 8D practice (occurrence and escape), domain rules §2.4.
    Edge cases: blank root causes count as missing.

    >>> missing_to_close(Step.D4, [], causes=RootCauses(occurrence="Worn punch"))
    ('The root cause of the escape is missing: why was it not found before it left?',)
    """
    gaps = []
    if step is Step.D4:
        if not (causes.occurrence or "").strip():
            gaps.append("The root cause of the occurrence is missing: why did it happen?")
        if not (causes.escape or "").strip():
            gaps.append(
                "The root cause of the escape is missing: why was it not found before it left?"
            )
    if step in (Step.D7, Step.D8) and shown is not Effectiveness.EFFECTIVE:
        gaps.append(
            f"Effectiveness is not shown ({shown.value.replace('_', ' ')}): {CLEAN_LOTS} lots "
            f"or {WATCH_DAYS} days without recurrence are needed."
        )
    if step is Step.D8:
        done = set(accepted)
        if left := [other.value for other in list(Step)[:-1] if other not in done]:
            gaps.append(f"Not accepted yet: {', '.join(left)}.")
    return tuple(gaps)


def check_aware(name: str, moment: datetime) -> None:
    """Refuse a moment without time zone.

    Formula: none.

    Args:
        name: of the argument, for the message.
        moment: the moment.
    Returns:
        Nothing.
    Raises:
        ValueError: the moment has no time zone.
    Source: house rule.
    Edge cases: none.

    >>> check_aware("issued_at", datetime(2026, 3, 2))
    Traceback (most recent call last):
    ValueError: issued_at is 2026-03-02 00:00:00, it must have a time zone; give UTC
    """
    if moment.tzinfo is None:
        raise ValueError(f"{name} is {moment}, it must have a time zone; give UTC")
