"""A subject whose readings a test writes down, and suppliers to read them of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.base import clock
from app.calc.alerting import Limits, Operator
from app.judgement.alerts import services, subjects
from app.judgement.alerts.catalogue import Cadence, Group, Reading, Readings, Subject, Unit
from app.judgement.alerts.models import AlertRule, Severity
from app.judgement.alerts.queries import Scope
from app.judgement.alerts.services import Draft
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import WHOLE
from app.platform.accounts.grants import Scope as Held
from app.platform.accounts.models import User

REASON = "needed for the tests of alerts"
MONTHLY, DAILY = "test:month", "test:day"
BELOW = Limits(Operator.BELOW, 0.90, clear=0.92, least_n=10, duration=2)
SetClock = Callable[[date], datetime]


class Facts:
    """What is known: by day and supplier a value, or several things with a value each."""

    def __init__(self) -> None:
        self.known: dict[date, dict[int, list[Reading]]] = {}

    def say(self, day: date, supplier_id: int, value: float | None, **given: object) -> None:
        """Let a value be known on a day; the same thing again replaces it."""
        made = Reading(value, given.pop("n", 50), **given)
        own = self.known.setdefault(day, {}).setdefault(supplier_id, [])
        own[:] = [each for each in own if each.thing != made.thing] + [made]

    def course(self, supplier_id: int, *values: float | None, until: date) -> None:
        """Let the months up to one end have these values."""
        end = until
        for value in reversed(values):
            self.say(end, supplier_id, value)
            end = end.replace(day=1) - timedelta(days=1)

    def read(self, _session: Session, as_of: date) -> Readings:
        """Return what is known on a day."""
        return self.known.get(as_of, {})


@pytest.fixture
def facts_known(monkeypatch: pytest.MonkeyPatch) -> Facts:
    """Two subjects, one by the month and one by the day, over the same facts."""
    found = Facts()
    made = (
        Subject(MONTHLY, "Test rate", Unit.SHARE, Group.MEASURE, found.read, Cadence.MONTH),
        Subject(DAILY, "Test count", Unit.COUNT, Group.DATE, found.read, absent_is_good=True),
    )
    monkeypatch.setattr(subjects, "ALL", {each.id: each for each in made})
    return found


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock to nine o'clock of a day."""

    def set_clock(day: date) -> datetime:
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return set_clock


def add_rule(session: Session, **given: object) -> AlertRule:
    """Add a rule on the monthly subject, in force since long."""
    limits, scope = given.pop("limits", BELOW), given.pop("scope", Scope())
    given = {"name": "Falls", "subject": MONTHLY, "severity": Severity.ALARM} | given
    since = given.pop("valid_from", date(2026, 1, 1))
    draft = Draft(**given, limits=limits, scope=scope)
    return services.add(session, draft, reason=REASON, valid_from=since)


def add_user(
    session: Session, name: str, role: Role = Role.RISK_MANAGER, scope: Held = WHOLE
) -> User:
    """Add somebody who holds a role."""
    user = User(email=f"{name}@example.com", name=name, uniquifier=name)
    session.add(user)
    session.flush()
    grants.grant(session, user_id=user.id, role=role, reason=REASON, scope=scope)
    return user
