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
from app.facts.evidence.events.models import DisruptionEvent
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.evidence.models import FinancialStatement, SubTierLink
from app.facts.evidence.screening.models import ScreeningMatch
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.models import ApprovedSource, Site
from app.facts.suppliers.standings.models import OrderException
from app.judgement.alerts.models import Alert, AlertRule
from app.judgement.corrective.models import CorrectiveAction, StepAnswer
from app.judgement.fmea.models import FmeaCause, FmeaMode, FmeaRegister
from app.judgement.risk_index.models import IndexMethod, IndexOverride
from app.judgement.scorecards.manual.models import ManualScore
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.platform.accounts import grant_queries, queries
from tests.access import (
    continuity_house,
    contract_house,
    house,
    incident_house,
    money_house,
    risk_house,
)
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


def _contact() -> Place:
    return Place("supplier", _a_contact, {"public_id": NOBODY, "contact_id": NO_KEY})


def _a_contact(session: Session, world: World) -> Values:
    of = select(Contact.id).where(Contact.supplier_id == world.supplier_id)
    return {"public_id": world.public_id, "contact_id": session.scalars(of).first()}


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


def _link() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(SubTierLink.id).where(SubTierLink.supplier_id == world.supplier_id)
        return {"public_id": world.public_id, "link_id": session.scalars(own).first()}

    return Place("supplier", parts, {"public_id": NOBODY, "link_id": NO_KEY})


def _a_part(session: Session, world: World) -> Values:
    own = select(ApprovedSource.part_id).where(ApprovedSource.supplier_id == world.supplier_id)
    return {"part_id": session.scalars(own).first()}


def _debit_note() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(DebitNote.public_id).where(DebitNote.supplier_id == world.supplier_id)
        return {"public_id": world.public_id, "note_id": session.scalars(own).first()}

    return Place("supplier", parts, {"public_id": NOBODY, "note_id": NOBODY})


def _statement() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(FinancialStatement.closed_on).where(
            FinancialStatement.supplier_id == world.supplier_id
        )
        return {"public_id": world.public_id, "closed_on": session.scalars(own).one().isoformat()}

    return Place("supplier", parts, {"public_id": NOBODY, "closed_on": "2001-02-03"})


def _proxy() -> Place:
    def parts(session: Session, world: World) -> Values:
        own = select(FinancialProxy.public_id).where(
            FinancialProxy.supplier_id == world.supplier_id
        )
        return {"public_id": world.public_id, "proxy_id": session.scalars(own).one()}

    return Place("supplier", parts, {"public_id": NOBODY, "proxy_id": NOBODY})


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


def _fmea(**more: Any) -> Place:
    def parts(session: Session, world: World) -> Values:
        row = (
            select(FmeaRegister.public_id, FmeaMode.public_id, FmeaCause.public_id)
            .join(FmeaMode, FmeaMode.register_id == FmeaRegister.id)
            .join(FmeaCause, FmeaCause.mode_id == FmeaMode.id)
            .where(FmeaRegister.supplier_id == world.supplier_id)
        )
        found = dict(zip(FMEA, session.execute(row).one(), strict=True))
        return {name: found[name] for name in ("register_id", *more)}

    return Place("supplier", parts, {"register_id": NOBODY} | more)


FMEA = ("register_id", "mode_id", "cause_id")
_FMEA_MODE, _FMEA_ROW = {"mode_id": NOBODY}, {"cause_id": NOBODY}


def _risk(*names: str, **missing: Any) -> Place:
    parts = risk_house.parts_of(lambda world: world.supplier_id, *names)
    return Place("supplier", parts, dict.fromkeys(names, NOBODY) | missing)


def _contract(**more: Any) -> Place:
    parts = contract_house.parts_of(lambda world: world.supplier_id, **more)
    return Place("supplier", parts, {"public_id": NOBODY, "contract_id": NOBODY} | more)


