"""What a house may measure by itself: templates over named quantities, no code.

A definition names a template, the quantities it works on and their filters. It is checked
against the catalogue of what exists, units included, before anything is worked out; only
what was checked can be (`custom_measure`). There are no expressions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

FRACTION = "fraction"
DAYS = "days"
_ID = re.compile(r"[a-z][a-z0-9_]{2,39}")


class Template(StrEnum):
    """What a custom measure can be."""

    RATE = "rate"
    SUM = "sum"
    COUNT = "count"
    MEAN = "mean"
    PERCENTILE = "percentile"
    DAYS_SINCE = "days_since"


class QuantityKind(StrEnum):
    """What a named quantity gives: a count, a sum with its n, single values, a last day."""

    COUNT = "count"
    SUM = "sum"
    VALUES = "values"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named quantity of the catalogue: its kind, its unit, the fields it can be filtered by."""

    kind: QuantityKind
    unit: str
    filters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps what has one of the values in a field."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Term:
    """A named quantity with its filters; its amount is gathered under this very term."""

    quantity: str
    filters: frozenset[Filter] = frozenset()


@dataclass(frozen=True, slots=True)
class Definition:
    """A custom measure as an administrator wrote it.

    `of` are the quantities A, added up; `over` the quantities B of a rate. `is_part` says
    that every one in A is also in B, so that the rate is a share with an interval. `p` is
    the share below a percentile, in [0, 1].
    """

    id: str
    template: Template
    of: tuple[Term, ...]
    over: tuple[Term, ...] = ()
    is_part: bool = False
    p: float | None = None


Catalogue = Mapping[str, Quantity]

_ALLOWED: Mapping[Template, frozenset[QuantityKind]] = {
    Template.RATE: frozenset({QuantityKind.COUNT, QuantityKind.SUM}),
    Template.SUM: frozenset({QuantityKind.SUM}),
    Template.COUNT: frozenset({QuantityKind.COUNT}),
    Template.MEAN: frozenset({QuantityKind.SUM}),
    Template.PERCENTILE: frozenset({QuantityKind.VALUES}),
    Template.DAYS_SINCE: frozenset({QuantityKind.DAY}),
}


