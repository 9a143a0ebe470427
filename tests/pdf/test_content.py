"""The content hash: of what is printed, and of nothing else."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from app.base.pdf.printable import PaperSize
from app.reviews.packs.content import in_two_columns, sealed
from app.reviews.packs.hashing import content_hash
from app.reviews.packs.parts import Column, Definition, Table, cut
from tests.builders import pack_content


def test_equal_contents_have_equal_hashes() -> None:
    assert content_hash(pack_content.review_pack()) == content_hash(pack_content.review_pack())


def test_the_hash_is_of_the_content_and_not_of_itself_or_the_audit_log() -> None:
    sheet = pack_content.scorecard_sheet()
    digest = content_hash(sheet)
    assert len(digest) == 64
    assert sealed(sheet).content_hash == digest
    assert content_hash(sealed(sheet)) == digest
    assert content_hash(dataclasses.replace(sheet, audit_head="ab" * 32)) == digest


def test_any_printed_word_or_drawn_number_changes_the_hash() -> None:
    sheet = pack_content.scorecard_sheet()
    digest = content_hash(sheet)
    chart = sheet.otif.chart
    moved = dataclasses.replace(chart, outside=(1,))  # type: ignore[type-var] # a chart
    others = (
        dataclasses.replace(sheet, dispute="."),
        dataclasses.replace(sheet, frame=pack_content.frame(paper_size=PaperSize.LETTER)),
        dataclasses.replace(sheet, otif=dataclasses.replace(sheet.otif, chart=moved)),
        dataclasses.replace(sheet, actions=()),
    )
    assert digest not in {content_hash(other) for other in others}
    assert len({content_hash(other) for other in others}) == 4


def test_a_scorecard_and_a_pack_survive_the_way_to_another_process() -> None:
    pack = sealed(pack_content.review_pack())
    assert pickle.loads(pickle.dumps(pack)) == pack  # noqa: S301 # our own bytes


def test_only_texts_numbers_and_parts_may_stand_in_a_content() -> None:
    sheet = dataclasses.replace(pack_content.scorecard_sheet(), dispute={"a": 1})
    with pytest.raises(TypeError, match="not dict"):
        content_hash(sheet)


def test_definitions_fill_two_columns_evenly_in_reading_order() -> None:
    terms = tuple(Definition(name, "x" * 100) for name in "abcd")
    left, right = in_two_columns(terms)
    assert [each.term for each in (*left, *right)] == ["a", "b", "c", "d"]
    assert len(left) == 2
    assert in_two_columns(()) == ((), ())


def test_a_name_too_wide_for_the_footer_is_cut_by_its_width() -> None:
    assert cut("Kestrel", 10) == "Kestrel"
    assert cut("Kestrel Castings GmbH", 10) == "Kestrel C…"
    assert cut("株式会社山田製作所", 10) == "株式会社…"


def test_the_footer_has_room_for_long_names_methods_and_periods() -> None:
    frame = pack_content.frame(supplier="K" * 200)
    assert len(frame.footer) <= 120
    assert frame.footer.endswith("as of 31 Oct 2026 · method Direct material v4")


def test_a_long_table_becomes_aligned_lines_cut_to_their_columns() -> None:
    columns = (Column("Part", 20, is_number=False), Column("Lines", 10), Column("Note", 70))
    table = Table("By part", "", columns, (("Ring", "12", "x"), ("R" * 40, "3", "株式")))
    assert table.head_line == "Part" + " " * 26 + "Lines" + " " * 82 + "Note"
    assert table.lines[0] == "Ring" + " " * 29 + "12" + " " * 85 + "x"
    assert table.lines[1] == "R" * 22 + "…" + " " * 11 + "3" + " " * 82 + "株式"
    assert not table.is_long
    assert Table("", "", columns, (("a", "b", "c"),) * 41).is_long
