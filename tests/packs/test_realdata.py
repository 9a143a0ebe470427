"""The public deliveries of 2006–2012: Aurobindo's pack of the 4th quarter 2012, read back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

FOLDER = os.environ.get("MAINSTAY_REALDATA")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER, reason="MAINSTAY_REALDATA names no folder of public data"),
]
SCMS = "scms_delivery_history_2006_2012.csv"


def run(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    return result.stdout


def text_of(path: Path) -> str:
    """Return a file's text with single spaces, read by a program that did not print it."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    found = subprocess.run([reader, "-layout", str(path), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", found.stdout.decode())


def test_the_pack_prints_on_time_and_no_data_with_the_reason(app: Flask, tmp_path: Path) -> None:
    run(app, "import", str(Path(FOLDER or "") / SCMS), "--mapping", "scms")
    run(app, "recompute", "--as-of", "2013-03-01")
    words = ("packs", "render", "--supplier", "Aurobindo Pharma Limited", "--period", "2012Q4")
    path = Path(run(app, *words, "--kind", "qbr", "--out", str(tmp_path)).strip())
    pack = text_of(path)
    # 22 lines were due in the quarter, 21 of them on time.
    assert "On time was 95.5 % in the 4th quarter 2012 (n 22, 95 % interval 78.2 – 99.2)" in pack
    assert "21 of 22" in pack
    assert "OTIF by line, in full, defects and lots accepted are unknown." in pack
    assert "OTIF by line no data no quantities" in pack
    assert "In full no data no quantities" in pack
    assert "Defects no data no quantities" in pack
    assert "The feed has no received or no rejected quantities." in pack
    assert "OTIF by line is unknown: the feed has no received quantities." in pack
    assert SCMS[:20] in pack
    card = Path(run(app, *words, "--kind", "scorecard", "--out", str(tmp_path)).strip())
    assert "page 1 of 1" in text_of(card)
    before = path.read_bytes()
    assert Path(run(app, *words, "--kind", "qbr", "--out", str(tmp_path)).strip()).read_bytes() == (
        before
    )
