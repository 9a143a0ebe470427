"""For each route: what stands in its address, and what its form is sent, for a given world.

Complete by construction: a route with a variable part, or one that is posted to, that has
no entry here fails the walk.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.facts.deliveries.disruptions.models import DebitNote
from app.facts.deliveries.models import Disruption
from app.facts.evidence.screening.models import ScreeningMatch
from app.facts.suppliers.models import Site
from app.facts.suppliers.standings.models import OrderException
from app.judgement.corrective.models import CorrectiveAction, StepAnswer
from app.judgement.risk_index.models import IndexMethod, IndexOverride
from app.judgement.scorecards.manual.models import ManualScore
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.platform.accounts import grant_queries, queries
from tests.access import house
from tests.access.house import World

REASON = "sent by the walk through all routes"
NOBODY = uuid.UUID(int=1)
NO_KEY = 999_999
Values = Mapping[str, Any]  # Any: parts of addresses are of many types


@dataclass(frozen=True, slots=True)
class Place:
    """The things that a route is about, in one world. `owns` names whose reach they fall into.

    supplier: a supplier's, one's own or foreign. batch, run: an import or a run that the
    world's buyer asked for. none: of the house, whoever asks.
    """

    owns: str
    parts: Callable[[Session, World], Values]
    missing: Values
    # The view has rules of its own beside reach (whose turn it is, in which state it is):
    # the walk asks then only that nothing breaks and nothing foreign shows.
    is_ruled: bool = False


def _constant(**values: Any) -> Callable[[Session, World], Values]:
    return lambda _session, _world: values


def _supplier(**more: Any) -> Place:
    return Place(
        "supplier",
        lambda _, world: {"public_id": world.public_id} | more,
        {"public_id": NOBODY} | more,
    )


def _line() -> Place:
    return Place(
        "supplier",
        lambda _, world: {"public_id": world.public_id, "line_id": world.line_id},
        {"public_id": NOBODY, "line_id": NO_KEY},
    )


def _rule() -> Place:
    return Place(
        "supplier",
        lambda session, world: {"public_id": house.rule_id(session, world)},
        {"public_id": NOBODY},
    )


def _dispute(**more: Any) -> Place:
    return Place(
        "supplier",
        lambda session, world: (
            {"public_id": house.dispute_id(session, world)}
            | {name: getattr(world, name) for name in more}
        ),
        {"public_id": NOBODY} | more,
    )


def _exception() -> Place:
    return Place("supplier", _an_exception, {"public_id": NOBODY, "exception_id": NOBODY})


def _an_exception(session: Session, world: World) -> Values:
    of = select(OrderException.public_id).where(OrderException.supplier_id == world.supplier_id)
    return {"public_id": world.public_id, "exception_id": session.scalars(of).first()}


def _a_site(session: Session, world: World) -> Values:
    of = select(Site.id).where(Site.supplier_id == world.supplier_id)
    return {"kind": "site", "key": session.scalars(of).first()}


def _batch() -> Place:
    return Place("batch", lambda _, world: {"batch_id": world.batch_id}, {"batch_id": NO_KEY})


def _file() -> Place:
    return Place(
        "supplier",
        lambda _, world: {"public_id": world.public_id, "file_id": world.file_id},
        {"public_id": NOBODY, "file_id": NOBODY},
    )


def _published() -> Place:
    return Place("supplier", _a_published_card, {"public_id": NOBODY, "snapshot_id": NOBODY})


def _a_published_card(session: Session, world: World) -> Values:
    of = select(ScorecardSnapshot.public_id).where(
        ScorecardSnapshot.supplier_id == world.supplier_id
    )
    return {"public_id": world.public_id, "snapshot_id": session.scalars(of).first()}


def _action(**more: Any) -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(CorrectiveAction).where(CorrectiveAction.supplier_id == world.supplier_id)
        action = session.scalars(own).one()
        answers = select(StepAnswer.public_id).where(StepAnswer.action_id == action.id)
        found = {"public_id": world.public_id, "action_id": action.public_id}
        return found | {name: session.scalars(answers).first() for name in more}

    return Place("supplier", parts, {"public_id": NOBODY, "action_id": NOBODY} | more)


def _disruption() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(Disruption.id).where(Disruption.reference == world.canary)
        return {"public_id": world.public_id, "disruption_id": session.scalars(own).one()}

    return Place("supplier", parts, {"public_id": NOBODY, "disruption_id": NO_KEY})


def _debit_note() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(DebitNote.public_id).where(DebitNote.supplier_id == world.supplier_id)
        return {"public_id": world.public_id, "note_id": session.scalars(own).first()}

    return Place("supplier", parts, {"public_id": NOBODY, "note_id": NOBODY})


def _match() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(ScreeningMatch.public_id)
        own = own.where(ScreeningMatch.supplier_id == world.supplier_id)
        return {"match_id": session.scalars(own).first()}

    return Place("supplier", parts, {"match_id": NOBODY})


def _judgement() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(ManualScore.public_id).where(ManualScore.supplier_id == world.supplier_id)
        return {"public_id": world.public_id, "score_id": session.scalars(own).first()}

    return Place("supplier", parts, {"public_id": NOBODY, "score_id": NOBODY})


def _method() -> Place:
    return Place("none", _stored_method, {"method_id": NO_KEY}, is_ruled=True)


def _stored_method(session: Session, _: World) -> Values:
    return {"method_id": session.scalar(select(func.min(ScoringMethod.id)))}


def _index_method() -> Place:
    return Place("none", _stored_index_method, {"method_id": NO_KEY}, is_ruled=True)


def _stored_index_method(session: Session, _: World) -> Values:
    return {"method_id": session.scalar(select(func.min(IndexMethod.id)))}


def _override() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(IndexOverride.public_id).where(IndexOverride.supplier_id == world.supplier_id)
        return {"public_id": world.public_id, "override_id": session.scalars(own).first()}

    return Place("supplier", parts, {"public_id": NOBODY, "override_id": NOBODY})


def _ruled(**missing: Any) -> Place:
    return Place("none", _constant(**missing), missing, is_ruled=True)


def _person() -> Place:
    return Place("none", _auditor, {"public_id": NOBODY})


def _auditor(session: Session, _: World) -> Values:
    person = queries.person_by_email(session, house.email("auditor"))
    assert person is not None
    return {"public_id": person.public_id}


def _auditors_role(session: Session, world: World) -> Values:
    held = grant_queries.grants_of(session, house.user_id(session, "auditor"))[0]
    return {**_auditor(session, world), "grant_id": held.public_id}


# What stands in an address, by endpoint; a route without variables needs none.
PLACES: dict[str, Place] = {
    "static": Place("none", _constant(filename="icon.svg"), {"filename": "nothing.svg"}),
    "overview.supplier": _supplier(),
    "overview.supplier_deliveries": _supplier(),
    "overview.supplier_quality": _supplier(),
    "overview.supplier_risk": _supplier(),
    "overview.supplier_packs": _supplier(),
    "overview.supplier_facts": _supplier(),
    "overview.supplier_history": _supplier(),
    "overview.lines": _supplier(),
    "overview.line": _line(),
    "overview.published_scorecard": _published(),
    "overview.misses": _supplier(),
    "overview.code_misses": _supplier(),
    "overview.records": _supplier(kind="receipts"),
    "expediting.ask_mail": _supplier(),
    "expediting.mail": _supplier(),
    "overview.supplier_measures": _supplier(),
    "overview.supplier_measure": _supplier(measure_id="pof"),
    "disruptions.index": _supplier(),
    "disruptions.new": _supplier(),
    "disruptions.record": _supplier(),
    "disruptions.edit": _disruption(),
    "disruptions.correct": _disruption(),
    "disruptions.withdraw": _disruption(),
    "disruptions.make_note": _supplier(),
    "disruptions.note": _debit_note(),
    "disruptions.send": _debit_note(),
    "disruptions.dispute": _debit_note(),
    "disruptions.settle": _debit_note(),
    "disruptions.discard": _debit_note(),
    "screening.show": _match(),
    "screening.decide": _match(),
    "screening_lists.show": _ruled(list_id=NOBODY),
    "screening_lists.put_in_force": _ruled(list_id=NOBODY),
    "screening_lists.discard": _ruled(list_id=NOBODY),
    "screening_lists.withdraw": _ruled(list_id=NOBODY),
    "overview.supplier_screening": _supplier(),
    "corrective.new": _supplier(),
    "corrective.open_action": _supplier(),
    "corrective.show": _action(),
    "corrective.answer": _action(),
    "corrective.decide": _action(answer_id=NOBODY),
    "corrective.agree_due": _action(),
    "corrective.withdraw": _action(),
    "manual.judgements": _supplier(),
    "manual.judge": _supplier(),
    "manual.withdraw": _judgement(),
    "manual.retire_criterion": _ruled(public_id=NOBODY),
    "custom.show": _ruled(public_id=NOBODY),
    "custom.version": _ruled(public_id=NOBODY),
    "custom.follow": _ruled(public_id=NOBODY),
    "custom.retire": _ruled(public_id=NOBODY),
    "overview.supplier_standing": _supplier(),
    "overview.supplier_levels": _supplier(),
    "overview.level": Place("supplier", _a_site, {"kind": "site", "key": NO_KEY}),
    "overview.decide_standing": _supplier(),
    "overview.ask_exception": _supplier(),
    "overview.end_exception": _exception(),
    "rules.show": _rule(),
    "rules.version": _rule(),
    "rules.follow": _rule(),
    "rules.ask_end": _rule(),
    "rules.end": _rule(),
    "calendars.show": _ruled(public_id=NOBODY),
    "calendars.change": _ruled(public_id=NOBODY),
    "imports.show": _batch(),
    "imports.answer": _batch(),
    "imports.publish": _batch(),
    "imports.discard": _batch(),
    "imports.undo": _batch(),
    "imports.rejects": _batch(),
    "imports.template": Place(
        "none", _constant(name="mainstay-deliveries.csv"), {"name": "nothing.csv"}
    ),
    "overview.edit_supplier": _supplier(),
    "overview.amend_supplier": _supplier(),
    "disputes.new": Place(
        "supplier", lambda _, world: {"line_id": world.line_id}, {"line_id": NO_KEY}
    ),
    "disputes.add": Place(
        "supplier", lambda _, world: {"line_id": world.line_id}, {"line_id": NO_KEY}
    ),
    "disputes.show": _dispute(),
    "disputes.decide": _dispute(),
    "disputes.withdraw": _dispute(),
    "disputes.attach": _dispute(),
    "disputes.download": replace(_dispute(file_id=NOBODY), is_ruled=True),
    "overview.supplier_files": _supplier(),
    "overview.attach_file": _supplier(),
    "overview.download_file": _file(),
    "overview.confirm_file_removal": _file(),
    "overview.remove_file": _file(),
    "packs.download": Place(
        "supplier", lambda _, world: {"public_id": world.pack_id}, {"public_id": NOBODY}
    ),
    "methods.show": _method(),
    "methods.edit": _method(),
    "methods.save": _method(),
    "methods.propose": _method(),
    "methods.withdraw": _method(),
    "methods.discard": _method(),
    "methods.end": _method(),
    "methods.simulate": _method(),
    "methods.history": _method(),
    "overview.supplier_risk_evidence": _supplier(dimension="financial"),
    "overview.supplier_risk_moved": _supplier(),
    "overview.supplier_risk_published": _supplier(),
    "overview.supplier_risk_sure": _supplier(),
    "overview.supplier_risk_override": _supplier(),
    "overview.propose_risk_override": _supplier(),
    "overview.end_risk_override": _override(),
    "index_methods.show": _index_method(),
    "index_methods.edit": _index_method(),
    "index_methods.save": _index_method(),
    "index_methods.propose": _index_method(),
    "index_methods.withdraw": _index_method(),
    "index_methods.discard": _index_method(),
    "index_methods.simulate": _index_method(),
    "jobs.show": Place("run", lambda _, world: {"run_id": world.run_id}, {"run_id": NO_KEY}),
    "jobs.retry": Place("run", lambda _, world: {"run_id": world.run_id}, {"run_id": NO_KEY}),
    "accounts.show_app": _ruled(),
    "accounts.check_confirm": _ruled(),
    "accounts.end_session": _ruled(public_id=NOBODY),
    "accounts.remove_passkey": _ruled(public_id=NOBODY),
    "approvals.show": _ruled(public_id=NOBODY),
    "approvals.decide": _ruled(public_id=NOBODY),
    "approvals.withdraw": _ruled(public_id=NOBODY),
    "approvals.withdraw_delegation": _ruled(public_id=NOBODY),
    "audit.show": Place("none", _constant(seq=1), {"seq": NO_KEY}),
    "audit.history": _ruled(entity="supplier", key="1"),
    "outbox.show": _ruled(message_id=NOBODY),
    "outbox.retry": _ruled(message_id=NOBODY),
    "tokens.revoke": _ruled(public_id=NOBODY),
    "people.show": _person(),
    "people.give_role": _person(),
    "people.switch_off": _person(),
    "people.switch_on": _person(),
    "people.invite_again": _ruled(public_id=NOBODY),
    "people.revoke_role": Place("none", _auditors_role, {"public_id": NOBODY, "grant_id": NOBODY}),
    "accounts.end_sessions_of": _person(),
    "accounts.reset_factors_of": _person(),
}

# What a form is sent, by endpoint: enough to be understood, so that a refusal is the gate's.
FORMS: dict[str, Callable[[World], Values]] = {
    "packs.prepare": lambda world: {
        "supplier": world.public_id, "kind": "scorecard", "period": "12m",
    },
    "overview.create_supplier": lambda world: {
        "number": f"walk-{world.canary}", "name": "Walker", "category": f"{world.canary} category",
    },
    "overview.amend_supplier": lambda world: {
        "number": f"walk-{world.canary}", "name": "Walker", "edition": "unknown",
    },
    "people.give_role": lambda _: {"role": "risk_manager", "reason": REASON},
    "people.revoke_role": lambda _: {"reason": REASON},
    "people.switch_off": lambda _: {"reason": REASON},
    "people.switch_on": lambda _: {"reason": REASON},
    "tokens.revoke": lambda _: {"reason": REASON},
    "jobs.run_now": lambda _: {"job": "recompute"},
    "methods.create": lambda _: {"segment": "", "base": "", "name": ""},
    "methods.propose": lambda _: {"day": "2027-01-01", "reason": REASON},
    "methods.end": lambda _: {"day": "2027-01-01", "reason": REASON},
    "methods.discard": lambda _: {"reason": REASON},
    "index_methods.create": lambda _: {"base": "", "name": ""},
    "index_methods.propose": lambda _: {"day": "2027-01-01", "reason": REASON},
    "index_methods.discard": lambda _: {"reason": REASON},
    "overview.propose_risk_override": lambda _: {
        "band": "high", "until_on": "2026-12-01", "reason": REASON,
    },
    "overview.end_risk_override": lambda _: {"reason": REASON},
    "imports.answer": lambda _: {"answer": "utf-8"},
    "overview.code_misses": lambda world: {"line": world.line_id, "cause": "carrier"},
    "disruptions.record": lambda world: {
        "reference": f"walk-{world.canary}", "kind": "line_stop", "occurred_on": "2026-11-01",
        "caused_by": "supplier", "site": "",
    },
    "disruptions.correct": lambda world: {
        "reference": world.canary, "kind": "line_stop", "occurred_on": "2026-11-01",
        "caused_by": "supplier", "site": "", "reason": REASON,
    },
    "disruptions.withdraw": lambda _: {"reason": REASON},
    "disruptions.dispute": lambda _: {"reason": REASON},
    "disruptions.settle": lambda _: {"reason": REASON},
    "disruptions.discard": lambda _: {"reason": REASON},
    "corrective.open_action": lambda world: {"title": world.canary, "problem": "walked"},
    "corrective.answer": lambda _: {
        "step": "D2", "text": "answered", "answered_at": "2026-11-21T09:00",
    },
    "corrective.decide": lambda _: {"decision": "accept"},
    "corrective.agree_due": lambda _: {
        "step": "D7", "due_at": "2026-12-21T09:00", "reason": REASON,
    },
    "corrective.withdraw": lambda _: {"reason": REASON},
    "manual.add_criterion": lambda world: {"name": f"Walk {world.canary[-1]}", "short": "0 to 1"},
    "manual.withdraw": lambda _: {"reason": REASON},
    "screening.decide": lambda _: {"verdict": "clear", "version": 1, "reason": REASON},
    "screening_lists.check": lambda _: {"file": "x.csv", "source": "w", "edition": "2026-01-01"},
    "screening_lists.withdraw": lambda _: {"reason": REASON},
    "screening_lists.propose_setting": lambda _: {
        "threshold": 80, "kinds": "entity", "stale_days": 20, "reason": REASON,
    },
    "disputes.add": lambda _: {"ground": "date", "claim": REASON, "said_by": ""},
    "disputes.decide": lambda _: {"outcome": "refused", "effect": "none", "reason": REASON},
    "disputes.withdraw": lambda _: {"reason": REASON},
    "disputes.attach": lambda _: {"file": "walk.txt", "evidence_on": "2026-11-01"},
    "overview.attach_file": lambda _: {"file": "walk.txt", "evidence_on": "2026-11-01"},
    "overview.remove_file": lambda _: {"reason": REASON},
    "overview.decide_standing": lambda _: {
        "standing": "restricted", "from_on": "2026-12-01", "reason": REASON,
    },
    "overview.ask_exception": lambda _: {
        "buyer": "Walker", "from_on": "2026-11-21", "until_on": "2026-12-01", "reason": REASON,
    },
    "overview.end_exception": lambda _: {"reason": REASON},
}  # fmt: skip
