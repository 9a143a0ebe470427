"""What is measured: each task runs in a process of its own and returns seconds, one per repetition.

Nothing here is reused by the product; every task calls the product's own services.
"""

from __future__ import annotations

import csv
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database, is_sqlite
from app.calc.periods import Period, last_full_month, month_end, month_start, parse_period
from app.facts.deliveries import queries, rollup
from app.facts.deliveries.rollup_models import HistogramKind
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot
from bench import evidence, house, pace
from bench.house import Size
from bench.screening import screening as screen_all

REPETITIONS = 3
# Suppliers asked one by one; the rest is extrapolated.
LOOP_SAMPLE = 20
P50, P90, P95 = 0.5, 0.9, 0.95
IMPORT_LINES = 250_000
# As many days as such a file holds at full size, of 5,000 lines each.
FILE_DAYS = 50
# In the house’s last year, so that the windows of its lines have closed.
_FILE_FROM = date(2026, 1, 1)


def rebuild(database: Database, size: Size) -> list[float]:
    """Rebuild the whole roll-up from judged lines: sums, both histograms, orders, parts."""
    seconds = _repeated(lambda: _in_transaction(database, rollup.rebuild))
    house.tidy(database)
    return seconds


def judge(database: Database, size: Size) -> list[float]:
    """Judge every line from its facts and build the roll-up."""
    seconds = [_timed(lambda: house.judge(database))]
    house.tidy(database)
    return seconds


def aggregate(database: Database, size: Size) -> list[float]:
    """Read 12 months of sums of all suppliers from the roll-up."""
    with database.reading() as session:
        return _repeated(lambda: queries.delivery_sums(session, year()))


def aggregate_p90(database: Database, size: Size) -> list[float]:
    """The same with exact percentiles of lead time and lateness."""

    def read(session: Session) -> None:
        queries.delivery_sums(session, year())
        for kind in HistogramKind:
            queries.percentiles(session, year(), kind, wanted=(P50, P90, P95))

    with database.reading() as session:
        return _repeated(lambda: read(session))


def snapshots(database: Database, size: Size) -> list[float]:
    """Work out and write scorecard and risk snapshots of all suppliers."""
    from app.recompute import recompute

    def publish() -> float:
        with database.transaction() as session:
            house.lift_limits(session)
            session.execute(delete(ScorecardSnapshot))
            session.execute(delete(RiskSnapshot))
        return _timed(lambda: recompute(year().as_of, kinds=(PeriodKind.ROLLING_YEAR,)))

    recompute(year().as_of, kinds=(PeriodKind.ROLLING_YEAR,))
    return [publish() for _ in range(REPETITIONS)]


def index(database: Database, size: Size) -> list[float]:
    """Read all evidence, work out everybody's six dimensions and index, write the snapshots."""
    from app.base import clock
    from app.judgement.risk_index import evaluation
    from app.judgement.risk_index import queries as indexes
    from app.judgement.risk_index import services as methods
    from app.judgement.scorecards import queries as scorecards
    from app.judgement.snapshots import services as publisher

    evidence.add_evidence(database, size)
    with database.reading() as session:
        known = {one.supplier_id: one.standings for one in scorecards.everybody(session, year())}
    with database.transaction() as session:
        method = methods.ensure_default_method(session, on=year().as_of)

    def publish() -> float:
        with database.transaction() as session:
            house.lift_limits(session)
            session.execute(delete(RiskSnapshot))
        return _timed(night)

    def night() -> None:
        now = clock.now()
        with database.reading() as session:
            found = indexes.gather(session, year().as_of)
            rows = evaluation.evaluate(found, known, method).rows
        with database.transaction() as session:
            publication = publisher.publication_of(session, as_of=year().as_of, at=now)
            publisher.publish(session, RiskSnapshot, rows, publication_id=publication, at=now)
            publisher.finish(session, publication, at=now)

    return [publish() for _ in range(REPETITIONS)]


def index_ranges(database: Database, size: Size) -> list[float]:
    """Draw the range of every published index and keep them."""
    from app.judgement.risk_index.ranges import draw_ranges
    from app.recompute import recompute

    evidence.add_evidence(database, size)
    recompute(year().as_of, kinds=(PeriodKind.ROLLING_YEAR,))
    return _repeated(draw_ranges)


def ranges(database: Database, size: Size) -> list[float]:
    """Work out how far chance may have moved every score of 12 months, from measures."""
    from app.judgement.scorecards import queries as scorecards
    from app.judgement.scorecards.gathering import gather
    from app.judgement.scorecards.measures import measure_table
    from app.judgement.scorecards.sureness import ranges_of

    with database.reading() as session:
        method = scorecards.method_in_force(session, on=year().as_of)
        table = measure_table(gather(session, year()), limit_ppm=method.limits["ppm"])
    ranges_of(table, method)
    return _repeated(lambda: ranges_of(table, method))


