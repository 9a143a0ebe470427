"""Which delivery rule judges a line: the most specific one that was valid.

Rules are data; the book finds the rule of a line and says what it means for the line's
reference date, event and window. The verdict itself stands in `delivery`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from app.calc.calendars import BusinessCalendar, business_window
from app.calc.incoterms import DeliveryEvent, delivery_event
from app.calc.schedule_line import Window


class RuleScope(StrEnum):
    """What a rule is for, the least specific first; a later one wins."""

    DEFAULT = "default"
    CATEGORY = "category"
    SUPPLIER = "supplier"
    PART = "part"
    CONTRACT = "contract"


class ReferenceDate(StrEnum):
    """Which of the three dates of a line the window stands around."""

    REQUESTED = "requested"
    ORIGINAL = "original"
    CURRENT = "current"


class DayCount(StrEnum):
    """Whether the window's days are calendar days or the receiving site's business days."""

    CALENDAR = "calendar"
    BUSINESS = "business"


BULK_TOLERANCE_PPM = 50_000
ON_THE_DAY = Window()


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """What was agreed on deliveries, for whom, and from when to when.

    `key` names the category, supplier, part or contract; None only for the default.
    Valid from `valid_from` to `valid_to`, both included; None is without limit. `event`
    None follows the line's Incoterm. `window` holds early and late days, counted as
    `day_count` says, and tolerances in millionths of the quantity due.
    """

    id: str
    scope: RuleScope = RuleScope.DEFAULT
    key: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    reference: ReferenceDate = ReferenceDate.ORIGINAL
    event: DeliveryEvent | None = None
    window: Window = ON_THE_DAY
    day_count: DayCount = DayCount.CALENDAR
    allow_split: bool = True
    accepted_only: bool = False

    def __post_init__(self) -> None:
        if (self.key is None) is not (self.scope is RuleScope.DEFAULT):
            raise ValueError(
                f"rule {self.id}: key is {self.key} and scope {self.scope.value}; the default "
                "takes no key, every other scope needs one"
            )
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(
                f"rule {self.id}: valid_to {self.valid_to} lies before valid_from {self.valid_from}"
            )

    def holds_on(self, day: date) -> bool:
        """Return whether the rule is valid on a day, first and last day included."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


STANDARD_RULE = DeliveryRule("standard")
STANDARD_BULK_RULE = DeliveryRule(
    "standard_bulk", window=Window(under_ppm=BULK_TOLERANCE_PPM, over_ppm=BULK_TOLERANCE_PPM)
)


