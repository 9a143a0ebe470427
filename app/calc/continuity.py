"""Continuity of supply: how ready a supplier's plan is, and whether its times agree.

Readiness is a rubric of 100 points in eight parts; each says what it earns and why. Missing
is None: a part that nobody knows earns nothing, and says so apart from one that earns zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from app.calc.continuity_facts import (
    APPROVAL_MONTHS,
    MOST,
    Answer,
    ExerciseKind,
    Part,
    PlanFacts,
    Topic,
    Why,
    is_recent,
    newest_shown,
)


class Basis(StrEnum):
    """What a readiness rests on, or why there is none."""

    PLAN = "plan"
    NEVER_ASKED = "never_asked"
    WAITING = "waiting"
    NO_PLAN = "no_plan"
    NO_ANSWER = "no_answer"


class ReadinessBand(StrEnum):
    """How a readiness is called."""

    READY = "ready"
    PARTIAL = "partial"
    WEAK = "weak"
    NONE = "none"


ALL_POINTS = 100
READY_FROM, PARTIAL_FROM = 80, 60
YEAR_MONTHS, TWO_YEARS_MONTHS, CONTACT_MONTHS = 12, 24, 6
CLAIMED_SHARE, OLD_REVIEW_SHARE = 0.5, 0.5
TABLETOP_SHARE, ANY_EXERCISE_SHARE = 0.6, 0.3
GRACE_DAYS = 30
REAL = frozenset({ExerciseKind.FUNCTIONAL, ExerciseKind.FULL})


@dataclass(frozen=True, slots=True)
class PartScore:
    """What a part of the rubric earns [points], None where nobody knows; and why."""

    part: Part
    points: float | None
    why: Why

    @property
    def most(self) -> int:
        """The points that the part can earn."""
        return MOST[self.part]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How ready a supplier is [0–100, up is better], None where nobody knows.

    `upper` counts what is not known as earned.
    """

    basis: Basis
    points: float | None
    parts: tuple[PartScore, ...] = ()

    @property
    def upper(self) -> float | None:
        """The most it can be once everything is known."""
        if self.points is None:
            return None
        return self.points + sum(part.most for part in self.parts if part.points is None)

    @property
    def band(self) -> ReadinessBand | None:
        """How it is called, None where nobody knows."""
        if self.points is None:
            return None
        return band_of(self.points) if self.basis is Basis.PLAN else ReadinessBand.NONE

    @property
    def unknown(self) -> tuple[Part, ...]:
        """The parts that nobody knows."""
        return tuple(part.part for part in self.parts if part.points is None)


def plan_readiness(facts: PlanFacts, as_of: date) -> Readiness:
    """Return how ready a plan is on a day, by the rubric.

    Formula: documented and approved within 12 months 15; recovery time shown in an exercise
    and within the required one 20, claimed 10; reviewed within 12 months 10, 24 months 5;
    exercised in full or functionally within 12 months 20, at a table 12, anyhow within 24
    months 6; alternate capacity at least the minimum 15; stock or last-time stock 10; every
    contact reached within 6 months 5; plans of sub-suppliers 5.

    Args:
        facts: what is known of the plan on that day.
        as_of: the day. What lies after it does not count.
    Returns:
        The points of the known parts, up is better, with each part and its reason.
    Raises:
        ValueError: a number of days is negative, or a percentage outside 0 … 100.
    Source: domain rules §9 (ISO 22301, BCI Good Practice); ADR 0046 for what it leaves open.
    Edge cases: the day itself still counts (12 months after 31 March is 31 March); a newest
        exercise that took too long refutes the claim. An answer that a document proves fills
        what nobody knows, never what is recorded.

    >>> plan_readiness(PlanFacts(approved_on=date(2026, 3, 31)), date(2026, 9, 30)).points
    25.0
    """
    _check(facts)
    parts = (
        _documented(facts, as_of),
        _recovery(facts, as_of),
        _reviewed(facts, as_of),
        _exercised(facts, as_of),
        _alternate(facts, as_of),
        _stock(facts),
        _contacts(facts, as_of),
        _sub_tier(facts),
    )
    return Readiness(Basis.PLAN, float(sum(part.points or 0.0 for part in parts)), parts)


