"""The screens in a real browser: signing in, lists, doors, keys, colours, small screens, axe."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import timetable
from app.base import db
from app.base.db import Database
from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict
from app.facts.suppliers.models import Supplier
from app.judgement.alerts import evaluation
from app.platform.accounts import services as accounts
from tests.browser.conftest import Serve
from tests.web_app import EMAIL, PASSWORD, add_person, app_on

KESTREL = "Kestrel Castings GmbH"
CANARY = "\"><svg onload=alert(1)>'{{7*7}}</script>"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}


def supplier_path(name: str) -> str:
    with db.reading() as session:
        found = session.query(Supplier).filter_by(name=name).one()
    return f"/suppliers/{found.public_id}"


def test_a_one_time_link_signs_in_without_typing(company: Flask, serve: Serve, page: Page) -> None:
    base = serve(company)
    with db.transaction() as session:
        link = accounts.one_time_sign_in(session, by="test", base_url=base)
    page.goto(link)
    expect(page.get_by_role("heading", name="Set a password")).to_be_visible()
    expect(page).not_to_have_url(re.compile("#"))
    page.get_by_label("New password", exact=True).fill("three blue kingfishers")
    page.get_by_label("New password again").fill("three blue kingfishers")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_the_list_filters_sorts_and_pages_in_its_address(address: str, page: Page) -> None:
    page.goto(f"{address}/suppliers/?size=25")
    expect(page.locator("#content tbody tr")).to_have_count(25)
    page.get_by_label("Next page").click()
    expect(page).to_have_url(re.compile("page=2"))
    page.get_by_role("link", name="Score", exact=True).click()
    expect(page).to_have_url(re.compile("sort=score"))
    expect(page).not_to_have_url(re.compile("page=2"))
    first = page.locator("#content tbody tr").first
    expect(first.locator(".grade")).to_have_text(re.compile("^D±?$"))
    page.locator("summary", has_text="+ grade").click()
    page.get_by_label("A", exact=True).check()
    page.locator(".sheet").get_by_role("button", name="Show").locator("visible=true").click()
    expect(page).to_have_url(re.compile("grade=A"))
    expect(page).to_have_url(re.compile("sort=score"))
    expect(page.locator("#content tbody tr").first.locator(".grade")).to_have_text(
        re.compile("^A±?$")
    )


def test_a_figure_opens_its_lines_and_a_line_explains_itself(address: str, page: Page) -> None:
    page.goto(address + supplier_path(KESTREL))
    door = page.locator("#scorecard").get_by_role("link", name=re.compile("lines: open the list"))
    n = door.first.inner_text()
    door.first.click()
    expect(page.get_by_role("heading", name="OTIF by line: the lines behind it")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[\d,]+ ÷ [\d,]+ = [\d.]+\s%$"))).to_be_visible()
    expect(page.locator(".chip strong").nth(2)).to_be_visible()
    chips = page.locator(".chip strong").all_inner_texts()
    met_and_missed = [int(text.replace(",", "")) for text in chips[1:3]]
    assert sum(met_and_missed) == int(n.replace(",", ""))
    page.get_by_role("link", name=re.compile("^missed")).click()
    page.locator("#content tbody th a").first.click()
    expect(page.get_by_role("heading", name="The verdict")).to_be_visible()
    expect(page.get_by_text("Judged by the default rule")).to_be_visible()


def test_a_weight_change_is_simulated_before_anybody_is_scored_by_it(
    address: str, page: Page
) -> None:
    page.goto(f"{address}/methods/")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Edit Direct material v2")).to_be_visible()
    otif = page.get_by_label("Weight of OTIF by line", exact=True)
    otif.fill("14.5")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("The weights add up to 89.5")
    expect(otif).to_have_value("14.5")
    assert Axe().run(page, options={"runOnly": WCAG}).violations_count == 0
    otif.fill("15")
    page.get_by_label("Weight of Defects", exact=True).fill("30")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Nothing is scored by it before it is approved.")).to_be_visible()
    page.get_by_role("link", name="What would change").click()
    expect(
        page.get_by_role("heading", name=re.compile("suppliers of 63 change grade"))
    ).to_be_visible()
    first = page.locator("#content table[data-walk] tbody tr").first
    expect(first).to_contain_text("changes")
    name = first.locator("th a").inner_text()
    difference = first.locator("td").nth(3).inner_text()
    first.locator("th a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    panel = page.locator("#other-method")
    expect(panel.get_by_text("Published, by Direct material v1")).to_be_visible()
    expect(panel.locator("tfoot")).to_contain_text(difference)


def test_a_supplier_without_data_says_what_to_ask_for(address: str, page: Page) -> None:
    page.goto(f"{address}/suppliers/?grade=NR")
    page.get_by_role("link", name="Anadolu Valf Döküm A.Ş.").click()
    expect(page.get_by_role("heading", name="What to ask for")).to_be_visible()
    expect(page.get_by_text("not rated").first).to_be_visible()
    expect(page.get_by_role("button", name="Prepare review")).to_have_count(0)


def test_keys_search_go_and_walk(address: str, page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Suppliers", exact=True)).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    marked = page.locator("tr[aria-selected=true]")
    expect(marked).to_have_count(1)
    name = marked.locator("th").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("kestrel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=KESTREL)).to_be_visible()


def test_colours_follow_the_system_and_can_be_chosen(address: str, page: Page) -> None:
    def ground() -> str:
        return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    page.emulate_media(color_scheme="dark")
    page.reload()
    assert ground() == "rgb(20, 25, 26)"
    page.emulate_media(color_scheme="light")
    assert ground() == "rgb(246, 246, 243)"
    page.locator(".top .menu summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_load_state()
    assert ground() == "rgb(20, 25, 26)"


SCREENS = (
    "/", "/suppliers/", "/suppliers/new", "/jobs/", "/packs/", "/search?q=kes",
    "/imports/", "/imports/new", "/imports/1",
    "{kestrel}", "{kestrel}/deliveries", "{kestrel}/quality", "{kestrel}/risk",
    "{kestrel}/packs", "{kestrel}/facts", "{kestrel}/history", "{kestrel}/lines?outcome=missed",
    "{kestrel}/records/lots", "/methods/", "/methods/1", "/methods/1/simulate",
    "/methods/1/history", "{kestrel}?method=1", "{kestrel}/levels", "{kestrel}/standing",
    "{kestrel}/measures", "{kestrel}/disruptions/", "/custom-measures/new",
    "/levels/", "/standings/", "/nowhere",
)  # fmt: skip


# Dark differs from light in its colours alone.
@pytest.mark.parametrize(("colours", "rules"), [("light", WCAG), ("dark", CONTRAST)])
def test_axe_finds_nothing(
    address: str, page: Page, colours: Literal["light", "dark"], rules: dict[str, Any]
) -> None:
    page.emulate_media(color_scheme=colours)
    kestrel = supplier_path(KESTREL)
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        page.goto(address + screen.format(kestrel=kestrel))
        result = Axe().run(page, options={"runOnly": rules})
        if result.violations_count:
            found[screen] = [
                f"{each['id']}: {each['nodes'][0]['html'][:160]}"
                for each in result.response["violations"]
            ]
    assert found == {}


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_overflows_a_small_screen(address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    kestrel = supplier_path(KESTREL)
    overflowing = []
    for screen in SCREENS:
        page.goto(address + screen.format(kestrel=kestrel))
        root = "document.documentElement"
        if page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
            overflowing.append(screen)
    assert overflowing == []


@pytest.mark.parametrize("width", [1024, 1280, 1440])
def test_the_scorecard_stands_whole_on_a_laptop(address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + supplier_path(KESTREL))
    hidden = "e => e.scrollWidth - e.clientWidth"
    assert page.locator(".scroll:has(> table.card)").evaluate(hidden) == 0
    assert page.locator(".bar .tabs").evaluate(hidden) == 0
    period = page.locator(".bar summary")
    under = "([bar, tabs]) => bar.offsetHeight - tabs.offsetHeight"
    bar, tabs = (page.locator(each).element_handle() for each in (".bar", ".bar .tabs"))
    assert page.evaluate(under, [bar, tabs]) < 10  # one line: no second row under the tabs
    expect(period).to_have_text("Period: 12 months ▾")
    period.click()
    page.get_by_role("link", name="2026 Q3", exact=True).click()
    expect(page).to_have_url(re.compile("window=2026Q3"))
    expect(page.locator(".bar summary")).to_have_text("Period: 2026 Q3 ▾")


def test_names_that_hold_markup_stay_text(address: str, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    path = supplier_path(KESTREL)
    with db.transaction() as session:
        supplier = session.query(Supplier).filter_by(name=KESTREL).one()
        supplier.name = CANARY
        supplier.owner = CANARY
        session.query(PurchaseOrder).filter_by(supplier_id=supplier.id).first().number = CANARY
    for screen in ("/", "/suppliers/", "/search?q=svg", "/packs/", *SCREENS[9:]):
        page.goto(address + screen.format(kestrel=path))
        assert page.locator("svg[onload]").count() == 0
    page.goto(address + path)
    expect(page.get_by_role("heading", level=1)).to_have_text(CANARY)
    assert dialogs == []


def test_an_empty_house_greets_with_three_ways_in(
    sqlite_template: Path, tmp_path: Path, serve: Serve, page: Page
) -> None:
    path = tmp_path / "empty.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    db.bind(database)
    app = app_on(database, tmp_path)
    add_person(app)
    base = serve(app)
    page.goto(f"{base}/sign-in")
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Load the demo company")).to_be_visible()
    page.get_by_role("link", name="Enter a supplier").click()
    page.get_by_label("Number").fill("00123")
    page.get_by_label("Name").fill("Fragile & Söhne")
    page.get_by_label("Country").fill("deu")
    page.get_by_label("Category").fill("Castings")
    page.get_by_role("button", name="Enter supplier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fragile & Söhne")
    expect(page.get_by_role("heading", name="What to ask for")).to_be_visible()
    db.bind(None)
    database.dispose()


def late_receipts(path: Path) -> Path:
    """Write a file that says what the house did not know: sixty late lines came in time."""
    verdict, line, order = LineVerdict, ScheduleLine, PurchaseOrder
    with db.reading() as session:
        rows = session.execute(
            select(order.buyer_unit, order.number, line.line_no, line.schedule_no,
                   Receipt.source_key, Receipt.quantity, verdict.window_end_on)
            .join(line, line.order_id == order.id)
            .join(verdict, verdict.line_id == line.id)
            .join(Receipt, Receipt.line_id == line.id)
            .join(Supplier, Supplier.id == verdict.supplier_id)
            .where(Supplier.name == KESTREL, verdict.reason == "late")
            .order_by(verdict.window_end_on.desc(), line.id)
            .limit(60)
        ).all()  # fmt: skip
    heads = "buyer_unit,order_no,line_no,schedule_no,receipt_no,quantity_received,arrived_on"
    told = [",".join(str(cell) for cell in row) for row in rows]
    path.write_text("\n".join([f"{heads},supplier_no"] + [f"{each},V-10482" for each in told]))
    return path


def test_a_late_receipt_restates_the_published_card_beside_it(
    company: Flask, address: str, page: Page, tmp_path: Path
) -> None:
    page.goto(f"{address}{supplier_path(KESTREL)}/history")
    expect(page.get_by_role("heading", name="Published scorecards, 12 months")).to_be_visible()
    file = str(late_receipts(tmp_path / "late.csv"))
    command = ["import", file, "--mapping", "mainstay-deliveries"]
    assert company.test_cli_runner().invoke(args=command).exit_code == 0
    timetable.recompute()
    page.goto(f"{address}/restatements/")
    page.get_by_role("checkbox", name=f"Choose {KESTREL}, 12 months to 31 Oct 2026").check()
    page.get_by_label("Decision", exact=True).select_option("approve")
    page.get_by_label(re.compile("^Reason")).fill("The forwarder's papers came late")
    page.get_by_role("button", name="Decide").click()
    page.goto(address + supplier_path(KESTREL))
    note = page.get_by_text("Changed by import #2 late.csv. What was published before stays.")
    expect(note).to_be_visible()
    note.get_by_role("link", name="beside the published one").click()
    expect(page.get_by_role("heading", name="Restated", exact=True)).to_be_visible()
    score = page.get_by_role("row", name=re.compile("^Score"))
    before, now, moved = (score.locator("td").nth(place).inner_text() for place in (0, 2, 4))
    assert (before.split()[0], now.split()[0], moved) == ("57.9", "69.0", "+11.0")
    expect(page.get_by_text("Changed by import #2 late.csv.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^the card of")).click()
    expect(page.get_by_role("heading", name="As published", exact=True)).to_be_visible()
    expect(page.get_by_text("Restated by")).to_be_visible()


def test_an_alert_is_opened_acknowledged_and_judged(address: str, page: Page) -> None:
    evaluation.evaluate()
    page.goto(f"{address}/risk")
    page.get_by_role("link", name="Alerts", exact=True).click()
    page.locator("summary", has_text="+ severity").click()
    page.get_by_label("alarm", exact=True).check()
    page.locator(".sheet").get_by_role("button", name="Show").locator("visible=true").click()
    page.get_by_role("link", name=KESTREL).click()
    expect(page.get_by_text("Nobody yet.")).to_be_visible()
    assert Axe().run(page, options={"runOnly": WCAG}).violations_count == 0
    page.get_by_label("What is done about it").fill("Capacity call agreed for Monday")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Capacity call agreed for Monday")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    page.get_by_role("button", name="Useful").click()
    expect(page.get_by_role("button", name="Useful")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{address}/alerts/rules")
    assert Axe().run(page, options={"runOnly": WCAG}).violations_count == 0


def test_a_hidden_plant_behind_three_sources_is_traced(address: str, page: Page) -> None:
    page.goto(f"{address}/risk")
    page.get_by_role("link", name="Hidden common nodes").click()
    page.get_by_role("link", name="Plant 2, Baotou").click()
    expect(page.get_by_role("row", name="5600-A Ring magnet 16 mm")).to_contain_text("3 of 3")
    page.get_by_role("link", name="Nagoya Jishaku K.K.").click()
    picture = page.get_by_role("img", name="Who supplies Nagoya Jishaku K.K.")
    expect(picture).to_contain_text("Plant 2, Baotou, CHN")
    page.go_back()
    page.get_by_role("link", name="5600-A", exact=True).click()
    shared = page.get_by_text("All 3 “independent” sources share Plant 2, Baotou")
    expect(shared).to_be_visible()