def faults_of(
    definition: Definition, catalogue: Catalogue, *, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return everything that is wrong with a definition, in words.

    Formula: none.

    Args:
        definition: what was written.
        catalogue: the quantities that exist, by name.
        taken: ids of measures that exist already.
    Returns:
        One sentence per fault, naming what is wrong and what would be right; empty when the
        definition can be used.
    Raises:
        Nothing.
    Source: house rule; units as in ISO 80000: only like quantities are added.
    Edge cases: an unknown quantity is one fault, its unit is not asked for.

    >>> catalogue = {
    ...     "late days": Quantity(QuantityKind.SUM, "days"),
    ...     "rejected": Quantity(QuantityKind.SUM, "pieces"),
    ... }
    >>> wrong = Definition("mix", Template.SUM, (Term("late days"), Term("rejected")))
    >>> faults_of(wrong, catalogue)
    ("Days and pieces can't be added: 'late days' is in days, 'rejected' in pieces.",)
    """
    terms = (*definition.of, *definition.over)
    known = [term for term in terms if term.quantity in catalogue]
    faults = [*_faults_of_form(definition, taken)]
    faults += [
        f"{term.quantity!r} is no quantity of the catalogue."
        for term in terms
        if term.quantity not in catalogue
    ]
    faults += chain.from_iterable(
        _faults_of_term(term, catalogue[term.quantity], definition.template) for term in known
    )
    for side in (definition.of, definition.over):
        faults += _faults_of_units(side, catalogue)
    if definition.is_part:
        faults += _faults_of_share(definition, catalogue)
    return tuple(dict.fromkeys(faults))


@dataclass(frozen=True, slots=True)
class CheckedMeasure:
    """A definition without faults, and the unit of its values; made by `checked`."""

    definition: Definition
    unit: str


def checked(
    definition: Definition, catalogue: Catalogue, *, taken: Collection[str] = ()
) -> CheckedMeasure:
    """Return a definition as one that can be worked out.

    Formula: unit of a rate: fraction where A and B have one unit, else unit of A per unit of
    B; of days since: days; else the unit of its quantities.

    Args:
        definition: what was written.
        catalogue: the quantities that exist, by name.
        taken: ids of measures that exist already.
    Returns:
        The checked measure with its unit.
    Raises:
        ValueError: the definition has faults; the message holds all of `faults_of`.
    Source: house rule.
    Edge cases: none.

    >>> catalogue = {
    ...     "stop hours": Quantity(QuantityKind.SUM, "hours"),
    ...     "lines": Quantity(QuantityKind.COUNT, "lines"),
    ... }
    >>> stops = Definition("stops_per_line", Template.RATE, (Term("stop hours"),), (Term("lines"),))
    >>> checked(stops, catalogue).unit
    'hours per lines'
    """
    if faults := faults_of(definition, catalogue, taken=taken):
        raise ValueError(f"definition {definition.id}: {' '.join(faults)}")
    return CheckedMeasure(definition, _unit(definition, catalogue))


def _faults_of_form(definition: Definition, taken: Collection[str]) -> list[str]:
    faults, template = [], definition.template
    if not _ID.fullmatch(definition.id):
        faults.append(
            f"The id {definition.id!r} must be 3 to 40 small letters, digits or _, a letter first."
        )
    if definition.id in taken:
        faults.append(f"The id {definition.id!r} belongs to another measure.")
    if not definition.of:
        faults.append(f"A {_name(template)} needs at least one quantity.")
    if (template is Template.RATE) is not bool(definition.over):
        faults.append(
            "A rate needs a quantity to divide by."
            if template is Template.RATE
            else f"A {_name(template)} divides by nothing: only a rate does."
        )
    if definition.is_part and template is not Template.RATE:
        faults.append(f"A {_name(template)} is no share: only a rate can be one.")
    if template is Template.DAYS_SINCE and len(definition.of) > 1:
        faults.append("Days since need exactly one event.")
    if (template is Template.PERCENTILE) is (definition.p is None):
        faults.append(f"A percentile needs p, others take none; here p is {definition.p}.")
    if definition.p is not None and not 0 <= definition.p <= 1:
        faults.append(f"p is {definition.p}, it must lie in [0, 1]: 0.9 for P90.")
    if repeated := {term.quantity for side in (definition.of, definition.over) for term in side
                    if side.count(term) > 1}:  # fmt: skip
        faults.append(f"Added twice: {', '.join(sorted(repeated))}.")
    return faults


def _faults_of_term(term: Term, quantity: Quantity, template: Template) -> list[str]:
    faults = []
    if quantity.kind not in _ALLOWED[template]:
        kinds = " or ".join(sorted(kind.value for kind in _ALLOWED[template]))
        faults.append(
            f"{term.quantity!r} is of kind {quantity.kind.value}; "
            f"a {_name(template)} takes {kinds}."
        )
    for found in sorted(term.filters, key=lambda each: each.field):
        if found.field not in quantity.filters:
            allowed = ", ".join(sorted(quantity.filters)) or "nothing"
            faults.append(f"{term.quantity!r} can be filtered by {allowed}, not by {found.field}.")
        if not found.values:
            faults.append(f"The filter {found.field} of {term.quantity!r} keeps no value.")
    return faults


def _faults_of_units(side: Sequence[Term], catalogue: Catalogue) -> list[str]:
    known = [term.quantity for term in side if term.quantity in catalogue]
    if not known:
        return []
    first, unit = known[0], catalogue[known[0]].unit
    return [
        f"{unit.capitalize()} and {other} can't be added: {first!r} is in {unit}, "
        f"{name!r} in {other}."
        for name in known[1:]
        if (other := catalogue[name].unit) != unit
    ]


def _faults_of_share(definition: Definition, catalogue: Catalogue) -> list[str]:
    known = [
        catalogue[term.quantity]
        for term in (*definition.of, *definition.over)
        if term.quantity in catalogue
    ]
    if any(quantity.kind is not QuantityKind.COUNT for quantity in known):
        return ["A share is counts over counts."]
    units = sorted({quantity.unit for quantity in known})
    if len(units) > 1:
        return [f"A share is of one thing, not of {' and '.join(units)}."]
    return []


def _unit(definition: Definition, catalogue: Catalogue) -> str:
    if definition.template is Template.DAYS_SINCE:
        return DAYS
    unit = catalogue[definition.of[0].quantity].unit
    if definition.template is not Template.RATE:
        return unit
    below = catalogue[definition.over[0].quantity].unit
    return FRACTION if unit == below else f"{unit} per {below}"


def _name(template: Template) -> str:
    return "number of days since" if template is Template.DAYS_SINCE else template.value
