"""How many printed pages one core makes in a second, and what memory that takes.

Every document has a content of its own, so that nothing is reused. Contents are those of the
tests' full supplier: a scorecard of ten measures, a pack of ten pages.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.base.pdf.printable import Printable
from app.base.pdf.renderer import Renderer, page_count
from app.reviews.packs.content import sealed
from tests.builders import pack_content

SCORECARDS_AT_FULL_SIZE = 60
PACKS_AT_FULL_SIZE = 12
REPETITIONS = 3
TARGET_SCORECARDS = 4.0
TARGET_PAGES = 2.7
TARGET_PEAK_MB = 700.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the benchmark's table.

    rate: documents or pages a second, median of three. target: the least that will do.
    peak_mb: the most resident memory that a printing process ever held.
    """

    name: str
    rate: float
    unit: str
    target: float
    peak_mb: float
    documents: int


def run(size: float = 1.0) -> list[Row]:
    """Print scorecards and packs in one child process and return the two lines."""
    with Renderer(processes=1) as renderer:
        renderer.render_one("scorecard.html", sealed(pack_content.scorecard_sheet()))
        return [
            _measured(
                renderer,
                name="one-page scorecard",
                template="scorecard.html",
                unit="documents/s",
                target=TARGET_SCORECARDS,
                content=_scorecard,
                documents=max(3, round(SCORECARDS_AT_FULL_SIZE * size)),
            ),
            _measured(
                renderer,
                name="review pack",
                template="review_pack.html",
                unit="pages/s",
                target=TARGET_PAGES,
                content=_pack,
                documents=max(2, round(PACKS_AT_FULL_SIZE * size)),
            ),
        ]


def _measured(
    renderer: Renderer,
    *,
    name: str,
    template: str,
    unit: str,
    target: float,
    content: Callable[[int], Printable],
    documents: int,
) -> Row:
    rates = []
    for repetition in range(REPETITIONS):
        jobs = [(template, content(repetition * documents + i)) for i in range(documents)]
        started = time.perf_counter()
        printed = [each for each in renderer.render_many(jobs) if isinstance(each, bytes)]
        seconds = time.perf_counter() - started
        counted = sum(map(page_count, printed)) if unit == "pages/s" else len(printed)
        rates.append(counted / seconds)
    peak = max(map(_peak_mb, renderer.process_ids()))
    return Row(name, statistics.median(rates), unit, target, peak, documents)


def _scorecard(number: int) -> Printable:
    frame = dataclasses.replace(pack_content.frame(), supplier=f"Kestrel Castings {number}")
    return sealed(pack_content.scorecard_sheet(frame=frame))


def _pack(number: int) -> Printable:
    frame = dataclasses.replace(pack_content.frame(), supplier=f"Kestrel Castings {number}")
    return sealed(pack_content.review_pack(frame=frame))


def _peak_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    for row in run():
        print(
            f"{row.name}: {row.rate:.1f} {row.unit} (at least {row.target:g}), "
            f"peak {row.peak_mb:.0f} MB (at most {TARGET_PEAK_MB:.0f}), {row.documents} documents"
        )
