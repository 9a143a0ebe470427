"""What commands share: a day, a window and a supplier as typed, and JSON as printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import MONEY_SCALE
from app.base.errors import AppError, InvalidInput
from app.calc.measure import Measure
from app.calc.periods import Period
from app.calc.windows import parse_window
from app.facts.suppliers.models import Supplier
from config import fiscal_year

Command = TypeVar("Command", bound=Callable[..., Any])  # Any: click's commands
Json = dict[str, Any]  # Any: what JSON can hold
FIRST_YEAR, LAST_YEAR = 1970, 2100


class _Day(click.DateTime):
    """A day as typed, within the years that facts and plans can speak of."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self,
        value: Any,  # Any: as click's own
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the day; refuse what no calendar of ours reaches."""
        day = super().convert(value, param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value} is not within {FIRST_YEAR} and {LAST_YEAR}.", param, ctx)
        return day


DAY = _Day()


def as_of_option(command: Command) -> Command:
    """Add `--as-of DATE`."""
    return click.option(
        "--as-of",
        type=DAY,
        help="As of the close of this day; default: the day of the latest fact.",
    )(command)


def window_option(command: Command) -> Command:
    """Add `--window`."""
    return click.option(
        "--window",
        default="12m",
        show_default=True,
        help="12m, 3m, 13w, ytd, all, 2012, 2012Q4, 2012-10; FY2012Q4 or fytd with a fiscal year.",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON and nothing else on standard output."
    )(command)


def day_of(as_of: datetime | None) -> date:
    """Return the day that was typed, else that of the latest fact."""
    from app.timetable import default_as_of

    return default_as_of() if as_of is None else as_of.date()


def period_of(window: str, as_of: date) -> Period:
    """Return the window that was typed; InvalidInput names what is allowed."""
    try:
        return parse_window(window, as_of=as_of, fiscal=fiscal_year())
    except ValueError as error:
        raise InvalidInput("E-CLI-01", f"{error}.") from error


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a reading session; a refusal goes to standard error with exit status 1."""
    try:
        with db.reading() as session:
            yield session
    except AppError as error:
        raise click.ClickException(str(error)) from error


def print_json(value: object) -> None:
    """Print JSON, readable and in a stable order."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def supplier_json(supplier: Supplier) -> Json:
    """Return who a supplier is."""
    return {
        "number": supplier.number,
        "name": supplier.name,
        "id": str(supplier.public_id),
        "kind": str(supplier.kind),
        "country": supplier.country,
    }


def period_json(period: Period) -> Json:
    """Return a window with its days; no first day where it reaches back without limit."""
    first = period.first_day
    return {
        "label": period.label,
        "first_day": None if first is None else first.isoformat(),
        "last_day": period.last_day.isoformat(),
    }


def measure_json(measure: Measure) -> Json:
    """Return a measure; rates are fractions, unknown is null."""
    interval = None if measure.lo is None or measure.hi is None else [measure.lo, measure.hi]
    return {
        "value": measure.value,
        "n": measure.n,
        "numerator": _plain(measure.numerator),
        "denominator": _plain(measure.denominator),
        "interval": interval,
        "state": str(measure.state),
        "reason": measure.reason,
        "deff": measure.deff,
        "unknown": measure.unknown,
    }


def lines_json(population: Mapping[str, int], currency: str | None) -> Json:
    """Return how many lines there are, and their value in the supplier's currency."""
    return {
        "due": population["n_due"],
        "pending": population["n_pending"],
        "excluded": population["n_excluded"],
        "very_early": population["n_very_early"],
        "judged_at_a_later_event": population["n_event_fallback"],
        "receipts_without_date": population["receipts_undated"],
        "valued": population["spend_lines"],
        "value": population["spend"] / MONEY_SCALE if population["spend_lines"] else None,
        "currency": currency,
    }


def _plain(figure: float | None) -> float | int | None:
    """Return a count as an integer, so that 602 lines read as 602."""
    return int(figure) if figure is not None and float(figure).is_integer() else figure
