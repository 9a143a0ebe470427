"""`flask audit` and `flask people`: exit status, files, refusals."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app.base import db
from app.base.db import Database
from app.platform.accounts import services
from app.platform.audit import anchoring
from tests.audit import tampering


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=list(arguments))
    return done.exit_code, done.output


def printed(app: Flask, *arguments: str) -> str:
    return app.test_cli_runner().invoke(args=list(arguments)).stdout


def test_verify_says_whether_the_log_holds(app: Flask, database: Database) -> None:
    tampering.fill(4)
    assert run(app, "audit", "anchor")[0] == 0
    status, said = run(app, "audit", "verify")
    assert (status, "The log holds: 4 events" in said) == (0, True)
    with database.write_engine.begin() as connection:
        tampering._disarm(connection)
        connection.execute(text("UPDATE audit_event SET reason = 'another' WHERE seq = 2"))
    status, said = run(app, "audit", "verify")
    assert (status, "Event 2 was changed after it was written." in said) == (1, True)


def test_verify_prints_json_for_programs(app: Flask) -> None:
    tampering.fill(2)
    told = json.loads(printed(app, "audit", "verify", "--json"))
    assert (told["holds"], told["events"], told["faults"]) == (True, 2, [])


def test_a_head_printed_on_a_pack_is_compared(app: Flask) -> None:
    tampering.fill(3)
    with db.reading() as session:
        on_paper = str(anchoring.head_of(session))[:14]
    assert run(app, "audit", "verify", "--head", on_paper)[0] == 0
    assert run(app, "audit", "verify", "--head", "3 000000000000")[0] == 1
    assert run(app, "audit", "verify", "--head", "nonsense")[0] == 1


def test_a_range_is_exported_with_its_manifest(app: Flask, tmp_path: Path) -> None:
    tampering.fill(4)
    assert run(app, "audit", "export", "--to", str(tmp_path), "--first", "2", "--last", "3")[0] == 0
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="ascii"))
    assert (manifest["first_seq"], manifest["last_seq"], manifest["count"]) == (2, 3, 2)


def test_a_person_is_exported_and_erased(app: Flask) -> None:
    with db.transaction() as session:
        services.create_admin(session, email="q@example.com", name="Quirina")
    told = json.loads(printed(app, "people", "export", "q@example.com"))
    assert told["person"]["name"] == "Quirina"
    refused, words = run(app, "people", "erase", "q@example.com", "--reason", "x", "--yes")
    assert (refused, "at least 10 characters" in words) == (1, True)
    asked = ("--reason", "Asked for by letter.", "--yes")
    assert run(app, "people", "erase", "q@example.com", *asked)[0] == 0
    assert run(app, "people", "export", "q@example.com")[0] == 1
    assert (app.config["SETTINGS"].instance / "erasures.jsonl").exists()
    assert run(app, "audit", "verify")[0] == 0
