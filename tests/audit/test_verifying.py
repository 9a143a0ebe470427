"""Verifying finds whatever was done to the log; an export is proven without the product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.base import db
from app.base.db import Database
from app.base.errors import Unavailable
from app.facts.suppliers.models import Category
from app.platform.audit import anchoring, exporting, keys, verifying
from tests.audit import tampering
from tests.audit.tampering import KINDS
from tests.web_app import settings_for

VERIFIER = Path(__file__).resolve().parents[2] / "scripts" / "verify_audit.py"
SHORT = 60


def faults(anchors: list[verifying.Anchor] | None = None) -> list[str]:
    with db.reading() as session:
        return [each.kind for each in verifying.verify(session, anchors or []).faults]


def test_an_untouched_log_holds_with_all_its_anchors(database: Database) -> None:
    anchors = tampering.fill(12)
    with db.reading() as session:
        verdict = verifying.verify(session, anchors)
    assert verdict.holds
    assert (verdict.events, verdict.last_seq, verdict.anchors) == (12, 12, 3)


def test_an_empty_log_holds(database: Database) -> None:
    assert faults() == []


def test_every_tampering_is_found(database: Database) -> None:
    anchors = tampering.fill(30)
    result = tampering.run(database, anchors, attempts=SHORT)
    assert result["missed"] == []
    assert result["found"] == SHORT
    assert faults(anchors) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_tampering_is_found(
    database: Database, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors = tampering.fill(10)
    monkeypatch.setattr(tampering, "KINDS", {kind: KINDS[kind]})
    assert tampering.run(database, anchors, attempts=4)["missed"] == []


def test_only_a_cut_tail_and_a_rebuild_with_the_key_need_an_anchor(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tampering.fill(10)
    unseen = set()
    for kind, tamper in KINDS.items():
        monkeypatch.setattr(tampering, "KINDS", {kind: tamper})
        if tampering.run(database, [], attempts=4)["missed"]:
            unseen.add(kind)
    assert unseen == {"cut tail", "empty", "rebuild with key"}


def test_another_key_signs_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tampering.fill(3)
    monkeypatch.setattr(keys, "_bound", b"b" * 48)
    assert faults() == ["mac", "mac", "mac"]


def test_an_anchor_is_a_line_of_a_file_that_is_only_appended_to(
    database: Database, tmp_path: Path
) -> None:
    settings = settings_for(database, tmp_path)
    tampering.fill(3)
    earlier = settings.anchors / "2026-11-20.jsonl"
    earlier.parent.mkdir(parents=True)
    earlier.touch(mode=0o640)
    anchoring.anchor_now(settings)
    anchoring.anchor_now(settings)
    file = settings.anchors / "2026-11-21.jsonl"
    said = [json.loads(each) for each in file.read_text(encoding="ascii").splitlines()]
    assert [(each["seq"], each["count"]) for each in said] == [(3, 3), (3, 3)]
    assert earlier.stat().st_mode & 0o777 == 0o440
    assert faults(verifying.anchors_in(settings.anchors)) == []


def test_a_torn_line_of_an_anchor_file_is_no_anchor(tmp_path: Path) -> None:
    file = tmp_path / "2026-11-21.jsonl"
    file.write_text('{"seq":3,"count":3,"hash":"ab"}\n{"seq":4,"cou', encoding="ascii")
    assert [each.seq for each in verifying.anchors_in(tmp_path)] == [3]


def export(tmp_path: Path, **given: int) -> Path:
    with db.reading() as session:
        exporting.export_to(session, tmp_path, **given)
    (tmp_path / "key").write_text("a" * 48, encoding="ascii")
    return tmp_path


def alone(folder: Path, *, with_key: bool = True) -> tuple[int, str]:
    """Run the verifier as an auditor would: without the product's packages."""
    arguments = [str(folder)] + ([str(folder / "key")] if with_key else [])
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_an_export_is_proven_without_the_product(database: Database, tmp_path: Path) -> None:
    tampering.fill(6)
    folder = export(tmp_path)
    assert alone(folder) == (0, "Every event holds and was signed with this key.\n")
    assert alone(folder, with_key=False)[0] == 0
    assert alone(export(tmp_path, first=3, last=5))[0] == 0


def change(text_: str, old: str, new: str) -> str:
    assert old in text_
    return text_.replace(old, new, 1)


def test_a_changed_export_is_found_without_the_product(database: Database, tmp_path: Path) -> None:
    tampering.fill(6)
    folder = export(tmp_path)
    file = folder / exporting.FILE
    whole = file.read_text(encoding="ascii")
    lines = whole.splitlines(keepends=True)
    for forged in (
        change(whole, "Category 0", "Category 1"),
        "".join(lines[:-1]),
        "".join(lines[1:]),
        "".join(lines[:2] + lines[3:]),
        "".join([lines[1], lines[0], *lines[2:]]),
    ):
        file.write_text(forged, encoding="ascii")
        assert alone(folder)[0] == 1
    file.write_text(whole, encoding="ascii")
    (folder / "key").write_text("b" * 48, encoding="ascii")
    assert alone(folder)[0] == 1


def test_the_stand_alone_verifier_is_short_and_needs_the_standard_library_only() -> None:
    source = VERIFIER.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 80
    imported = {
        line.split()[1] for line in source.splitlines() if line.startswith(("import", "from"))
    }
    assert imported <= {"hashlib", "hmac", "json", "sys", "pathlib"}


def test_a_log_without_its_head_takes_nothing_more(database: Database) -> None:
    tampering.fill(3)
    with database.write_engine.begin() as connection:
        tampering._disarm(connection)
        connection.execute(text("DELETE FROM audit_head"))
    with pytest.raises(Unavailable, match="lost its head"), db.transaction() as session:
        session.add(Category(name="Castings"))
    assert faults() == ["head"]