def history(database: Database, size: Size) -> list[float]:
    """Score the 12 past months of all suppliers again by another method, storing nothing."""
    from app.judgement.scorecards import comparing
    from app.judgement.scorecards import queries as scorecards

    newest = year().last_month
    months = [parse_period("12m", as_of=month_end(newest - back)) for back in range(12)]

    def again() -> None:
        with database.reading() as session:
            method = scorecards.method_in_force(session, on=months[0].last_day)
            comparing.history(session, months, method)

    return _repeated(again)


def day(database: Database, size: Size) -> list[float]:
    """Add one more day's lines with their receipts, verdicts and roll-up."""
    with database.reading() as session:
        known = session.scalar(text("SELECT max(id) FROM schedule_line")) or 0
    done = (known - size.lines) // size.day_lines

    def add(number: int) -> None:
        with database.transaction() as session:
            house.add_a_day(session, size, number)

    return [_timed(lambda n=done + n: add(n)) for n in range(REPETITIONS)]  # type: ignore[misc] # bound now


def screening(database: Database, size: Size) -> list[float]:
    """Compare every supplier's name with a list and keep what is found."""
    return screen_all(database, size)


def straight(database: Database, size: Size) -> list[float]:
    """The sums of all suppliers straight from the lines, in one set-based statement."""
    with database.reading() as session:
        house.lift_limits(session)
        statement = text(_FROM_LINES.format(**_dialect(session)))
        return _repeated(lambda: session.execute(statement, _window()).all())


def loop(database: Database, size: Size) -> list[float]:
    """A query per supplier and measure, on a sample, extrapolated to all suppliers."""
    sample = min(LOOP_SAMPLE, size.suppliers)
    with database.reading() as session:
        house.lift_limits(session)
        words = _dialect(session)
        statements = [
            text(f"SELECT {measure.format(**words)} FROM {_ONE_SUPPLIER}")
            for measure in _MEASURES.values()
        ]

        def ask() -> None:
            for supplier in range(1, sample + 1):
                for statement in statements:
                    session.execute(statement, {**_window(), "supplier": supplier}).all()

        return [seconds * size.suppliers / sample for seconds in _repeated(ask)]


def import_csv(database: Database, size: Size, folder: Path) -> list[float]:
    """Import a CSV end to end: parse, check, stage, publish, judge, roll up. Seconds per line."""
    from app.platform.imports import mapping_files, services
    from app.platform.imports.source_file import SourceFile

    mapping = mapping_files.mapping_named("mainstay-deliveries")
    lines = min(IMPORT_LINES, size.lines)
    seconds = []
    for repetition in range(REPETITIONS):
        file = folder / f"lines-{repetition}.csv"
        write_csv(file, lines, first=repetition * lines, size=size)
        source = SourceFile(file.name, path=file)

        def run(source: SourceFile = source) -> None:
            batch = services.stage_file(source, mapping, by="bench")
            services.publish(batch, by="bench")

        seconds.append(_timed(run) / lines)
        file.unlink()
    return seconds


