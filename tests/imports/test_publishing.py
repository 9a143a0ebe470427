"""Publishing, overlapping, undoing, mending: what becomes of delivery rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from app.base import clock, db
from app.base.db import Database
from app.base.errors import Conflict
from app.calc.delivery_rules import RuleScope
from app.facts.deliveries import rollup
from app.facts.deliveries.rules import keeping
from app.facts.deliveries.rules.keeping import Draft, Place
from app.platform.imports import mapping_files, reject_file, services
from app.platform.imports.mapping import Answers
from app.platform.imports.services import Options
from tests.builders import facts
from tests.imports.files import (
    ANYTHING,
    batch,
    count,
    csv_text,
    line,
    lines,
    problems_of,
    publish,
    rows_in,
    source,
    stage,
)

FACTS = ("purchase_order", "schedule_line", "receipt")
MASTER = ("supplier", "part", "site", "category")
DERIVED = (
    "line_verdict",
    "monthly_rollup",
    "monthly_histogram",
    "part_monthly_rollup",
    "monthly_order_rollup",
)


def everything(tables: Sequence[str] = (*FACTS, *DERIVED)) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables, in an order that does not depend on how they were written."""
    return {table: sorted(rows_in(table), key=repr) for table in tables}


def assert_roll_up_equals_rebuild() -> None:
    """What the deltas left is what a rebuild from the facts makes."""
    delta = everything(DERIVED)
    with db.transaction() as session:
        rollup.rebuild(session, until=clock.last_closed_day())
    assert everything(DERIVED) == delta


def test_a_row_becomes_order_line_receipt_and_verdict(database: Database) -> None:
    published = publish([line(category="Castings", own_site="Plant North", incoterm="DAP")])
    assert dict(published.counts.created) == {"category": 1, "supplier": 1, "part": 1, "site": 1}
    assert rows_in("purchase_order", "number, currency, batch_id") == [
        ("4500012", "EUR", published.batch_id)
    ]
    assert rows_in("schedule_line", "line_no, quantity_ordered, line_value, incoterm") == [
        ("10", 500_000_000, 62_000_000, "DAP")
    ]
    assert rows_in("receipt", "source_key, quantity") == [("1", 500_000_000)]
    assert rows_in("line_verdict", "on_time, in_full, otif") == [(1, 1, 1)]
    assert_roll_up_equals_rebuild()


def test_a_line_without_receipt_cells_has_no_receipt_and_is_a_miss(database: Database) -> None:
    publish([line(arrived_on="", quantity_received="0")])
    assert count("receipt") == 0
    assert rows_in("line_verdict", "on_time, otif") == [(0, 0)]


def test_overlapping_rows_update_and_never_duplicate(database: Database) -> None:
    publish(lines(5))
    changed = [
        line(line_no="10"),
        line(line_no="20", arrived_on="2026-10-09"),
        line(line_no="30", quantity_received="400"),
        line(line_no="60"),
    ]
    counts = publish(changed).counts
    assert (counts.new, counts.changed, counts.unchanged) == (1, 2, 1)
    assert (count("schedule_line"), count("receipt"), count("purchase_order")) == (6, 6, 1)
    assert sorted(
        rows_in("schedule_line l JOIN line_verdict v ON v.line_id = l.id", "line_no, v.otif")
    ) == [("10", 1), ("20", 0), ("30", 0), ("40", 1), ("50", 1), ("60", 1)]
    assert_roll_up_equals_rebuild()


def test_a_receipt_that_comes_later_is_added_to_its_line(database: Database) -> None:
    publish([line(quantity_received="300")])
    counts = publish([line(receipt_no="2", quantity_received="200")]).counts
    assert (counts.new, counts.changed) == (0, 1)
    assert sorted(rows_in("receipt", "source_key, quantity")) == [
        ("1", 300_000_000),
        ("2", 200_000_000),
    ]
    assert rows_in("line_verdict", "otif") == [(1,)]
    assert_roll_up_equals_rebuild()


