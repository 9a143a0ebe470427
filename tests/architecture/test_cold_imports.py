"""What loading a part of the house must not load: frameworks below, slow libraries above."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = {
    "alembic",
    "apscheduler",
    "click",
    "config",
    "flask",
    "jinja2",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "weasyprint",
    "werkzeug",
    "wtforms",
}
SLOW = {"alembic", "openpyxl", "scipy", "weasyprint", "xlsxwriter"}


def modules_loaded_by(statement: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has after `statement`."""
    program = f"{statement}; import json, sys; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(result.stdout)}


def calc_modules() -> list[str]:
    folder = ROOT / "app" / "calc"
    return sorted(f"app.calc.{path.stem}" for path in folder.glob("*.py") if path.stem[0] != "_")


def test_the_calculation_library_loads_no_framework() -> None:
    loaded = modules_loaded_by(f"import app.calc, {', '.join(calc_modules())}")
    assert loaded & FRAMEWORKS == set()


def test_the_calculation_library_loads_scipy_only_when_it_calculates() -> None:
    loaded = modules_loaded_by(f"import {', '.join(calc_modules())}")
    assert "scipy" not in loaded


def test_the_web_process_starts_without_the_slow_libraries() -> None:
    assert modules_loaded_by("import app.factory") & SLOW == set()
