"""What `flask scorecard show` tells beside the card: further measures, custom ones, judgements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.periods import Period
from app.cli.output import Json, measure_json
from app.judgement.scorecards.custom import queries as custom
from app.judgement.scorecards.custom.queries import CustomFigure
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.manual.queries import ScoreRow
from app.judgement.scorecards.more.explaining import LEADING, more_value
from app.judgement.scorecards.more.gathering import MoreFacts, gather_more
from app.judgement.scorecards.more.measures import More, more_measures
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.wording import STATE_WORDS, interval_text


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a supplier's card."""

    facts: MoreFacts
    more: More
    custom: tuple[CustomFigure, ...]
    judged: tuple[ScoreRow, ...]


def beside_card(session: Session, supplier_id: int, period: Period) -> Beside:
    """Work out what stands beside a supplier's card."""
    facts = gather_more(session, period, supplier_ids=[supplier_id])[supplier_id]
    judged = manual.rows_of(session, supplier_id, day=period.last_day)
    return Beside(
        facts=facts,
        more=more_measures(facts, as_of=period.as_of),
        custom=tuple(custom.figures_of(session, supplier_id, period)),
        judged=tuple(row for row in judged if row.stands),
    )


def beside_json(beside: Beside) -> Json:
    """Return it as JSON: leading and lagging apart, custom and manual ones marked as such."""
    measures = beside.more.measures
    told = {
        key: measure_json(each) | {"is_at_least": key in beside.more.at_least}
        for key, each in measures.items()
    }
    return {
        "more_measures": {
            "leading": {key: each for key, each in told.items() if key in LEADING},
            "lagging": {key: each for key, each in told.items() if key not in LEADING},
        },
        "custom_measures": {
            each.stored.key: measure_json(each.measure)
            | {"version": each.stored.version, "unit": each.stored.unit}
            for each in beside.custom
        },
        "manual_scores": {
            row.criterion.name: {
                "value": row.score.value,
                "is_manual": True,
                "expires_on": row.score.expires_on.isoformat(),
                "scored_by": row.score.scored_by,
            }
            for row in beside.judged
        },
    }


def beside_tables(beside: Beside) -> Iterator[Table]:
    """Yield tables as people read them."""
    for title, is_leading in (("Leading", True), ("Lagging", False)):
        table = Table(title, "value", "95 % interval", "n", "state", "", box=None)
        for key, measure in beside.more.measures.items():
            if (key in LEADING) is is_leading:
                table.add_row(
                    BY_ID[key].label,
                    more_value(measure, beside.more, beside.facts),
                    interval_text(measure),
                    formatting.number(measure.n or 0),
                    STATE_WORDS[measure.state],
                    measure.reason or "",
                )
        yield table
    if beside.custom:
        table = Table("Custom", "value", "95 % interval", "n", "", box=None)
        for each in beside.custom:
            unit = each.stored.unit
            table.add_row(
                f"{each.stored.label} v{each.stored.version}",
                custom.value_words(unit, each.measure.value),
                custom.interval_words(unit, each.measure),
                formatting.number(each.measure.n or 0),
                each.measure.reason or "",
            )
        yield table
    if beside.judged:
        table = Table("Judged by hand", "score", "until", box=None)
        for row in beside.judged:
            until = formatting.day(row.score.expires_on)
            table.add_row(f"{row.criterion.name} (manual)", str(row.score.value), until)
        yield table
