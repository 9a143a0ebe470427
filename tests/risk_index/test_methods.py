"""An index method is drafted, simulated, approved by somebody else, and never changes then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from app.base import db
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput
from app.calc.index_rules import Aggregation, MissingPolicy
from app.calc.risk_bands import FloorReason
from app.judgement.risk_index import comparing, queries, services, versions
from app.judgement.risk_index.methods import Json, content_of, default_content, rules_of
from app.judgement.risk_index.values import read_method, typed_of
from app.judgement.snapshots.standings import Standing
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import services as approvals
from app.platform.approvals.models import Verdict
from tests.approvals.cast import person, registered, work_of
from tests.risk_index.conftest import SEPTEMBER

TODAY = date(2026, 11, 21)
JANUARY = date(2027, 1, 1)
WHY = "Agreed in the risk committee."


@pytest.fixture
def people(moved_house: int) -> Iterator[tuple[int, int]]:
    """One who writes, one who approves; both may approve."""
    with db.transaction() as session:
        found = person(session, "Anna"), person(session, "Boris")
        for user_id in found:
            grants.grant(session, user_id=user_id, role=Role.APPROVER, reason=WHY)
    with registered(services.KIND):
        yield found


def typed(**changes: str) -> dict[str, str]:
    return typed_of(default_content()) | {
        name.replace("__", "-"): value for name, value in changes.items()
    }


def reweighted() -> Json:
    found = read_method(typed(weight__financial="40", weight__delivery="0")).content
    assert found is not None
    return found


def draft(author: int, content: Json | None = None) -> int:
    with work_of(author) as session:
        key = services.new_draft(session)
        services.save_draft(session, key, content=content or reweighted(), seen_revision=1)
        return key


def decide(by: int, key: int) -> None:
    with work_of(by, "Boris") as session:
        waiting = approvals.awaiting(session, versions.DRAFTS.about(key))
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=WHY,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip


def refused(error: type[AppError], code: str) -> pytest.RaisesExc[AppError]:
    return pytest.RaisesExc(error, check=lambda raised: raised.code == code)


def test_a_version_holds_from_its_day_once_another_person_approved(
    people: tuple[int, int],
) -> None:
    author, approver = people
    key = draft(author)
    with work_of(author) as session:
        services.propose(session, key, valid_from=JANUARY, reason=WHY)
    with refused(Forbidden, "E-SOD-01"):
        decide(author, key)
    decide(approver, key)
    with db.reading() as session:
        before = queries.method_in_force(session, on=date(2026, 12, 31))
        after = queries.method_in_force(session, on=JANUARY)
        second, first = versions.versions(session, on=JANUARY)
    assert (before.version, after.version) == (1, 2)
    assert after.weights["financial"] == 40
    assert (first.standing, first.holds_to) == (Standing.RETIRED, JANUARY)
    assert (second.approved_by, second.reason) == ("Boris", WHY)


def test_what_is_proposed_or_active_is_not_edited(people: tuple[int, int]) -> None:
    author, approver = people
    key = draft(author)
    with work_of(author) as session:
        services.propose(session, key, valid_from=TODAY, reason=WHY)
    with refused(Conflict, "E-IXM-05"), work_of(author) as session:
        services.save_draft(session, key, content=reweighted(), seen_revision=2)
    decide(approver, key)
    with refused(Conflict, "E-IXM-02"), work_of(author) as session:
        services.save_draft(session, key, content=reweighted(), seen_revision=2)


def test_two_tabs_do_not_lose_a_draft_and_no_day_lies_in_the_past(
    people: tuple[int, int],
) -> None:
    author, _ = people
    key = draft(author)
    with refused(Conflict, "E-IXM-03"), work_of(author) as session:
        services.save_draft(session, key, content=reweighted(), seen_revision=1)
    with refused(InvalidInput, "E-IXM-10"), work_of(author) as session:
        services.propose(session, key, valid_from=date(2026, 11, 20), reason=WHY)


def test_a_draft_that_says_the_same_is_not_proposed(people: tuple[int, int]) -> None:
    key = draft(people[0], default_content())
    with refused(Conflict, "E-IXM-06"), work_of(people[0]) as session:
        services.propose(session, key, valid_from=TODAY, reason=WHY)


def test_a_simulation_judges_the_published_inputs_and_stores_nothing(
    people: tuple[int, int],
) -> None:
    key = draft(people[0], read_method(typed(band_high="30", band_critical="60")).content)
    with db.reading() as session:
        method = versions.version(session, key, on=TODAY).method
        found = comparing.compare(session, SEPTEMBER, method)
    rated = next(each for each in found.changes if each.before.value is not None)
    assert rated.difference == 0.0
    assert rated.moves_band
    assert [sum(row) for row in found.matrix].count(0) == 3
    assert len(found.movers) == 1


def test_the_shipped_content_is_what_its_rules_write() -> None:
    content = default_content()
    assert content_of(dict(content["weights"]), rules_of(content)) == content


def test_what_is_typed_is_what_is_read() -> None:
    content = read_method(
        typed(aggregation="veto", missing="pessimistic", roll_up="max", slow_weeks="8",
              **{"floor-distress": ""})
    ).content  # fmt: skip
    assert content is not None
    rules = rules_of(content)
    assert (rules.aggregation, rules.missing) == (Aggregation.VETO, MissingPolicy.PESSIMISTIC)
    assert rules.floors.slow_weeks == 8
    assert FloorReason.DISTRESS not in rules.floors.applied
    assert FloorReason.SANCTIONED in rules.floors.applied
    assert read_method(typed_of(content)).content == content


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"weight__financial": "21"}, "weights", "add up to 101"),
        ({"weight__financial": "20.5"}, "weight-financial", "no whole number"),
        ({"weight__financial": "-5"}, "weight-financial", "no whole number"),
        ({"weight__quality": str(2**63)}, "weight-quality", "no whole number"),
        ({"weight__quality": "２０"}, "weight-quality", "no whole number"),
        ({"weight__quality": "NaN"}, "weight-quality", "no whole number"),
        ({"weight__quality": " "}, "weight-quality", "Required"),
        ({"band_high": "25"}, "band_high", "must begin above"),
        ({"band_critical": "101"}, "band_critical", "no whole number"),
        ({"min_coverage": "0"}, "min_coverage", "no whole number"),
        ({"min_core": "4"}, "min_core", "4 of 3 core dimensions"),
        ({"aggregation": "guess"}, "aggregation", "Choose one"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    changes: dict[str, str], field: str, words: str
) -> None:
    found = read_method(typed(**changes))
    assert found.content is None
    assert words in found.errors[field]