def write_csv(file: Path, lines: int, *, first: int, size: Size) -> None:
    """Write a delivery file in the product's own form, without a supplier that is unknown.

    By the rules of the house: orders in the order of time, as many lines a day, each order
    on one day and of one supplier, whose lead time is its own.
    """
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_CSV_COLUMNS)
        for n in range(first, first + lines):
            order = n // house.LINES_PER_ORDER
            supplier = 1 + order * house.SUPPLIER_PRIME % size.suppliers
            part = (supplier - 1) * house.PARTS_PER_SUPPLIER + 1 + n % house.PARTS_PER_SUPPLIER
            ordered = _FILE_FROM + timedelta(
                days=order * house.LINES_PER_ORDER * FILE_DAYS // lines
            )
            due = ordered + timedelta(days=10 + supplier * 7 % 40 + n * house.LEAD_PRIME % 9)
            draw = n * house.LATE_PRIME % 20
            late = draw % 4 * 4 if draw >= 17 else -(n * house.LATE_PRIME // 20 % 3)
            arrived = due + timedelta(days=late)
            writer.writerow(
                (
                    f"I{order}", n % house.LINES_PER_ORDER + 1,
                    f"B{supplier}", f"P{part}", ordered, 100 + n % 900,
                    f"{1 + n % 90}.50", "EUR", due, "DAP", arrived, 100 + n % 900, 0,
                )
            )  # fmt: skip


def year() -> Period:
    """Return the last 12 full months of the house."""
    return parse_period("12m", as_of=month_end(last_full_month(house.LAST_DAY)))


def _window() -> dict[str, date]:
    return {"first": month_start(year().first_month), "last": year().last_day}


def _dialect(session: Session) -> dict[str, str]:
    days = "julianday({0}) - julianday({1})" if is_sqlite(session) else "({0} - {1})"
    return {"late": days.format("came", "due"), "lead": days.format("came", "ordered")}


def _repeated(work: Callable[[], object]) -> list[float]:
    return [_timed(work) for _ in range(REPETITIONS)]


def _timed(work: Callable[[], object]) -> float:
    pace.probe()
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    pace.probe()
    return seconds


def _in_transaction(database: Database, work: Callable[[Session], object]) -> None:
    with database.transaction() as session:
        house.lift_limits(session)
        work(session)


@contextmanager
def bound(url: str) -> Iterator[Database]:
    """Bind a database for the time of a task, in a process as `wsgi.py` makes one."""
    gc.freeze()
    database = Database(url, pool_size=2)
    db.bind(database)
    yield database
    db.bind(None)
    database.dispose()


_CSV_COLUMNS = (
    "order_no", "line_no", "supplier_no", "part_no", "ordered_on", "quantity_ordered",
    "unit_price", "currency", "promised_original_on", "incoterm", "arrived_on",
    "quantity_received", "quantity_rejected",
)  # fmt: skip
_JUDGED = """
(SELECT l.id, l.supplier_id, l.ordered_on AS ordered, l.promised_original_on AS due,
        l.requested_on AS asked, l.promised_current_on AS moved, l.unit_price AS price,
        l.quantity_ordered AS wanted, max(r.arrived_on) AS came, sum(r.quantity) AS got,
        sum(r.quantity_rejected) AS bad,
        sum(CASE WHEN r.arrived_on <= l.promised_original_on THEN r.quantity ELSE 0 END) AS inside
 FROM schedule_line l LEFT JOIN receipt r ON r.line_id = l.id
 WHERE l.promised_original_on BETWEEN :first AND :last {only}
 GROUP BY l.id, l.supplier_id, l.ordered_on, l.promised_original_on, l.requested_on,
          l.promised_current_on, l.unit_price, l.quantity_ordered) AS judged
"""
_OTIF, _FULL = "inside >= wanted", "got = wanted"
_FROM_LINES = (
    f"SELECT supplier_id, count(*), sum(CASE WHEN {_OTIF} THEN 1 ELSE 0 END),"
    f" sum(CASE WHEN {_FULL} THEN 1 ELSE 0 END), sum(got), sum(bad),"
    " sum({late}), sum(({late}) * ({late})), sum({lead}), sum(({lead}) * ({lead}))"
    " FROM " + _JUDGED.format(only="") + " GROUP BY supplier_id"
)
_ONE_SUPPLIER = _JUDGED.format(only="AND l.supplier_id = :supplier")
_INSIDE = "CASE WHEN inside < wanted THEN inside ELSE wanted END"
_SCORED = "CASE WHEN ({late}) < -5 THEN -5 ELSE ({late}) END"


def _variance(days: str) -> str:
    return f"avg(({days}) * ({days}) * 1.0) - avg({days}) * avg({days})"


# What the roll-up's one read answers too, measure by measure of a supplier's scorecard.
_MEASURES = {
    "lines due": "count(*)",
    "otif_line": f"avg(CASE WHEN {_OTIF} THEN 1.0 ELSE 0 END)",
    "otif_unit": f"sum({_INSIDE}) * 1.0 / sum(wanted)",
    "otif_value": f"sum(({_INSIDE}) * 1.0 * price) / sum(wanted * 1.0 * price)",
    "otd": "avg(CASE WHEN came <= due THEN 1.0 ELSE 0 END)",
    "otd_requested": "avg(CASE WHEN came <= asked THEN 1.0 ELSE 0 END)",
    "otd_current": "avg(CASE WHEN came <= moved THEN 1.0 ELSE 0 END)",
    "in_full": f"avg(CASE WHEN {_FULL} THEN 1.0 ELSE 0 END)",
    "fill_unit": "sum(CASE WHEN got < wanted THEN got ELSE wanted END) * 1.0 / sum(wanted)",
    "lt_mean": "avg({lead})",
    "lt_sd": _variance("{lead}"),
    "lt_cv": f"({_variance('{lead}')}) / nullif(avg({{lead}}) * avg({{lead}}), 0)",
    "lateness_mean": "avg({late})",
    "lateness_sd": _variance("{late}"),
    "ltv_A": _variance(_SCORED),
    "tardiness_mean": "avg(CASE WHEN ({late}) > 0 THEN {late} ELSE 0 END)",
    "very early": "sum(CASE WHEN ({late}) < -5 THEN 1 ELSE 0 END)",
    "spend": "sum(wanted * 1.0 * price)",
    "received": "sum(got)",
    "rejected": "sum(bad)",
    "ppm": "sum(bad) * 1e6 / sum(got)",
}
