"""What follows from lists, names and decisions: who is due, what comes back, who is critical."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.base import acting, clock, db
from app.base.db import Database
from app.base.errors import AppError, Forbidden
from app.facts.evidence.screening import lists, queries, running, services, settings, supplier_state
from app.facts.evidence.screening.comparing import compare, gather
from app.facts.evidence.screening.models import Because, ScreeningDecision, Verdict
from app.facts.evidence.screening.names import names_of
from app.facts.suppliers.models import Site, Supplier, SupplierAlias
from app.platform.approvals.models import Verdict as Answer
from app.platform.audit.models import AuditEvent
from app.platform.jobs.handle import Run
from tests.builders import facts
from tests.conftest import TODAY
from tests.screening.cast import (
    FIRST,
    SECOND,
    answer,
    at_work,
    decide,
    file_of,
    load,
    match_of,
    people,
    screen,
)
from tests.single_engine import sqlite_only

__all__ = ["sqlite_only"]
KESTREL = "K1,KESTREL CASTING FZE,entity,,AE,DUAL USE\n"
OTHERS = "V1,KESTREL CASTINGS,vessel,,,\nO1,VOSTRAVIA OOO,entity,,BY,\n"


def supplier(name: str = "Kestrel Castings GmbH", **given: object) -> int:
    with db.transaction() as session:
        return facts.supplier(session, name, **given).id


def rename(supplier_id: int, name: str) -> None:
    with db.transaction() as session:
        session.get_one(Supplier, supplier_id).name = name


def state_of(supplier_id: int) -> str:
    with db.reading() as session:
        return match_of(session, supplier_id).state


def sanctioned_on(day: date) -> list[int]:
    with db.reading() as session:
        return list(queries.sanctioned(session, as_of=day))


def test_a_supplier_that_was_never_screened_is_not_clean(sqlite_only: Database) -> None:
    own = supplier("Adler Pumps")
    assert running.screen(Run.by_hand(), because=Because.CLOCK) is None
    with db.reading() as session:
        found = supplier_state.supplier_state(session, own, TODAY)
        assert (found.newest, found.is_current) == (None, False)
        assert queries.never_screened(session) == 1
    load(KESTREL)
    assert screen().suppliers == 1
    with db.reading() as session:
        found = supplier_state.supplier_state(session, own, TODAY)
        assert (found.newest is not None, found.is_current, found.matches) == (True, True, ())
        assert queries.never_screened(session) == 0


def test_a_match_says_which_names_which_words_and_whether_countries_agree(
    database: Database,
) -> None:
    own = supplier(country="DEU")
    load(KESTREL + OTHERS)
    outcome = screen()
    assert (outcome.suppliers, outcome.names, outcome.found) == (1, 1, 1)
    with db.reading() as session:
        match = match_of(session, own)
        assert (match.state, match.listed_name, match.entry_kind) == (
            "candidate", "KESTREL CASTING FZE", "entity",
        )  # fmt: skip
        assert match.reason == (
            "Our name “Kestrel Castings GmbH” and the listed name “KESTREL CASTING FZE”: same "
            "kestrel; alike castings ~ casting. Legal forms are left aside: fze, gmbh. Countries "
            "differ: ours DEU, listed ARE."
        )
    assert screen().suppliers == 0


def test_names_are_its_own_other_spellings_former_merged_and_its_parents(
    sqlite_only: Database,
) -> None:
    parent = supplier("Kestrel Holding")
    own = supplier("Old Kestrel", parent_supplier_id=parent, country="DEU")
    rename(own, "New Kestrel")
    merged = supplier("Falcon Castings", effective_supplier_id=own, country="AUT")
    with db.transaction() as session:
        session.add_all(
            [
                SupplierAlias(supplier_id=own, source="erp", key="V-10533"),
                SupplierAlias(supplier_id=merged, source="erp", key="FALCON CAST."),
                Site(name="Plant", supplier_id=own, owner_key=own, country="ROU"),
            ]
        )
    with db.reading() as session:
        found = names_of(session)
        alone = names_of(session, supplier_ids=[own])
    assert sorted((each.kind, each.text) for each in found[own].names) == [
        ("alias", "FALCON CAST."), ("former", "Old Kestrel"), ("merged", "Falcon Castings"),
        ("name", "New Kestrel"), ("parent", "Kestrel Holding"),
    ]  # fmt: skip
    assert found[own].countries == {"DEU", "AUT", "ROU"}
    assert set(found) == {parent, own}
    assert alone[own].digest == found[own].digest


def test_a_cleared_match_comes_back_only_if_the_entry_or_a_name_changes(
    sqlite_only: Database,
) -> None:
    own = supplier()
    manager, _ = people()
    load(KESTREL)
    screen()
    decide(manager, own, Verdict.CLEAR)
    assert state_of(own) == "cleared"
    # Another edition with the same entry, and another supplier: nothing changed for the pair.
    load(KESTREL + OTHERS, edition=SECOND)
    assert screen().suppliers == 1
    assert state_of(own) == "cleared"
    # A name that is not alike changes nothing either.
    with db.transaction() as session:
        session.add(SupplierAlias(supplier_id=own, source="erp", key="Falke Guss"))
    screen()
    assert state_of(own) == "cleared"
    with db.transaction() as session:
        session.add(SupplierAlias(supplier_id=own, source="crm", key="Kestrel Casting"))
    assert screen().returned == 1
    assert state_of(own) == "candidate"
    decide(manager, own, Verdict.CLEAR)
    load(KESTREL.replace("DUAL USE", "PROLIFERATION") + OTHERS, edition=date(2026, 11, 18))
    assert screen().returned == 1
    assert state_of(own) == "candidate"
    with db.reading() as session:
        told = session.scalars(select(ScreeningDecision.verdict).order_by(ScreeningDecision.id))
        assert list(told) == ["clear", "returned", "clear", "returned"]


def test_what_is_no_longer_alike_is_gone_and_a_cleared_one_stays_cleared_when_it_is_back(
    sqlite_only: Database,
) -> None:
    own = supplier()
    manager, _ = people()
    load(KESTREL)
    screen()
    decide(manager, own, Verdict.CLEAR)
    load(OTHERS, edition=SECOND)
    assert screen().gone == 1
    assert state_of(own) == "gone"
    load(KESTREL + OTHERS, edition=date(2026, 11, 18))
    assert screen().found == 0
    assert state_of(own) == "cleared"


def test_a_confirmed_match_makes_critical_once_another_person_agreed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = supplier()
    manager, approver = people()
    load(KESTREL)
    screen()
    match_id = decide(manager, own, Verdict.CONFIRM)
    assert (state_of(own), sanctioned_on(TODAY)) == ("candidate", [])
    with pytest.raises(Forbidden):
        answer(manager, match_id)
    answer(approver, match_id)
    assert (state_of(own), sanctioned_on(TODAY)) == ("confirmed", [own])
    assert sanctioned_on(date(2026, 11, 20)) == []
    # The entry leaves the list: people lift, no list does.
    load(OTHERS, edition=SECOND)
    screen()
    assert (state_of(own), sanctioned_on(TODAY)) == ("confirmed", [own])
    later = clock.now().replace(month=12)
    monkeypatch.setattr(clock, "now", lambda: later)
    decide(manager, own, Verdict.LIFT)
    assert sanctioned_on(later.date()) == [own]
    answer(approver, match_id)
    assert (state_of(own), sanctioned_on(later.date())) == ("cleared", [])
    assert sanctioned_on(TODAY) == [own]
    with db.reading() as session:
        sanction = queries.sanctioned(session, as_of=TODAY, supplier_ids=[own])[own]
        assert (sanction.confirmed_by, sanction.approved_by) == ("Weber", "Brandt")
        assert (sanction.edition, sanction.listed_name) == (FIRST, "KESTREL CASTING FZE")
        seen = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.entity == "screening_decision")
            .order_by(AuditEvent.seq)
        )
        assert list(seen) == ["create", "change", "create", "change"]


def test_a_confirmation_counts_for_whom_the_supplier_was_merged_into(
    sqlite_only: Database,
) -> None:
    own, other = supplier(), supplier("Falcon Castings")
    manager, approver = people()
    load(KESTREL)
    screen()
    answer(approver, decide(manager, own, Verdict.CONFIRM))
    with db.transaction() as session:
        session.get_one(Supplier, own).effective_supplier_id = other
    assert sanctioned_on(TODAY) == [other]


def test_an_approval_does_not_hold_for_what_changed_after_it_was_asked_for(
    sqlite_only: Database,
) -> None:
    own = supplier()
    manager, approver = people()
    load(KESTREL)
    screen()
    match_id = decide(manager, own, Verdict.CONFIRM)
    load(KESTREL.replace("DUAL USE", "PROLIFERATION"), edition=SECOND)
    screen()
    with pytest.raises(AppError) as refused:
        answer(approver, match_id)
    assert refused.value.code == "E-SOD-13"
    assert sanctioned_on(TODAY) == []


def test_a_refused_confirmation_leaves_the_match_to_be_decided(sqlite_only: Database) -> None:
    own = supplier()
    manager, approver = people()
    load(KESTREL)
    screen()
    match_id = decide(manager, own, Verdict.CONFIRM)
    with pytest.raises(AppError) as twice:
        decide(manager, own, Verdict.CLEAR)
    assert twice.value.code == "E-SAN-13"
    answer(approver, match_id, Answer.REJECT)
    assert state_of(own) == "candidate"
    decide(manager, own, Verdict.CLEAR)
    with pytest.raises(AppError) as lifted:
        decide(manager, own, Verdict.LIFT)
    assert lifted.value.code == "E-SAN-12"
    with pytest.raises(AppError):
        decide(manager, own, Verdict.REOPEN, reason="x")
    decide(manager, own, Verdict.REOPEN)
    assert state_of(own) == "candidate"


def test_a_newer_list_in_force_replaces_the_one_before_and_withdrawing_brings_it_back(
    sqlite_only: Database,
) -> None:
    own = supplier()
    load(OTHERS)
    newest = load(KESTREL + OTHERS, edition=SECOND)
    with db.reading() as session:
        row = lists.edition_of(session, newest)
        assert (row.changes["new"], row.changes["gone"], row.changes["unchanged"]) == (1, 0, 2)
        assert [each.edition for each in lists.in_force(session)] == [SECOND]
    assert screen().found == 1
    for rows, edition, code in (
        (KESTREL + OTHERS, date(2026, 11, 18), "E-SAN-02"), (KESTREL, SECOND, "E-SAN-04"),
        (KESTREL, date(2026, 11, 22), "E-SAN-03"), (KESTREL, date(1, 1, 1), "E-SAN-03"),
    ):  # fmt: skip
        with pytest.raises(AppError) as refused:
            load(rows, edition=edition)
        assert refused.value.code == code
    with pytest.raises(AppError):
        load(KESTREL, source="No Such Name")
    with db.transaction() as session:
        lists.withdraw(session, newest, reason="Loaded from the wrong folder.")
    assert screen().gone == 1
    assert state_of(own) == "gone"


def test_an_edition_that_loses_a_tenth_of_its_entries_looks_cut_off(sqlite_only: Database) -> None:
    rows = [f"{number},Party {number}x,entity,,,\n" for number in range(20)]
    load("".join(rows))
    for kept, is_odd in ((18, False), (17, True)):
        with db.transaction() as session:
            file = file_of("".join(rows[:kept]))
            row = lists.check(session, file, source="house", edition=SECOND, file_name="x")
            assert lists.is_shrinking(row.changes) is is_odd
            session.rollback()


def test_another_setting_holds_once_another_person_agreed_and_screens_everybody_again(
    sqlite_only: Database,
) -> None:
    supplier()
    manager, _ = people()
    load(KESTREL + OTHERS)
    assert screen().found == 1
    for given in ({"threshold": 49}, {"kinds": ()}, {"stale_days": 2**63}):
        with pytest.raises(AppError), at_work(manager) as session:
            settings.propose(
                session,
                **({"threshold": 80, "kinds": ["entity"], "stale_days": 5} | given),
                reason="Vessels are chartered by name.",
            )
    with at_work(manager) as session:
        row = settings.propose(
            session,
            threshold=80,
            kinds=["entity", "vessel"],
            stale_days=5,
            reason="Vessels are chartered by name.",
        )
        assert settings.in_force(session).threshold == 85
        row.state = "agreed"
    outcome = screen()
    assert (outcome.suppliers, outcome.found) == (1, 1)
    with db.reading() as session:
        ages = lists.ages(session, TODAY)
        assert [(each.days, each.is_old) for each in ages] == [(19, True)]


def test_what_was_compared_with_a_list_that_is_no_longer_in_force_is_not_kept(
    sqlite_only: Database,
) -> None:
    supplier()
    load(OTHERS)
    with db.reading() as session:
        work = gather(session)
    assert work is not None
    hits = compare(work)
    load(KESTREL, edition=SECOND)
    with pytest.raises(AppError) as refused, db.transaction() as session:
        running.keep(session, work, hits, because=Because.CLOCK, by="test")
    assert refused.value.code == "E-SAN-07"


def test_own_warehouses_are_nobody_to_screen(sqlite_only: Database) -> None:
    supplier("Kestrel Castings", kind="own_warehouse")
    load(KESTREL)
    assert screen().suppliers == 0


def test_a_match_that_changed_meanwhile_is_not_decided_as_it_was_seen(
    sqlite_only: Database,
) -> None:
    own = supplier()
    manager, _ = people()
    load(KESTREL)
    screen()
    with db.reading() as session:
        seen = match_of(session, own)
    load(KESTREL.replace("DUAL USE", "PROLIFERATION"), edition=SECOND)
    screen()
    with pytest.raises(AppError) as refused, acting.acting_as(manager), db.transaction() as session:
        services.decide(
            session, seen.public_id, Verdict.CLEAR, reason="Somebody else entirely.",
            seen_version=seen.version,
        )  # fmt: skip
    assert refused.value.code == "E-SAN-11"
