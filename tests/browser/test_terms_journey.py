"""Terms that act, on the demo company: a claim to the cent, a notice date, a trigger's room."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.base import acting, db
from app.base.acting import Source
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from tests.browser.accessibility import findings
from tests.imports.files import csv_text, line, publish
from tests.incidents.cast import night
from tests.pdf.reading import page_texts
from tests.web_app import PASSWORD, add_person

SECOND = "k.brandt@example.com"
KESTREL = "Kestrel Castings GmbH"
# The four call-offs of the third quarter of 2026 that came late, as docs/demo.md sums them up.
AMOUNTS = ["117.36", "150.00", "53.29", "14.24"]
TOTAL = Decimal("334.89")


def fetched(page: Page, name: str) -> bytes:
    """Follow a link to a file and return what came."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_a_claim_is_drawn_up_and_its_annexes_add_up_to_the_cent(
    company: Flask, address: str, page: Page, browser: Browser
) -> None:
    user_id = add_person(company, email=SECOND)
    with acting.acting_as(acting.system("test", Source.CLI)), db.transaction() as session:
        grants.grant(session, user_id=user_id, role=Role.APPROVER, reason="decides on claims")
    page.goto(f"{address}/risk")
    page.get_by_role("main").get_by_role("link", name="Contracts").click()
    page.get_by_role("link", name="LP-2025-021").click()
    page.get_by_role("link", name="What it comes to").click()
    page.get_by_role("link", name="2026 Q3").click()
    # The lines stand in a draft; once it is withdrawn they can be claimed again.
    page.get_by_role("link", name="LP-2025-021/1", exact=True).click()
    page.get_by_label("Why, in 10 to 500 characters").fill("Drawn up before the last receipt")
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.get_by_text("Its lines can be claimed again.")).to_be_visible()
    page.get_by_role("link", name="Money", exact=True).click()
    page.get_by_label("Why, in 10 to 500 characters").first.fill("Late call-offs, clause 7")
    page.get_by_role("button", name="Draw up a claim for quarter 3 of 2026").click()
    expect(page.get_by_role("heading", name="Claim LP-2025-021/2")).to_be_visible()
    table = page.get_by_role("region", name="Late lines of the claim")
    shown = table.locator("tbody tr td:last-child").all_inner_texts()
    assert shown == AMOUNTS
    assert sum(map(Decimal, shown)) == TOTAL
    expect(table.locator("tfoot")).to_contain_text("334.89")
    assert findings(page) == []

    rows = openpyxl.load_workbook(io.BytesIO(fetched(page, "Annex as XLSX"))).active
    assert rows is not None
    cells = [[cell.value for cell in row] for row in rows.iter_rows()]
    heads = next(row for row in cells if "Amount" in row)
    kind, amount = heads.index("Kind"), heads.index("Amount")
    charged = [row[amount] for row in cells if row[kind] == "late line"]
    (total,) = (row[amount] for row in cells if row[kind] == "total")
    assert [Decimal(str(each)) for each in charged] == [Decimal(each) for each in AMOUNTS]
    assert sum(Decimal(str(each)) for each in charged) == TOTAL == Decimal(str(total))
    printed = " ".join(page_texts(fetched(page, "Annex as PDF")))
    for each in (*AMOUNTS, str(TOTAL)):
        assert each in printed

    page.get_by_label("Why, in 10 to 500 characters").fill("Checked against the receipts")
    page.get_by_role("button", name="Submit it to another person").click()
    expect(page.get_by_text("waits for another person")).to_be_visible()
    claim = page.url
    page.get_by_role("link", name="What waits").click()
    waiting = page.url
    other = browser.new_context().new_page()
    other.goto(f"{address}/sign-in")
    other.get_by_label("Mail address").fill(SECOND)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(f"{address}/")
    other.goto(waiting)
    other.get_by_label("Reason").fill("Every line has its receipt")
    other.get_by_role("button", name="Approve").click()
    other.wait_for_load_state()
    other.context.close()
    page.goto(claim)
    expect(page.get_by_text("let go by")).to_be_visible()
    expect(page.get_by_role("button", name="Ask to settle it")).to_be_visible()
    assert findings(page) == []


def test_ninety_days_notice_alarm_from_their_date_and_lead_to_the_contract(
    company: Flask, request: pytest.FixtureRequest, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(monkeypatch, datetime(2026, 11, 22, 3, 1, tzinfo=UTC))
    address = request.getfixturevalue("address")
    page.goto(f"{address}/alerts/")
    # It runs to 28 February 2027; ninety days before is 30 November, eight days from then.
    told = (
        "Last day for our notice: contract RV-2025-003 renews itself after 28 Feb 2027, in 8 days"
    )
    page.get_by_role("row", name=told).get_by_role("link").first.click()
    page.get_by_role("link", name="What is behind it").click()
    expect(page.get_by_role("main")).to_contain_text("Our notice by30 Nov 2026")
    expect(page.get_by_text("90 calendar days").first).to_be_visible()
    page.goto(f"{address}/calendar/")
    day = page.locator("td:has(a.due)", has_text="notice deadline")
    expect(day).to_contain_text("30")
    day.get_by_role("link", name="Ningbo").first.click()
    expect(page.get_by_role("heading", name="Magnets, capacity reserved").first).to_be_visible()


def test_imported_deliveries_open_the_agreed_room_in_the_night(
    company: Flask, request: pytest.FixtureRequest, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # October stood at 83 of 100; with twelve late lines it is 83 of 112, 74.1 %.
    publish(
        csv_text(
            [
                line(
                    order_no="4599000", line_no=str(10 * place), supplier_no="V-10482",
                    part_no="7700-A", promised_original_on="2026-10-12", arrived_on="2026-10-22",
                )
                for place in range(1, 13)
            ]
        )
    )  # fmt: skip
    report = night(monkeypatch, datetime(2026, 11, 22, 3, 1, tzinfo=UTC))
    assert report.endswith("2 incidents opened.")
    # Somebody comes in the morning after.
    address = request.getfixturevalue("address")
    page.goto(f"{address}/incidents/")
    room = page.get_by_role("row", name="Volute housings stop: OTIF by line, the month: 74.1 %")
    expect(room).to_contain_text(KESTREL)
    expect(room).to_contain_text("by a trigger")
    room.get_by_role("link").first.click()
    for step in ("Call the plant manager in Chemnitz", "Weekly capacity call until two months"):
        expect(page.get_by_text(step).first).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Confirm it").click()
    expect(page.get_by_role("button", name="It is contained")).to_be_visible()
