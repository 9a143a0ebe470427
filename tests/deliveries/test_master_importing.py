"""What master records say of lines holds at once, and equals a rebuild."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.facts.deliveries import queries, rollup
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyRollup
from app.platform.imports import kinds, services
from tests.deliveries.test_rollup import differences
from tests.imports.files import line, publish, stage

SUPPLIER = {"supplier_no": "S-0042", "name": "Adler Pumps SE"}
PART = {"part_no": "P-100", "unit": "pcs"}


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    kinds.register(IMPORT_KINDS)


def published(mapping: str, row: dict[str, Any]) -> int:
    batch_id = stage([row], mapping)
    services.publish(batch_id, by="a test")
    return batch_id


def one_verdict() -> LineVerdict:
    with db.reading() as session:
        return session.scalars(select(LineVerdict)).one()


def assert_equal_to_a_rebuild() -> None:
    with db.transaction() as session:
        until = queries.closed_until(session)
        assert differences(session, until or LATE) == []


LATE = date(2026, 11, 20)


def delivered(**given: Any) -> None:
    publish([SUPPLIER | {"currency": "EUR"}], "mainstay-suppliers")
    publish([PART], "mainstay-parts")
    publish([line(supplier_no="S-0042", part_no="P-100", currency="EUR", **given)])


def test_a_new_currency_of_a_supplier_makes_values_unknown_and_undoing_known_again(
    database: Database,
) -> None:
    delivered()
    value = one_verdict().value_due
    assert value is not None
    batch_id = published("mainstay-suppliers", SUPPLIER | {"currency": "USD"})
    assert one_verdict().value_due is None
    assert_equal_to_a_rebuild()
    services.undo(batch_id, by="a test")
    assert one_verdict().value_due == value
    assert_equal_to_a_rebuild()


def test_a_part_that_becomes_bulk_has_its_lines_judged_with_tolerance(database: Database) -> None:
    delivered()
    assert one_verdict().rule == "default"
    batch_id = published("mainstay-parts", PART | {"unit": "kg"})
    assert one_verdict().rule == "default_bulk"
    assert_equal_to_a_rebuild()
    services.undo(batch_id, by="a test")
    assert one_verdict().rule == "default"
    assert_equal_to_a_rebuild()


@pytest.mark.parametrize(
    ("mapping", "row"),
    [
        ("mainstay-suppliers", SUPPLIER | {"name": "Adler Pumps AG", "currency": "EUR"}),
        ("mainstay-suppliers", SUPPLIER | {"name": "Adler Pumps AG"}),
        ("mainstay-parts", PART | {"unit": "ea"}),
    ],
)
def test_what_verdicts_do_not_rest_on_leaves_them_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch, mapping: str, row: dict[str, Any]
) -> None:
    delivered()
    monkeypatch.setattr(rollup, "change", None)
    published(mapping, row)
    with db.reading() as session:
        assert session.scalar(select(MonthlyRollup.spend_lines)) == 1
        assert session.scalar(select(ScheduleLine.id)) == one_verdict().line_id
