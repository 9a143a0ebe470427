"""Reads of custom measures: every version, and what those in force say of suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.base.errors import NotFound
from app.calc.custom_definition import (
    FRACTION,
    CheckedMeasure,
    Definition,
    Filter,
    Template,
    Term,
)
from app.calc.custom_measure import evaluate
from app.calc.measure import Measure
from app.calc.periods import Period
from app.judgement.scorecards.custom.gathering import gather_terms
from app.judgement.scorecards.custom.models import CustomMeasure

Json = dict[str, Any]  # Any: what JSON can hold
TEMPLATE_WORDS = {
    Template.RATE: "rate of A over B",
    Template.SUM: "sum",
    Template.COUNT: "count",
    Template.MEAN: "mean",
    Template.PERCENTILE: "percentile",
    Template.DAYS_SINCE: "days since",
}


@dataclass(frozen=True, slots=True)
class CustomFigure:
    """A custom measure of one supplier: the version that says it, and the figure."""

    stored: CustomMeasure
    measure: Measure


def measures_in_force(session: Session) -> list[CustomMeasure]:
    """Return the versions that are not retired, by label."""
    rows = select(CustomMeasure).where(CustomMeasure.retired_at.is_(None))
    return list(session.scalars(rows.order_by(CustomMeasure.label, CustomMeasure.id)))


def every_version(session: Session) -> list[CustomMeasure]:
    """Return every version, the newest first within a key."""
    rows = select(CustomMeasure).order_by(CustomMeasure.key, CustomMeasure.version.desc())
    return list(session.scalars(rows))


def version_by_public_id(session: Session, public_id: UUID) -> CustomMeasure:
    """Return one version; raises NotFound."""
    found = session.scalars(
        select(CustomMeasure).where(CustomMeasure.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound("E-CUS-01", "There is no such custom measure.")
    return found


def figures(
    session: Session,
    measures: Sequence[CheckedMeasure],
    period: Period,
    *,
    supplier_ids: Sequence[int],
) -> dict[int, list[Measure]]:
    """Work out checked measures of some suppliers, each in the order given."""
    terms = [term for each in measures for term in (*each.definition.of, *each.definition.over)]
    gathered = gather_terms(session, terms, period, supplier_ids=supplier_ids)
    return {
        key: [evaluate(each, own, as_of=period.last_day) for each in measures]
        for key, own in gathered.items()
    }


def figures_of(session: Session, supplier_id: int, period: Period) -> list[CustomFigure]:
    """Return the custom measures in force of one supplier."""
    stored = measures_in_force(session)
    if not stored:
        return []
    checked = [checked_of(each) for each in stored]
    found = figures(session, checked, period, supplier_ids=[supplier_id])[supplier_id]
    return [CustomFigure(*each) for each in zip(stored, found, strict=True)]


def checked_of(stored: CustomMeasure) -> CheckedMeasure:
    """Return a stored version as one that can be worked out: it was checked when it was stored."""
    return CheckedMeasure(definition_of(stored.key, stored.definition), stored.unit)


def definition_of(key: str, content: Json) -> Definition:
    """Return the definition that content stands for."""
    return Definition(
        id=key,
        template=Template(content["template"]),
        of=tuple(_term(each) for each in content["of"]),
        over=tuple(_term(each) for each in content["over"]),
        is_part=content["is_part"],
        p=content["p"],
    )


def content_of(definition: Definition) -> Json:
    """Return a definition as JSON content."""
    return {
        "template": str(definition.template),
        "of": [_term_content(each) for each in definition.of],
        "over": [_term_content(each) for each in definition.over],
        "is_part": definition.is_part,
        "p": definition.p,
    }


def value_words(unit: str, value: float | None) -> str:
    """Return a value with its unit (“12.5 %”, “3 disruptions”, “0.25 hours per lines”)."""
    if value is None:
        return formatting.NO_DATA
    if unit == FRACTION:
        return formatting.percent(value)
    places = 0 if value == int(value) else 2
    return f"{formatting.number(value, places)} {unit}"


def interval_words(unit: str, measure: Measure) -> str:
    """Return the interval, empty where there is none."""
    if unit == FRACTION:
        return formatting.percent_interval(measure.lo, measure.hi)
    return formatting.interval(measure.lo, measure.hi, 2)


def definition_words(definition: Definition) -> str:
    """Return a definition in one line (“disruptions (kind line_stop) ÷ due lines”)."""
    above = " + ".join(map(_term_words, definition.of))
    if definition.template is Template.RATE:
        share = ", a share" if definition.is_part else ""
        return f"{above} ÷ {' + '.join(map(_term_words, definition.over))}{share}"
    if definition.template is Template.PERCENTILE:
        return f"P{round((definition.p or 0) * 100)} of {above}"
    return f"{TEMPLATE_WORDS[definition.template]} of {above}".replace("since of", "since")


def _term_words(term: Term) -> str:
    filters = sorted(term.filters, key=lambda each: each.field)
    kept = "; ".join(f"{each.field} {' or '.join(sorted(each.values))}" for each in filters)
    return f"{term.quantity} ({kept})" if kept else term.quantity


def _term(content: Json) -> Term:
    filters = (Filter(field, frozenset(values)) for field, values in content["filters"].items())
    return Term(content["quantity"], frozenset(filters))


def _term_content(term: Term) -> Json:
    filters = {each.field: sorted(each.values) for each in term.filters}
    return {"quantity": term.quantity, "filters": dict(sorted(filters.items()))}
