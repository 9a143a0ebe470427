"""Which delivery rule holds where and when, flattened so that a join finds a line's rule.

`calc.delivery_rules.rule_book` says the same line by line; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.delivery_rules import RuleScope
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.suppliers.models import Category

FIRST_DAY, LAST_DAY = date.min, date.max
ONE_DAY = timedelta(days=1)
Days = tuple[date, date]


def name_of(rule: DeliveryRule) -> str:
    """Return how a verdict names the rule that judged it: label and version."""
    return f"{rule.label} v{rule.version}"


def days_of(rule: DeliveryRule) -> Days:
    """Return the first and the last day of a rule, those of time itself where it has none."""
    return rule.valid_from or FIRST_DAY, rule.valid_to or LAST_DAY


def place_of(rule: DeliveryRule) -> tuple[RuleScope, int, str]:
    """Return what a rule is for: scope, key of the thing (0 for the default), contract."""
    key = rule.category_id or rule.supplier_id or rule.part_id or 0
    return RuleScope(rule.scope), key, rule.contract_reference or ""


@dataclass(frozen=True, slots=True)
class Span:
    """A rule at one place, from one day to another, both included."""

    scope: RuleScope
    key: int
    contract: str
    from_on: date
    to_on: date
    rule_id: int


def every_rule(session: Session) -> list[DeliveryRule]:
    """Return all rules, whatever their days."""
    return list(session.scalars(select(DeliveryRule).order_by(DeliveryRule.id)))


def spans_of(rules: Sequence[DeliveryRule], parents: Mapping[int, int | None]) -> list[Span]:
    """Return which rule holds where and when, at most one for any place and day.

    `parents` names the parent of each category: a category without a rule of its own on a
    day is judged by its nearest parent's, so the spans of categories say that for each.
    """
    own: dict[int, list[tuple[Days, int]]] = {}
    spans = []
    for rule in rules:
        scope, key, contract = place_of(rule)
        if scope is RuleScope.CATEGORY:
            own.setdefault(key, []).append((days_of(rule), rule.id))
        else:
            spans.append(Span(scope, key, contract, *days_of(rule), rule.id))
    if own:
        for category in parents:
            spans += _category_spans(category, own, parents)
    return spans


def parents_of_categories(session: Session) -> dict[int, int | None]:
    """Return the parent of every category."""
    return dict(session.execute(select(Category.id, Category.parent_id)).all())


def line_of_parents(category: int, parents: Mapping[int, int | None]) -> list[int]:
    """Return a category, its parent, and so on up to the root."""
    found: list[int] = []
    step: int | None = category
    while step is not None and step not in found:
        found.append(step)
        step = parents.get(step)
    return found


def _category_spans(
    category: int,
    own: Mapping[int, list[tuple[Days, int]]],
    parents: Mapping[int, int | None],
) -> list[Span]:
    free: list[Days] = [(FIRST_DAY, LAST_DAY)]
    spans = []
    for step in line_of_parents(category, parents):
        for days, rule_id in own.get(step, ()):
            parts = [part for gap in free if (part := _shared(gap, days)) is not None]
            spans += [Span(RuleScope.CATEGORY, category, "", *part, rule_id) for part in parts]
        taken = [days for days, _ in own.get(step, ())]
        free = _without(free, taken)
    return spans


def _shared(a: Days, b: Days) -> Days | None:
    first, last = max(a[0], b[0]), min(a[1], b[1])
    return (first, last) if first <= last else None


def _without(free: Iterable[Days], taken: Iterable[Days]) -> list[Days]:
    """Return what is left of some spans of days once others are taken out."""
    left = list(free)
    for first, last in taken:
        kept: list[Days] = []
        for gap in left:
            if _shared(gap, (first, last)) is None:
                kept.append(gap)
                continue
            if gap[0] < first:
                kept.append((gap[0], first - ONE_DAY))
            if gap[1] > last:
                kept.append((last + ONE_DAY, gap[1]))
        left = kept
    return left