def test_a_line_with_several_receipts_takes_a_row_for_each(database: Database) -> None:
    rows = [
        line(receipt_no="1", quantity_received="300"),
        line(receipt_no="2", quantity_received="200", arrived_on="2026-10-07"),
        line(line_no="20", receipt_no="1"),
    ]
    counts = publish(rows).counts
    assert (counts.new, count("schedule_line"), count("receipt")) == (3, 2, 3)
    assert sorted(rows_in("line_verdict", "otif")) == [(0,), (1,)]
    assert_roll_up_equals_rebuild()


def test_rows_that_tell_a_line_differently_stand_aside(database: Database) -> None:
    rows = [line(receipt_no="1"), line(receipt_no="2", promised_original_on="2026-10-06")]
    batch_id = stage(rows, tolerate=1.0)
    assert {problem.message for problem in problems_of(batch_id)} == {
        "Rows 2 and 3 tell PO line 4500012/10 differently (promised_original_on)."
        " Repeat the line's cells unchanged."
    }
    assert batch(batch_id).rows_aside == 2


def test_a_reversal_takes_its_receipt_back(database: Database) -> None:
    publish([line()])
    taken_back = line(
        receipt_no="R1", receipt_type="R", reverses_receipt_no="1", quantity_received="500"
    )
    publish([taken_back])
    assert sorted(rows_in("receipt", "source_key, quantity, reverses_receipt_id IS NULL")) == [
        ("1", 500_000_000, True),
        ("R1", -500_000_000, False),
    ]
    assert rows_in("line_verdict", "otif") == [(0,)]
    assert_roll_up_equals_rebuild()


def test_a_reversal_of_an_unknown_receipt_stands_aside(database: Database) -> None:
    rows = [line(receipt_no="R1", receipt_type="R", reverses_receipt_no="7", quantity_received="1")]
    [problem] = problems_of(stage(rows, tolerate=1.0))
    assert problem.message.startswith(
        "Row 2, 'reverses_receipt_no': receipt '7' of this line is not known."
    )


def test_an_order_keeps_one_supplier_within_a_file(database: Database) -> None:
    batch_id = stage([line(), line(line_no="20", supplier_no="S-9")], tolerate=1.0)
    [problem] = problems_of(batch_id)
    assert (problem.row_no, problem.code) == (3, "E-IMP-21")
    assert services.publish(batch_id, by="a test").counts.new == 1


def test_an_order_keeps_its_supplier_between_files(database: Database) -> None:
    publish([line()])
    batch_id = stage([line(line_no="20", supplier_no="S-9")], tolerate=1.0)
    [problem] = problems_of(batch_id)
    assert "order 4500012 belongs to supplier 'S-0042', not to 'S-9'" in problem.message


def test_an_order_keeps_its_supplier_between_files_staged_before_either_was_published(
    database: Database,
) -> None:
    first, second = stage([line()]), stage([line(line_no="20", supplier_no="S-9")])
    services.publish(first, by="a test")
    before = everything((*FACTS, *MASTER, *DERIVED))
    for work in (services.preview, partial(services.publish, by="a test")):
        with pytest.raises(Conflict) as caught:
            work(second)
        assert (caught.value.code, caught.value.message) == (
            "E-IMP-24",
            "Order 4500012 belongs to supplier 'S-0042' since the preview. Stage the file again.",
        )
    assert everything((*FACTS, *MASTER, *DERIVED)) == before
    again = stage([line(line_no="20", supplier_no="S-9")], tolerate=1.0)
    assert [problem.code for problem in problems_of(again)] == ["E-IMP-21"]