def _incident(name: str, *others: str) -> Place:
    parts = incident_house.parts_of(lambda world: world.supplier_id, name, *others)
    missing = {each: NO_KEY if each == "part_id" else NOBODY for each in others}
    return Place("supplier", parts, {"public_id": NOBODY} | missing)


def _plan(*names: str, **missing: Any) -> Place:
    def parts(session: Session, world: World) -> Values:
        return continuity_house.parts_of(session, world.supplier_id, *names)

    return Place("supplier", parts, dict.fromkeys(names, NOBODY) | missing)


def _money(*names: str, **more: Any) -> Place:
    parts = money_house.parts_of(lambda world: world.supplier_id, *names, **more)
    missing = dict.fromkeys(("public_id", "contract_id", *names), NOBODY)
    return Place("supplier", parts, missing | more)


def _alert() -> Place:
    return Place("supplier", _an_alert, {"public_id": NOBODY})


def _an_alert(session: Session, world: World) -> Values:
    own = select(Alert.public_id).where(Alert.supplier_id == world.supplier_id)
    return {"public_id": session.scalars(own).first()}


def _alert_rule() -> Place:
    return Place("supplier", _an_alert_rule, {"public_id": NOBODY})


def _an_alert_rule(session: Session, world: World) -> Values:
    own = select(AlertRule.public_id).where(AlertRule.supplier_id == world.supplier_id)
    return {"public_id": session.scalars(own).first()}


def _event() -> Place:
    return Place("supplier", _an_event, {"event_id": NOBODY})


