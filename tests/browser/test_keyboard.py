"""The keyboard alone, large type, little motion and forced colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import findings
from tests.browser.test_screens import KESTREL, SCREENS, supplier_path

# A page of 1280 × 900 at 200 % and at 400 %: WCAG 2.2, 1.4.10.
ZOOMED = (640, 320)

# Rings that something which cuts what hangs over it takes away, one side or more.
CUT_RINGS = """() => {
  const cut = [];
  const stops = "a[href], button, input, select, summary, [tabindex='0']";
  for (const each of document.querySelectorAll(stops)) {
    each.focus();
    if (document.activeElement !== each) continue;
    const style = getComputedStyle(each);
    const reach = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
    if (style.outlineStyle === "none") cut.push("none: " + each.outerHTML.slice(0, 120));
    const ring = each.getBoundingClientRect();
    for (let around = each.parentElement; around !== document.body; around = around.parentElement) {
      if (around.tagName === "FIGURE" || getComputedStyle(around).overflowX === "visible") continue;
      const box = around.getBoundingClientRect();
      const isWhole =
        ring.left - reach >= box.left - 0.5 &&
        ring.right + reach <= box.right + 0.5 &&
        ring.top - reach >= box.top - 0.5 &&
        ring.bottom + reach <= box.bottom + 0.5;
      if (!isWhole) cut.push("cut: " + each.outerHTML.slice(0, 120));
      break;
    }
  }
  return cut;
}"""

# What is cut off at an edge with no way to scroll there.
OUT_OF_REACH = """() =>
  [...document.querySelectorAll("#content *")]
    .filter((each) => ["hidden", "clip"].includes(getComputedStyle(each).overflowX))
    .filter((each) => !each.matches(".visually-hidden, .visually-hidden *, input, .month-grid *"))
    .filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.outerHTML.slice(0, 120))"""

# Sheets of menus that reach past the page's edge when they are open.
SHEETS_OUTSIDE = """() => {
  const outside = [];
  for (const menu of document.querySelectorAll("details.menu")) {
    menu.open = true;
    const sheet = menu.querySelector(".sheet").getBoundingClientRect();
    if (sheet.left < 0 || sheet.right > document.documentElement.clientWidth) {
      outside.push(menu.innerText.slice(0, 40));
    }
    menu.open = false;
  }
  return outside;
}"""


def press_until(page: Page, place: Locator, key: str = "Tab") -> None:
    """Press a key until `place` has the focus."""
    for _ in range(80):
        page.keyboard.press(key)
        if place.evaluate("each => each === document.activeElement"):
            return
    pytest.fail(f"{key} does not reach {place}")


def test_a_menu_gives_the_focus_back_and_closes_behind_it(address: str, page: Page) -> None:
    page.goto(f"{address}/suppliers/")
    opener = page.locator("summary", has_text="+ grade")
    press_until(page, opener)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("A", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(page.locator("details.menu[open]")).to_have_count(0)
    page.keyboard.press("Enter")
    press_until(page, page.locator("summary", has_text="+ supply risk"))
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_a_press_on_the_ground_of_a_sheet_leaves_it_open(address: str, page: Page) -> None:
    page.goto(f"{address}/suppliers/")
    menu = page.locator("details.menu", has_text="+ grade")
    menu.locator("summary").click()
    page.get_by_label("A", exact=True).focus()
    menu.locator(".sheet").click(position={"x": 3, "y": 3})
    expect(page.get_by_label("A", exact=True)).to_be_visible()


def test_an_import_is_published_and_undone_by_keys(address: str, page: Page) -> None:
    page.goto(f"{address}/imports/new?mapping=mainstay-suppliers")
    rows = b"supplier_no,name,country\n00999,Fragile Parts,DEU\n,Nameless,DEU\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "two.csv", "mimeType": "text/csv", "buffer": rows}
    )
    press_until(page, page.get_by_role("button", name="Read and check"))
    page.keyboard.press("Enter")
    opener = page.get_by_role("button", name="Publish without them")
    expect(opener).to_be_visible()
    page.wait_for_load_state()
    press_until(page, opener)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, page.get_by_role("button", name="Publish the good rows"))
    page.keyboard.press("Enter")
    opener = page.get_by_role("button", name="Undo …")
    expect(opener).to_be_visible()
    page.wait_for_load_state()
    press_until(page, opener)
    page.keyboard.press("Enter")
    # What is destroyed is destroyed by a choice, not by a second Enter.
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    press_until(page, page.get_by_role("button", name="Undo the import"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Import #2 is undone")).to_be_visible()


def test_what_is_wrong_gets_the_focus_without_a_field_to_blame(address: str, page: Page) -> None:
    page.goto(f"{address}/calendars/new")
    page.get_by_label("Name").fill("Works on no day")
    for day in page.locator("input[name=weekend]").all():
        day.check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("At least one weekday must be worked.")).to_be_focused()


def test_single_keys_can_be_turned_off_and_on(address: str, page: Page) -> None:
    keys = page.get_by_role("button", name="Keys")
    keys.click()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.get_by_role("button", name="Turn them off").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.locator("#search")).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".key-hint").first).to_be_hidden()
    keys.click()
    page.get_by_role("button", name="Turn them on").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "on")
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_every_ring_is_whole(address: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    kestrel = supplier_path(KESTREL)
    cut = {}
    for screen in SCREENS:
        page.goto(address + screen.format(kestrel=kestrel))
        page.keyboard.press("Tab")
        if found := page.evaluate(CUT_RINGS):
            cut[screen] = found[:3]
    assert cut == {}


@pytest.mark.parametrize("width", ZOOMED)
def test_a_zoomed_page_keeps_everything_in_reach(address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 450})
    kestrel = supplier_path(KESTREL)
    screens = (*SCREENS, "/contracts/", "/fmea/scales/", "/audit/1")
    lost: dict[str, list[str]] = {}
    for screen in screens:
        page.goto(address + screen.format(kestrel=kestrel))
        root = "document.documentElement"
        is_wide = page.evaluate(f"{root}.scrollWidth > {root}.clientWidth")
        found = page.evaluate(OUT_OF_REACH) + page.evaluate(SHEETS_OUTSIDE)
        if is_wide or found:
            lost[screen] = [*found, "scrolls sideways"] if is_wide else found
    assert lost == {}


def test_what_scrolls_on_a_narrow_page_is_reached_by_keys(address: str, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    kestrel = supplier_path(KESTREL)
    found = {
        screen: told
        for screen in (kestrel, f"{kestrel}/quality", f"{kestrel}/records/lots", "/fmea/scales/")
        if page.goto(address + screen)
        and (told := [each for each in findings(page) if each.startswith("scrollable")])
    }
    assert found == {}


def test_an_entry_at_the_edge_of_a_strip_comes_into_sight_whole(address: str, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{address}/suppliers/")
    for entry in page.locator(".top nav a").all():
        press_until(page, entry)
        ring = entry.bounding_box()
        assert ring is not None
        assert ring["x"] >= 0
        assert ring["x"] + ring["width"] <= 360


def test_type_grows_with_the_size_that_the_browser_is_set_to(address: str, page: Page) -> None:
    kestrel = address + supplier_path(KESTREL)
    places = ("h1", "h2", "td", ".badge", ".tile .figure", ".tabs a", "main button")
    size = "each => parseFloat(getComputedStyle(each).fontSize)"
    page.goto(kestrel)
    before = [page.locator(place).first.evaluate(size) for place in places]
    assert before[2] == 13.5
    page.evaluate("document.documentElement.style.fontSize = '27px'")
    after = [page.locator(place).first.evaluate(size) for place in places]
    assert after == pytest.approx([2 * each for each in before], rel=0.01)


def test_who_wants_little_motion_has_none(address: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(address + supplier_path(KESTREL))
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0
    moving = """() => [...document.querySelectorAll("*")].filter((each) => {
      const style = getComputedStyle(each);
      return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0


def test_forced_colours_leave_states_to_be_told(address: str, page: Page) -> None:
    page.emulate_media(forced_colors="active", color_scheme="light")
    page.goto(f"{address}{supplier_path(KESTREL)}/lines?outcome=missed")
    rule = "each => getComputedStyle(each).outlineStyle"
    assert page.locator(".chip.on").evaluate(rule) == "solid"
    expect(page.locator(".chip.on")).to_have_attribute("aria-current", "true")
    assert page.locator(".chip:not(.on)").first.evaluate(rule) == "none"
    page.goto(address + supplier_path(KESTREL))
    line = "each => getComputedStyle(each).borderBottomColor"
    chosen = page.locator(".tabs [aria-current]").evaluate(line)
    others = page.locator(".tabs a:not([aria-current])").evaluate_all(
        f"all => [...new Set(all.map({line}))]"
    )
    assert len(others) == 1
    assert chosen not in others
    # A theme that was chosen by hand doesn't draw dark ink on the system's dark ground.
    page.emulate_media(forced_colors="active", color_scheme="dark")
    page.locator("html").evaluate("each => { each.dataset.theme = 'light'; }")
    ink = page.locator("figure .c-total").first.evaluate("each => getComputedStyle(each).fill")
    assert ink == "rgb(255, 255, 255)"
