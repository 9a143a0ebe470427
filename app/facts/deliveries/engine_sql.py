"""The few expressions that SQLite and PostgreSQL spell differently, with equal results.

Everything is an exact integer on both engines; the one division of doubles in
`share_of` meets the same IEEE arithmetic on both.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Double,
    Integer,
    Select,
    cast,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

NEVER = date(9999, 12, 31)
MILLION = literal(1_000_000)
Expression = ColumnElement[Any]  # Any: SQL expressions of mixed types meet here


class day_number(FunctionElement[int]):  # noqa: N801 — reads as the SQL function it is
    """The day as an integer; only differences mean anything."""

    type = Integer()
    inherit_cache = True
    name = "day_number"


@compiles(day_number, "sqlite")
def _day_number_sqlite(element: day_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(day_number, "postgresql")
def _day_number_postgres(element: day_number, compiler: SQLCompiler, **options: Any) -> str:
    return f"(({compiler.process(element.clauses, **options)}) - DATE '2000-01-01')"


class counted(FunctionElement[int]):  # noqa: N801
    """A column that counts, as a small integer where that makes its sum cheap.

    PostgreSQL adds up big integers in 128 bits and hands out a numeric: twice the time.
    """

    type = BigInteger()
    inherit_cache = True
    name = "counted"


@compiles(counted, "sqlite")
def _counted_sqlite(element: counted, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(counted, "postgresql")
def _counted_postgres(element: counted, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"


class month_of(FunctionElement[int]):  # noqa: N801
    """The month index of a date, as `calc.periods.month_index`."""

    type = Integer()
    inherit_cache = True
    name = "month_of"


@compiles(month_of, "sqlite")
def _month_sqlite(element: month_of, compiler: SQLCompiler, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    year, month = (f"CAST(substr({day}, {part}) AS INTEGER)" for part in ("1, 4", "6, 2"))
    return f"({year} * 12 + {month} - 1)"


@compiles(month_of, "postgresql")
def _month_postgres(element: month_of, compiler: SQLCompiler, **options: Any) -> str:
    day = compiler.process(element.clauses, **options)
    # In doubles, exact for such numbers: EXTRACT would reckon in numerics, several times slower.
    return f"CAST(date_part('year', {day}) * 12 + date_part('month', {day}) - 1 AS INTEGER)"


class days_after(FunctionElement[date]):  # noqa: N801
    """The date some whole days after another."""

    type = Date()
    inherit_cache = True
    name = "days_after"


@compiles(days_after, "sqlite")
def _days_after_sqlite(element: days_after, compiler: SQLCompiler, **options: Any) -> str:
    day, days = (compiler.process(part, **options) for part in element.clauses)
    # Parsing a date costs more than everything around it, and most windows end on the day.
    return f"CASE WHEN {days} = 0 THEN {day} ELSE date({day}, {days} || ' days') END"


@compiles(days_after, "postgresql")
def _days_after_postgres(element: days_after, compiler: SQLCompiler, **options: Any) -> str:
    day, days = (compiler.process(part, **options) for part in element.clauses)
    return f"({day} + {days})"


class whole_seconds(FunctionElement[int]):  # noqa: N801
    """A moment as whole seconds of the epoch."""

    type = BigInteger()
    inherit_cache = True
    name = "whole_seconds"


@compiles(whole_seconds, "sqlite")
def _seconds_sqlite(element: whole_seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(whole_seconds, "postgresql")
def _seconds_postgres(element: whole_seconds, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {moment})) AS BIGINT)"


class driving(FunctionElement[int]):  # noqa: N801
    """A key whose table a join starts from: SQLite may not look it up, only scan it.

    Its planner takes a temporary table for large, and would read all lines to find few.
    """

    type = BigInteger()
    inherit_cache = True
    name = "driving"


@compiles(driving, "sqlite")
def _driving_sqlite(element: driving, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(driving, "postgresql")
def _driving_postgres(element: driving, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class least_of(FunctionElement[Any]):  # noqa: N801 — Any: of what its arguments are
    """The least of its arguments, none of which is null."""

    inherit_cache = True
    name = "least_of"


@compiles(least_of, "sqlite")
def _least_sqlite(element: least_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


@compiles(least_of, "postgresql")
def _least_postgres(element: least_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"


class truncated(FunctionElement[int]):  # noqa: N801
    """A double cut to an integer, toward 0."""

    type = BigInteger()
    inherit_cache = True
    name = "truncated"


@compiles(truncated, "sqlite")
def _truncated_sqlite(element: truncated, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"


@compiles(truncated, "postgresql")
def _truncated_postgres(element: truncated, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(TRUNC({compiler.process(element.clauses, **options)}) AS BIGINT)"


class double_of(FunctionElement[float]):  # noqa: N801
    """An integer as a double."""

    type = Double()
    inherit_cache = True
    name = "double_of"


@compiles(double_of, "sqlite")
def _double_sqlite(element: double_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS REAL)"


@compiles(double_of, "postgresql")
def _double_postgres(element: double_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS DOUBLE PRECISION)"


def earliest(*days: Expression) -> ColumnElement[date]:
    """Return the earliest of the known dates, null where none is known."""
    known = [func.coalesce(day, literal(NEVER, Date)) for day in days]
    return type_coerce(func.nullif(least_of(*known), literal(NEVER, Date)), Date)


def step(rows: Select[Any]) -> Any:  # Any: SQLAlchemy's subquery of many columns
    """Return rows as a subquery that is worked out once, before what builds on it.

    SQLite would else copy its expressions into every place that names them: with three
    steps the promise of one line is looked up fifty times.
    """
    return rows.offset(0).subquery()


def flag(condition: Any) -> ColumnElement[int]:
    """Return 1, 0 or null for a condition or boolean column: true, false or unknown."""
    return cast(condition, Integer)


def raw(column: Any) -> ColumnElement[int]:  # Any: a mapped attribute or a column
    """Return a quantity or an amount of money as the integer it is stored as."""
    return type_coerce(column, BigInteger)


def millionths_of(whole: Expression, millionths: Expression) -> ColumnElement[int]:
    """Return whole × millionths ÷ 1,000,000 of integers, rounded down, without overflow.

    A threshold rounded down this way decides exactly as the unrounded one does, because
    what is compared with it is an integer.
    """
    below = (whole % MILLION) * millionths // MILLION
    return raw(whole // MILLION * millionths + below)


def share_of(value: Expression, part: Expression, whole: Expression) -> ColumnElement[int]:
    """Return value × part ÷ whole of integers, cut to an integer; part lies in [0, whole].

    The product may not fit into 64 bits: the whole multiples are exact, only what is
    left below one `whole` passes through doubles.
    """
    rest = (double_of(value % whole) * double_of(part)).op("/")(double_of(whole))
    return raw(value // whole * part + truncated(rest))
