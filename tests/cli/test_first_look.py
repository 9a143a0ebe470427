"""The first start: each step only where its result is missing, so a second start does nothing."""

from __future__ import annotations

import os
import uuid
from datetime import date
from pathlib import Path

import pytest

from app.base import db
from app.base.db import Database
from app.cli import first_look
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.platform.accounts import services as accounts
from app.reviews.packs.models import Pack
from config import Settings
from tests.conftest import NOW


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were run, instead of running them."""
    commands: list[str] = []
    monkeypatch.setattr(first_look, "run", lambda _, *words: commands.append(" ".join(words)))
    return commands


def add_supplier(*, is_demo: bool) -> int:
    with db.transaction() as session:
        supplier = Supplier(number="V-1", name="Kestrel Castings GmbH", is_demo=is_demo)
        session.add(supplier)
        session.flush()
        return supplier.id


def add_quarter(supplier_id: int, end: date) -> None:
    with db.transaction() as session:
        method = ScoringMethod(
            name="Test", version=end.month, state="active", valid_from=end, content={},
            content_hash="0" * 64,
        )  # fmt: skip
        session.add(method)
        session.flush()
        session.add(
            ScorecardSnapshot(
                supplier_id=supplier_id, period_kind="quarter", period_end=end, as_of=end,
                method_id=method.id, input_digest="0" * 64, state="ok", coverage=1.0, parts={},
                published_at=NOW,
            )
        )  # fmt: skip


def add_pack(supplier_id: int) -> uuid.UUID:
    with db.transaction() as session:
        pack = Pack(
            kind="qbr", supplier_id=supplier_id, period="2026Q3", as_of=date(2026, 9, 30),
            content_hash="0" * 64, file_sha256="0" * 64, file_name="Kestrel.pdf", size=1, pages=1,
            made_by="test",
        )  # fmt: skip
        session.add(pack)
        session.flush()
        return pack.public_id


def test_an_empty_database_gets_the_demo_company(database: Database, ran: list[str]) -> None:
    first_look.prepare()
    assert ran == ["demo load"]


def test_a_house_with_people_and_no_suppliers_yet_starts_empty(
    database: Database, ran: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MAINSTAY_HOUSE_NAME", raising=False)
    with db.transaction() as session:
        accounts.create_admin(session, email="ana@example.com", name="Ana")
    first_look.name_the_house(Settings.from_env({"MAINSTAY_INSTANCE": str(tmp_path)}))
    first_look.prepare()
    assert ran == []
    assert "MAINSTAY_HOUSE_NAME" not in os.environ


def test_suppliers_without_figures_are_worked_out(database: Database, ran: list[str]) -> None:
    add_supplier(is_demo=False)
    first_look.prepare()
    assert ran == ["recompute"]


def test_a_pack_of_the_demo_companys_newest_quarter_is_printed(
    database: Database, ran: list[str]
) -> None:
    supplier_id = add_supplier(is_demo=True)
    add_quarter(supplier_id, date(2026, 6, 30))
    add_quarter(supplier_id, date(2026, 9, 30))
    first_look.prepare()
    assert ran == [
        "packs render --kind qbr --processes 1 --supplier V-1 --period 2026Q3",
    ]


def test_no_pack_of_a_real_supplier_is_printed_unasked(database: Database, ran: list[str]) -> None:
    add_quarter(add_supplier(is_demo=False), date(2026, 9, 30))
    first_look.prepare()
    assert ran == []


def test_a_second_start_does_nothing(database: Database, ran: list[str]) -> None:
    supplier_id = add_supplier(is_demo=True)
    add_quarter(supplier_id, date(2026, 9, 30))
    add_pack(supplier_id)
    first_look.prepare()
    assert ran == []


def test_the_newest_packs_file_is_named_when_it_is_there(
    database: Database, tmp_path: Path
) -> None:
    public_id = add_pack(add_supplier(is_demo=True))
    with db.reading() as session:
        assert first_look.newest_pack(session, tmp_path) is None
        file = tmp_path / public_id.hex[:2] / public_id.hex[2:4] / f"{public_id}.pdf"
        file.parent.mkdir(parents=True)
        file.touch()
        assert first_look.newest_pack(session, tmp_path) == file
