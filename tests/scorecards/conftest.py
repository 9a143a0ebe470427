"""Counts the statements that a read sends to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session


class Counted:
    """How many statements were sent."""

    def __init__(self) -> None:
        self.count = 0


CountQueries = Callable[[Session], AbstractContextManager[Counted]]


@pytest.fixture
def count_queries() -> CountQueries:
    """Return a context manager that counts the statements of a session's engine."""

    @contextmanager
    def counting(session: Session) -> Iterator[Counted]:
        counted, engine = Counted(), session.get_bind()

        def note(*_: Any) -> None:
            counted.count += 1

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield counted
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
