"""The service units and the compose file: every command and every setting in them exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from flask import Flask

from app.base import db
from app.factory import create_app
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("mainstay*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
EXAMPLE = DEPLOY / "mainstay.env.example"
SETTING = re.compile(r'"((?:MAINSTAY_[A-Z_]+|DATABASE_URL))"')
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "User": "mainstay",
}


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[set[str]]:
    """Every command of ours, as one types it after “flask”."""
    app: Flask = create_app(Settings.from_env({"MAINSTAY_INSTANCE": str(tmp_path)}))
    yield set(_paths(app.cli))
    db.current().dispose()
    db.bind(None)


def _paths(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _paths(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def entries(unit: Path) -> dict[str, list[str]]:
    """What a unit says, by key."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def compose() -> dict[str, Any]:
    """What the compose file says (Any: YAML)."""
    said: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return said


def started() -> dict[str, list[str]]:
    """The command line of every service of ours, without its folder."""
    found = {unit.name: shlex.split(entries(unit)["ExecStart"][0]) for unit in SERVICES}
    for name, service in compose()["services"].items():
        if name != "database":
            found[f"compose {name}"] = list(service["command"])
    return {name: [Path(line[0]).name, *line[1:]] for name, line in found.items()}


def test_every_command_that_is_started_exists(commands: set[str]) -> None:
    lines = started()
    assert len(lines) == 8
    for name, (program, *words) in lines.items():
        if program == "gunicorn":
            assert words[0] == "wsgi:app", name
        else:
            assert program == "flask", name
            assert " ".join(words) in commands, name


def test_the_scheduler_runs_apart_from_the_web_server_and_the_workers() -> None:
    starting = [name for name, line in started().items() if line[1:] == ["scheduler"]]
    assert starting == ["mainstay-scheduler.service", "compose scheduler"]
    services = compose()["services"]
    replicas = {
        name: services[name]["deploy"]["replicas"] for name in ("web", "scheduler", "worker")
    }
    assert replicas == {"web": 2, "scheduler": 2, "worker": 2}


def test_every_setting_that_is_given_is_read() -> None:
    read = set(SETTING.findall((ROOT / "config.py").read_text(encoding="utf-8")))
    example = {
        line.partition("=")[0]
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert {"MAINSTAY_SECRET_KEY", "MAINSTAY_AUDIT_KEY", "DATABASE_URL"} < example
    assert example - read == set()
    given = set(compose()["x-mainstay"]["environment"])
    assert given - read == set()


def test_the_example_starts_once_its_keys_are_filled_in(tmp_path: Path) -> None:
    given = dict(
        line.split("=", 1)
        for line in EXAMPLE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert given["MAINSTAY_SECRET_KEY"] == ""
    keys = {"MAINSTAY_SECRET_KEY": "k" * 48, "MAINSTAY_AUDIT_KEY": "a" * 48}
    settings = Settings.from_env(given | keys)
    assert settings.production
    assert settings.secure_cookies
    assert str(settings.zone) == "Europe/Berlin"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_holds_few_rights(unit: Path) -> None:
    said = entries(unit)
    assert {key: said[key][-1] for key in HARDENED} == HARDENED


def test_the_containers_hold_few_rights_and_no_secret() -> None:
    ours = compose()["x-mainstay"]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert "${POSTGRES_PASSWORD:?set it}" in text
    assert not re.search(r"PASSWORD: [^$]", text)


def test_the_container_holds_the_libraries_that_packs_need() -> None:
    script = (ROOT / "scripts" / "system_packages.sh").read_text(encoding="utf-8")
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for package in ("libpango-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"):
        assert package in script
        assert package in image


def test_the_units_are_what_systemd_understands(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed; the units were read, not verified")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/mainstay", str(tmp_path))
        (tmp_path / unit.name).write_text(
            re.sub(r"^(User|Group)=.*$", "", text, flags=re.MULTILINE), encoding="utf-8"
        )
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("flask", "gunicorn"):
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    done = subprocess.run(
        [program, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
