"""OFAC's list loads by the command line and by the page, and finds whom it names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.evidence.screening.models import ScreeningEntry
from tests.builders import facts
from tests.screening.cast import match_of, screen
from tests.single_engine import sqlite_only
from tests.web_app import Visitor, add_person, app_on, words

__all__ = ["sqlite_only"]
FOLDER = os.environ.get("MAINSTAY_REALDATA")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER, reason="MAINSTAY_REALDATA names no folder of public data"),
]
SDN = "sanctions/ofac_sdn_2024-05-03.csv"


def test_the_sdn_list_loads_and_a_listed_name_is_found(
    sqlite_only: Database, tmp_path: Path
) -> None:
    app = app_on(sqlite_only, tmp_path)
    with db.transaction() as session:
        own = facts.supplier(session, "Havin Bank Ltd", country="GBR").id
    path = str(Path(FOLDER or "") / SDN)
    args = ["screening", "load", path, "--list", "ofac", "--edition", "2024-05-03"]
    told = app.test_cli_runner().invoke(args=args)
    assert told.exit_code == 0, told.output
    assert (
        "14,965 entries (6,884 entity, 6,854 individual, 851 vessel, 376 aircraft)" in told.output
    )
    assert "1 supplier screened under 1 name: 1 new match" in told.output
    again = app.test_cli_runner().invoke(args=args)
    assert "The same file is loaded already" in again.output
    with db.reading() as session:
        match = match_of(session, own)
        assert (match.listed_name, match.score) == ("HAVIN BANK LIMITED", 100)
        assert "Countries agree: GBR." in match.reason
        cells = session.execute(select(ScreeningEntry.program, ScreeningEntry.remarks))
        assert not any(cell is not None and cell.strip() == "-0-" for row in cells for cell in row)


def multipart(fields: dict[str, str], file: bytes) -> tuple[bytes, str]:
    """Return a form with a file as browsers send it; the client's own leaves large ones open."""
    mark = "mainstay-test"
    texts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="sdn.csv"\r\n\r\n'
    body = "".join(texts).encode() + head.encode() + file + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def test_the_sdn_list_loads_by_the_page_too(sqlite_only: Database, tmp_path: Path) -> None:
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    visitor = Visitor(app)
    visitor.sign_in()
    with db.transaction() as session:
        own = facts.supplier(session, "Havin Bank Ltd", country="GBR").id
    content = (Path(FOLDER or "") / SDN).read_bytes()
    form = {"source": "ofac", "edition": "2024-05-03", "encoding": "utf-8"}
    body, content_type = multipart(form | {"csrf_token": visitor.token()}, content)
    checked = visitor.client.post("/screening/lists/", data=body, content_type=content_type)
    assert checked.status_code == 303
    page = words(visitor.get(checked.location))
    assert "14,965 entries" in page
    # Ships and aircraft stand among companies and persons; what was null is no text.
    for kind in ("Entity 6,884", "Individual 6,854", "Vessel 851", "Aircraft 376"):
        assert kind in page, kind
    assert "-0-" not in page
    assert visitor.post(f"{checked.location}/put-in-force").status_code == 303
    screen()
    with db.reading() as session:
        assert match_of(session, own).listed_name == "HAVIN BANK LIMITED"
    kinds = visitor.get(f"{checked.location}?kind=vessel&format=json").get_json()
    assert kinds["count"] == 851