def _an_event(session: Session, world: World) -> Values:
    own = select(DisruptionEvent.public_id).where(DisruptionEvent.supplier_id == world.supplier_id)
    return {"event_id": session.scalars(own).first()}


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
    "overview.sourcing_part": Place("supplier", _a_part, {"part_id": NO_KEY}),
    "overview.undo_upstream_name": _ruled(public_id=NOBODY),
    "overview.supplier_upstream": _supplier(),
    "overview.new_link": _supplier(),
    "overview.add_link": _supplier(),
    "overview.edit_link": _link(),
    "overview.correct_link": _link(),
    "overview.remove_link": _link(),
    "corrective.new": _supplier(),
    "corrective.open_action": _supplier(),
    "corrective.show": _action(),
    "corrective.answer": _action(),
    "corrective.decide": _action(answer_id=NOBODY),
    "corrective.agree_due": _action(),
    "corrective.withdraw": _action(),
    "fmea.show": _fmea(),
    "fmea.edit": _fmea(),
    "fmea.amend": _fmea(),
    "fmea.submit": _fmea(),
    "fmea.withdraw": _fmea(),
    "fmea.rejudge": _fmea(),
    "fmea.close": replace(_fmea(), is_ruled=True),
    "fmea.export": _fmea(),
    "fmea.choose": _fmea(),
    "fmea.copy": _fmea(),
    "fmea.new_mode": _fmea(),
    "fmea.add_mode": _fmea(),
    "fmea.edit_mode": _fmea(**_FMEA_MODE),
    "fmea.save_mode": _fmea(**_FMEA_MODE),
    "fmea.remove_mode": _fmea(**_FMEA_MODE),
    "fmea.put_back_mode": _fmea(**_FMEA_MODE),
    "fmea.history": _fmea(),
    "fmea.row": _fmea(**_FMEA_ROW),
    "fmea.rate": _fmea(**_FMEA_ROW),
    "fmea.rate_inherent": _fmea(**_FMEA_ROW),
    "fmea.standard": _ruled(which="matrix"),
    "fmea.draft": _ruled(which="matrix"),
    "fmea.version": _ruled(which="scales", key=NO_KEY),
    "fmea.edit_standard": _ruled(which="scales", key=NO_KEY),
    "fmea.save_standard": _ruled(which="scales", key=NO_KEY),
    "fmea.propose": _ruled(which="scales", key=NO_KEY),
    "fmea.withdraw_standard": _ruled(which="scales", key=NO_KEY),
    "fmea.discard": _ruled(which="scales", key=NO_KEY),
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
    "contracts.new": _supplier(),
    "contracts.create": _supplier(),
    "contracts.show": _contract(),
    "contracts.version": _contract(sequence=1),
    "contracts.notice": _contract(),
    "contracts.renewal": replace(_contract(), is_ruled=True),
    "contracts.take_back": replace(_contract(event_id=NO_KEY), is_ruled=True),
    "contracts.terminate": _contract(),
    "contracts.amend": _contract(),
    "contracts.draft": replace(_contract(), is_ruled=True),
    "contracts.write_terms": replace(_contract(), is_ruled=True),
    "contracts.write_clauses": replace(_contract(), is_ruled=True),
    "contracts.new_line": replace(_contract(kind="damages"), is_ruled=True),
    "contracts.add_line": replace(_contract(kind="damages"), is_ruled=True),
    "contracts.remove_line": replace(_contract(kind="obligations", line_id=NO_KEY), is_ruled=True),
    "contracts.submit": replace(_contract(), is_ruled=True),
    "contracts.discard": replace(_contract(), is_ruled=True),
    "contracts.attach": _contract(),
    "contracts.download": _ruled(public_id=NOBODY, contract_id=NOBODY, file_id=NOBODY),
    "contracts.remove": _ruled(public_id=NOBODY, contract_id=NOBODY, file_id=NOBODY),
    "overview.supplier_contracts": _supplier(),
    "contract_money.index": _money(),
    "contract_money.lines": _money(kind="csv"),
    "contract_money.claim": _money("claim_id"),
    "contract_money.annex_pdf": _money("claim_id"),
    "contract_money.annex_sheet": _money("claim_id", kind="csv"),
    "contract_money.draw_up": replace(_money(), is_ruled=True),
    "contract_money.submit": replace(_money("claim_id"), is_ruled=True),
    "contract_money.settle": replace(_money("claim_id"), is_ruled=True),
    "contract_money.withdraw": replace(_money("claim_id"), is_ruled=True),
    "contract_money.enter_days_off": _money(),
    "contract_money.withdraw_days_off": _money("relief_id"),
    "contract_money.enter_saving": replace(_money(), is_ruled=True),
    "contract_money.verify_saving": replace(_money("saving_id"), is_ruled=True),
    "contract_money.withdraw_saving": replace(_money("saving_id"), is_ruled=True),
    "contract_money.freeze": replace(_money("clause_id"), is_ruled=True),
    "actions.new": _risk("cause_id"),
    "actions.add": _risk("cause_id"),
    "actions.show": _risk("action_id"),
    "actions.edit": _risk("action_id"),
    "actions.amend": _risk("action_id"),
    "actions.move": _risk("action_id"),
    "actions.finish": _risk("action_id"),
    "actions.complete": _risk("action_id"),
    "actions.attach": _risk("action_id"),
    "actions.download": _ruled(action_id=NOBODY, file_id=NOBODY),
    "actions.row": _risk("cause_id"),
    "actions.rate": _risk("cause_id"),
    "actions.accept": _risk("cause_id"),
    "actions.end_acceptance": _risk("cause_id", "acceptance_id"),
    "actions.assess": _risk("cause_id"),
    "actions.link": _risk("cause_id"),
    "actions.unlink": _risk("cause_id", "link_id"),
    "actions.reviewed": _risk("cause_id"),
    "meetings.show": _ruled(public_id=NOBODY),
    "meetings.hold": _ruled(public_id=NOBODY),
    "meetings.discard": _ruled(public_id=NOBODY),
    "meetings.close": _ruled(public_id=NOBODY),
    "meetings.minutes": _ruled(public_id=NOBODY),
    "meetings.note": _ruled(public_id=NOBODY, point_id=NOBODY),
    "meetings.decide": _ruled(public_id=NOBODY),
    "meetings.commit": _ruled(public_id=NOBODY),
    "meetings.settle": _ruled(public_id=NOBODY, commitment_id=NOBODY),
    "due_dates.revoke_feed": _ruled(public_id=NOBODY),
    "overview.supplier_continuity": _supplier(),
    "continuity.new": _supplier(),
    "continuity.open_plan": _supplier(),
    "continuity.ask": _supplier(),
    "continuity.send_questions": _supplier(),
    "continuity.question": _plan("question_id"),
    "continuity.answer": _plan("question_id"),
    "continuity.show": _plan("plan_id"),
    "continuity.show_version": _plan("version_id"),
    "continuity.edit": _plan("plan_id"),
    "continuity.save": _plan("plan_id"),
    "continuity.begin": _plan("plan_id"),
    "continuity.submit": _plan("plan_id"),
    "continuity.withdraw": _plan("plan_id"),
    "continuity.review": _plan("plan_id"),
    "continuity.end": _plan("plan_id"),
    "continuity.new_contact": _plan("plan_id"),
    "continuity.add_contact": _plan("plan_id"),
    "continuity.contact": _plan("plan_id", "contact_id"),
    "continuity.save_contact": _plan("plan_id", "contact_id"),
    "continuity.remove_contact": _plan("plan_id", "contact_id"),
    "continuity.survive": _plan("plan_id"),
    "continuity.attach": _plan("plan_id"),
    "continuity.new_exercise": _plan("plan_id"),
    "continuity.add_exercise": _plan("plan_id"),
    "continuity.exercise": _plan("plan_id", "exercise_id"),
    "continuity.note_result": _plan("plan_id", "exercise_id"),
    "continuity.call_off": _plan("plan_id", "exercise_id"),
    "continuity.download": _ruled(plan_id=NOBODY, file_id=NOBODY),
    "continuity.download_evidence": _ruled(question_id=NOBODY, file_id=NOBODY),
    "overview.supplier_financial": _supplier(),
    "overview.supplier_geography": _supplier(),
    "overview.new_statement": _supplier(),
    "overview.enter_statement": _supplier(),
    "overview.edit_statement": _statement(),
    "overview.amend_statement": _statement(),
    "overview.declare_proxy": _supplier(),
    "overview.withdraw_proxy": _proxy(),
    "overview.set_market": _supplier(),
    "overview.country": Place("none", _constant(code="DEU"), {"code": "ZZZ"}),
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
    "overview.supplier_contacts": _supplier(),
    "overview.add_contact": _supplier(),
    "overview.edit_contact": _contact(),
    "overview.change_contact": _contact(),
    "overview.confirm_contact": _contact(),
    "overview.remove_contact": _contact(),
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
    "alerts.show": _alert(),
    "alerts.acknowledge": _alert(),
    "alerts.judge": _alert(),
    "alerts.rule": _alert_rule(),
    "alerts.version_rule": _alert_rule(),
    "alerts.follow_rule": _alert_rule(),
    "alerts.mute": _alert_rule(),
    "alerts.unmute": _alert_rule(),
    "alerts.retire": _alert_rule(),
    "alerts.drop_rung": _ruled(public_id=NOBODY),
    "alerts.end_subscription": _ruled(public_id=NOBODY),
    "alerts.ask_off": _ruled(public_id=NOBODY, mark="none"),
    "alerts.off": _ruled(public_id=NOBODY, mark="none"),
    "events.show": _event(),
    "events.edit": _event(),
    "events.correct": _event(),
    "events.end": _event(),
    "events.withdraw": _event(),
    **{
        f"incidents.{name}": _incident("incident")
        for name in (
            "show",
            "move",
            "amend",
            "add_task",
            "decide",
            "add_part",
            "link",
            "print_card",
        )
    },
    "incidents.settle_task": _incident("incident", "task_id"),
    "incidents.remove_part": _incident("incident", "part_id"),
    "incidents.unlink": _incident("incident", "link_id"),
    **{
        f"responses.{name}": _incident("response")
        for name in ("show", "version", "follow", "retire", "print_card")
    },
    **{
        f"backup_suppliers.{name}": _incident("backup")
        for name in ("show", "edit", "advance", "drop", "take_up")
    },
    "overview.supplier_incidents": _supplier(),
    "webhooks.show": _ruled(public_id=NOBODY),
    "webhooks.rotate": _ruled(public_id=NOBODY),
    "webhooks.switch": _ruled(public_id=NOBODY),
    "webhooks.ping": _ruled(public_id=NOBODY),
    "webhooks.retry": _ruled(delivery_id=NOBODY),
    "accounts.end_sessions_of": _person(),
    "accounts.reset_factors_of": _person(),
}

