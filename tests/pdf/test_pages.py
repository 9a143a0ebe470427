"""What the printed pages show: one page, eleven, sums that add up, no data with its reason."""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal

import pytest

from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer, page_count
from app.base.pdf.text import printed
from app.reviews.packs.content import Misses, sealed
from tests.builders import pack_content
from tests.pdf.reading import alternative_texts, colours, is_tagged, page_texts

SECTIONS = (
    "Summary", "Scorecard", "Delivery", "Quality", "Lead time", "Supply risk index",
    "Continuity and contracts", "Worst misses", "Definitions",
)  # fmt: skip


def test_a_full_scorecard_fits_one_page(card: bytes) -> None:
    assert page_count(card) == 1
    assert "page 1 of 1" in page_texts(card)[0]


def test_a_full_scorecard_fits_one_letter_page(renderer: Renderer) -> None:
    sheet = pack_content.scorecard_sheet(frame=pack_content.frame(paper_size=PaperSize.LETTER))
    assert page_count(renderer.render_one("scorecard.html", sealed(sheet))) == 1


def test_a_long_supplier_name_leaves_the_scorecard_on_one_page(renderer: Renderer) -> None:
    name = "Vereinigte Kestrel-Gussteile- und Präzisionsbearbeitungsgesellschaft mbH & Co. KG"
    sheet = pack_content.scorecard_sheet(frame=pack_content.frame(supplier=name))
    assert page_count(renderer.render_one("scorecard.html", sealed(sheet))) == 1


def test_a_full_pack_has_eleven_pages(pack: bytes) -> None:
    assert page_count(pack) == 11


def test_a_full_pack_on_letter_has_eleven_pages(renderer: Renderer) -> None:
    content = pack_content.review_pack(frame=pack_content.frame(paper_size=PaperSize.LETTER))
    assert page_count(renderer.render_one("review_pack.html", sealed(content))) == 11


def test_the_contents_name_the_page_on_which_each_section_stands(pack: bytes) -> None:
    pages = page_texts(pack)
    lines = pages[1].splitlines()
    numbers = [int(line) for line in lines if re.fullmatch(r"\d{1,2}", line)]
    assert numbers[: len(SECTIONS)] == list(range(3, 12))
    for title, number in zip(SECTIONS, numbers, strict=False):
        assert pages[number - 1].splitlines()[1] == title


def test_printed_contributions_add_up_to_the_printed_sum(card: bytes) -> None:
    printed = [
        Decimal(line.strip())
        for line in page_texts(card)[0].splitlines()
        if re.fullmatch(r"\s*\d+\.\d\d", line)
    ]
    assert len(printed) == 10
    assert sum(printed[:-1]) == printed[-1] == Decimal("59.22")
    assert "59.22 ÷ 0.95" in page_texts(card)[0]


def test_the_footer_names_supplier_period_as_of_method_hash_and_page(pack: bytes) -> None:
    content = sealed(pack_content.review_pack())
    digest = content.content_hash
    groups = f"sha256 {digest[:4]} {digest[4:8]} {digest[8:12]} … · page 3 of 11"
    page = page_texts(pack)[2]
    assert groups in page
    assert (
        "Mainstay · Kestrel Castings GmbH · 12 months to 31 October 2026 · "
        "as of 31 Oct 2026 · method Direct material v4"
    ) in page


def test_the_whole_hash_stands_on_the_cover(pack: bytes) -> None:
    assert sealed(pack_content.review_pack()).content_hash in page_texts(pack)[0]


def test_an_unknown_measure_prints_no_data_and_why(
    unknown_card: bytes, unknown_pack: bytes
) -> None:
    sheet = " ".join(page_texts(unknown_card)[0].split())
    assert "no data the feed has no received quantity" in sheet
    assert "no data the feed has no rejects" in sheet
    assert page_count(unknown_card) == 1
    pack = " ".join(" ".join(page_texts(unknown_pack)).split())
    assert "no data · no order dates" in pack
    assert "82.6 %" in pack.replace("\u202f", " ").replace("\u00a0", " ")


def test_sections_without_data_share_pages(unknown_pack: bytes) -> None:
    assert page_count(unknown_pack) == 8


def test_the_contents_say_of_every_section_what_it_found(renderer: Renderer) -> None:
    none = Misses("", (), "No line was missed in the 12 months.", is_fact=True)
    content = pack_content.review_pack(misses=none)
    contents = page_texts(renderer.render_one("review_pack.html", sealed(content)))[1]
    assert "No line was missed in the 12 months." in contents


def test_a_figure_and_its_unit_are_never_parted() -> None:
    assert printed("we 1 (11 %), 2.4 × the limit, 7 d") == (
        "we 1 (11\u00a0%), 2.4\u00a0× the limit, 7\u00a0d"
    )
    assert printed("0.0 – 100.0 of 3 drums – late") == "0.0\u00a0– 100.0 of 3 drums – late"


def test_an_unrated_supplier_shows_no_score(unknown_card: bytes) -> None:
    words = page_texts(unknown_card)[0].splitlines()
    assert "not rated" in words
    assert not [line for line in words if re.fullmatch(r"\d+\.\d\d", line)]


@pytest.mark.parametrize("name", ["card", "pack", "hostile_pack", "unknown_pack"])
def test_paper_is_grey(name: str, request: pytest.FixtureRequest) -> None:
    printed = colours(request.getfixturevalue(name))
    assert printed
    assert all(len(set(colour)) == 1 for colour in printed)


def test_a_pack_is_tagged_and_its_charts_have_an_alternative_text(pack: bytes) -> None:
    assert is_tagged(pack)
    assert any("the last five months lie below" in text for text in alternative_texts(pack))


def test_a_long_table_prints_every_row_and_repeats_its_head(renderer: Renderer) -> None:
    lead_time = pack_content.lead_time()
    rows = tuple((f"Part {number:04d}", "1", "2 d", "3 d", "4 d", "5 d") for number in range(150))
    parts = dataclasses.replace(lead_time.parts, rows=rows)
    content = pack_content.review_pack(lead_time=dataclasses.replace(lead_time, parts=parts))
    pages = page_texts(renderer.render_one("review_pack.html", sealed(content)))
    whole = "\n".join(pages)
    assert all(f"Part {number:04d} " in whole for number in range(150))
    assert sum("Part" in page and "Spread" in page and "P90" in page for page in pages) >= 3
