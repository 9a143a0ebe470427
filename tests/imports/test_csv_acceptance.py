"""Rows 1–25 of the acceptance table: hostile and bad CSV files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.base.db import Database
from app.base.errors import AppError, Conflict, InvalidInput
from app.base.formatting import NARROW_SPACE
from app.platform.imports import services
from app.platform.imports.mapping import Answers
from app.platform.imports.problems import NeedsAnswer
from tests.imports.files import (
    ANYTHING,
    batch,
    count,
    csv_text,
    line,
    lines,
    problems,
    problems_of,
    publish,
    rows_in,
    stage,
)

SUPPLIERS = "mainstay-suppliers"


def refusal(content: object, **options: object) -> AppError:
    """The error that a file is refused with; nothing may be published."""
    with pytest.raises(AppError) as caught:
        stage(content, **options)  # type: ignore[arg-type]
    return caught.value


def test_01_a_byte_order_mark_leaves_the_first_header_clean(database: Database) -> None:
    published = publish(b"\xef\xbb\xbf" + b"supplier_no,name\nS-1,Adler\n", SUPPLIERS)
    assert published.counts.new == 1
    assert rows_in("supplier", "number, name") == [("S-1", "Adler")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_02_utf_16_with_a_byte_order_mark_is_accepted(database: Database, encoding: str) -> None:
    content = ("\ufeff" + "supplier_no,name\r\nS-1,Müller\r\n").encode(encoding)
    publish(content, SUPPLIERS)
    assert rows_in("supplier", "name") == [("Müller",)]


@pytest.mark.parametrize("answers", [Answers(), Answers(encoding="utf-16")])
def test_02_utf_16_without_its_mark_is_called_so(database: Database, answers: Answers) -> None:
    refused = refusal(csv_text([line()]).encode("utf-16-le"), answers=answers)
    assert (refused.code, refused.message) == (
        "E-IMP-01",
        "File has no byte order mark, which UTF-16 needs. Save the file as CSV UTF-8.",
    )


def test_02_utf_32_is_called_what_it_is(database: Database) -> None:
    refused = refusal(csv_text([line()]).encode("utf-32"))
    assert (refused.code, refused.message) == (
        "E-IMP-01",
        "File is UTF-32. Save the file as CSV UTF-8.",
    )


def test_02_torn_utf_16_is_not_taken_for_windows_1252(database: Database) -> None:
    refused = refusal(csv_text([line()]).encode("utf-16") + b"a")
    assert not isinstance(refused, NeedsAnswer)
    assert refused.message == (
        "Row 3: byte 0x61 is not valid in UTF-16. Save the file as CSV UTF-8."
    )


def test_03_windows_1252_is_asked_about_never_guessed(database: Database) -> None:
    content = "supplier_no,name\nS-1,Müller\n".encode("cp1252")
    asked = refusal(content, mapping=SUPPLIERS)
    assert isinstance(asked, NeedsAnswer)
    assert (asked.question, asked.proposals, asked.sample) == ("encoding", ("cp1252",), "Müller")
    assert asked.message.startswith("Row 2: byte 0xFC is not valid in UTF-8. Read as Windows-1252")
    assert count("source_batch") == 0
    confirmed = stage(content, SUPPLIERS, answers=Answers(encoding="cp1252"))
    assert batch(confirmed).summary["sample"] == "Müller"
    services.publish(confirmed, by="a test")
    assert rows_in("supplier", "name") == [("Müller",)]


def test_03_utf_8_declared_as_windows_1252_is_refused_not_garbled(database: Database) -> None:
    content = "supplier_no,name\nS-1,Müller\n".encode()
    refused = refusal(content, mapping=SUPPLIERS, answers=Answers(encoding="cp1252"))
    assert refused.message.startswith("The file is UTF-8, not Windows-1252")


def test_04_a_byte_of_no_encoding_is_named_with_its_row(database: Database) -> None:
    rows = "".join(f"S-{number},Name\n" for number in range(2, 214))
    content = b"supplier_no,name\n" + rows.encode() + b"S-214,N\x81me\n"
    refused = refusal(content, mapping=SUPPLIERS)
    assert refused.code == "E-IMP-01"
    assert refused.message == (
        "Row 214: byte 0x81 is not valid in UTF-8. Save the file as CSV UTF-8."
    )


def test_05_a_nul_character_puts_its_row_aside(database: Database) -> None:
    assert problems("supplier_no,name\nS-1,A\0B\n", mapping=SUPPLIERS) == [
        "E-IMP-02 Row 2, 'name': contains a NUL character."
    ]


def test_06_a_million_columns_are_refused_at_once(database: Database) -> None:
    content = ",".join(f"c{number}" for number in range(1_000_000)) + "\n1\n"
    refused = refusal(content, mapping=SUPPLIERS)
    assert (refused.code, refused.message) == (
        "E-IMP-03",
        "1,000,000 columns; the limit is 200.",
    )


def test_07_a_cell_of_200_000_characters_puts_its_row_aside(database: Database) -> None:
    content = f"supplier_no,name\nS-1,{'x' * 200_000}\nS-2,Adler\n"
    batch_id = stage(content, SUPPLIERS, tolerate=0.5)
    [problem] = problems_of(batch_id)
    assert (problem.code, problem.message) == (
        "E-IMP-04",
        "Row 2, 'name': longer than 10,000 characters.",
    )
    assert services.publish(batch_id, by="a test").counts.new == 1


def test_08_an_unclosed_quote_is_refused_not_one_giant_row(database: Database) -> None:
    rows = "".join(f"S-{number},Name\n" for number in range(3, 3_000))
    refused = refusal(f'supplier_no,name\nS-2,"Adler\n{rows}', mapping=SUPPLIERS)
    assert refused.code == "E-IMP-05"
    assert refused.message.startswith("Quote opened in row 2 is never closed.")


def test_08_a_quote_that_another_cell_seems_to_close_is_refused(database: Database) -> None:
    refused = refusal('supplier_no,name\nS-2,"Adler\nS-3,"Kestrel"\n', mapping=SUPPLIERS)
    assert refused.code == "E-IMP-05"
    assert "row 2" in refused.message


def test_09_a_column_that_appears_twice_is_refused(database: Database) -> None:
    refused = refusal("qty,qty\n1,2\n", mapping=SUPPLIERS)
    assert refused.code == "E-IMP-06"
    assert refused.message.startswith("Column 'qty' appears twice (columns 1 and 2).")


def test_10_a_missing_required_column_is_refused_and_the_found_ones_named(
    database: Database,
) -> None:
    refused = refusal("number,name\n1,Adler\n", mapping=SUPPLIERS)
    assert (refused.code, refused.message) == (
        "E-IMP-07",
        "Column 'supplier_no' is missing. Found: number, name.",
    )


def test_10_an_unknown_column_is_listed_as_a_warning(database: Database) -> None:
    batch_id = stage("supplier_no,name,colour\nS-1,Adler,red\n", SUPPLIERS)
    assert batch(batch_id).summary["unknown_columns"] == ["colour"]


def test_10_a_declared_separator_that_is_wrong_is_named(database: Database) -> None:
    answers = Answers(delimiter=",")
    refused = refusal("supplier_no;name\nS-1;Adler\n", mapping=SUPPLIERS, answers=answers)
    assert refused.message.endswith("The columns seem to be separated by semicolons.")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_template_finds_its_separator(database: Database, delimiter: str) -> None:
    content = csv_text([{"supplier_no": "S-1", "name": "Adler, Sons; Co"}], delimiter)
    publish(content, SUPPLIERS)
    assert rows_in("supplier", "name") == [("Adler, Sons; Co",)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(database: Database, ending: str) -> None:
    content = ending.join(["supplier_no,name", "S-1,Adler", "S-2,Kestrel", ""])
    assert publish(content, SUPPLIERS).counts.new == 2


def test_11_a_ragged_row_is_named_with_its_cells(database: Database) -> None:
    content = "supplier_no,name\nS-1,Adler\nS-2,Kestrel,Castings\n"
    assert problems(content, mapping=SUPPLIERS) == ["E-IMP-08 Row 3 has 3 cells, expected 2."]


def test_12_a_number_of_another_format_asks_for_the_decimal_comma(database: Database) -> None:
    rows = [line(), line(line_no="20", unit_price="1.234,50")]
    assert problems(rows) == [
        "E-IMP-09 Row 3, 'unit_price': '1.234,50' does not fit 1,234.50. Choose decimal comma?"
    ]


def test_12_the_answer_is_taken(database: Database) -> None:
    rows = [line(unit_price="1.234,50", quantity_ordered="1,5", quantity_received="1,5")]
    publish(rows, answers=Answers(decimal=",", creates=frozenset({"all"})))
    assert rows_in("schedule_line", "unit_price, quantity_ordered") == [(12_345_000, 1_500_000)]


UNDECLARED = """
name = "plain"
kind = "deliveries"
[rules]
creates = ["supplier"]
[fields]
order_no = "order"
line_no = "line"
supplier_no = "supplier"
quantity_ordered = "quantity"
promised_original_on = "due"
"""


def test_13_an_ambiguous_number_without_declared_format_is_asked_about(
    database: Database, tmp_path: object
) -> None:
    mapping = f"{tmp_path}/plain.toml"
    Path(mapping).write_text(UNDECLARED, encoding="utf-8")
    content = 'order,line,supplier,quantity,due\n1,10,S-1,"1,234",2026-10-01\n'
    asked = refusal(content, mapping=mapping)
    assert isinstance(asked, NeedsAnswer)
    assert (asked.code, asked.question, asked.proposals) == ("E-IMP-09", "decimal", (".", ","))
    assert asked.message.startswith("Row 2, 'quantity': '1,234'")
    publish(content, mapping, answers=Answers(decimal=","))
    assert rows_in("schedule_line", "quantity_ordered") == [(1_234_000,)]


def test_13_an_ambiguous_date_without_declared_format_is_asked_about(
    database: Database, tmp_path: object
) -> None:
    mapping = f"{tmp_path}/plain.toml"
    Path(mapping).write_text(UNDECLARED, encoding="utf-8")
    asked = refusal("order,line,supplier,quantity,due\n1,10,S-1,5,03/04/2026\n", mapping=mapping)
    assert isinstance(asked, NeedsAnswer)
    assert asked.question == "date"


@pytest.mark.parametrize("written", ["soon", "d/m", "d-d-m-yyyy"])
def test_13_an_answer_that_is_no_date_format_is_refused(database: Database, written: str) -> None:
    refused = refusal([line()], answers=Answers(date=written))
    assert (refused.code, refused.message) == (
        "E-IMP-23",
        f"'{written}' is no date format. Write it like d.m.yyyy.",
    )
    assert count("source_batch") == 0


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e999999", "1_000", "١٢", "１２", "0x1F", "--5"]
)
def test_14_what_python_takes_for_a_number_is_none(database: Database, text: str) -> None:
    [problem] = problems([line(quantity_ordered=text)])
    assert problem == (
        f"E-IMP-10 Row 2, 'quantity_ordered': '{text}' is not a number in the chosen format."
        " Write digits only, without unit, currency sign or brackets."
    )


def test_15_a_negative_quantity_is_refused_with_the_way_to_return(database: Database) -> None:
    assert problems([line(quantity_received="-3")]) == [
        "E-IMP-11 Row 2, 'quantity_received': '-3' must be 0 or more; returns use type R."
    ]


def test_16_a_receipt_in_the_future_is_an_error(database: Database) -> None:
    assert problems([line(arrived_on="2026-11-22")]) == [
        "E-IMP-12 Row 2, 'arrived_on': '2026-11-22' is after today (2026-11-21)."
    ]


def test_16_a_receipt_in_2062_is_an_error(database: Database) -> None:
    assert problems([line(arrived_on="2062-05-01")]) == [
        "E-IMP-12 Row 2, 'arrived_on': '2062-05-01' is after today (2026-11-21)."
    ]


def test_16_a_promise_before_the_order_is_a_warning_and_counted(database: Database) -> None:
    batch_id = stage([line(promised_original_on="2026-08-31")])
    assert problems_of(batch_id) == []
    assert batch(batch_id).summary["warnings"] == {"promised before the order date": 1}
    [warning] = problems_of(batch_id, warnings=True)
    assert "is before the order date (2026-09-01)." in warning.message


def test_17_two_date_formats_in_a_column_are_named_with_both_rows(database: Database) -> None:
    rows = [line(), line(line_no="20", promised_original_on="03/04/2026")]
    assert problems(rows) == [
        "E-IMP-13 Row 3, 'promised_original_on': Two date formats in column"
        " 'promised_original_on'. Row 2 has '2026-10-05', row 3 has '03/04/2026'."
        " Use yyyy-mm-dd throughout."
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30", "is not a date in the format yyyy-mm-dd."),
        ("45658", "is not a date in the format yyyy-mm-dd."),
        ("0001-01-01", "is not plausible (before 1970)."),
        ("20260304", "is not a date in the format yyyy-mm-dd."),
        ("2026-W10-3", "is not a date in the format yyyy-mm-dd."),
        ("9999-12-31", "is not plausible (more than 25 years ahead)."),
    ],
)
def test_18_what_is_no_date_is_named_with_its_value(
    database: Database, text: str, reason: str
) -> None:
    [problem] = problems([line(promised_original_on=text)])
    assert problem == f"E-IMP-13 Row 2, 'promised_original_on': '{text}' {reason}"


def test_19_text_like_a_formula_is_stored_as_it_is_and_warned_about(database: Database) -> None:
    name = "=cmd|' /C calc'!A0"
    published = publish(f"supplier_no,name\nS-1,{name}\n", SUPPLIERS)
    assert rows_in("supplier", "name") == [(name,)]
    assert batch(published.batch_id).summary["warnings"] == {"text like a formula": 1}


def test_20_the_same_line_twice_names_both_rows_and_trusts_neither(database: Database) -> None:
    rows = [line(), *lines(3)[1:], line(quantity_received="499")]
    batch_id = stage(rows, tolerate=1.0)
    assert [problem.message for problem in problems_of(batch_id)] == [
        "Rows 2 and 5 have the same PO line 4500012/10. Keep one.",
        "Rows 2 and 5 have the same PO line 4500012/10. Keep one.",
    ]
    assert {problem.code for problem in problems_of(batch_id)} == {"E-IMP-14"}
    assert batch(batch_id).rows_aside == 2
    assert services.publish(batch_id, by="a test").counts.new == 2


def test_21_an_unknown_supplier_is_listed_and_nothing_is_created(database: Database) -> None:
    [problem, *_] = problems([line()], answers=Answers())
    assert problem == (
        "E-IMP-20 Row 2, 'supplier_no': supplier 'S-0042' is not known."
        " Import it first, or allow suppliers to be created."
    )
    assert count("supplier") == 0


def test_22_the_same_file_again_says_when_and_by_whom(database: Database) -> None:
    first = publish([line()])
    with pytest.raises(Conflict) as caught:
        stage([line()], name="renamed.csv")
    assert caught.value.code == "E-IMP-15"
    assert caught.value.message == (
        f"Already imported as #{first.batch_id} on 21 Nov 2026 by a test."
    )


@pytest.mark.parametrize("content", ["", "supplier_no,name\n", "supplier_no,name\n\n,\n", "\n\n"])
def test_23_a_file_without_data_rows_is_refused(database: Database, content: str) -> None:
    refused = refusal(content, mapping=SUPPLIERS)
    assert refused.code == "E-IMP-16"
    assert refused.message.startswith("No data rows.")


def test_24_leading_zeros_make_another_supplier_and_blanks_do_not(database: Database) -> None:
    published = publish("supplier_no,name\n00123,Zero\n123 ,Plain\nА-9,Look-alike\n", SUPPLIERS)
    assert sorted(rows_in("supplier", "number")) == [("00123",), ("123",), ("А-9",)]
    assert batch(published.batch_id).summary["warnings"] == {
        "blanks trimmed": 1,
        "mixed scripts": 1,
    }


def test_bad_rows_above_the_limit_refuse_the_whole_file(database: Database) -> None:
    rows = [*lines(98), line(line_no="a", quantity_ordered="?"), line(line_no="b", arrived_on="?")]
    batch_id = stage(rows)
    with pytest.raises(InvalidInput) as caught:
        services.publish(batch_id, by="a test")
    assert caught.value.code == "E-IMP-22"
    assert f"2 of 100 rows are bad (2.0{NARROW_SPACE}%)" in caught.value.message
    assert count("schedule_line") == 0


def test_bad_rows_within_the_limit_stand_aside_and_the_rest_is_published(
    database: Database,
) -> None:
    rows = [*lines(99), line(line_no="a", quantity_ordered="?")]
    published = publish(rows)
    assert (published.counts.new, published.rows_aside) == (99, 1)
    assert count("quarantined_row") == 1
    assert batch(published.batch_id).rows_aside == 1


def test_strict_refuses_the_file_for_one_bad_row(database: Database) -> None:
    rows = [*lines(199), line(line_no="a", quantity_ordered="?")]
    with pytest.raises(InvalidInput, match="no bad row is allowed"):
        publish(rows, tolerate=0.0, answers=ANYTHING)
    assert count("schedule_line") == 0