def test_an_orders_supplier_is_corrected_by_taking_the_first_import_back(
    database: Database,
) -> None:
    kept = publish([line(order_no="4500011")])
    wrong = publish(lines(2))
    services.undo(wrong.batch_id, by="a test")
    right = publish(lines(2, supplier_no="S-9"))
    of_suppliers = "s.number, o.number, count(*)"
    joined = (
        "schedule_line l JOIN purchase_order o ON o.id = l.order_id AND"
        " o.supplier_id = l.supplier_id JOIN supplier s ON s.id = l.supplier_id"
        " GROUP BY s.number, o.number"
    )
    assert sorted(rows_in(joined, of_suppliers)) == [
        ("S-0042", "4500011", 1),
        ("S-9", "4500012", 2),
    ]
    due = "monthly_rollup r JOIN supplier s ON s.id = r.supplier_id", "s.number, r.n_due"
    assert sorted(rows_in(*due)) == [("S-0042", 1), ("S-9", 2)]
    assert_roll_up_equals_rebuild()
    services.undo(right.batch_id, by="a test")
    assert sorted(rows_in(*due)) == [("S-0042", 1)]
    assert_roll_up_equals_rebuild()
    services.undo(kept.batch_id, by="a test")
    assert count("schedule_line") == count("purchase_order") == 0


def test_a_supplier_numbered_like_an_order_is_no_use_of_it(database: Database) -> None:
    """Undo looks for lines by their order alone, though their key holds the supplier too."""
    first = publish([line()])
    [(order_id,)] = rows_in("purchase_order", "id")
    numbers = dict(rows_in("supplier", "id, number"))
    if order_id not in numbers:
        with db.transaction() as session:
            numbers[order_id] = facts.supplier(session, id=order_id).number
    publish([line(order_no="4500013", supplier_no=numbers[order_id])])
    services.undo(first.batch_id, by="a test")
    assert rows_in("purchase_order", "number") == [("4500013",)]


def test_columns_that_a_file_lacks_leave_what_is_stored(database: Database) -> None:
    publish([line(incoterm="EXW")])
    publish([{name: cell for name, cell in line().items() if name != "unit_price"}])
    assert rows_in("schedule_line", "incoterm, unit_price") == [("EXW", 124_000)]


def test_an_empty_cell_makes_a_known_value_unknown(database: Database) -> None:
    publish([line()])
    publish([line(promised_original_on="")])
    assert rows_in("schedule_line", "promised_original_on") == [(None,)]
    assert rows_in("line_verdict", "reason") == [("reference_date_unknown",)]
    assert_roll_up_equals_rebuild()


def test_unchanged_rows_are_not_written(database: Database) -> None:
    publish(lines(3))
    counts = publish([*lines(3), line(line_no="40")]).counts
    assert (counts.new, counts.changed, counts.unchanged) == (1, 0, 3)
    assert rows_in("before_image", "count(*)") == [(2,)]  # the supplier and part of the first


def test_the_preview_counts_what_publishing_does_and_writes_nothing(database: Database) -> None:
    publish(lines(3))
    before = everything((*FACTS, *MASTER, *DERIVED))
    batch_id = stage([line(), line(line_no="20", part_no="P-9"), line(line_no="90")])
    counts = services.preview(batch_id)
    assert (counts.new, counts.changed, counts.unchanged) == (1, 1, 1)
    assert dict(counts.created) == {"part": 1}
    assert everything((*FACTS, *MASTER, *DERIVED)) == before
    assert services.publish(batch_id, by="a test").counts == counts


def test_undo_leaves_everything_as_it_was(database: Database) -> None:
    publish(lines(5))
    before = everything((*FACTS, *MASTER, *DERIVED))
    again = publish(
        [
            line(line_no="20", arrived_on="2026-10-09", part_no="P-9"),
            line(line_no="30", receipt_no="2", quantity_received="1"),
            line(line_no="60"),
            line(order_no="4500013", supplier_no="S-0043"),
        ]
    )
    assert everything((*FACTS, *MASTER, *DERIVED)) != before
    assert services.undo(again.batch_id, by="a test") == {}
    assert everything((*FACTS, *MASTER, *DERIVED)) == before
    assert batch(again.batch_id).state == "undone"
    assert_roll_up_equals_rebuild()


def test_an_orders_new_contract_judges_all_its_lines_anew(database: Database) -> None:
    publish(lines(2, contract_reference="C-1"))
    with db.transaction() as session:
        place = Place(RuleScope.CONTRACT, supplier="S-0042", contract="C-2")
        keeping.add(session, "Frame", place, Draft())
    again = publish([line(contract_reference="C-2")])
    assert rows_in("line_verdict", "rule") == [("Frame v1",), ("Frame v1",)]
    assert_roll_up_equals_rebuild()
    services.undo(again.batch_id, by="a test")
    assert rows_in("line_verdict", "rule") == [("default",), ("default",)]
    assert_roll_up_equals_rebuild()


