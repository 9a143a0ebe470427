"""Worksheets of FMEA: read with their traps, rolled up, taken back, sent out and read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict
from app.calc.fmea import Scores
from app.judgement.fmea import queries, services, worksheet
from app.judgement.fmea.models import FmeaRegister, Subject
from app.judgement.fmea.queries import RegisterSheet
from app.judgement.fmea.rating import Given, rate
from app.platform.imports import services as imports
from tests.builders import facts
from tests.imports.files import batch, csv_text, problems_of, publish, rows_in, stage

KIND = "mainstay-fmea"
STRIKE = {
    "register": "Supply from Nordlys", "supplier_no": "S-1", "step": "Ship by sea",
    "mode": "Port is closed", "effect": "Line stops", "severity": "8", "cause": "Strike",
    "prevention": "Second port", "occurrence": "6", "detection_control": "News read",
    "detection": "5", "rpn": "240", "priority": "H", "action": "Fly the urgent parts",
}  # fmt: skip


def line(**cells: str) -> dict[str, str]:
    return STRIKE | cells


# Two effects, two controls of the strike, a storm without any control.
WORKSHEET = [
    line(),
    line(effect="We expedite", severity="5", prevention="", detection_control="Vessels tracked",
         detection="7"),
    line(cause="Storm", prevention="", occurrence="3", detection_control="", detection="10",
         rpn="240", priority="M", action=""),
]  # fmt: skip


@pytest.fixture
def house(sqlite_only: Database) -> Database:
    """A house with one supplier."""
    with sqlite_only.transaction() as session:
        facts.supplier(session, "Nordlys", number="S-1")
    return sqlite_only


def sheet() -> RegisterSheet:
    with db.reading() as session:
        register = session.query(FmeaRegister).one()
        return queries.register_sheet(session, register)


def exported(found: RegisterSheet) -> str:
    """The export of a register as CSV."""
    said = worksheet.sheet_of(found)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[head for head, _ in said.heads], *said.rows])
    return out.getvalue()


def staged(rows: list[Mapping[str, str]], **options: float) -> tuple[int, list[str]]:
    """The batch of some rows, and what is wrong with them."""
    key = stage(rows, KIND, **options)
    return key, [f"{each.code} {each.message}" for each in problems_of(key)]


def test_lines_become_modes_effects_causes_and_controls(house: Database) -> None:
    done = publish(WORKSHEET, KIND)
    assert (done.counts.new, done.counts.created) == (3, {"FMEA register": 1})
    (mode,) = sheet().modes
    assert [(each.text, each.severity) for each in mode.effects] == [
        ("Line stops", 8), ("We expedite", 5),
    ]  # fmt: skip
    rows = {each.cause.text: each for each in mode.rows}
    assert rows["Strike"].row.scores == Scores(8, 6, 5)
    assert (rows["Strike"].cause.priority, rows["Strike"].cause.rpn) == ("H", 240)
    assert [each.detection for each in rows["Strike"].detection] == [5, 7]
    assert (rows["Storm"].row.scores, rows["Storm"].cause.priority) == (Scores(8, 3, 10), "M")
    reasons = {each.rating.reason for each in mode.rows if each.rating}
    assert reasons == {f"Import #{done.batch_id} of a worksheet."}


def test_an_export_is_read_again_unchanged(house: Database) -> None:
    publish(WORKSHEET, KIND)
    before = exported(sheet())
    done = publish(before, KIND)
    counts = done.counts
    assert (counts.new, counts.changed, counts.unchanged) == (0, 0, before.count("\r\n") - 1)
    assert problems_of(done.batch_id, warnings=True) == []
    assert exported(sheet()) == before


def test_scores_that_say_there_is_none_stay_unscored(house: Database) -> None:
    publish([line(severity="N/A", rpn="N/A", priority="")], KIND)
    (row,) = sheet().modes[0].rows
    assert (row.row.scores, row.cause.priority) == (Scores(None, 6, 5), None)


def test_a_wrong_printed_rpn_is_listed_with_both_values_and_not_believed(house: Database) -> None:
    done = publish([line(rpn="210", priority="M")], KIND)
    told = [each.message for each in problems_of(done.batch_id, warnings=True)]
    assert told == [
        "Row 2, 'rpn': says '210', but it is 240; not believed.",
        "Row 2, 'priority': says 'M', but it is H; not believed.",
    ]
    assert sheet().modes[0].rows[0].cause.rpn == 240


@pytest.mark.parametrize("score", ["11", "0", "2.5", "1e1", "-3", "seven", str(2**63)])
def test_scores_out_of_range_stand_aside_with_row_column_and_value(
    house: Database, score: str
) -> None:
    _, told = staged([line(occurrence=score)])
    assert told == [
        f"E-IMP-18 Row 2, 'occurrence': '{score}' is not a whole number from 1 to 10. Mend it, "
        "or leave it empty: unscored."
    ]


def test_ragged_rows_and_strange_registers_stand_aside(house: Database) -> None:
    with house.transaction() as session:
        said = services.RegisterSaid(Subject.LANE, "Old lane", lane="Ningbo")
        closed = services.open_register(session, said)
        services.close_register(session, closed.id, reason="The lane is not used any more.")
    rows = [
        line(register="Nowhere", supplier_no=""),
        line(register=closed.number),
        line(supplier_no="S-9"),
        line(cause=""),
    ]
    text = csv_text(rows) + "only,three,cells\r\n"
    key = stage(text, KIND)
    told = [f"{each.code} {each.message}" for each in problems_of(key)]
    assert sorted(told) == [
        "E-IMP-08 Row 6 has 3 cells, expected 14.",
        "E-IMP-19 Row 5, 'detection_control': stands without a cause; name the cause that it is"
        " about.",
        "E-IMP-19 Row 5, 'prevention': stands without a cause; name the cause that it is about.",
        "E-IMP-20 Row 2, 'register': register 'Nowhere' is not known. Open it first, or give"
        " supplier_no to open it.",
        f"E-IMP-20 Row 3, 'register': {closed.number} is closed; nothing in it changes any more.",
        "E-IMP-20 Row 4, 'supplier_no': supplier 'S-9' is not known. Import it first.",
    ]


def test_two_scores_of_one_cause_contradict_each_other(house: Database) -> None:
    rows = [line(), line(effect="We expedite", severity="5", occurrence="7", rpn="")]
    _, told = staged(rows)
    assert told == [
        "E-IMP-21 Row 3, 'occurrence': rates 'Strike' 7, row 2 rates it 6. Make both the same."
    ]


def test_a_later_file_moves_ratings_and_undo_brings_them_back(house: Database) -> None:
    publish(WORKSHEET, KIND)
    before = exported(sheet())
    later = [line(occurrence="2", rpn="80", priority="M")]
    done = publish(later, KIND)
    assert (done.counts.changed, done.counts.new) == (1, 0)
    assert {row.cause.text: row.cause.priority for row in sheet().modes[0].rows} == {
        "Strike": "M", "Storm": "M",
    }  # fmt: skip
    imports.undo(done.batch_id, by="a test")
    assert exported(sheet()) == before
    assert len(rows_in("fmea_rating")) == 2


def test_an_import_that_opened_a_register_is_taken_back_whole(database: Database) -> None:
    with database.transaction() as session:
        facts.supplier(session, "Nordlys", number="S-1")
    done = publish(WORKSHEET, KIND)
    imports.undo(done.batch_id, by="a test")
    for table in ("register", "mode", "effect", "cause", "control", "rating"):
        assert rows_in(f"fmea_{table}") == []
    assert batch(done.batch_id).state == "undone"


def test_what_was_rated_since_is_not_taken_back(house: Database) -> None:
    done = publish(WORKSHEET, KIND)
    with house.transaction() as session:
        row = queries.register_sheet(session, session.query(FmeaRegister).one()).modes[0].rows[0]
        rate(session, row.cause, Given(occurrence=9))
    with pytest.raises(Conflict, match="test changed FMEA-0001 since"):
        imports.undo(done.batch_id, by="a test")