@dataclass(frozen=True, slots=True)
class LineKeys:
    """What a line belongs to: its own category first, then that category's parents."""

    categories: Sequence[int] = ()
    supplier: int | None = None
    part: int | None = None
    contract: int | None = None

    def places(self) -> list[tuple[RuleScope, int | None]]:
        """Return the scopes that can hold a rule for the line, the most specific first."""
        own = (
            (RuleScope.CONTRACT, self.contract),
            (RuleScope.PART, self.part),
            (RuleScope.SUPPLIER, self.supplier),
            *((RuleScope.CATEGORY, category) for category in self.categories),
        )
        return [*((scope, key) for scope, key in own if key is not None), (RuleScope.DEFAULT, None)]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of a house, by what they are for; made by `rule_book`."""

    _by_place: Mapping[tuple[RuleScope, int | None], tuple[DeliveryRule, ...]]

    def rule_for(
        self, keys: LineKeys, on: date, *, otherwise: DeliveryRule = STANDARD_RULE
    ) -> DeliveryRule:
        """Return the rule that judges a line.

        Formula: of the rules valid on the day, the first of contract, part, supplier,
        category (the line's own before its parents), default; `otherwise` where none is.

        Args:
            keys: what the line belongs to.
            on: the day whose agreements hold: the day the line was ordered, or its first
                promise where that is unknown. A later rule never judges an older order.
            otherwise: what the house does without a rule, `STANDARD_BULK_RULE` for parts
                by weight, volume or length.
        Returns:
            The rule; its id goes with the verdict.
        Raises:
            Nothing; `rule_book` has refused every tie.
        Source: house rule, domain rules §1.1.
        Edge cases: a more specific rule that has ended gives way to the next level.

        >>> jit = DeliveryRule("jit", RuleScope.PART, 7, valid_from=date(2026, 7, 1))
        >>> book, keys = rule_book([jit]), LineKeys(part=7)
        >>> [book.rule_for(keys, date(2026, month, 1)).id for month in (6, 7)]
        ['standard', 'jit']
        """
        for place in keys.places():
            for rule in self._by_place.get(place, ()):
                if rule.holds_on(on):
                    return rule
        return otherwise


def rule_book(rules: Iterable[DeliveryRule]) -> RuleBook:
    """Return the book of all rules, in which no two can judge the same line.

    Formula: by scope and key; within one, the days of validity must not meet.

    Args:
        rules: shape (n,), in any order; the order never matters.
    Returns:
        The book.
    Raises:
        ValueError: two rules of one scope and key are valid on the same day (the message
            names both and the day: end the older one before), or an id comes twice.
    Source: house rule: a tie is a mistake of whoever keeps the rules, never a choice.
    Edge cases: no rules give a book that always answers `otherwise`.

    >>> rule_book([DeliveryRule("a"), DeliveryRule("b", valid_from=date(2026, 1, 1))])
    Traceback (most recent call last):
    ValueError: rules a and b are both valid on 2026-01-01 for default; end one before the other
    """
    every = sorted(rules, key=lambda rule: (rule.valid_from or date.min, rule.id))
    _refuse_same_ids(every)
    by_place: dict[tuple[RuleScope, int | None], list[DeliveryRule]] = defaultdict(list)
    for rule in every:
        by_place[rule.scope, rule.key].append(rule)
    for found in by_place.values():
        _refuse_overlaps(found)
    frozen = {place: tuple(found) for place, found in by_place.items()}
    return RuleBook(MappingProxyType(frozen))


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """What was agreed on one line itself; None where nothing was. It goes before any rule."""

    early_days: int | None = None
    late_days: int | None = None
    under_ppm: int | None = None
    over_ppm: int | None = None
    allow_split: bool | None = None


def with_own_terms(rule: DeliveryRule, own: OwnTerms) -> DeliveryRule:
    """Return the rule with what was agreed on the line itself put in.

    Formula: each term of the line where it is known, else the rule's.

    Args:
        rule: the rule of the line.
        own: the line's terms; days [as the rule counts them], tolerances [millionths].
    Returns:
        The same rule, id included, with the line's terms.
    Raises:
        ValueError: a term lies outside its range (`Window`).
    Source: house rule, domain rules §1.1.
    Edge cases: a line can narrow an open start, but not open one that the rule closes.

    >>> with_own_terms(STANDARD_RULE, OwnTerms(late_days=2)).window.late_days
    2
    """
    window = rule.window
    return replace(
        rule,
        window=Window(
            early_days=_first(own.early_days, window.early_days),
            late_days=window.late_days if own.late_days is None else own.late_days,
            under_ppm=window.under_ppm if own.under_ppm is None else own.under_ppm,
            over_ppm=window.over_ppm if own.over_ppm is None else own.over_ppm,
        ),
        allow_split=rule.allow_split if own.allow_split is None else own.allow_split,
    )


@dataclass(frozen=True, slots=True)
class LineDates:
    """The dates of a line; `agreed_with_buyer_on` is where the buyer last moved it, agreed."""

    requested_on: date | None = None
    promised_original_on: date | None = None
    promised_current_on: date | None = None
    agreed_with_buyer_on: date | None = None


def reference_on(rule: DeliveryRule, dates: LineDates) -> date | None:
    """Return the date that a line is judged against.

    Formula: requested and original: the date to which the buyer moved the line by agreement,
    else the date itself; current: the latest promise, whoever moved it.

    Args:
        rule: the rule of the line.
        dates: the line's dates, each may be None.
    Returns:
        ref; None where the date is unknown, no other date stands in for it.
    Raises:
        Nothing.
    Source: SCOR RL.1.1 (changes that the customer asks for and the supplier agrees to
        supersede the first commitment); domain rules §1.1.
    Edge cases: a supplier's own rescheduling moves nothing but the current promise.

    >>> dates = LineDates(
    ...     promised_original_on=date(2026, 3, 5), promised_current_on=date(2026, 3, 12)
    ... )
    >>> reference_on(STANDARD_RULE, dates)
    datetime.date(2026, 3, 5)
    """
    if rule.reference is ReferenceDate.CURRENT:
        return dates.promised_current_on
    is_requested = rule.reference is ReferenceDate.REQUESTED
    own = dates.requested_on if is_requested else dates.promised_original_on
    return dates.agreed_with_buyer_on or own


def event_of(rule: DeliveryRule, incoterm: str | None) -> DeliveryEvent:
    """Return the event whose day is judged.

    Formula: the rule's event, else that of the line's Incoterm.

    Args:
        rule: the rule of the line.
        incoterm: the line's term, None where unknown.
    Returns:
        The event; `incoterms.date_of` finds its day.
    Raises:
        Nothing.
    Source: domain rules §1.1.
    Edge cases: as `incoterms.delivery_event`.

    >>> event_of(STANDARD_RULE, "FCA Genova").value
    'hand_over'
    """
    return rule.event or delivery_event(incoterm)


def window_of(
    rule: DeliveryRule, reference: date, *, calendar: BusinessCalendar | None = None
) -> Window:
    """Return the rule's window around one reference date, as `delivery.judge_line` takes it.

    Formula: the rule's days as they are, or told in calendar days by the site's calendar.

    Args:
        rule: the rule of the line.
        reference: ref of the line.
        calendar: the receiving site's, needed where the rule counts business days.
    Returns:
        The window in calendar days.
    Raises:
        ValueError: the rule counts business days and there is no calendar.
    Source: domain rules §0.3, §1.1.
    Edge cases: with business days the window holds for this reference date only.

    >>> window_of(STANDARD_RULE, date(2026, 3, 5)) == Window()
    True
    """
    if rule.day_count is DayCount.CALENDAR:
        return rule.window
    if calendar is None:
        raise ValueError(
            f"calendar is None, but rule {rule.id} counts business days; give the site's calendar"
        )
    return business_window(calendar, reference, terms=rule.window)


def _first(own: int | None, agreed: int | None) -> int | None:
    return agreed if own is None else own


def _refuse_same_ids(rules: Sequence[DeliveryRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ValueError(f"rule {rule.id} comes twice; ids must be unique")
        seen.add(rule.id)


def _refuse_overlaps(rules: Sequence[DeliveryRule]) -> None:
    """Refuse rules of one place, sorted by their first day, of which two meet."""
    for older, newer in pairwise(rules):
        begins = newer.valid_from or date.min
        if begins <= (older.valid_to or date.max):
            place = older.scope.value if older.key is None else f"{older.scope.value} {older.key}"
            raise ValueError(
                f"rules {older.id} and {newer.id} are both valid on {begins} for {place}; "
                "end one before the other"
            )
