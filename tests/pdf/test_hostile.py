"""Texts that attack are printed as texts: no request, no file, no script, no endless word."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path

import pytest

from app.base.pdf.fonts import check_scripts
from app.base.pdf.renderer import Renderer, page_count
from app.base.pdf.text import SHORTENED, printable, shortened
from app.reviews.packs.content import sealed
from tests.builders import pack_content, pack_extremes
from tests.pdf.reading import active_keys, fonts, outside_links, page_texts


@pytest.mark.parametrize("name", ["card", "pack", "hostile_card", "hostile_pack"])
def test_a_file_holds_nothing_that_acts_and_no_other_file(
    name: str, request: pytest.FixtureRequest
) -> None:
    pdf = request.getfixturevalue(name)
    assert active_keys(pdf) == set()
    assert outside_links(pdf) == []


def test_templates_and_markup_in_texts_are_printed_literally(hostile_pack: bytes) -> None:
    text = "".join(page_texts(hostile_pack)[0].split("\n"))
    assert "{{7*7}} ${7*7} {0.__class__}" in text
    assert "<link rel=attachment href=file:///etc/passwd>" in text
    assert "<script>app.alert(1)</script>" in text


def test_printing_calls_nobody(renderer: Renderer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}/x"
        attack = (
            f"<img src={url}><link rel=stylesheet href={url}><object data={url}></object>"
            f"<style>@import url({url})</style><svg><image href={url} /></svg> url({url})"
        )
        sheet = pack_content.scorecard_sheet(
            frame=pack_content.frame(supplier=attack, supplier_line=attack), dispute=attack
        )
        renderer.render_one("scorecard.html", sealed(sheet))
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_template_that_asks_for_a_file_or_address_gets_none(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        (tmp_path / "base.css").write_text(f"body {{ background: url({url}) }}", encoding="utf-8")
        (tmp_path / "greedy.html").write_text(
            f"<link rel=attachment href='{secret.as_uri()}'><img src='{url}'>"
            f"<img src='{secret.as_uri()}'><object data='{url}'></object><p>still printed</p>",
            encoding="utf-8",
        )
        with Renderer(processes=1, templates=tmp_path) as greedy:
            pdf = greedy.render_one("greedy.html", sealed(pack_content.scorecard_sheet()))
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert active_keys(pdf) == set()
    assert "still printed" in page_texts(pdf)[0]


def test_an_endless_word_is_cut_and_marked(hostile_pack: bytes) -> None:
    text = " ".join(page_texts(hostile_pack)[0].split())
    assert SHORTENED in text
    assert "W" * 40 + "…" in text
    assert "W" * 41 not in text


def test_a_word_of_eighty_letters_stays_whole_and_a_longer_one_is_cut() -> None:
    assert shortened("a" * 80) == "a" * 80
    assert shortened("b " + "a" * 81) == "b " + "a" * 40 + "… " + SHORTENED


def test_a_text_of_a_megabyte_is_cut_once_and_marked_once() -> None:
    text = shortened("word " * 200_000)
    assert len(text) < 4_100
    assert text.count(SHORTENED) == 1
    assert text.endswith(SHORTENED)


def test_control_characters_and_half_letters_are_replaced() -> None:
    assert printable("a\x00b\x1bc\ud800d\n") == "a\ufffdb\ufffdc\ufffdd\n"


def test_names_in_other_scripts_are_printed_in_a_font_that_has_them(hostile_pack: bytes) -> None:
    if missing := check_scripts():
        pytest.skip(" ".join(missing))
    cover = page_texts(hostile_pack)[0]
    for name in ("株式会社山田製作所", "한국부품", "Żółć", "Ωμέγα", "🚀", "😀"):
        assert name in cover
    assert "ةكرش" in cover or "شركة" in cover
    assert {"WenQuanYi-Micro-Hei", "DejaVu-Sans-Bold"} <= fonts(hostile_pack)


def test_a_hostile_pack_keeps_its_pages(hostile_pack: bytes) -> None:
    assert page_count(hostile_pack) == 11


def test_a_pack_of_too_many_rows_is_refused_before_any_work(renderer: Renderer) -> None:
    miss = pack_content.misses()[0]
    sheet = pack_content.review_pack()
    many = dataclasses.replace(
        sheet, misses=dataclasses.replace(sheet.misses, lines=(miss,) * 99_902)
    )
    (outcome,) = renderer.render_many([("review_pack.html", many)])
    assert not isinstance(outcome, bytes)
    assert outcome.code == "E-PDF-01"
    assert outcome.message.startswith("too large: 100,000 rows; limit 3,000.")


def test_the_hostile_sheet_is_what_it_claims() -> None:
    assert len(pack_extremes.ENDLESS) == 1_000_000
