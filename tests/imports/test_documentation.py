"""`docs/import-formats.md` says of every kind, field, code and shipped mapping what is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.factory import IMPORT_KINDS
from app.platform.imports import mapping_files
from app.platform.imports.kinds import Field, ImportKind
from app.platform.imports.mapping import template_of
from app.platform.imports.problems import Code, Warned

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "import-formats.md").read_text(
    encoding="utf-8"
)


def field_row(field: Field) -> str:
    """A field's row in its kind's table."""
    needed = "required" if field.is_required else ""
    key = "key" if field.is_key else ""
    kind = ", ".join(field.choices) if field.choices else str(field.type)
    marks = ", ".join(mark for mark in (needed, key) if mark)
    return f"| `{field.name}` | {kind} | {marks} | {field.help} |"


@pytest.mark.parametrize("kind", IMPORT_KINDS, ids=lambda kind: kind.name)
def test_every_kind_and_field_is_described(kind: ImportKind) -> None:
    _, _, section = DOCUMENT.partition(f"### {kind.title}\n")
    section = section.partition("\n### ")[0].partition("\n## ")[0]
    assert f"`{template_of(kind).name}`" in section
    assert kind.help in " ".join(section.split())
    for field in kind.fields:
        assert field_row(field) in section.splitlines()


@pytest.mark.parametrize("code", Code)
def test_every_code_is_described(code: Code) -> None:
    assert f"| {code} |" in DOCUMENT


@pytest.mark.parametrize("warning", Warned)
def test_every_warning_is_described(warning: Warned) -> None:
    assert f"| {warning} |" in DOCUMENT


def test_every_shipped_mapping_is_described() -> None:
    for mapping in mapping_files.available():
        if not mapping.is_template:
            assert f"| `{mapping.name}` | {mapping.title} |" in DOCUMENT
