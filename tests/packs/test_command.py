"""`flask packs render` and the job behind the button, as a script and a person see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.platform.jobs.handle import Run
from app.reviews.packs import printing
from config import Settings
from tests.packs.conftest import House, Paperless


@pytest.fixture(autouse=True)
def no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print no pages, whoever prints."""
    monkeypatch.setattr("app.cli.packs.Renderer", lambda **_: Paperless())
    monkeypatch.setattr("app.reviews.packs.making.Renderer", lambda **_: Paperless())
    monkeypatch.setattr("app.reviews.packs.making._kept_printer", [])


def render(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["packs", "render", *words])


def test_the_path_stands_on_standard_output_alone(app: Flask, house: House, tmp_path: Path) -> None:
    done = render(
        app, "--supplier", "Kestrel Castings", "--kind", "qbr", "--period", "2026Q3",
        "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    path = Path(done.stdout.strip())
    assert path == tmp_path / "out" / "Kestrel-Castings-qbr-2026Q3.pdf"
    assert path.exists()


def test_a_second_time_it_says_unchanged(app: Flask, house: House) -> None:
    render(app, "--supplier", "V-1", "--period", "2026Q3")
    assert "unchanged" in render(app, "--supplier", "V-1", "--period", "2026Q3").stderr


def test_everybody_is_every_rated_supplier(app: Flask, house: House) -> None:
    done = render(app, "--all", "--kind", "scorecard", "--period", "2026Q3")
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.split()) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--supplier", "Our warehouse", "--period", "2026Q3"), "E-PCK-06"),
        (("--supplier", "Nobody", "--period", "2026Q3"), "E-SUP-01"),
        (("--supplier", "V-1", "--period", "2027Q1"), "E-PCK-05"),
        (("--supplier", "V-1", "--period", "soon"), "E-PCK-04"),
    ],
)
def test_a_refusal_goes_to_standard_error_with_status_1(
    app: Flask, house: House, words: tuple[str, ...], code: str
) -> None:
    done = render(app, *words)
    assert done.exit_code == 1
    assert code in done.stderr
    assert done.stdout == ""


def test_neither_a_supplier_nor_everybody_is_a_usage_error(app: Flask, house: House) -> None:
    assert render(app, "--period", "2026Q3").exit_code == 2


def test_the_job_reports_the_file_and_links_to_it(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = app.config["SETTINGS"]
    monkeypatch.setattr(printing.Settings, "from_env", lambda: settings)
    seen: list[tuple[int, int | None]] = []
    report = printing.print_packs_job(
        {"supplier_ids": [house.kestrel], "kind": "qbr", "period": "2026Q3", "by": "M. Weber"},
        Run.by_hand(lambda done, total: seen.append((done, total))),
    )
    assert report["summary"] == "The document is ready."
    assert seen == [(1, 1)]
    (link,) = report["links"]
    assert link["label"] == "Download Kestrel-Castings-qbr-2026Q3.pdf"
    assert link["href"].startswith("/packs/")


def test_a_job_whose_every_document_is_refused_fails(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = app.config["SETTINGS"]
    monkeypatch.setattr(printing.Settings, "from_env", lambda: settings)
    with pytest.raises(Exception, match="E-PCK-06"):
        printing.print_packs_job(
            {"supplier_ids": [house.warehouse], "kind": "qbr", "period": "2026Q3"}, Run.by_hand()
        )