def test_undo_of_the_first_import_leaves_nothing(database: Database) -> None:
    published = publish(lines(5, own_site="Plant North", category="Castings"))
    services.undo(published.batch_id, by="a test")
    assert {table: count(table) for table in (*FACTS, *MASTER, *DERIVED)} == dict.fromkeys(
        (*FACTS, *MASTER, *DERIVED), 0
    )


def test_undo_is_refused_when_a_later_import_changed_the_same_rows(database: Database) -> None:
    first = publish(lines(3))
    second = publish([line(quantity_received="400")])
    with pytest.raises(Conflict) as caught:
        services.undo(first.batch_id, by="a test")
    assert caught.value.code == "E-IMP-25"
    assert caught.value.message == (
        f"Import #{second.batch_id} changed rows of #{first.batch_id} since."
        f" Undo #{second.batch_id} first."
    )
    services.undo(second.batch_id, by="a test")
    services.undo(first.batch_id, by="a test")
    assert count("schedule_line") == 0


def test_undo_is_refused_when_a_later_import_built_upon_its_lines(database: Database) -> None:
    first = publish(lines(3))
    publish([line(receipt_no="2", quantity_received="5")])
    with pytest.raises(Conflict, match="1 rows of receipt refer to rows of"):
        services.undo(first.batch_id, by="a test")


def test_undo_keeps_what_others_use_by_now(database: Database) -> None:
    first = publish([line()])
    publish([line(order_no="4500099")])
    assert services.undo(first.batch_id, by="a test") == {"supplier": 1, "part": 1}
    assert count("purchase_order") == 1


def test_an_undone_file_can_be_imported_again(database: Database) -> None:
    first = publish(lines(3))
    services.undo(first.batch_id, by="a test")
    assert publish(lines(3)).counts.new == 3


def test_the_same_file_staged_twice_is_published_once(database: Database) -> None:
    first = stage(lines(3))
    # Somebody else stages the same file before it is published.
    with db.transaction() as session:
        session.execute(text("UPDATE source_batch SET staged_by = 'somebody else'"))
    second = stage(lines(3))
    services.publish(second, by="a test")
    with pytest.raises(Conflict, match=f"Already imported as #{second}"):
        services.publish(first, by="a test")
    assert count("schedule_line") == 3


def test_a_failing_publication_leaves_the_batch_staged_and_no_fact(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = stage(lines(3))

    def fail(*_: object, **__: object) -> None:
        raise KeyError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(rollup, "_settle", fail)
        with pytest.raises(KeyError):
            services.publish(batch_id, by="a test")
    assert {table: count(table) for table in FACTS} == dict.fromkeys(FACTS, 0)
    assert services.publish(batch_id, by="a test").counts.new == 3


def test_a_staging_that_was_killed_can_be_repeated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services, "_complete", die)
        with pytest.raises(KeyboardInterrupt):
            stage(lines(3))
    [(killed,)] = rows_in("source_batch", "id")
    with pytest.raises(Conflict, match="never read to its end"):
        services.publish(killed, by="a test")
    assert publish(lines(3)).counts.new == 3
    assert batch(killed).state == "discarded"
    assert count("staged_delivery") == 0


def test_a_file_sent_again_while_it_is_read_stops_the_first(database: Database) -> None:
    mapping, content = mapping_files.mapping_named("mainstay-deliveries"), csv_text(lines(1_500))
    options = Options(answers=ANYTHING)
    again: list[int] = []

    def send_again(*_: object) -> None:
        if not again:
            again.append(stage(content))

    with pytest.raises(Conflict, match=r"#1 is discarded, not staged\. .* send the file once"):
        services.stage_file(
            source(content), mapping, by="a test", options=options, progress=send_again
        )
    assert rows_in("staged_delivery", "DISTINCT batch_id") == [(again[0],)]
    assert services.publish(again[0], by="a test").counts.new == 1_500
    assert count("staged_delivery") == 0