_TERMS = {
    "title": "Walked", "kind": "other", "our_party": "House", "their_party": "Them",
    "currency": "EUR", "starts_on": "2026-11-21", "notice_kind": "calendar", "calendar": "",
}  # fmt: skip
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
    "overview.decide_upstream_name": lambda world: {
        "kind": "company", "company": "", "spelling": f"{world.canary} upstream",
        "means": world.canary, "answer": "same", "reason": REASON,
    },
    "overview.undo_upstream_name": lambda _: {"reason": REASON},
    "overview.add_link": lambda world: {
        "upstream_name": f"walk {world.canary}", "upstream_site": "A", "material": "B",
    },
    "overview.correct_link": lambda world: {
        "upstream_name": f"walk {world.canary}", "upstream_site": "A", "material": "B",
        "edition": "unknown", "reason": REASON,
    },
    "overview.remove_link": lambda _: {"reason": REASON},
    "corrective.open_action": lambda world: {"title": world.canary, "problem": "walked"},
    "corrective.answer": lambda _: {
        "step": "D2", "text": "answered", "answered_at": "2026-11-21T09:00",
    },
    "corrective.decide": lambda _: {"decision": "accept"},
    "corrective.agree_due": lambda _: {
        "step": "D7", "due_at": "2026-12-21T09:00", "reason": REASON,
    },
    "corrective.withdraw": lambda _: {"reason": REASON},
    "contracts.create": lambda world: _TERMS | {"number": f"walk-{world.canary}"},
    "contracts.write_terms": lambda _: _TERMS | {"version": "1"},
    "contracts.notice": lambda _: {"whose": "ours", "on": "2026-11-21", "reason": REASON},
    "contracts.renewal": lambda _: {"ends_on": "2026-11-21", "reason": REASON},
    "contracts.take_back": lambda _: {"reason": REASON},
    "contracts.terminate": lambda _: {"on": "2026-11-21", "reason": REASON},
    "contracts.amend": lambda _: {"reason": REASON},
    "contracts.write_clauses": lambda _: {"version": "1"},
    "contracts.add_line": lambda _: {
        "mode": "fixed_per_day", "amount": "5", "grace_days": "0", "grace_kind": "free",
        "cap_base": "contract", "version": "1",
    },
    "contracts.remove_line": lambda _: {"version": "1"},
    "contracts.submit": lambda _: {"version": "1", "reason": REASON},
    "contracts.discard": lambda _: {"version": "1"},
    "contracts.attach": lambda _: {"file": "walk.txt", "role": "contract"},
    "contracts.remove": lambda _: {"reason": REASON},
    "contract_money.draw_up": lambda _: {"period": "2026Q3", "reason": REASON},
    "contract_money.submit": lambda _: {"version": "1", "reason": REASON},
    "contract_money.settle": lambda _: {"version": "1", "reason": REASON},
    "contract_money.withdraw": lambda _: {"version": "1", "reason": REASON},
    "contract_money.enter_days_off": lambda _: {
        "kind": "buyer", "first_on": "2026-03-01", "last_on": "2026-03-02", "reason": REASON,
    },
    "contract_money.withdraw_days_off": lambda _: {"reason": REASON},
    "contract_money.enter_saving": lambda world: {
        "share": str(NOBODY), "label": world.canary, "first_on": "2026-03-01",
        "last_on": "2026-03-02", "actual_cost": "1", "investment": "1", "reason": REASON,
    },
    "contract_money.verify_saving": lambda _: {"version": "1", "reason": REASON},
    "contract_money.withdraw_saving": lambda _: {"version": "1", "reason": REASON},
    "contract_money.freeze": lambda _: {"reason": REASON},
    "manual.add_criterion": lambda world: {"name": f"Walk {world.canary[-1]}", "short": "0 to 1"},
    "manual.withdraw": lambda _: {"reason": REASON},
    "actions.add": lambda world: {
        "title": f"{world.canary} walk", "kind": "prevention", "owner": "W", "due_on": "2026-12-01",
    },
    "actions.amend": lambda world: {
        "title": f"{world.canary} walk", "kind": "prevention", "owner": "W",
        "due_on": "2026-12-01", "version": "1",
    },
    "actions.move": lambda _: {"state": "decision_pending", "version": "1"},
    "actions.complete": lambda _: {
        "evidence": REASON, "severity": "8", "occurrence": "6", "detection": "5", "version": "1",
        "effect_change": "",
    },
    "actions.attach": lambda _: {"file": "walk.txt", "evidence_on": "2026-11-01"},
    "actions.rate": lambda _: {
        "severity": "8", "occurrence": "4", "detection": "4", "reason": REASON,
    },
    "actions.accept": lambda _: {
        "accepted_by": "W", "until_on": "2026-12-24", "reason": REASON,
    },
    "actions.end_acceptance": lambda _: {"reason": REASON},
    "actions.assess": lambda _: {
        "met_on": "2026-11-02", "spoke_with": "W", "severity": "4",
    },
    "actions.link": lambda world: {"kind": f"contract {world.canary} number"},
    "actions.reviewed": lambda _: {"reason": REASON},
    "actions.set_cadence": lambda _: {"high": "3", "medium": "6", "low": "12", "reason": REASON},
    "continuity.open_plan": lambda world: {"title": f"{world.canary} walk", "scope": "supplier"},
    "continuity.send_questions": lambda _: {
        "topics": "tested", "asked_on": "2026-11-21", "due_on": "2026-12-21",
    },
    "continuity.answer": lambda _: {"answer": "yes", "answered_on": "2026-11-21", "version": "1"},
    "continuity.save": lambda _: {"rto_days": "5", "version": "1"},
    "continuity.begin": lambda _: {"begin-reason": REASON},
    "continuity.submit": lambda _: {"submit-reason": REASON},
    "continuity.review": lambda _: {"review-reason": REASON, "review-reviewed_on": "2026-11-20"},
    "continuity.end": lambda _: {"end-reason": REASON},
    "continuity.add_contact": lambda _: {"name": "Walker"},
    "continuity.save_contact": lambda _: {"name": "Walker"},
    "continuity.attach": lambda _: {"file": "walk.txt", "evidence_on": "2026-11-01"},
    "continuity.add_exercise": lambda _: {
        "kind": "full", "scenario": "Walk", "planned_on": "2026-12-01",
    },
    "continuity.note_result": lambda _: {"done_on": "2026-11-20", "version": "1"},
    "continuity.call_off": lambda _: {"reason": REASON},
    "meetings.plan": lambda _: {"planned_on": "2026-12-01", "title": "Walk", "chair": "W"},
    "due_dates.make_feed": lambda _: {"name": "Walk", "lasts": "90"},
    "screening.decide": lambda _: {"verdict": "clear", "version": 1, "reason": REASON},
    "screening_lists.check": lambda _: {"file": "x.csv", "source": "w", "edition": "2026-01-01"},
    "screening_lists.withdraw": lambda _: {"reason": REASON},
    "screening_lists.propose_setting": lambda _: {
        "threshold": 80, "kinds": "entity", "stale_days": 20, "reason": REASON,
    },
    "disputes.add": lambda _: {"ground": "date", "claim": REASON, "said_by": ""},
    "overview.add_contact": lambda _: {"email": "walk@example.com", "role": "orders"},
    "overview.change_contact": lambda _: {
        "email": "walk@example.com", "role": "orders", "version": "1",
    },
    "overview.confirm_contact": lambda _: {"version": "1"},
    "overview.remove_contact": lambda _: {"reason": REASON},
    "restatements.decide": lambda _: {"decision": "refuse", "reason": REASON},
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
    "overview.enter_statement": lambda _: {
        "closed_on": "2020-12-31", "currency": "EUR", "unit": "1", "total_assets": "10",
        "source": "Walk",
    },
    "overview.amend_statement": lambda _: {
        "closed_on": "2025-12-31", "currency": "EUR", "unit": "1", "total_assets": "10",
        "source": "Walk", "version": "1", "reason": REASON,
    },
    "overview.declare_proxy": lambda _: {
        "kind": "rating", "rating": "BB", "observed_on": "2026-10-01", "source": "Walk",
    },
    "overview.withdraw_proxy": lambda _: {"reason": REASON},
    "overview.set_market": lambda _: {"is_emerging": "y", "reason": REASON},
    "alerts.acknowledge_all": lambda _: {"expected": "0", "note": ""},
    "alerts.judge": lambda _: {"verdict": "useful"},
    "alerts.follow_rule": lambda world: {
        "name": f"{world.canary} rule", "subject": "index:value", "operator": "above",
        "threshold": "55", "duration": "1", "good_to_clear": "2", "least_n": "0",
        "severity": "alarm", "category": "", "segment": "", "supplier": world.canary, "seen": "1",
        "reason": REASON,
    },
    "alerts.mute": lambda _: {"until": "2026-12-01", "reason": REASON},
    "alerts.retire": lambda _: {"reason": REASON},
    "events.correct": lambda world: {
        "title": f"{world.canary} fire", "kind": "fire", "severity": "severe",
        "from_on": "2026-11-20", "place_kind": "site", "place": f"{world.canary} plant",
        "supplier": world.canary, "source": world.canary, "seen": "1",
    },
    "events.end": lambda _: {"until_on": "2026-11-21"},
    "events.withdraw": lambda _: {"reason": REASON},
    "incidents.record": lambda world: {
        "supplier": world.canary, "title": "Walked", "cause": "", "response": "",
    },
    "incidents.move": lambda _: {"state": "confirmed", "version": "1"},
    "incidents.amend": lambda world: {
        "title": f"{world.canary} incident", "cause": "", "signalled_at": "2026-11-21T09:00",
        "version": "1",
    },
    "incidents.add_task": lambda world: {
        "task": f"{world.canary} walk", "owner": "W", "due_at": "2026-11-22T09:00",
    },
    "incidents.settle_task": lambda _: {"state": "done", "version": "1"},
    "incidents.decide": lambda world: {"said": f"{world.canary} walk", "reason": REASON},
    "incidents.add_part": lambda world: {"part": f"{world.canary} part"},
    # Each world has one supplier and one plan, made in turn: their keys are equal.
    "incidents.link": lambda world: {"about": f"plan {world.supplier_id}"},
    "responses.propose": lambda world: {
        "name": "Walked", "rule": "", "supplier": world.canary, "steps": "4 | W | walk",
        "approver": "W", "reason": REASON,
    },
    "responses.follow": lambda world: {
        "name": "Walked", "rule": "", "supplier": world.canary, "steps": "4 | W | walk",
        "approver": "W", "reason": REASON, "version": "1",
    },
    "responses.retire": lambda _: {"reason": REASON},
    "backup_suppliers.edit": lambda _: {"owner": "W", "rotate_days": "90", "version": "1"},
    "backup_suppliers.advance": lambda _: {"reason": REASON, "version": "1"},
    "backup_suppliers.drop": lambda _: {"reason": REASON, "version": "1"},
    "backup_suppliers.take_up": lambda _: {"version": "1"},
}  # fmt: skip
