"""Rows that stand aside leave nothing behind: they neither block the others nor create things."""

from __future__ import annotations

from app.base.db import Database
from app.platform.imports import services
from app.platform.imports.mapping import Answers
from tests.imports.files import count, line, problems_of, publish, rows_in, stage


def test_an_unknown_supplier_stands_aside_and_the_other_rows_are_published(
    database: Database,
) -> None:
    publish([line()])
    rows = [line(), line(order_no="4500013"), line(order_no="4500014", supplier_no="S-9")]
    batch_id = stage(rows, answers=Answers(), tolerate=1.0)
    [problem] = problems_of(batch_id)
    assert (problem.row_no, problem.code) == (4, "E-IMP-20")
    assert services.preview(batch_id).new == 1
    published = services.publish(batch_id, by="a test")
    assert (published.counts.new, published.counts.unchanged) == (1, 1)


def test_rows_that_stand_aside_create_nothing(database: Database) -> None:
    twice = line(order_no="4500013", supplier_no="S-9", part_no="P-9")
    batch_id = stage([line(), twice, twice], tolerate=1.0)
    assert {problem.code for problem in problems_of(batch_id)} == {"E-IMP-14"}
    assert services.publish(batch_id, by="a test").counts.created == {"supplier": 1, "part": 1}
    assert rows_in("supplier", "number") == [("S-0042",)]
    assert count("part") == 1