def readiness_without_plan(
    as_of: date,
    *,
    due_on: date | None,
    exists: Answer | None = None,
    has_replied: bool = False,
) -> Readiness:
    """Return how ready a supplier is of whom no plan is on file.

    Formula: never asked → unknown; it says it has none, or nothing came within 30 days of
    the due date → 0; else unknown still.

    Args:
        as_of: the day.
        due_on: when the answer, or the plan itself, was or is due; None where never asked.
        exists: what it answered about having a plan, None where it did not answer.
        has_replied: whether it answered anything that it was asked.
    Returns:
        Readiness without parts: 0 or None points.
    Source: domain rules §9.
    Edge cases: the 30th day after the due date is still in time; a plan that exists by answer
        and was never handed in counts as none from then on, and so where other questions were
        answered and it was not handed in.

    >>> readiness_without_plan(date(2026, 5, 1), due_on=None).points is None
    True
    >>> readiness_without_plan(date(2026, 5, 1), due_on=date(2026, 3, 1)).points
    0.0
    """
    if due_on is None:
        return Readiness(Basis.NEVER_ASKED, None)
    if exists is Answer.NO:
        return Readiness(Basis.NO_PLAN, 0.0)
    if as_of <= due_on + timedelta(days=GRACE_DAYS):
        return Readiness(Basis.WAITING, None)
    has_replied = has_replied or exists is not None
    return Readiness(Basis.NO_PLAN if has_replied else Basis.NO_ANSWER, 0.0)


def band_of(points: float) -> ReadinessBand:
    """Return how the readiness of a plan is called.

    Formula: 80 and more ready, 60 and more partial, else weak.

    Args:
        points: unrounded [0–100], up is better.
    Returns:
        The band; `none` is for suppliers without a plan and never returned here.
    Raises:
        ValueError: points outside 0 … 100.
    Source: domain rules §9.
    Edge cases: exactly 80 is ready, exactly 60 partial.

    >>> band_of(79.9).value
    'partial'
    """
    if not 0 <= points <= ALL_POINTS:
        raise ValueError(f"points is {points}, it must lie in [0, {ALL_POINTS}]")
    if points >= READY_FROM:
        return ReadinessBand.READY
    return ReadinessBand.PARTIAL if points >= PARTIAL_FROM else ReadinessBand.WEAK


def is_beyond_tolerance(rto_days: float | None, mtpd_days: float | None) -> bool | None:
    """Tell whether a plan contradicts itself: its recovery takes longer than is tolerable.

    Formula: RTO > MTPD.

    Args:
        rto_days: recovery time objective [days], ≥ 0; None where unknown.
        mtpd_days: maximum tolerable period of disruption [days], ≥ 0; None where unknown.
    Returns:
        Whether it contradicts itself, None where one of them is unknown.
    Source: ISO 22301 (the RTO lies inside the MTPD); domain rules §9.
    Edge cases: equal times agree.

    >>> is_beyond_tolerance(21, 18), is_beyond_tolerance(18, 18), is_beyond_tolerance(18, None)
    (True, False, None)
    """
    if rto_days is None or mtpd_days is None:
        return None
    return rto_days > mtpd_days


def survival_gap(recover_days: float | None, survive_days: float | None) -> float | None:
    """Return how much longer a recovery takes than our stock lasts.

    Formula: gap = TTR − TTS; above zero we are exposed.

    Args:
        recover_days: time to recover [days], ≥ 0; None where unknown.
        survive_days: our time to survive [days], ≥ 0 or infinite; None where unknown.
    Returns:
        The gap [days], up is worse; None where one of them is unknown.
    Source: domain rules §8.1.
    Edge cases: an unlimited time to survive gives minus infinity.

    >>> survival_gap(21, 14), survival_gap(None, 14)
    (7, None)
    """
    if recover_days is None or survive_days is None:
        return None
    return recover_days - survive_days


