"""A custom measure is checked before it is used: quantities, units, filters, template."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.calc.custom_definition import (
    Definition,
    Filter,
    Quantity,
    QuantityKind,
    Template,
    Term,
    checked,
    faults_of,
)

CATALOGUE = {
    "lines": Quantity(QuantityKind.COUNT, "lines", frozenset({"site", "category"})),
    "late lines": Quantity(QuantityKind.COUNT, "lines", frozenset({"site"})),
    "orders": Quantity(QuantityKind.COUNT, "orders"),
    "days late": Quantity(QuantityKind.SUM, "days"),
    "days early": Quantity(QuantityKind.SUM, "days"),
    "rejected": Quantity(QuantityKind.SUM, "pieces"),
    "lead times": Quantity(QuantityKind.VALUES, "days"),
    "last line stop": Quantity(QuantityKind.DAY, "days"),
}


def a(name: str) -> tuple[Term, ...]:
    return (Term(name),)


def sum_of(*names: str) -> Definition:
    return Definition("my_sum", Template.SUM, tuple(Term(name) for name in names))


SHARE = Definition("late_share", Template.RATE, a("late lines"), a("lines"), is_part=True)


@pytest.mark.parametrize(
    ("definition", "unit"),
    [
        (SHARE, "fraction"),
        (Definition("days_per_line", Template.RATE, a("days late"), a("lines")), "days per lines"),
        (sum_of("days late", "days early"), "days"),
        (Definition("how_many", Template.COUNT, a("orders")), "orders"),
        (Definition("mean_days", Template.MEAN, a("days late")), "days"),
        (Definition("p90_days", Template.PERCENTILE, a("lead times"), p=0.9), "days"),
        (Definition("since_stop", Template.DAYS_SINCE, a("last line stop")), "days"),
    ],
)
def test_every_template_has_its_unit(definition: Definition, unit: str) -> None:
    assert checked(definition, CATALOGUE).unit == unit


def test_days_are_not_added_to_pieces_and_the_message_names_both() -> None:
    with pytest.raises(ValueError, match=r"my_sum: Days and pieces can't be added: 'days late'"):
        checked(sum_of("days late", "rejected"), CATALOGUE)


def test_units_below_the_line_are_checked_too() -> None:
    mixed = replace(SHARE, over=(Term("lines"), Term("orders")), is_part=False)
    assert faults_of(mixed, CATALOGUE) == (
        "Lines and orders can't be added: 'lines' is in lines, 'orders' in orders.",
    )


def test_what_the_catalogue_has_not_can_not_be_measured() -> None:
    assert faults_of(sum_of("days late", "lost days"), CATALOGUE) == (
        "'lost days' is no quantity of the catalogue.",
    )


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        (sum_of("lines"), "'lines' is of kind count; a sum takes sum."),
        (
            Definition("how_many", Template.COUNT, a("days late")),
            "'days late' is of kind sum; a count takes count.",
        ),
        (
            Definition("p90_days", Template.PERCENTILE, a("days late"), p=0.9),
            "'days late' is of kind sum; a percentile takes values.",
        ),
        (
            Definition("odd_rate", Template.RATE, a("lead times"), a("lines")),
            "'lead times' is of kind values; a rate takes count or sum.",
        ),
        (
            Definition("since_line", Template.DAYS_SINCE, a("lines")),
            "'lines' is of kind count; a number of days since takes day.",
        ),
    ],
)
def test_template_takes_its_kinds_of_quantities(definition: Definition, fault: str) -> None:
    assert faults_of(definition, CATALOGUE) == (fault,)


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        (replace(SHARE, over=(), is_part=False), "A rate needs a quantity to divide by."),
        (
            replace(sum_of("days late"), over=a("lines")),
            "A sum divides by nothing: only a rate does.",
        ),
        (replace(sum_of("days late"), is_part=True), "A sum is no share: only a rate can be one."),
        (replace(SHARE, over=a("orders")), "A share is of one thing, not of lines and orders."),
        (replace(SHARE, of=a("days late")), "A share is counts over counts."),
        (sum_of(), "A sum needs at least one quantity."),
        (sum_of("days late", "days late"), "Added twice: days late."),
        (replace(sum_of("days late"), p=0.5), "A percentile needs p, others take none"),
        (
            Definition("p90_days", Template.PERCENTILE, a("lead times")),
            "A percentile needs p, others take none; here p is None.",
        ),
        (
            Definition("p90_days", Template.PERCENTILE, a("lead times"), p=90),
            "p is 90, it must lie in [0, 1]: 0.9 for P90.",
        ),
        (replace(SHARE, id="Late share"), "The id 'Late share' must be 3 to 40 small letters"),
        (replace(SHARE, id="otif_line"), "The id 'otif_line' belongs to another measure."),
    ],
)
def test_fault_of_form_is_said_in_words(definition: Definition, fault: str) -> None:
    found = faults_of(definition, CATALOGUE, taken={"otif_line"})
    assert any(said.startswith(fault) for said in found), found


def test_days_since_one_event_only() -> None:
    both = (Term("last line stop"), Term("last line stop", frozenset()))
    found = faults_of(Definition("since_any", Template.DAYS_SINCE, both), CATALOGUE)
    assert "Days since need exactly one event." in found


def test_filters_are_of_fields_that_the_quantity_has() -> None:
    by_site = Filter("site", frozenset({"Genova"}))
    by_category = Filter("category", frozenset({"castings"}))
    fits = replace(SHARE, of=(Term("late lines", frozenset({by_site})),))
    not_there = replace(SHARE, of=(Term("late lines", frozenset({by_category})),))
    empty = replace(SHARE, of=(Term("late lines", frozenset({Filter("site", frozenset())})),))

    assert faults_of(fits, CATALOGUE) == ()
    assert faults_of(not_there, CATALOGUE) == (
        "'late lines' can be filtered by site, not by category.",
    )
    assert faults_of(empty, CATALOGUE) == ("The filter site of 'late lines' keeps no value.",)


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"3 to 40 small letters.*no quantity.*can't be added"):
        checked(replace(sum_of("days late", "lost", "rejected"), id="!"), CATALOGUE)
