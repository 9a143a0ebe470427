"""An export is never run as a formula, and reading it back gives what was there."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.spreadsheets import harmless, restored

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", ";", ",", '"', "\u00a0", "\u3000", "'"])
def test_every_start_of_a_formula_is_guarded_whatever_stands_before(
    start: str, before: str
) -> None:
    text = f"{before}{start}1"
    assert harmless(text) == f"'{text}"
    assert restored(harmless(text)) == text


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n '\";,aé1＝＋－＠")) | st.text())
def test_what_was_guarded_comes_back_as_it_was(text: str) -> None:
    assert restored(harmless(text)) == text


@given(st.text())
def test_a_guarded_cell_survives_a_csv_file(text: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(["x", harmless(text)])
    buffer.seek(0)
    assert next(csv.reader(buffer, strict=True)) == ["x", harmless(text)]


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    assert restored("'tis") == "'tis"
    assert restored("'") == "'"
