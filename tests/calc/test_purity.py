"""The calculation library stands alone, loads fast, and its examples run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import calc

ROOT = Path(__file__).parents[2]
MODULES = sorted(module.name for module in pkgutil.walk_packages(calc.__path__, "app.calc."))

FOREIGN = ("flask", "sqlalchemy", "werkzeug", "wtforms", "pydantic", "weasyprint", "config")
LOAD_ALL = f"""
import importlib, pkgutil, sys
import app.calc
for module in pkgutil.walk_packages(app.calc.__path__, "app.calc."):
    importlib.import_module(module.name)
names = [*{FOREIGN!r}, "scipy"]
print(sorted(name for name in names if name in sys.modules))
"""


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, text=True
    )
    return result.stdout.strip()


def test_calc_and_its_modules_load_no_framework_and_no_scipy() -> None:
    assert run(LOAD_ALL) == "[]"


def test_calc_itself_imports_nothing() -> None:
    code = "import sys; import app.calc; print('numpy' in sys.modules)"

    assert run(code) == "False"
    assert calc.__doc__


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
