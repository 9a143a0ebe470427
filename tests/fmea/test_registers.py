"""Registers: unscored until rated, every rating kept, another person approves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import acting
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.calc.fmea import Scores
from app.calc.fmea_matrix import ActionMatrix
from app.judgement.fmea import (
    library,
    modes,
    queries,
    rating,
    services,
    standard_services,
    standards,
)
from app.judgement.fmea.models import FmeaRating, FmeaRegister, RatingKind, Subject
from app.judgement.fmea.modes import CauseSaid, Line, ModeSaid
from app.judgement.fmea.queries import ModeSheet, RegisterState, RowSheet, mode_sheets
from app.judgement.fmea.rating import Given, Why
from app.judgement.fmea.services import RegisterSaid
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectKind
from app.platform.approvals.models import Verdict
from app.platform.audit.services import ReasonNeeded
from tests.approvals.cast import person, registered
from tests.builders import facts

REASON = "Agreed in the risk round of November."


@pytest.fixture
def approvers() -> Iterator[set[int]]:
    """Who may approve registers and standards; a test fills it."""
    holders: set[int] = set()

    def open_to(kind: ObjectKind) -> ObjectKind:
        return ObjectKind(
            type=kind.type, words=kind.words, approvers=lambda _: frozenset(holders),
            settle=kind.settle, present_hash=kind.present_hash, address=kind.address,
        )  # fmt: skip

    with registered(*map(open_to, (services.KIND, *standard_services.KINDS))):
        assert kinds.kind_of("fmea_register").words == "FMEA registers"
        yield holders


def opened(session: Session, **given: object) -> FmeaRegister:
    facts.supplier(session, "Nordlys", number="S-1")
    said = {"subject": Subject.SUPPLIER, "title": "Supply from Nordlys", "supplier": "S-1"} | given
    return services.open_register(session, RegisterSaid(**said))


def with_mode(session: Session, register: FmeaRegister) -> ModeSheet:
    """A mode with two effects and two causes; the first cause has two detection controls."""
    causes = (
        CauseSaid(
            Line("Strike at the port"),
            detection=(Line("News read weekly"), Line("Vessels tracked")),
        ),
        CauseSaid(Line("Storm")),
    )
    said = ModeSaid(
        "Port is closed", effects=(Line("Line stops"), Line("We expedite")), causes=causes
    )
    mode = modes.add_mode(session, register.id, said)
    return mode_sheets(session, [mode])[0]


def row_of(sheet: ModeSheet, cause: str) -> RowSheet:
    return next(row for row in sheet.rows if row.cause.text == cause)


def rated(
    session: Session, sheet: ModeSheet, s: tuple[int | None, ...], o: int, d: tuple[int | None, ...]
) -> ModeSheet:
    """Rate the strike; return the mode as it stands then."""
    row = row_of(sheet, "Strike at the port")
    given = Given(
        effects=dict(zip((each.id for each in sheet.effects), s, strict=True)),
        occurrence=o,
        controls=dict(zip((each.id for each in row.detection), d, strict=True)),
    )
    rating.rate(session, row.cause, given, Why(reason=REASON))
    return mode_sheets(session, [sheet.mode])[0]


def test_a_row_rolls_up_and_each_rating_stays(database: Database) -> None:
    with database.transaction() as session:
        sheet = with_mode(session, opened(session))
        sheet = rated(session, sheet, (8, None), 6, (7, 5))
        first = row_of(sheet, "Strike at the port")
        assert (first.cause.severity, first.cause.priority, first.cause.rpn) == (None, None, None)
        sheet = rated(session, sheet, (8, 5), 6, (7, 5))
        sheet = rated(session, sheet, (8, 5), 2, (7, 5))
        row = row_of(sheet, "Strike at the port")
        assert row.row.scores == Scores(8, 2, 5)
        assert (row.cause.priority, row.cause.rpn) == ("M", 80)
        kept = [
            (each.severity, each.occurrence, each.detection, each.priority, each.rpn)
            for each in reversed(queries.ratings_of(session, [row.cause.id]))
        ]
        assert kept == [(None, 6, 5, None, None), (8, 6, 5, "H", 240), (8, 2, 5, "M", 80)]
        assert sheet.unscored == 1


def test_the_same_rating_twice_is_kept_once(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = with_mode(session, opened(session))
        sheet = rated(session, sheet, (8, 5), 6, (7, 5))
        rated(session, sheet, (8, 5), 6, (7, 5))
        row = row_of(sheet, "Strike at the port")
        assert len(queries.ratings_of(session, [row.cause.id])) == 1


def test_a_severity_moves_every_row_of_its_mode(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = rated(session, with_mode(session, opened(session)), (8, 5), 6, (7, 5))
        storm = row_of(sheet, "Storm")
        found = rating.rate(session, storm.cause, Given(occurrence=3, undetected=10))
        assert [(each.severity, each.priority) for each in found] == [(8, "M")]
        worst = max(sheet.effects, key=lambda each: each.severity or 0)
        moved = rating.rate(session, storm.cause, Given({worst.id: 4}, occurrence=3, undetected=10))
        assert sorted((each.severity, each.priority) for each in moved) == [(5, "L"), (5, "M")]


def test_an_effect_more_unscores_the_rows_until_it_is_rated(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = rated(session, with_mode(session, opened(session)), (8, 5), 6, (7, 5))
        said = ModeSaid(
            sheet.mode.name,
            effects=(*(Line(each.text, each.id) for each in sheet.effects), Line("Fine to pay")),
            causes=tuple(
                CauseSaid(
                    Line(row.cause.text, row.cause.id),
                    detection=tuple(Line(each.text, each.id) for each in row.detection),
                )
                for row in sheet.rows
            ),
        )
        modes.edit_mode(session, sheet.mode, said, seen_version=sheet.mode.version)
        after = mode_sheets(session, [sheet.mode])[0]
        assert row_of(after, "Strike at the port").cause.priority is None
        assert after.unscored == 2


def test_inherent_and_planned_ratings_stand_beside_the_present_one(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = rated(session, with_mode(session, opened(session)), (8, 5), 6, (7, 5))
        row = row_of(sheet, "Strike at the port")
        rating.rate_row(session, row.cause, Scores(8, 9, 10), Why(RatingKind.INHERENT))
        rating.rate_row(session, row.cause, Scores(8, 2, 3), Why(RatingKind.PLANNED))
        after = row_of(mode_sheets(session, [sheet.mode])[0], "Strike at the port")
        assert after.inherent is not None
        assert (after.inherent.priority, after.row.scores) == ("H", Scores(8, 6, 5))


def test_three_numbers_are_spread_over_effects_and_controls(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = rated(session, with_mode(session, opened(session)), (8, 5), 6, (7, 5))
        row = row_of(sheet, "Strike at the port")
        revised = Why(RatingKind.REVISED, REASON, "Exercise report")
        rating.rate_row(session, row.cause, Scores(6, 2, 3), revised)
        after = mode_sheets(session, [sheet.mode])[0]
        assert [each.severity for each in after.effects] == [6, 5]
        strike = row_of(after, "Strike at the port")
        assert [each.detection for each in strike.detection] == [7, 3]
        assert (strike.row.scores, strike.cause.priority) == (Scores(6, 2, 3), "L")


def test_a_second_tab_is_told_who_changed_it_and_when(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = with_mode(session, opened(session))
        seen = sheet.mode.version
        rated(session, sheet, (8, 5), 6, (7, 5))
        row = row_of(sheet, "Storm")
        with pytest.raises(Conflict, match=r"Changed by test at 21 Nov 2026 09:30"):
            rating.rate(session, row.cause, Given(occurrence=3), seen_version=seen)


def test_only_whole_numbers_from_1_to_10_are_kept(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = with_mode(session, opened(session))
        with pytest.raises(InvalidInput, match=r"^E-FME-08: Whole number from 1 to 10\.$"):
            rated(session, sheet, (11, 5), 6, (7, 5))


def test_sites_and_parts_of_others_are_not_taken(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        facts.supplier(session, "Other", number="S-2")
        with pytest.raises(InvalidInput, match="no site “Luleå” of this supplier"):
            opened(session, subject=Subject.SITE, site="Luleå")
        with pytest.raises(InvalidInput, match="no supplier “S-9”"):
            services.open_register(
                session, RegisterSaid(Subject.SUPPLIER, "Supply", supplier="S-9")
            )


def test_a_double_click_opens_one_register(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        first = opened(session)
        with pytest.raises(Conflict, match=f"open already, as {first.number}"):
            services.open_register(
                session, RegisterSaid(Subject.SUPPLIER, first.title, supplier="S-1")
            )


def test_the_library_is_copied_without_ratings_and_once(sqlite_only: Database) -> None:
    assert len(library.entries()) >= 20
    assert all(entry.effects and entry.causes for entry in library.entries())
    with sqlite_only.transaction() as session:
        register = opened(session)
        chosen = library.chosen(["bankruptcy", "port_strike", "bankruptcy"])
        assert len(modes.copy_entries(session, register.id, chosen)) == 2
        assert modes.copy_entries(session, register.id, chosen) == []
        tally = queries.register_sheet(session, register).tally
        assert (tally.unscored, tally.rows) == (4, 4)
        assert session.scalar(select(func.count()).select_from(FmeaRating)) == 0
        with pytest.raises(NotFound):
            library.chosen(["nothing"])


def test_a_double_click_adds_one_mode(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        register = opened(session)
        sheet = with_mode(session, register)
        with pytest.raises(Conflict, match="“Port is closed” stands in the register already"):
            with_mode(session, register)
        modes.remove_mode(session, sheet.mode, reason=REASON, seen_version=sheet.mode.version)
        with_mode(session, register)
        with pytest.raises(Conflict, match="stands in the register already"):
            modes.put_back_mode(session, sheet.mode)


def test_another_register_gives_no_row(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        sheet = with_mode(session, opened(session))
        other = services.open_register(
            session, RegisterSaid(Subject.LANE, "Ningbo – Hamburg", lane="Ningbo – Hamburg, sea")
        )
        with pytest.raises(NotFound):
            queries.cause_by_public_id(session, other, sheet.rows[0].cause.public_id)
        said = ModeSaid("Else", effects=(Line("x", sheet.effects[0].id),))
        mode = modes.add_mode(session, other.id, ModeSaid("Else"))
        with pytest.raises(NotFound):
            modes.edit_mode(session, mode, said, seen_version=mode.version)


# Approval


def ready(database: Database, approvers: set[int]) -> tuple[Actor, Actor, Actor, FmeaRegister]:
    """Anna has written and submitted a register with a priority H; Boris and Carla approve."""
    with database.transaction() as session:
        people = [
            Actor(name, Source.UI, user_id=person(session, name), roles=frozenset({"buyer"}))
            for name in ("Anna", "Boris", "Carla")
        ]
    anna, boris, carla = people
    approvers.update(each.user_id for each in people if each.user_id)
    with acting.acting_as(anna), database.transaction() as session:
        register = opened(session)
        sheet = rated(session, with_mode(session, register), (9, 5), 6, (7, 5))
        rating.rate(session, row_of(sheet, "Storm").cause, Given(occurrence=2, undetected=8))
        needs = services.submit(session, register.id, reason=REASON, seen_version=register.version)
        assert needs == 2
    return anna, boris, carla, register


def decided(database: Database, by: Actor, register: FmeaRegister) -> None:
    with acting.acting_as(by), database.transaction() as session:
        waiting = approvals.awaiting(session, queries.about(register))
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip


def state(database: Database, register: FmeaRegister) -> RegisterState:
    with database.reading() as session:
        return queries.state_of(session.get_one(FmeaRegister, register.id))


def test_a_grave_register_needs_two_others(sqlite_only: Database, approvers: set[int]) -> None:
    anna, boris, carla, register = ready(sqlite_only, approvers)
    own = r"^E-SOD-01: You wrote this version; another approver must decide\.$"
    with pytest.raises(Forbidden, match=own):
        decided(sqlite_only, anna, register)
    decided(sqlite_only, boris, register)
    assert state(sqlite_only, register) is RegisterState.DRAFT
    with pytest.raises(Forbidden, match="second approver"):
        decided(sqlite_only, boris, register)
    decided(sqlite_only, carla, register)
    assert state(sqlite_only, register) is RegisterState.APPROVED
    with sqlite_only.reading() as session:
        assert session.get_one(FmeaRegister, register.id).approved_by == "Boris and Carla"


def rated_again(database: Database, register: FmeaRegister, reason: str | None) -> None:
    with database.transaction() as session:
        found = session.get_one(FmeaRegister, register.id)
        row = queries.register_sheet(session, found).modes[0].rows[0]
        rating.rate_row(session, row.cause, Scores(9, 3, 5), Why(RatingKind.CURRENT, reason))


def test_after_approval_a_changed_rating_says_why(
    sqlite_only: Database, approvers: set[int]
) -> None:
    anna, boris, carla, register = ready(sqlite_only, approvers)
    decided(sqlite_only, boris, register)
    decided(sqlite_only, carla, register)
    for reason in (None, "", "x"):
        with acting.acting_as(anna), pytest.raises(ReasonNeeded):
            rated_again(sqlite_only, register, reason)
    with acting.acting_as(anna):
        rated_again(sqlite_only, register, REASON)
    assert state(sqlite_only, register) is RegisterState.CHANGED


def test_a_change_after_submission_takes_it_back(
    sqlite_only: Database, approvers: set[int]
) -> None:
    anna, boris, _, register = ready(sqlite_only, approvers)
    with acting.acting_as(anna), sqlite_only.transaction() as session:
        modes.copy_entries(session, register.id, library.chosen(["cyber_attack"]))
    with pytest.raises(Conflict, match="not submitted"):
        decided(sqlite_only, boris, register)


def test_what_is_unscored_is_not_submitted(sqlite_only: Database, approvers: set[int]) -> None:
    with sqlite_only.transaction() as session:
        register = opened(session)
        with pytest.raises(Conflict, match="nothing to approve"):
            services.submit(session, register.id, reason=REASON, seen_version=register.version)
        with_mode(session, register)
        with pytest.raises(Conflict, match="2 of 2 rows are not fully rated"):
            services.submit(session, register.id, reason=REASON, seen_version=register.version)


def test_a_closed_register_changes_no_more(sqlite_only: Database, approvers: set[int]) -> None:
    with sqlite_only.transaction() as session:
        register = opened(session)
        sheet = with_mode(session, register)
        services.close_register(session, register.id, reason=REASON)
        with pytest.raises(Conflict, match="is closed"):
            rated(session, sheet, (8, 5), 6, (7, 5))


def test_a_new_matrix_holds_once_another_approves_and_changes_no_rating(
    sqlite_only: Database, approvers: set[int]
) -> None:
    anna, boris, _, register = ready(sqlite_only, approvers)
    content = standards.matrix_content(strict(), "House rule: S 9 and 10 with O 2 are M.")
    with acting.acting_as(anna), sqlite_only.transaction() as session:
        key = standard_services.new_draft(session, standards.MATRIX, standards.MATRIX_NAME)
        standard_services.save_draft(
            session, standards.MATRIX, key, content=content, seen_revision=1
        )
        standard_services.propose(session, standards.MATRIX, key, reason=REASON, seen_revision=2)
        waiting = approvals.awaiting(session, standard_services.about(standards.MATRIX, key))
    with acting.acting_as(boris), sqlite_only.transaction() as session:
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip
    with acting.acting_as(anna), sqlite_only.transaction() as session:
        register = session.get_one(FmeaRegister, register.id)
        before = storm_of(session, register)
        assert (before.row.scores, before.cause.priority) == (Scores(9, 2, 8), "H")
        assert rating.rejudge(session, register.id, reason=REASON) == 2
        assert storm_of(session, register).cause.priority == "M"


def storm_of(session: Session, register: FmeaRegister) -> RowSheet:
    return row_of(queries.register_sheet(session, register).modes[0], "Storm")


def strict() -> ActionMatrix:
    """The consensus with M instead of H at O 2 to 3, D 7 to 10, for S 9 and 10."""
    rows = [list(row) for row in standards.CONSENSUS.rows]
    rows[8][3] = rows[9][3] = "MMLL"
    return ActionMatrix(tuple(tuple(row) for row in rows))


def test_a_matrix_that_reverses_is_not_kept(sqlite_only: Database) -> None:
    content = standards.matrix_content(standards.CONSENSUS, "House rule")
    content["rows"]["10"][0] = "LHHH"
    with sqlite_only.transaction() as session:
        key = standard_services.new_draft(session, standards.MATRIX, standards.MATRIX_NAME)
        with pytest.raises(InvalidInput, match="S 10, O 8, D 7 is L, but the milder S 9"):
            standard_services.save_draft(
                session, standards.MATRIX, key, content=content, seen_revision=1
            )
        with pytest.raises(Conflict, match="drafts version 2 already"):
            standard_services.new_draft(session, standards.MATRIX, standards.MATRIX_NAME)
