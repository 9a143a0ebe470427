"""A dispute goes from the line's page to a ruling; who opened it is refused, with the reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import select

from app.base import clock, db
from app.facts.deliveries.disputes import services
from app.facts.deliveries.disputes.models import Dispute, Ground
from app.facts.deliveries.disputes.services import Objection
from tests.overview.conftest import House
from tests.web_app import Visitor, words

KEY = re.compile(r"/disputes/[0-9a-f-]{36}")
LINE = re.compile(r'href="(/suppliers/[0-9a-f-]+/lines/(\d+))')
REFUSED = {"outcome": "refused", "effect": "none", "reason": "The note is of another order."}
OUT = {"outcome": "upheld", "effect": "exclude", "reason": "It was never ordered from them."}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def in_october(fixed_clock: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 20, 9, tzinfo=UTC))


def newest_miss(insider: Visitor, house: House) -> tuple[str, int]:
    """The page and the key of the latest missed line: its quarter is still open."""
    page = insider.get(f"{house.fragile}/lines?outcome=missed&window=2026Q3")
    found = LINE.search(page.text)
    assert found is not None
    return found[1], int(found[2])


def test_a_dispute_is_opened_on_the_lines_page_and_its_opener_may_not_decide(
    insider: Visitor, house: House
) -> None:
    page, line = newest_miss(insider, house)
    assert f"/disputes/lines/{line}" in insider.get(page).text
    form = {"ground": "date", "claim": "=HYPERLINK(1) we agreed on Friday", "said_by": "A. Sohn"}
    answer = insider.post(f"/disputes/lines/{line}", form)
    assert answer.status_code == 303
    key = answer.headers["Location"]
    shown = words(insider.get(key))
    assert "we agreed on Friday" in shown
    assert "until 21 Oct 2026" in shown
    refused = insider.post(f"{key}/ruling", OUT)
    assert refused.status_code == 403
    assert "You opened this dispute; somebody else decides it." in words(refused)
    again = insider.post(f"/disputes/lines/{line}", form)
    assert again.status_code == 409
    listed = insider.get("/disputes/?state=open")
    assert key in listed.text
    assert "'=HYPERLINK" in insider.get("/disputes/?format=csv").data.decode("utf-8-sig")


def test_somebody_else_decides_and_a_further_ruling_takes_it_back(
    insider: Visitor, house: House
) -> None:
    _, line = newest_miss(insider, house)
    with db.transaction() as session:
        said = Objection(Ground.NOT_OURS, "Not our order.")
        services.open_dispute(session, line, said, today=clock.today())
        key = session.scalars(select(Dispute.public_id)).one()
    address = f"/disputes/{key}"
    assert insider.post(f"{address}/ruling", REFUSED | {"reason": "no"}).status_code == 422
    assert insider.post(f"{address}/ruling", OUT).status_code == 303
    page = words(insider.get(address))
    assert "The line stands outside every rate. It was never ordered from them." in page
    assert "left out by a ruling" in words(insider.get(f"{house.fragile}/lines/{line}")).lower()
    assert insider.post(f"{address}/withdraw", {"reason": "A slip of mine."}).status_code == 303
    page = words(insider.get(address))
    assert "What the ruling before had changed is put back. A slip of mine." in page


def test_a_key_that_no_database_keeps_is_no_receipt(insider: Visitor, house: House) -> None:
    _, line = newest_miss(insider, house)
    with db.transaction() as session:
        said = Objection(Ground.DATE, "It came on Friday.")
        key = services.open_dispute(session, line, said, today=clock.today())
    form = OUT | {"effect": "receipt", "arrived_on": "2026-09-01"}
    for receipt in ("9" * 30, "9" * 5000):
        answer = insider.post(f"/disputes/{key}/ruling", form | {"receipt_id": receipt})
        assert answer.status_code == 422
        assert "Choose one of the line’s receipts." in words(answer)


def test_evidence_is_attached_and_a_file_that_lies_is_refused(
    insider: Visitor, house: House
) -> None:
    _, line = newest_miss(insider, house)
    form = {"ground": "date", "claim": "See the note."}
    key = insider.post(f"/disputes/lines/{line}", form).headers["Location"]
    note = {"file": (BytesIO(b"Stood at the gate on Monday.\n"), "note.txt")}
    assert insider.post(f"{key}/files", note).status_code == 303
    assert "note.txt" in words(insider.get(key))
    lie = {"file": (BytesIO(b"MZ\x00\x01"), "note.pdf")}
    assert insider.post(f"{key}/files", lie).status_code == 422