def test_a_discarded_batch_leaves_no_staged_row_and_cannot_be_published(
    database: Database,
) -> None:
    batch_id = stage(lines(3))
    services.discard(batch_id)
    assert (count("staged_delivery"), batch(batch_id).state) == (0, "discarded")
    with pytest.raises(Conflict, match="is discarded, not staged"):
        services.publish(batch_id, by="a test")


def test_the_reject_file_can_be_mended_and_sent_again(database: Database) -> None:
    rows = [*lines(199), line(line_no="=A1", quantity_ordered="five")]
    published = publish(rows)
    with db.reading() as session:
        rejected = reject_file.content(session, published.batch_id).decode("utf-8-sig")
    header, bad = rejected.splitlines()
    assert header.split(",") == [*rows[0], "mainstay_reason"]
    assert "E-IMP-10: Row 201, 'quantity_ordered': 'five' is not a number" in bad
    assert "'=A1" in bad
    counts = publish(rejected.replace(",five,", ",5,")).counts
    assert (counts.new, count("schedule_line")) == (1, 200)
    assert ("=A1",) in rows_in("schedule_line", "line_no")


def test_rows_known_to_be_bad_only_at_the_end_stand_aside_with_their_cells(
    database: Database,
) -> None:
    batch_id = stage([line(), line()], tolerate=1.0)
    with db.reading() as session:
        rejected = reject_file.content(session, batch_id).decode("utf-8-sig")
    assert rejected.count("4500012,10,S-0042") == 2


def test_the_latest_fact_of_a_batch_is_known(database: Database) -> None:
    published = publish([line(), line(line_no="20", arrived_on="2026-11-02")])
    assert batch(published.batch_id).latest_fact_on == date(2026, 11, 2)


def test_own_warehouses_are_created_as_such(database: Database, tmp_path: Any) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(
        """
        name = "own"
        kind = "deliveries"
        [formats]
        date = "yyyy-mm-dd"
        [rules]
        creates = ["supplier"]
        own_warehouses = ["Our depot"]
        counted_statuses = ["done"]
        [fields]
        order_no = "order"
        line_no = "line"
        supplier_no = "supplier"
        status = "state"
        """,
        encoding="utf-8",
    )
    rows = [
        {"order": "1", "line": "1", "supplier": "Our depot", "state": "done"},
        {"order": "2", "line": "1", "supplier": "Adler", "state": "open"},
    ]
    publish(csv_text(rows), str(mapping), answers=Answers())
    assert sorted(rows_in("supplier", "name, kind")) == [
        ("Adler", "supplier"),
        ("Our depot", "own_warehouse"),
    ]
    assert sorted(rows_in("line_verdict", "reason")) == [
        ("reference_date_unknown",),
        ("status_not_counted",),
    ]
    assert ANYTHING.creates == {"all"}


def test_two_people_publish_the_same_file_at_once_and_one_wins(database: Database) -> None:
    first = stage(lines(50))
    with db.transaction() as session:
        session.execute(text("UPDATE source_batch SET staged_by = 'somebody else'"))
    batches = [first, stage(lines(50))]
    refused: list[Conflict] = []

    def publish_one(batch_id: int) -> None:
        try:
            services.publish(batch_id, by="a test")
        except Conflict as conflict:
            refused.append(conflict)

    threads = [Thread(target=publish_one, args=(batch_id,)) for batch_id in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [conflict.code for conflict in refused] == ["E-IMP-15"]
    assert count("schedule_line") == 50
    assert_roll_up_equals_rebuild()


def test_two_files_that_overlap_published_at_once_give_one_truth(database: Database) -> None:
    batches = [stage(lines(50)), stage([*lines(50), line(line_no="999")])]
    threads = [
        Thread(target=services.publish, args=(batch_id,), kwargs={"by": "a test"})
        for batch_id in batches
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (count("schedule_line"), count("receipt"), count("supplier")) == (51, 51, 1)
    assert_roll_up_equals_rebuild()