def time_to_survive(
    *, usable: float, pipeline: float, daily_demand: float, alternate_rate: float = 0.0
) -> float:
    """Return how long demand can be met while a source stands still.

    Formula: TTS = (usable stock + unaffected pipeline) / (demand − alternate rate).

    Args:
        usable: stock that can be used [units], ≥ 0.
        pipeline: goods under way that the outage does not touch [units], ≥ 0.
        daily_demand: [units per day], ≥ 0.
        alternate_rate: what other sources give [units per day], ≥ 0.
    Returns:
        Days, up is better; infinite where the other sources meet the demand.
    Raises:
        ValueError: a negative number, or one that is not finite.
    Source: domain rules §8.1 (Simchi-Levi et al. 2015 for the two times).
    Edge cases: no demand → infinite.

    >>> time_to_survive(usable=1200, pipeline=300, daily_demand=100, alternate_rate=40)
    25.0
    """
    for name, value in (
        ("usable", usable), ("pipeline", pipeline), ("daily_demand", daily_demand),
        ("alternate_rate", alternate_rate),
    ):  # fmt: skip
        if not 0 <= value < math.inf:
            raise ValueError(f"{name} is {value}, it must be finite and ≥ 0")
    if alternate_rate >= daily_demand:
        return math.inf
    return (usable + pipeline) / (daily_demand - alternate_rate)


@lru_cache(maxsize=1_024)
def _score(part: Part, points: float | None, why: Why) -> PartScore:
    """Return a part as scored; ten thousand plans share the few that there are."""
    return PartScore(part, points, why)


def _documented(facts: PlanFacts, as_of: date) -> PartScore:
    if facts.approved_on is None or facts.approved_on > as_of:
        return _score(Part.DOCUMENTED, 0.0, Why.DRAFT_ONLY)
    if not is_recent(facts.approved_on, as_of, APPROVAL_MONTHS):
        return _score(Part.DOCUMENTED, 0.0, Why.APPROVAL_EXPIRED)
    return _share(Part.DOCUMENTED, 1.0, Why.APPROVED)


def _recovery(facts: PlanFacts, as_of: date) -> PartScore:
    required, shown = facts.required_days, newest_shown(facts.exercises, as_of)
    if shown is None and facts.claimed_days is None:
        return _answered(facts, as_of, Topic.TARGETS, Part.RECOVERY, Why.NO_CLAIM)
    if required is None:
        return _score(Part.RECOVERY, None, Why.NOTHING_REQUIRED)
    if shown is not None and shown.achieved_days is not None:
        is_met = shown.achieved_days <= required
        return _share(Part.RECOVERY, float(is_met), Why.SHOWN if is_met else Why.SHOWN_TOO_LONG)
    if facts.claimed_days is not None and facts.claimed_days <= required:
        return _share(Part.RECOVERY, CLAIMED_SHARE, Why.CLAIMED)
    return _score(Part.RECOVERY, 0.0, Why.CLAIMED_TOO_LONG)


def _reviewed(facts: PlanFacts, as_of: date) -> PartScore:
    # Whoever approved it looked at it.
    days = [day for day in (facts.reviewed_on, facts.approved_on) if day and day <= as_of]
    if not days:
        return _score(Part.REVIEWED, None, Why.NEVER_REVIEWED)
    newest = max(days)
    if is_recent(newest, as_of, YEAR_MONTHS):
        return _share(Part.REVIEWED, 1.0, Why.WITHIN_YEAR)
    if is_recent(newest, as_of, TWO_YEARS_MONTHS):
        return _share(Part.REVIEWED, OLD_REVIEW_SHARE, Why.WITHIN_TWO_YEARS)
    return _score(Part.REVIEWED, 0.0, Why.TOO_OLD)


