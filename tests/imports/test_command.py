"""`flask import`: what it prints, where, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.imports.files import count, csv_text, line, lines, rows_in, workbook


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A delivery file of three lines."""
    path = tmp_path / "feed.csv"
    path.write_text(csv_text(lines(3)), encoding="utf-8")
    return path


def run(app: Flask, *args: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["import", *map(str, args)])


TEMPLATE = ("--mapping", "mainstay-deliveries", "--create", "all")


def test_an_import_prints_its_counts(app: Flask, feed: Path) -> None:
    result = run(app, feed, *TEMPLATE)
    assert result.exit_code == 0
    assert "feed.csv: Published as import #1." in result.stdout
    assert "  rows read                         3" in result.stdout
    assert "  suppliers created                 1" in result.stdout
    assert result.stderr == ""


def test_a_dry_run_counts_and_publishes_nothing(app: Flask, feed: Path) -> None:
    result = run(app, feed, *TEMPLATE, "--dry-run")
    assert result.exit_code == 0
    assert "feed.csv: Checked, nothing published." in result.stdout
    assert "  new                               3" in result.stdout
    assert (count("schedule_line"), count("supplier"), count("staged_delivery")) == (0, 0, 0)
    assert rows_in("source_batch", "state") == [("discarded",)]


def test_the_same_file_again_says_so_and_ends_with_0(app: Flask, feed: Path) -> None:
    run(app, feed, *TEMPLATE)
    result = run(app, feed, *TEMPLATE)
    assert result.exit_code == 0
    assert result.stdout.startswith("Already imported as #1 on 21 Nov 2026 by ")


def test_a_refusal_goes_to_standard_error_with_its_code(app: Flask, feed: Path) -> None:
    feed.write_text("number\n1\n", encoding="utf-8")
    result = run(app, feed, *TEMPLATE)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: E-IMP-07: Column 'order_no' is missing.")


def test_bad_rows_are_listed_and_the_rest_is_published(app: Flask, feed: Path) -> None:
    feed.write_text(csv_text([*lines(3), line(line_no="9", unit_price="?")]), encoding="utf-8")
    rejects = feed.with_name("rejects.csv")
    result = run(app, feed, *TEMPLATE, "--tolerate", "0.5", "--rejects", rejects)
    assert result.exit_code == 0
    assert "E-IMP-10: Row 5, 'unit_price': '?' is not a number" in result.stderr
    assert "  standing aside                    1" in result.stdout
    assert "4500012,9,S-0042" in rejects.read_text(encoding="utf-8-sig")
    assert count("schedule_line") == 3


@pytest.mark.parametrize("option", ["--strict", "--dry-run"])
def test_too_many_bad_rows_end_with_1(app: Flask, feed: Path, option: str) -> None:
    feed.write_text(csv_text([*lines(3), line(line_no="9", unit_price="?")]), encoding="utf-8")
    result = run(app, feed, *TEMPLATE, option)
    assert result.exit_code == 1
    assert "E-IMP-22: 1 of 4 rows are bad" in result.stderr
    assert (count("schedule_line"), count("staged_delivery")) == (0, 0)


def test_only_200_problems_are_printed(app: Flask, feed: Path) -> None:
    rows = [line(line_no=str(number), unit_price="?") for number in range(250)]
    feed.write_text(csv_text(rows), encoding="utf-8")
    result = run(app, feed, *TEMPLATE)
    assert result.exit_code == 1
    assert result.stderr.count("E-IMP-10") == 200
    assert "and 50 more." in result.stderr


def test_an_import_can_be_undone(app: Flask, feed: Path) -> None:
    run(app, feed, *TEMPLATE)
    result = run(app, "undo", "1")
    assert (result.exit_code, result.stdout) == (0, "Import #1 is undone.\n")
    assert count("schedule_line") == 0
    again = run(app, "undo", "1")
    assert again.exit_code == 1
    assert "E-IMP-24: Import #1 is undone, not published." in again.stderr


def test_a_batch_that_does_not_exist_is_said(app: Flask) -> None:
    result = run(app, "undo", "77")
    assert (result.exit_code, "There is no import #77." in result.stderr) == (1, True)


def test_mappings_are_listed(app: Flask) -> None:
    result = run(app, "--list-mappings")
    listed = [row.split()[0] for row in result.stdout.splitlines()]
    assert {"scms", "adventureworks", "inform", "mainstay-deliveries"} <= set(listed)


