"""The desk that prints for people who wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError

import pytest

from app.base.pdf import desk
from app.base.pdf.printable import PaperSize

TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """The least that can be printed."""

    title: str
    paper_size: PaperSize = PaperSize.A4
    content_hash: str = "0"
    row_count: int = 0


class Slow:
    """A renderer that waits a moment for somebody who prints at the same time."""

    prints: list[str]
    meeting: Barrier

    def __init__(self, *, processes: int) -> None:
        assert processes == 1

    def __enter__(self) -> Slow:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def render_one(self, template: str, content: Sheet) -> bytes:
        self.prints.append(content.title)
        with suppress(BrokenBarrierError):
            self.meeting.wait(timeout=0.05)
            self.prints.append("two at once")
        return f"{template} {content.title}".encode()


def test_many_clicks_at_once_are_one_print(monkeypatch: pytest.MonkeyPatch) -> None:
    Slow.prints, Slow.meeting = [], Barrier(2)
    monkeypatch.setattr(desk, "Renderer", Slow)
    desk._printed.cache_clear()
    asked = [Sheet("claim"), Sheet("card")] * TOGETHER
    with ThreadPoolExecutor(len(asked)) as people:
        found = list(people.map(lambda each: desk.print_one("page.html", each), asked))
    desk._printed.cache_clear()
    assert found == [b"page.html claim", b"page.html card"] * TOGETHER
    assert sorted(Slow.prints) == ["card", "claim"]
