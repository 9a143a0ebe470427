"""The documents keep up with the code: every command and every setting stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from app.base import db
from app.factory import create_app
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
FLASKS_OWN = {"routes", "run", "shell"}
VARIABLE = re.compile(r'"((?:MAINSTAY_[A-Z_]+|DATABASE_URL))"')


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application, for its list of commands; nothing is stored."""
    yield create_app(Settings.from_env({"MAINSTAY_INSTANCE": str(tmp_path)}))
    db.current().dispose()
    db.bind(None)


def commands(group: click.Group, path: str = "flask") -> Iterator[str]:
    """Yield every command with its path, as one types it."""
    for name, command in sorted(group.commands.items()):
        if name in FLASKS_OWN:
            continue
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_every_command_is_documented(app: Flask) -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = list(commands(app.cli))
    assert "flask db upgrade" in found
    assert [command for command in found if command not in text] == []


def test_every_setting_is_documented() -> None:
    settings = set(VARIABLE.findall((ROOT / "config.py").read_text(encoding="utf-8")))
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "MAINSTAY_SECRET_KEY" in settings
    assert {name for name in settings if f"`{name}`" not in text} == set()
