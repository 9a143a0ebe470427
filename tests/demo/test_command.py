"""`flask demo` as a person at the command line sees it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Supplier
from app.reviews.packs.models import Pack
from app.reviews.packs.services import stored_path
from tests.web_app import app_on


def test_removal_asks_first(own_company: Database, tmp_path: Path) -> None:
    result = app_on(own_company, tmp_path).test_cli_runner().invoke(args=["demo", "remove"])
    assert result.exit_code == 1
    with db.reading() as session:
        assert session.scalar(select(Supplier.id).limit(1)) is not None


def test_removal_takes_the_files_of_the_packs_too(own_company: Database, tmp_path: Path) -> None:
    app = app_on(own_company, tmp_path)
    with db.transaction() as session:
        pack = Pack(
            kind="qbr", period="2026Q3", as_of=date(2026, 9, 30), content_hash="0" * 64,
            file_sha256="0" * 64, file_name="a.pdf", size=4, pages=1, made_by="test",
            supplier_id=session.scalars(select(Supplier.id).limit(1)).one(),
        )  # fmt: skip
        session.add(pack)
        session.flush()
        path = stored_path(app.config["SETTINGS"].files, pack.public_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF")
    result = app.test_cli_runner().invoke(args=["demo", "remove", "--yes"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("The demo company is gone: 63 suppliers, ")
    assert not path.exists()


def test_a_second_load_is_refused_in_one_sentence(own_company: Database, tmp_path: Path) -> None:
    result = app_on(own_company, tmp_path).test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 1
    assert "E-DEM-01: The demo company is loaded already." in result.stderr
    assert result.stdout == ""
