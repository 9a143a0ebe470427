"""The renderer: same bytes, one bad document alone, limits that hold, files that are whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.base.errors import Unavailable
from app.base.pdf import fonts
from app.base.pdf.files import write_file
from app.base.pdf.printable import Limits, PaperSize, RenderError
from app.base.pdf.renderer import Renderer
from app.reviews.packs.content import sealed
from tests.builders import pack_content, pack_extremes

SHEET = sealed(pack_content.scorecard_sheet())


@dataclass(frozen=True, slots=True)
class Note:
    """A small content of our own."""

    words: str | None
    title: str = "Note"
    paper_size: PaperSize = PaperSize.A4
    content_hash: str = "00" * 32
    row_count: int = 1


@dataclass(frozen=True, slots=True)
class Deadly(Note):
    """A content that ends the process that prints it."""

    @property
    def fatal(self) -> str:
        os._exit(3)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "base.css").write_text("", encoding="utf-8")
    (folder / "note.html").write_text("<p>{{ content.words }}</p>", encoding="utf-8")
    (folder / "deadly.html").write_text("<p>{{ content.fatal }}</p>", encoding="utf-8")
    (folder / "absent.html").write_text("<p>{{ content.unheard_of }}</p>", encoding="utf-8")
    (folder / "runaway.html").write_text(
        "{% for i in range(10 ** 9) %}{% if i < 0 %}x{% endif %}{% endfor %}", encoding="utf-8"
    )
    (folder / "greedy.html").write_text("{{ 'x' * (10 ** 10) }}", encoding="utf-8")
    return folder


def test_the_same_content_gives_the_same_bytes_whatever_was_printed_between(
    renderer: Renderer, card: bytes, hostile_pack: bytes
) -> None:
    assert hostile_pack
    assert renderer.render_one("scorecard.html", SHEET) == card


def test_the_same_content_gives_the_same_bytes_in_another_process(card: bytes, pack: bytes) -> None:
    jobs = [("review_pack.html", sealed(pack_content.review_pack())), ("scorecard.html", SHEET)]
    with Renderer(processes=1) as other:
        assert list(other.render_many(jobs)) == [pack, card]


def test_another_content_gives_other_bytes(card: bytes, unknown_card: bytes) -> None:
    assert card != unknown_card


def test_one_bad_document_does_not_stop_the_others(templates: Path) -> None:
    good, dead = Note("fine"), Deadly("x")
    jobs = [
        ("note.html", good),
        ("deadly.html", dead),
        ("note.html", good),
        ("note.html", Note(None)),
        ("absent.html", good),
        ("note.html", good),
    ]
    with Renderer(processes=1, templates=templates) as renderer:
        outcomes = list(renderer.render_many(jobs))
    codes = [each.code if isinstance(each, RenderError) else "ok" for each in outcomes]
    assert codes == ["ok", "E-PDF-03", "ok", "E-PDF-04", "E-PDF-04", "ok"]
    assert outcomes[0] == outcomes[2] == outcomes[5]


def test_a_process_that_cannot_start_is_not_the_documents_fault(tmp_path: Path) -> None:
    with Renderer(processes=1, templates=tmp_path / "absent") as renderer:
        [outcome] = renderer.render_many([("note.html", Note("fine"))])
    assert str(outcome) == (
        "E-PDF-05: The printing process does not start, whatever is to be printed: the "
        "program's log says why. Mend that, then print again."
    )


def test_a_runaway_is_stopped_at_the_wall_limit_and_one_over_memory_is_refused(
    templates: Path,
) -> None:
    limits = Limits(wall_seconds=0.5)
    jobs = [
        ("runaway.html", Note("x")),
        ("greedy.html", Note("x")),
        ("note.html", Note("after")),
    ]
    with Renderer(processes=1, templates=templates, limits=limits) as renderer:
        runaway, greedy, after = renderer.render_many(jobs)
    assert isinstance(runaway, RenderError)
    assert str(runaway) == "E-PDF-02: took longer than 0.5 s and was stopped."
    assert isinstance(greedy, RenderError)
    assert greedy.code == "E-PDF-03"
    assert isinstance(after, bytes)


def test_render_one_raises_what_render_many_reports(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="limit 3,000"):
        renderer.render_one("scorecard.html", Note("x", row_count=3_001))


def test_a_machine_that_lacks_something_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fonts.check_environment() == []
    names, package, words = fonts.LIBRARIES[2]
    monkeypatch.setattr(fonts, "LIBRARIES", ((("libabsent.so.0",), package, words),))
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", ())
    monkeypatch.setattr(sys, "platform", "linux")
    assert names
    library, font = fonts.check_environment()
    assert library.endswith("Install it: apt-get install -y libharfbuzz-subset0")
    assert font.endswith("Install it: apt-get install -y fonts-dejavu-core")
    with Renderer(processes=1) as renderer, pytest.raises(RenderError, match="E-PDF-05"):
        renderer.render_one("scorecard.html", SHEET)


def test_the_parent_never_loads_the_layout_engine() -> None:
    code = "import sys, app.base.pdf.renderer; print('weasyprint' in sys.modules)"
    shown = subprocess.run(  # our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "False"


def test_a_file_appears_whole_under_its_name(tmp_path: Path) -> None:
    write_file(b"%PDF", tmp_path / "ab" / "pack.pdf")
    write_file(b"%PDF newer", tmp_path / "ab" / "pack.pdf")
    assert (tmp_path / "ab" / "pack.pdf").read_bytes() == b"%PDF newer"
    assert [path.name for path in (tmp_path / "ab").iterdir()] == ["pack.pdf"]


def test_a_full_disk_leaves_the_old_file_and_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pack.pdf"
    write_file(b"old", path)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left on device"):
        write_file(b"new", path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["pack.pdf"]


def test_a_content_can_be_sent_to_another_process_on_other_paper() -> None:
    letter = pack_extremes.on_letter(SHEET)
    assert letter.paper_size is PaperSize.LETTER
