"""The import contracts of pyproject.toml hold, and each of them can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A file to add to the house, what stands in it, and what the linter must say.
BREACHES = {
    "app/stray.py": ("", "app.stray"),
    "app/facts/utils.py": ("", "app.facts.utils"),
    "app/platform/newcomer/__init__.py": ("", "app.platform.newcomer"),
    "app/base/unnamed.py": ("", "app.base.unnamed"),
    "app/facts/deliveries/upwards.py": (
        "import app.reviews",
        "app.facts.deliveries.upwards -> app.reviews",
    ),
    "app/facts/suppliers/sideways.py": (
        "import app.facts.deliveries",
        "app.facts.suppliers.sideways -> app.facts.deliveries",
    ),
    "app/faces/demo/sideways.py": (
        "import app.faces.overview",
        "app.faces.demo.sideways -> app.faces.overview",
    ),
    "app/calc/framework.py": ("import flask", "app.calc.framework -> flask"),
    "app/calc/settings.py": ("import config", "app.calc.settings -> config"),
    "app/calc/watch.py": ("import time", "app.calc.watch -> time"),
    "app/facts/evidence/services.py": ("import flask", "app.facts.evidence.services -> flask"),
    "app/facts/evidence/importing.py": (
        "import app.base.web",
        "app.facts.evidence.importing -> app.base.web",
    ),
    "app/facts/evidence/queries.py": (
        "import app.facts.evidence.services",
        "app.facts.evidence.queries -> app.facts.evidence.services",
    ),
    "app/faces/overview/tables.py": (
        "import app.facts.suppliers.models",
        "app.faces.overview.tables -> app.facts.suppliers.models",
    ),
    "app/facts/evidence/pdf.py": ("import weasyprint", "app.facts.evidence.pdf -> weasyprint"),
    "app/facts/evidence/tick.py": ("import apscheduler", "app.facts.evidence.tick -> apscheduler"),
    "app/facts/evidence/far.py": ("import distributed", "app.facts.evidence.far -> distributed"),
    "app/facts/evidence/door.py": (
        "import flask_security",
        "app.facts.evidence.door -> flask_security",
    ),
}


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """Run the import linter on the house in `house`."""
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(linter), "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def breaches_found(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says, in one line, about a copy of the house with every breach in it."""
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "app", house / "app", ignore=shutil.ignore_patterns("static"))
    shutil.copy(ROOT / "pyproject.toml", house)
    for path, (text, _) in BREACHES.items():
        (house / path).parent.mkdir(exist_ok=True)
        (house / path).write_text(f"{text}\n", encoding="utf-8")
    result = lint(house)
    assert result.returncode == 1
    return " ".join(result.stdout.partition("Broken contracts")[2].split())


def test_every_import_rule_holds() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("path", BREACHES)
def test_a_breach_fails_the_build(breaches_found: str, path: str) -> None:
    assert BREACHES[path][1] in breaches_found
