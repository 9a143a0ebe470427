"""The pages of FMEA registers: what they show, keep, refuse and export."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Supplier
from app.judgement.fmea import services
from app.judgement.fmea.models import FmeaRegister, Subject
from app.judgement.fmea.modes import CauseSaid, Line, ModeSaid, add_mode
from app.judgement.fmea.queries import RowSheet, mode_sheets, register_sheet
from app.judgement.fmea.services import RegisterSaid
from tests.builders import facts
from tests.web_app import Visitor, words

REASON = "Agreed in the risk round of November."


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """Pages speak the same on both engines."""
    return sqlite_only


@pytest.fixture
def register(app: Flask) -> str:
    """A register about a supplier, with one failure mode; its path."""
    with db.transaction() as session:
        facts.supplier(session, "Nordlys", number="S-1")
        said = RegisterSaid(Subject.SUPPLIER, "Supply from Nordlys", supplier="S-1")
        found = services.open_register(session, said)
        causes = (CauseSaid(Line("Strike"), detection=(Line("News read"),)),)
        said_mode = ModeSaid("Port is closed", effects=(Line("Line stops"),), causes=causes)
        add_mode(session, found.id, said_mode)
        return f"/fmea/{found.public_id}"


def row() -> RowSheet:
    with db.reading() as session:
        return register_sheet(session, session.query(FmeaRegister).one()).modes[0].rows[0]


def form(**changes: str) -> dict[str, str]:
    """The rating form of the only row, filled in: S 8, O 6, D 5."""
    with db.reading() as session:
        found = register_sheet(session, session.query(FmeaRegister).one()).modes[0]
        sheet = mode_sheets(session, [found.mode])[0]
    effect, control = f"effect-{sheet.effects[0].id}", f"control-{row().detection[0].id}"
    rated = {effect: "8", "occurrence": "6", control: "5", "version": str(sheet.mode.version)}
    return rated | changes


def path_of_row(register: str) -> str:
    return f"{register}/rows/{row().cause.public_id}"


def test_a_row_is_rated_with_the_meaning_of_each_number_beside_it(
    insider: Visitor, register: str
) -> None:
    page = words(insider.get(path_of_row(register)))
    assert "A line stops for 3 to 14 days" in page
    assert "unscored" in page
    answer = insider.post(path_of_row(register), form(), follow_redirects=True)
    assert "Rated: priority H, RPN 240." in words(answer)
    assert "H 1" in words(insider.get("/fmea/"))


@pytest.mark.parametrize("value", ["11", "0", "2.5", "", "1e1", str(2**63), "٣"])
def test_what_is_no_rating_is_said_beside_its_field(
    insider: Visitor, register: str, value: str
) -> None:
    answer = insider.post(path_of_row(register), form(occurrence=value))
    assert answer.status_code == 422
    assert re.search(r'id="occurrence-error">.*Whole number from 1 to 10\.', answer.text)
    assert row().rating is None


def test_two_tabs_of_one_row_meet(insider: Visitor, register: str) -> None:
    seen = form()
    insider.post(path_of_row(register), seen)
    answer = insider.post(path_of_row(register), seen | {"occurrence": "2"})
    assert answer.status_code == 409
    assert "Changed by M. Weber at 21 Nov 2026 09:30 UTC" in words(answer)
    assert re.search(r'name="occurrence" value="2"[^>]* checked', answer.text)


def test_a_short_reason_is_refused_beside_its_field(insider: Visitor, register: str) -> None:
    answer = insider.post(path_of_row(register), form(reason="x"))
    assert answer.status_code == 422
    assert re.search(r'id="reason-error">.*at least 10 characters', answer.text)


def test_an_inherent_rating_needs_all_three(insider: Visitor, register: str) -> None:
    given = {"inherent_severity": "8", "inherent_occurrence": "9", "version": form()["version"]}
    answer = insider.post(f"{path_of_row(register)}/inherent", given)
    assert answer.status_code == 422
    whole = given | {"inherent_detection": "10"}
    kept = insider.post(f"{path_of_row(register)}/inherent", whole, follow_redirects=True)
    assert "inherent: without our controls" in words(kept)


@pytest.mark.parametrize("name", ["x" * 10_001, "   ", "\u200b\u2060"])
def test_a_name_that_cannot_be_is_refused_and_kept(
    insider: Visitor, register: str, name: str
) -> None:
    answer = insider.post(f"{register}/modes/new", {"name": name, "cause-new1": "Storm"})
    assert answer.status_code == 422
    said = "At most 200 characters" if len(name) > 200 else "Required"
    assert re.search(rf'id="name-error">.*{said}', answer.text)
    assert "Storm" in answer.text
    assert (
        insider.post("/fmea/new", {"subject": "lane", "lane": "x", "title": name}).status_code
        == 422
    )


def test_a_mode_is_entered_with_controls_and_edited(insider: Visitor, register: str) -> None:
    said = {
        "name": "Flood", "effect-new1": "Plant stands", "cause-new1": "River",
        "prevention-new1-new1": "Dam", "detection-new1-new1": "Warnings", "action-new1": "Call",
    }  # fmt: skip
    page = insider.post(f"{register}/modes/new", said, follow_redirects=True)
    told = words(page)
    for text in ("Flood", "Plant stands", "River", "Dam", "Warnings", "Response: Call"):
        assert text in told
    lost = insider.post(f"{register}/modes/new", {"name": "Fire", "cause-new1": "",
                                                  "detection-new1-new1": "Alarm"})  # fmt: skip
    assert "Name the cause that these controls are about." in words(lost)


def test_controls_of_another_mode_are_not_there(insider: Visitor, register: str) -> None:
    with db.reading() as session:
        mode = register_sheet(session, session.query(FmeaRegister).one()).modes[0].mode
    said = {"name": "Port", "effect-999999": "Else", "version": str(mode.version)}
    assert insider.post(f"{register}/modes/{mode.public_id}", said).status_code == 404


def test_entries_of_the_library_are_copied_unscored(insider: Visitor, register: str) -> None:
    assert insider.post(f"{register}/library", {}).status_code == 422
    chosen = {"entry": ["bankruptcy", "cyber_attack"]}
    page = insider.post(f"{register}/library", chosen, follow_redirects=True)
    assert "2 failure modes copied, unscored." in words(page)
    again = insider.get(f"{register}/library").text
    assert re.search(r'value="bankruptcy" disabled', again)


def test_a_removed_mode_can_be_put_back(insider: Visitor, register: str) -> None:
    with db.reading() as session:
        mode = register_sheet(session, session.query(FmeaRegister).one()).modes[0].mode
    place = f"{register}/modes/{mode.public_id}"
    short = insider.post(f"{place}/remove", {"reason": "x", "version": str(mode.version)})
    assert short.status_code == 422
    insider.post(f"{place}/remove", {"reason": REASON, "version": str(mode.version)})
    history = insider.get(f"{register}/history")
    assert "Removed failure modes" in words(history)
    log = re.search(r'href="(/audit/objects/fmea_register/\d+)"', history.text)
    assert log is not None
    assert insider.get(log[1]).status_code == 200
    page = insider.post(f"{place}/put-back", follow_redirects=True)
    assert "stands in the register again" in words(page)


def test_a_register_that_was_loaded_offers_no_log(insider: Visitor, register: str) -> None:
    table, key = FmeaRegister.__table__, uuid4()
    with db.transaction() as session:
        row = session.execute(select(table)).mappings().one()
        own = {"id": row["id"] + 1, "public_id": key}
        session.execute(insert(table).values({**row, **own}))
    assert "/audit/objects/" in insider.get(f"{register}/history").text
    assert "/audit/objects/" not in insider.get(f"/fmea/{key}/history").text


def test_lists_filter_and_export(insider: Visitor, register: str) -> None:
    assert "No register fits" in words(insider.get("/fmea/?ap=H"))
    assert "1 register" in words(insider.get("/fmea/?ap=none&q=nordlys"))
    assert insider.get("/fmea/?ap=X").status_code == 400
    assert "FMEA-0001" in insider.get("/fmea/?format=csv").text
    sheet = insider.get(f"{register}/worksheet?format=csv").text
    assert sheet.splitlines()[0].lstrip("\ufeff").startswith("register,step,mode,effect,severity")
    assert insider.get(f"{register}/worksheet?format=exe").status_code == 400


def test_the_matrix_is_drafted_compared_and_refused_where_it_falls(insider: Visitor) -> None:
    assert "318 H, 214 M, 468 L" in words(insider.get("/fmea/matrix/"))
    draft = insider.post("/fmea/matrix/", {"name": "Action Priority"}, follow_redirects=True)
    found = re.search(r"/fmea/matrix/(\d+)/edit", draft.text)
    assert found is not None
    fields = re.findall(r'<input name="(cell-[0-9-]+)" value="(\w+)"', draft.text)
    typed = dict(fields) | {"provenance": "House rule", "revision": "1"}
    place = f"/fmea/matrix/{found[1]}"
    bad = insider.post(f"{place}/edit", typed | {"cell-10-0": "HHHX"})
    assert (bad.status_code, "Four of H, M and L" in words(bad)) == (422, True)
    falls = insider.post(f"{place}/edit", typed | {"cell-10-0": "LHHH"})
    assert "S 10, O 8, D 7 is L, but the milder S 9, O 8, D 7 is H" in words(falls)
    saved = insider.post(f"{place}/edit", typed | {"cell-6-0": "HHHM"}, follow_redirects=True)
    assert "1 difference" in words(saved)
    assert "S 6, O 8–10, D 2–4 M H" in words(saved)
    proposed = insider.post(
        f"{place}/propose", {"reason": REASON, "version": "2"}, follow_redirects=True
    )
    assert "It waits for another person." in words(proposed)


def test_the_risk_page_of_a_supplier_lists_its_registers(insider: Visitor, register: str) -> None:
    with db.reading() as session:
        supplier = session.query(FmeaRegister).one().supplier_id
        key = session.get_one(Supplier, supplier).public_id
    page = words(insider.get(f"/suppliers/{key}/risk"))
    assert "FMEA-0001 Supply from Nordlys" in page
    assert 'value="S-1"' in insider.get(f"/fmea/new?supplier={key}").text
    assert insider.get("/fmea/new?supplier=nobody").status_code == 404