def _exercised(facts: PlanFacts, as_of: date) -> PartScore:
    of_year = {e.kind for e in facts.exercises if is_recent(e.done_on, as_of, YEAR_MONTHS)}
    if of_year & REAL:
        return _share(Part.EXERCISED, 1.0, Why.REAL_EXERCISE)
    if ExerciseKind.TABLETOP in of_year:
        return _share(Part.EXERCISED, TABLETOP_SHARE, Why.TABLETOP)
    if any(is_recent(each.done_on, as_of, TWO_YEARS_MONTHS) for each in facts.exercises):
        return _share(Part.EXERCISED, ANY_EXERCISE_SHARE, Why.OLD_OR_LESSER)
    if any(each.done_on <= as_of for each in facts.exercises):
        return _score(Part.EXERCISED, 0.0, Why.TOO_OLD)
    if _proven(facts, as_of, Topic.TESTED) is Answer.YES:
        return _share(Part.EXERCISED, ANY_EXERCISE_SHARE, Why.ANSWERED_YES)
    return _score(Part.EXERCISED, 0.0, Why.NEVER_EXERCISED)


def _alternate(facts: PlanFacts, as_of: date) -> PartScore:
    needed, given = facts.needed_percent, facts.alternate_percent
    if needed is None or given is None:
        return _answered(facts, as_of, Topic.COVERS, Part.ALTERNATE, Why.CAPACITY_UNKNOWN)
    if given >= needed and given > 0:
        return _share(Part.ALTERNATE, 1.0, Why.ENOUGH)
    return _score(Part.ALTERNATE, 0.0, Why.TOO_LITTLE)


def _stock(facts: PlanFacts) -> PartScore:
    days = (facts.finished_days, facts.critical_days)
    if facts.has_last_time_stock or any(each for each in days):
        return _share(Part.STOCK, 1.0, Why.HELD)
    if None in days:
        return _score(Part.STOCK, None, Why.STOCK_UNKNOWN)
    return _score(Part.STOCK, 0.0, Why.NONE_HELD)


def _contacts(facts: PlanFacts, as_of: date) -> PartScore:
    if not facts.reached_on:
        return _score(Part.CONTACTS, 0.0, Why.NO_CONTACTS)
    if all(is_recent(day, as_of, CONTACT_MONTHS) for day in facts.reached_on):
        return _share(Part.CONTACTS, 1.0, Why.ALL_REACHED)
    return _score(Part.CONTACTS, 0.0, Why.NOT_ALL_REACHED)


def _sub_tier(facts: PlanFacts) -> PartScore:
    if facts.has_sub_tier_plans is None:
        return _score(Part.SUB_TIER, None, Why.SUB_TIER_UNKNOWN)
    if facts.has_sub_tier_plans:
        return _share(Part.SUB_TIER, 1.0, Why.OBTAINED)
    return _score(Part.SUB_TIER, 0.0, Why.NOT_OBTAINED)


def _answered(facts: PlanFacts, as_of: date, topic: Topic, part: Part, unknown: Why) -> PartScore:
    """Return what a proven answer earns where the plan does not say: what a claim does."""
    answer = _proven(facts, as_of, topic)
    if answer is Answer.YES:
        return _share(part, CLAIMED_SHARE, Why.ANSWERED_YES)
    if answer is Answer.NO:
        return _score(part, 0.0, Why.ANSWERED_NO)
    return _score(part, None, unknown)


def _proven(facts: PlanFacts, as_of: date, topic: Topic) -> Answer | None:
    found = facts.answers.get(topic)
    if found is None or not is_recent(found.evidence_on, as_of, TWO_YEARS_MONTHS):
        return None
    return found.answer


def _share(part: Part, share: float, why: Why) -> PartScore:
    return _score(part, MOST[part] * share, why)


def _check(facts: PlanFacts) -> None:
    for name in ("required_days", "claimed_days", "finished_days", "critical_days"):
        value = getattr(facts, name)
        if value is not None and not 0 <= value < math.inf:
            raise ValueError(f"{name} is {value}, it must be finite and ≥ 0 or None")
    for name in ("needed_percent", "alternate_percent"):
        value = getattr(facts, name)
        if value is not None and not 0 <= value <= ALL_POINTS:
            raise ValueError(f"{name} is {value}, it must lie in [0, 100] or be None")
