"""`flask serve`: one per instance, a free port, and nobody left behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli.processes import Household, answers, is_free
from app.cli.serve import EVERY_ADDRESS, address_of, free_port, only_one
from config import Settings

HOST = "127.0.0.1"
ENDLESS = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); "
    "signal.pause()",
]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def household() -> Iterator[Household]:
    """A household whose signal handlers and children end with the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    made = Household(environment={})
    yield made
    made.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"MAINSTAY_INSTANCE": str(tmp_path), **env})


def test_a_taken_port_that_was_asked_for_is_an_error(taken_port: int) -> None:
    with pytest.raises(click.ClickException, match=f"Port {taken_port} of {HOST} is taken"):
        free_port(HOST, taken_port)


def test_without_a_port_the_first_free_one_is_taken(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.serve.FIRST_PORT", taken_port)
    assert free_port(HOST, None) > taken_port


def test_a_listening_port_answers_and_is_not_free(taken_port: int) -> None:
    assert answers(HOST, taken_port)
    assert not is_free(HOST, taken_port)


def test_a_second_server_on_one_instance_is_refused(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "serve.lock"),
        pytest.raises(click.ClickException, match="already runs"),
        only_one(tmp_path / "serve.lock"),
    ):
        pass


def test_the_address_has_the_port_that_was_found(tmp_path: Path) -> None:
    assert address_of(settings(tmp_path), HOST, 8003) == "http://127.0.0.1:8003"


def test_listening_everywhere_is_reached_on_this_machine(tmp_path: Path) -> None:
    assert address_of(settings(tmp_path), EVERY_ADDRESS, 8003) == "http://127.0.0.1:8003"


def test_a_configured_public_address_stays(tmp_path: Path) -> None:
    given = settings(tmp_path, MAINSTAY_BASE_URL="https://mainstay.example")
    assert address_of(given, HOST, 8003) == "https://mainstay.example"


def test_a_signal_ends_the_whole_household(household: Household) -> None:
    household.heed_signals()
    household.start("first", ENDLESS)
    household.start("second", ENDLESS)
    os.kill(os.getpid(), signal.SIGTERM)
    assert household.wait()
    household.stop()
    assert household.was_told_to_end
    assert household.ended() == ["first", "second"]


def test_a_child_that_ends_is_named(household: Household) -> None:
    household.start("endless", ENDLESS)
    household.start("short", [sys.executable, "-c", ""])
    assert household.wait()
    household.stop()
    assert household.lost == ["short"]
    assert not household.was_told_to_end


def test_a_child_that_does_not_heed_is_ended_by_force(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.processes.LONGEST_GOODBYE_SECONDS", 0.2)
    household.start("stubborn", STUBBORN)
    household.stop()
    assert household.ended() == ["stubborn"]
