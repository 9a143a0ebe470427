"""Ratings from facts: what was counted, over how long, and when a person must look again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.fmea import Scores
from app.calc.fmea_suggestion import has_drifted, occurrence_rating, suggest_occurrence
from app.calc.periods import month_index
from app.facts.deliveries import rollup
from app.facts.deliveries.models import CausedBy, ChangedBy, Disruption, PromiseChange
from app.facts.suppliers.models import ApprovedSource, Supplier
from app.judgement.alerts.models import Alert, AlertRule
from app.judgement.fmea.living import rating_services, reviews, rows, suggesting, warned, wording
from app.judgement.fmea.living.models import FmeaReview, FmeaSuggestion
from app.judgement.fmea.living.rows import RowHead
from app.platform.audit.services import ReasonNeeded
from app.timetable import compose
from tests.builders import facts, risks
from tests.conftest import TODAY

FIRST_DUE = date(2024, 12, 2)
LATE_EVERY = 10


def delivered(session: Session, supplier: Supplier, part_id: int) -> None:
    """100 weekly lines from December 2024 on; every tenth comes 6 days late, told 4 days ahead."""
    for place in range(100):
        due = FIRST_DUE + timedelta(days=7 * place)
        order = facts.order(session, supplier, number=f"O-{place}", ordered_on=due - timedelta(40))
        line = facts.line(session, order, promised_original_on=due, part_id=part_id)
        is_late = place % LATE_EVERY == 0
        facts.receipt(session, line, due + timedelta(days=6 if is_late else 0))
        if is_late:
            session.add(
                PromiseChange(
                    line_id=line.id, to_on=due + timedelta(days=6), changed_by=ChangedBy.SUPPLIER,
                    changed_on=due - timedelta(days=4),
                )
            )  # fmt: skip
    rollup.rebuild(session, until=TODAY - timedelta(days=1))


@pytest.fixture
def row(sqlite_only: Database) -> RowHead:
    """A row about late lines of a supplier with ten of them, rated 8, 4, 5."""
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        part = facts.part(session, number="P-1", survive_days=20)
        session.add(
            ApprovedSource(
                part_id=part.id, supplier_id=supplier.id, recover_days=35,
                valid_from=date(2024, 1, 1),
            )
        )  # fmt: skip
        delivered(session, supplier, part.id)
        session.add(
            Disruption(
                supplier_id=supplier.id, reference="D-1", kind="line_stop", hours=Decimal(36),
                occurred_on=date(2026, 3, 2), month=month_index(date(2026, 3, 2)),
                caused_by=CausedBy.SUPPLIER,
            )
        )  # fmt: skip
        return risks.row(session, risks.register(session, supplier), (8, 4, 5))


def test_late_lines_warning_and_stops_suggest_ratings_with_what_they_rest_on(row: RowHead) -> None:
    with db.reading() as session:
        found = suggesting.suggestions(session, [row], TODAY)[row.cause_id]
    # Ten in 721 days are 5.07 a year: 9. Four of twenty days' warning: 7. One and a half days: 7.
    assert (found.occurrence, found.detection, found.severity) == (9, 7, 7)
    assert found.basis.events == 10
    assert found.basis.exposure_years == pytest.approx(721 / 365.25)
    assert (found.basis.warning_days, found.basis.survive_days) == (4, 20)
    said = wording.basis_words(found, "occurrence", row.measured_kind)
    assert said.startswith("10 late lines in 2.0 supplier-years: 5.07 a year (2.43 – 9.32)")


def test_too_little_exposure_suggests_nothing_and_says_so(row: RowHead) -> None:
    with db.reading() as session:
        found = suggesting.suggestions(session, [row], date(2025, 6, 30))[row.cause_id]
    assert found.occurrence is None
    said = wording.basis_words(found, "occurrence", row.measured_kind)
    assert "less than one supplier-year shows no frequency, so no suggestion" in said


def test_a_row_that_nothing_measures_has_no_frequency_but_uncovered_days(row: RowHead) -> None:
    with db.transaction() as session:
        register = risks.register(session, session.scalars(select(Supplier)).one(), title="Loss")
        other = risks.row(session, register, name="Gone", measured_kind=None)
        found = suggesting.suggestions(session, [other], TODAY)[other.cause_id]
    # 35 days to recover less 20 of stock: two weeks and a day.
    assert (found.occurrence, found.detection, found.severity) == (None, None, 9)


def test_years_without_an_event_do_not_suggest_never() -> None:
    assert suggest_occurrence(0, 3.0).rating == 5
    assert suggest_occurrence(0, 50.0).rating == 2
    assert occurrence_rating(0.0) == 1


def test_a_rating_against_the_facts_needs_a_reason_that_is_stored(row: RowHead) -> None:
    with db.transaction() as session:
        found = suggesting.suggestions(session, [row], TODAY)[row.cause_id]
        with pytest.raises(ReasonNeeded):
            rating_services.rate_with_facts(
                session, row, Scores(7, 4, 7), suggested=found, reason="no"
            )
        rating_services.rate_with_facts(session, row, Scores(7, 9, 7), suggested=found, reason="")
        taken = rows.ratings_of(session, row.cause_id)[-1]
        assert taken.reason == "As the facts suggest."
        assert "10 late lines in 2.0 supplier-years" in (taken.evidence or "")
        head = rows.row_by_public_id(session, row.public_id)
        rating_services.rate_with_facts(
            session, head, Scores(7, 6, 7), suggested=found,
            reason="The new line runs since September",
        )  # fmt: skip
        assert rows.ratings_of(session, row.cause_id)[-1].reason == (
            "The new line runs since September"
        )
        with pytest.raises(Conflict, match="rated so already"):
            rating_services.rate_with_facts(
                session, rows.row_by_public_id(session, row.public_id), Scores(7, 6, 7),
                suggested=found, reason="once more, the same",
            )  # fmt: skip


def test_two_quarters_off_raise_one_review_however_often_the_job_runs(row: RowHead) -> None:
    with db.transaction() as session:
        first = suggesting.note_quarter(session, date(2026, 6, 30))
        second = suggesting.note_quarter(session, date(2026, 9, 30))
        again = suggesting.note_quarter(session, date(2026, 9, 30))
        raised = session.scalars(select(FmeaReview)).all()
        noted = session.scalars(select(FmeaSuggestion)).all()
    assert (first, second, again) == ((1, 0), (1, 1), (0, 0))
    assert [each.key for each in raised] == ["2026Q3"]
    assert "occurrence 4, facts say 9" in raised[0].because
    assert "detection 5, facts say 7" in raised[0].because
    assert len(noted) == 6


def test_a_drift_needs_two_steps_in_two_quarters_on_one_side() -> None:
    assert has_drifted([0, 2, 2])
    assert not has_drifted([2, 2, 1])
    assert not has_drifted([3])
    assert not has_drifted([2, -2])
    assert not has_drifted([2, None])


def test_a_review_that_was_done_starts_the_cadence_anew(row: RowHead) -> None:
    with db.transaction() as session:
        suggesting.note_quarter(session, date(2026, 6, 30))
        suggesting.note_quarter(session, date(2026, 9, 30))
        # S 8, O 4, D 5 is M: half a year after the rating of today.
        before = reviews.due_reviews(session, TODAY)
        reviews.reviewed(session, row, outcome="Looked at with the supplier; O stays until May")
        after = reviews.due_reviews(session, TODAY)
        dates = reviews.review_dates(session)
    assert [each.due_on for each in before] == [date(2027, 5, 21)]
    assert before[0].raised
    assert after == []
    assert [each.due_on for each in dates] == [date(2027, 5, 21)]


def test_the_cadence_is_set_with_a_reason_and_keeps_its_order(row: RowHead) -> None:
    with db.transaction() as session:
        reviews.set_cadence(session, high=1, medium=2, low=3, reason="A year of hard change")
        assert [each.due_on for each in reviews.review_dates(session)] == [date(2027, 1, 21)]
        for months in ((6, 3, 12), (0, 3, 12), (3, 6, 2**63)):
            high, medium, low = months
            with pytest.raises(InvalidInput):
                reviews.set_cadence(
                    session, high=high, medium=medium, low=low, reason="A year of hard change"
                )


def test_an_alert_that_stood_before_a_stop_is_its_measured_warning(
    row: RowHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warned, "_source", warned._nobody)
    compose()
    with db.transaction() as session:
        stop = risks.row(
            session,
            risks.register(session, session.scalars(select(Supplier)).one(), title="Stops"),
            name="Line stop",
            measured_kind="line_stop",
        )
        # The line stood on 2 March 2026.
        alert(session, "measure:otif_line:month", raised=date(2026, 2, 8), over=None)
        alert(session, "measure:otif_line:month", raised=date(2025, 12, 1), over=date(2026, 1, 31))
        alert(session, "date:standing", raised=date(2025, 11, 1), over=None)
        alert(session, "sign:ewma", raised=date(2025, 10, 1), over=None, state="muted")
        found = suggesting.suggestions(session, [stop], TODAY)[stop.cause_id]
        # 22 days before it, longer than our stock of 20 days, and nobody had to look.
        assert (found.basis.warning_days, found.basis.warnings, found.detection) == (22, 1, 3)
        said = wording.basis_words(found, "detection", "line_stop")
        assert said.startswith("The first alert stood 22 days ahead (median of 1 line stop)")
        late = suggesting.suggestions(session, [row], TODAY)[row.cause_id]
        assert (late.basis.warning_days, late.basis.is_alerted) == (4, False)


def test_what_happened_before_any_alert_watched_suggests_nothing(
    row: RowHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warned, "_source", warned._nobody)
    compose()
    with db.transaction() as session:
        supplier = session.scalars(select(Supplier)).one()
        register = risks.register(session, supplier, title="Stops")
        stop = risks.row(session, register, name="Line stop", measured_kind="line_stop")
        alert(session, "sign:ewma", raised=date(2026, 3, 3), over=None)
        found = suggesting.suggestions(session, [stop], TODAY)[stop.cause_id]
        assert found.detection is None
        said = wording.basis_words(found, "detection", "line_stop")
        assert "No line stop since the first alert" in said
        # One on the eve of another house's stop: it watched, and told nothing of this supplier.
        other = facts.supplier(session, "Other")
        alert(session, "sign:ewma", raised=date(2026, 3, 1), over=None, supplier_id=other.id)
        found = suggesting.suggestions(session, [stop], TODAY)[stop.cause_id]
        assert (found.basis.warning_days, found.detection) == (0, 9)


def alert(
    session: Session,
    subject: str,
    *,
    raised: date,
    over: date | None,
    state: str | None = None,
    supplier_id: int | None = None,
) -> None:
    """An alert of the only supplier, raised at nine o'clock of a day."""
    at = datetime(raised.year, raised.month, raised.day, 9, tzinfo=UTC)
    rule = AlertRule(
        key=f"{subject}-{raised}"[:40], name=subject, subject=subject, operator="below",
        threshold=0.9, severity="alarm", valid_from=raised, author="test", made_at=at,
        reason="a rule of these tests",
    )  # fmt: skip
    session.add(rule)
    session.flush()
    session.add(
        Alert(
            rule_id=rule.id, rule_key=rule.key, severity="alarm", words="falls", last_words="falls",
            supplier_id=supplier_id or session.scalars(select(Supplier.id)).first(),
            state=state or ("open" if over is None else "cleared"), evidence={}, raised_on=raised,
            raised_at=at, last_seen_on=raised, cleared_on=over,
        )
    )  # fmt: skip
    session.flush()
