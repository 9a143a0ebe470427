"""The glossary is true of the code: the homes it names exist, and its ids are settled once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.judgement.scorecards.register import ENTRIES, MORE_ENTRIES, Better, MeasureEntry

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
HOME = re.compile(r"`((?:calc|facts|judgement|reviews|platform)/[a-z_/]+\.py)`")
ID_CELL = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def ids() -> list[str]:
    return [name for cell in ID_CELL.findall(GLOSSARY) for name in re.findall(r"`(\w+)`", cell)]


def row_of(measure_id: str) -> list[str]:
    """The cells of a measure's row: id, name, unit, range, worse, target, home, source."""
    rows = [line.strip("|").split("|") for line in GLOSSARY.splitlines() if line.startswith("| `")]
    cells = next((row for row in rows if f"`{measure_id}`" in row[0]), None)
    assert cells is not None, f"{measure_id} is not in the glossary"
    return [cell.strip() for cell in cells]


@pytest.mark.parametrize("entry", [*ENTRIES, *MORE_ENTRIES], ids=lambda entry: entry.id)
def test_a_measure_is_worse_and_on_target_as_the_glossary_says(entry: MeasureEntry) -> None:
    cells = row_of(entry.id)
    assert cells[4] == ("↓" if entry.better is Better.HIGHER else "↑")
    target = cells[5].partition(",")[0]
    assert (None if target == "–" else float(target)) == entry.target


def test_every_formula_is_where_the_glossary_says() -> None:
    homes = set(HOME.findall(GLOSSARY))
    assert "calc/delivery.py" in homes
    assert [home for home in sorted(homes) if not (ROOT / "app" / home).exists()] == []


def test_an_id_means_one_thing() -> None:
    assert len(ids()) == len(set(ids()))


def test_the_register_is_whole() -> None:
    assert {"otif_line", "otd_current", "ltv_A", "ltv_B", "ppm", "sri", "hhi", "lt_p90"} < set(
        ids()
    )


def test_every_decision_stands_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert len(pages) >= 18
    assert [page for page in pages if f"({page})" not in index] == []
