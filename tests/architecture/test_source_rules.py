"""Rules about files and names that no linter of ours knows."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
UNNAMED_THINGS = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
CLOCK = Path("app/base/clock.py")
# Whatever of the standard library tells the time of day; a stop watch (monotonic,
# perf_counter) tells none.
TIME_TELLERS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}
ENTRIES = Path("app/base/web/entries.py")
CODE = re.compile(r'"E-([A-Z]{3})-\d{2}"')
# What every feature may say: out of reach, no such supplier, a file, two people, a query.
SHARED_CODES = {"ACC", "API", "AUT", "FIL", "IMP", "SOD", "SUP", "SYS"}


def source_files() -> list[Path]:
    found = [*ROOT.glob("*.py"), *(ROOT / "app").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


def time_tellers_in(tree: ast.AST) -> Iterator[str]:
    """Yield every mention of a function that reads the time of day."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else None
            if isinstance(node.value, ast.Name):
                owner = node.value.id
            if (owner, node.attr) in TIME_TELLERS:
                yield f"{owner}.{node.attr} in line {node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if ("time", name.name) in TIME_TELLERS:
                    yield f"time.{name.name} in line {node.lineno}"


@pytest.mark.parametrize("path", source_files(), ids=str)
def test_a_file_is_short_enough_to_be_about_one_thing(path: Path) -> None:
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{path} has {lines} lines: split it by noun"


def test_every_module_is_named_after_what_it_holds() -> None:
    unnamed = [path for path in source_files() if UNNAMED_THINGS & set(path.with_suffix("").parts)]
    assert unnamed == []


def test_only_the_clock_reads_the_time() -> None:
    readers = {
        str(path): list(time_tellers_in(ast.parse((ROOT / path).read_text(encoding="utf-8"))))
        for path in source_files()
        if path != CLOCK and path.parts[0] == "app"
    }
    assert {path: found for path, found in readers.items() if found} == {}


def test_forms_read_numbers_by_our_own_field() -> None:
    # The library's takes NaN, and its ranges break on a signalling one.
    found = [path for path in source_files() if path != ENTRIES
             and "DecimalField" in (ROOT / path).read_text(encoding="utf-8")]  # fmt: skip
    assert found == []


def test_a_code_means_one_thing() -> None:
    # People look a code up: its family belongs to one feature. Faces say what features say.
    owners: dict[str, set[str]] = defaultdict(set)
    for path in source_files():
        if path.parts[0] == "app" and path.parts[1] not in ("base", "cli", "faces"):
            text = (ROOT / path).read_text(encoding="utf-8")
            for family in CODE.findall(text):
                owners[family].add("/".join(path.parts[:3]))
    shared = {family for family, own in owners.items() if len(own) > 1}
    assert shared <= SHARED_CODES, {family: owners[family] for family in shared - SHARED_CODES}


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "from time import time",
    ],
)
def test_reading_the_time_is_found_in_every_spelling(text: str) -> None:
    assert len(list(time_tellers_in(ast.parse(text)))) == 1


def test_every_module_of_the_house_says_what_it_is_for() -> None:
    silent = [
        str(path)
        for path in source_files()
        if ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) is None
    ]
    assert silent == []
