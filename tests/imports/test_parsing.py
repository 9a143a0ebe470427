"""Numbers, dates and words: what is read, what is not."""

from __future__ import annotations

from datetime import date

import pytest

from app.platform.imports import parse_dates, parse_numbers, parse_words
from app.platform.imports.problems import Fault, Warned

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("12", ".", 120_000),
        ("1,234.50", ".", 12_345_000),
        ("1.234,50", ",", 12_345_000),
        ("1234,5", ",", 12_345_000),
        (".2000", ".", 2_000),
        ("-5.25", ".", -52_500),
        ("+5", ".", 50_000),
        ("1,234,567", ".", 12_345_670_000),
        ("0.10000000", ".", 1_000),
        ("7", None, 70_000),
    ],
)
def test_a_number_is_read_exactly(text: str, decimal: str | None, expected: int) -> None:
    assert parse_numbers.scaled(text, decimal, 4) == expected


@pytest.mark.parametrize(
    ("text", "decimal", "code"),
    [
        ("1,23.4", ".", "E-IMP-09"),
        ("12,34", ".", "E-IMP-09"),
        ("1.2.3", ".", "E-IMP-09"),
        ("0.00001", ".", "E-IMP-10"),
        ("9" * 41, ".", "E-IMP-10"),
        ("9" * 20, ".", "E-IMP-10"),
        ("", ".", "E-IMP-10"),
        ("1 000", ".", "E-IMP-10"),
        ("(5)", ".", "E-IMP-10"),
        ("1,5", None, "E-IMP-09"),
        ("five", None, "E-IMP-10"),
    ],
)
def test_what_is_no_number_has_its_code(text: str, decimal: str | None, code: str) -> None:
    fault = parse_numbers.scaled(text, decimal, 4)
    assert isinstance(fault, Fault)
    assert fault.code == code


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("2-Jun-06", "d-Mon-yy", "2006-06-02"),
        ("02-JUN-2006", "dd-Mon-yyyy", "2006-06-02"),
        ("11/13/06", "m/d/yy", "2006-11-13"),
        ("1/2/69", "m/d/yy", "2069-01-02"),
        ("1/2/70", "m/d/yy", "1970-01-02"),
        ("31.12.2025", "d.m.yyyy", "2025-12-31"),
        ("2022-04-15 00:00:00.000", "yyyy-mm-dd", "2022-04-15"),
        ("2022-04-15T08:30Z", "yyyy-mm-dd", "2022-04-15"),
        ("20260304", "yyyymmdd", "2026-03-04"),
        ("2-Jun-2006", "d-Mon-yy", None),
        ("31-Jun-06", "d-Mon-yy", None),
        ("2-Xyz-06", "d-Mon-yy", None),
        ("2026-3-4", "yyyy-mm-dd", None),
        ("٢-Jun-06", "d-Mon-yy", None),
    ],
)
def test_a_date_is_read_in_its_format_only(text: str, written: str, expected: str | None) -> None:
    assert parse_dates.compiled(written)(text) == expected


@pytest.mark.parametrize("written", ["soon", "d-m", "yyyy-mm", "d/yyyy"])
def test_a_format_without_day_month_and_year_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="is no date format"):
        parse_dates.compiled(written)


@pytest.mark.parametrize("written", ["d-Mon-yy", "m/d/yyyy", "yyyy-mm-dd", "dd.mm.yyyy"])
def test_a_date_is_written_as_it_is_read(written: str) -> None:
    day = date(2026, 3, 4)
    text = parse_dates.rendered(day, written)
    assert parse_dates.compiled(written)(text) == "2026-03-04"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01T08:30+02:00", "2026-09-01T06:30:00+00:00"),
        ("2026-09-01 08:30", "2026-09-01T08:30:00+00:00"),
        ("2026-09-01", "2026-09-01T00:00:00+00:00"),
        ("20260901T0830", None),
        ("2026-09-01T25:00", None),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(text: str, expected: str | None) -> None:
    assert parse_dates.moment(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("DE", "DEU"), ("deu", "DEU"), ("Germany", "DEU"), ("NA", "NAM"), ("Côte d'Ivoire", "CIV")],
)
def test_a_country_is_found_by_code_or_name(text: str, expected: str) -> None:
    assert parse_words.country(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("EXW", "EXW"), ("ddu", "DDU"), ("FCA Hamburg", "FCA")]
)
def test_an_incoterm_may_name_its_place(text: str, expected: str) -> None:
    assert parse_words.incoterm(text) == expected


@pytest.mark.parametrize("text", ["EXWX", "N/A", "EX", ""])
def test_what_is_no_incoterm_is_refused(text: str) -> None:
    assert isinstance(parse_words.incoterm(text), Fault)


@pytest.mark.parametrize(("text", "expected"), [("Yes", 1), ("x", 1), ("0", 0), ("FALSE", 0)])
def test_yes_and_no_are_read(text: str, expected: int) -> None:
    assert parse_words.boolean(text) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Adler", ()),
        (" Adler", (Warned.TRIMMED,)),
        ("=1+1", (Warned.FORMULA_LIKE,)),
        ("@cmd", (Warned.FORMULA_LIKE,)),
        ("-0-", (Warned.FORMULA_LIKE,)),
        ("-5.2", ()),
        ("+49 30", (Warned.FORMULA_LIKE,)),
        ("АBC", (Warned.MIXED_SCRIPT,)),
        ("Завод", ()),
        ("Müller", ()),
    ],
)
def test_what_is_strange_about_a_text_is_noticed(cell: str, expected: tuple[Warned, ...]) -> None:
    assert parse_words.oddities(cell) == expected


def test_a_date_before_1970_or_far_ahead_is_not_plausible() -> None:
    assert parse_dates.implausible("1969-12-31", TODAY) is not None
    assert parse_dates.implausible("1970-01-01", TODAY) is None
    assert parse_dates.implausible("2051-11-20", TODAY) is None
    assert parse_dates.implausible("2062-01-01", TODAY) is not None
