"""Every pack prints the audit log's head of the moment it was made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from app.base.pdf.renderer import Renderer
from app.reviews.packs.content import sealed
from tests.builders import pack_content
from tests.pdf.reading import page_texts

HEAD = "1204 9f3ac21b07de" + "0" * 52


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(processes=1) as shared:
        yield shared


def test_the_footer_carries_the_head_on_every_page(renderer: Renderer) -> None:
    sheet = sealed(pack_content.review_pack())
    with_head = dataclasses.replace(sheet, audit_head=HEAD)
    pages = page_texts(renderer.render_one("review_pack.html", with_head))
    assert [page for page in pages if "log 1204 9f3ac21b07de" not in page] == []
    assert HEAD in pages[0].replace("\n", "")


def test_the_head_is_not_part_of_the_content_and_the_same_head_gives_the_same_bytes(
    renderer: Renderer,
) -> None:
    sheet = sealed(pack_content.scorecard_sheet())
    with_head = dataclasses.replace(sheet, audit_head=HEAD)
    assert with_head.content_hash == sheet.content_hash
    first, again = (renderer.render_one("scorecard.html", with_head) for _ in range(2))
    assert first == again
    plain = page_texts(renderer.render_one("scorecard.html", sheet))[0]
    assert "log 1204" not in plain
