"""Nobody works unnamed, and nobody is taken for somebody else."""

from __future__ import annotations

import pytest

from app.base import acting, db
from app.base.acting import NoActor
from app.base.db import Database
from tests.web_app import Visitor


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the actor that stands in for everybody in tests."""
    monkeypatch.setattr(acting, "_of_process", None)


@pytest.mark.usefixtures("nobody")
def test_no_session_opens_without_an_actor(database: Database) -> None:
    with pytest.raises(NoActor), db.reading():
        pass
    with pytest.raises(NoActor), db.transaction():
        pass


@pytest.mark.usefixtures("nobody")
def test_a_session_keeps_whom_it_works_for(database: Database) -> None:
    with acting.acting_as(acting.system("nightly")), db.reading() as session:
        assert db.actor_of(session).name == "nightly"


@pytest.mark.usefixtures("nobody")
def test_the_actor_before_stands_again() -> None:
    with acting.acting_as(acting.system("outer")):
        with acting.acting_as(acting.visitor()):
            assert acting.present().reads.is_nothing
        assert acting.present().name == "outer"
    with pytest.raises(NoActor):
        acting.present()


def test_a_request_leaves_nobody_behind(insider: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "_of_process", None)
    assert insider.get("/suppliers/").status_code == 200
    with pytest.raises(NoActor):
        acting.present()