def test_a_mapping_may_be_a_file(app: Flask, feed: Path) -> None:
    mapping = feed.with_name("own.toml")
    mapping.write_text(
        """
        name = "own"
        kind = "suppliers"
        [fields]
        supplier_no = "No"
        name = { column = "Who", values = { "Adler" = "Adler Pumps SE" } }
        country = { constant = "DE" }
        """,
        encoding="utf-8",
    )
    feed.write_text("No;Who\n1;Adler\n", encoding="utf-8")
    assert run(app, feed, "--mapping", mapping).exit_code == 0
    assert rows_in("supplier", "number, name, country") == [("1", "Adler Pumps SE", "DEU")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "is not valid TOML"),
        ('name = "x"\nkind = "wishes"', "there is no kind 'wishes'"),
        ('name = "x"\nkind = "suppliers"\nfoo = 1', "the top has an unknown key 'foo'"),
        ('name = "x"\nkind = "suppliers"\n[fields]\nname = "n"', "'supplier_no' has no column"),
        (
            'name = "x"\nkind = "suppliers"\n[fields]\nsupplier_no = "n"\nname = "n"\nhat = "h"',
            "[fields] has an unknown key 'hat'",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[rules]\ncreates = ["part"]',
            "suppliers can't create 'part'",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[fields]\nname = { column = "n", date = "soon" }',
            "'soon' is no date format",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[file]\nencoding = "ebcdic"',
            "encoding 'ebcdic' is not one of",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[rules]\nreceipt_completes_line = "yes"\n'
            '[fields]\nsupplier_no = "n"\nname = "n"',
            "[rules]: 'receipt_completes_line' must be true or false",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[file]\ncolumns = "supplier_no"',
            "[file]: 'columns' must be a list of names",
        ),
        ('name = "x"\nkind = "suppliers"\n[file]\nsheet = 1', "[file]: 'sheet' must be a text"),
        (
            'name = "x"\nkind = "suppliers"\n[formats]\ndate = 5\n[fields]\nname = "n"',
            "field 'name': 'date' must be a text",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[formats]\ndecimal = [","]\n[fields]\nname = "n"',
            "field 'name': 'decimal' must be a text",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[fields]\nname = { column = 1 }',
            "field 'name': 'column' must be a text",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[fields]\nname = { column = "n", values = "y" }',
            "[values] must be a table",
        ),
        (
            'name = "x"\nkind = "suppliers"\n[fields]\nname = { column = "n", date = "d-d-m-yy" }',
            "'d-d-m-yy' is no date format",
        ),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_with_its_place(
    app: Flask, feed: Path, text: str, said: str
) -> None:
    mapping = feed.with_name("own.toml")
    mapping.write_text(text, encoding="utf-8")
    result = run(app, feed, "--mapping", mapping)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: E-IMP-23: Mapping own.toml: ")
    assert said in result.stderr


def test_a_mapping_written_by_a_windows_editor_is_read(app: Flask, feed: Path) -> None:
    mapping = feed.with_name("own.toml")
    text = 'name = "own"\r\nkind = "suppliers"\r\n[fields]\r\nsupplier_no = "No"\r\nname = "No"\r\n'
    mapping.write_bytes(b"\xef\xbb\xbf" + text.encode())
    feed.write_text("No\nS-1\n", encoding="utf-8")
    assert run(app, feed, "--mapping", mapping).exit_code == 0
    assert rows_in("supplier", "number") == [("S-1",)]


def test_a_question_names_the_option_that_answers_it(app: Flask, feed: Path) -> None:
    feed.write_bytes("supplier_no,name\nS-1,Müller\n".encode("cp1252"))
    result = run(app, feed, "--mapping", "mainstay-suppliers")
    assert result.exit_code == 1
    assert result.stderr.endswith("Answer with --encoding cp1252\n")
    book = workbook(("Data 1", [["supplier_no", "name"], ["S-1", "Adler"]]), ("Other", [["x"]]))
    feed.with_name("feed.xlsx").write_bytes(book)
    result = run(app, feed.with_name("feed.xlsx"), "--mapping", "mainstay-suppliers")
    assert result.exit_code == 1
    assert result.stderr.endswith("Answer with --sheet 'Data 1' or --sheet Other\n")


def test_an_unknown_mapping_names_the_known_ones(app: Flask, feed: Path) -> None:
    result = run(app, feed, "--mapping", "sap")
    assert result.exit_code == 1
    assert "There is no mapping 'sap' and no such file. Known: " in result.stderr


def test_wrong_usage_ends_with_2(app: Flask, feed: Path) -> None:
    assert run(app).exit_code == 2
    assert run(app, feed).exit_code == 2
    assert run(app, "nowhere.csv", *TEMPLATE).exit_code == 2
    assert run(app, feed, *TEMPLATE, "--tolerate", "nan").exit_code == 2
    assert run(app, "undo", "9" * 19).exit_code == 2


def test_the_same_file_again_says_how_many_rows_stood_aside(app: Flask, feed: Path) -> None:
    feed.write_text(csv_text([*lines(99), line(line_no="x", unit_price="?")]), encoding="utf-8")
    run(app, feed, *TEMPLATE)
    said = run(app, feed, *TEMPLATE)
    assert said.exit_code == 0
    assert said.stdout.endswith(". 1 row stood aside; mend and send the reject file.\n")


def test_a_file_of_bad_rows_only_is_refused_whatever_is_tolerated(app: Flask, feed: Path) -> None:
    feed.write_text(csv_text([line(unit_price="?")]), encoding="utf-8")
    result = run(app, feed, *TEMPLATE, "--tolerate", "1")
    assert result.exit_code == 1
    assert "E-IMP-22: 1 of 1 rows are bad, so that none is left to publish." in result.stderr
