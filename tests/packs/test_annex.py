"""A pack with annex tells its figures as sums and the lines behind them, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.base import db
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer
from app.reviews.packs import builder, reading
from app.reviews.packs.content import AnnexedReviewPack
from app.reviews.packs.services import PackKind, PackRequest, Workshop, produce
from tests.packs.conftest import House

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def annexed(supplier_id: int) -> AnnexedReviewPack:
    with db.reading() as session:
        basis = builder.gather(session, supplier_id, "2026Q3")
        found = builder.gather_annex(session, basis)
    return builder.annexed_review_pack(
        basis, found, house="Adler Pumps SE", paper_size=PaperSize.A4
    )


def test_the_annex_puts_the_numbers_in_and_tells_missed_lines_first(house: House) -> None:
    annex = annexed(house.kestrel).annex
    sums = {row[0]: row[2] for row in annex.sums.rows}
    assert sums["OTIF by line"] == "70 ÷ 80 = 87.5 %"
    rows = [row for table in annex.lines for row in table.rows]
    assert [row[3] for row in rows[:11]] == ["missed: late"] * 10 + ["met"]
    assert rows[0][4] == "all 1,000 on 15 May, due 11 May"
    assert "All 80 lines stand here." in annex.reading


def test_a_limited_annex_says_where_the_rest_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ANNEX_LINES", 12)
    annex = annexed(house.kestrel).annex
    assert sum(len(table.rows) for table in annex.lines) == 12
    assert "12 of 80 lines stand here, missed ones first" in annex.reading


def test_the_same_data_give_the_same_bytes(house: House, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        workshop = Workshop(tmp_path / name, "Adler Pumps SE", PaperSize.A4, by="test")
        request = PackRequest(house.kestrel, PackKind.ANNEXED, "2026Q3")
        with Renderer(processes=1) as renderer:
            (outcome,) = produce([request], workshop=workshop, renderer=renderer)
        assert outcome.file is not None, outcome.error
        made.append(outcome.file.read_bytes())
    assert made[0] == made[1]
