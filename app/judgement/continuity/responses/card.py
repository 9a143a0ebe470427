"""The contingency card of a response: what was agreed on, before anything happens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.base import formatting
from app.base.pdf.printable import PaperSize
from app.facts.deliveries.period_reads import merged_suppliers
from app.facts.evidence.backup_suppliers import queries as backups
from app.judgement.continuity import paper
from app.judgement.continuity.incidents import queries as incidents
from app.judgement.continuity.incidents import wording
from app.judgement.continuity.incidents.queries import Exposure, PartRow
from app.judgement.continuity.paper import Card, Figure, Pair, cut
from app.judgement.continuity.responses import queries
from app.judgement.continuity.responses.models import ResponseState
from app.judgement.continuity.responses.queries import ResponseSheet
from app.judgement.continuity.responses.triggers import Trigger

LONGEST_CALL = 180
ANY = "any supplier"


def card(
    session: Session,
    sheet: ResponseSheet,
    known: Mapping[str, Trigger],
    *,
    now: datetime,
    paper_size: PaperSize,
) -> Card:
    """Return the card of a version. known: the triggers in force, by their keys."""
    row, of = sheet.response, sheet.supplier
    about = ANY if of is None else f"{of.name} ({of.number})"
    into = None if of is None else merged_suppliers(session).get(of.id, of.id)
    parts = queries.parts_at_stake(session, row, into, now.date())
    standby = backups.backup_rows(session, part_ids=[each.part_id for each in parts])
    covered = {each.part_id: each for each in backups.coverages(standby, now.date())}
    plans = [] if into is None else paper.plans_of(session, into)
    substitute = None if sheet.substitute is None else sheet.substitute.id
    called = [each for each in (into, substitute) if each is not None]
    number = f"{cut(row.name, paper.LONGEST_FOOT)}, version {row.version}"
    return paper.sealed(
        Card(
            number=number,
            title=cut(row.name, paper.LONGEST_TITLE),
            under=cut(f"Version {row.version} · {about}", paper.LONGEST_LINE),
            footer=f"{number} · as of {formatting.moment(now)} · internal",
            call="Begins when" if row.state == ResponseState.IN_FORCE else "Not in force",
            next_step=cut(_begins(row.state, row.rule_key, known), LONGEST_CALL),
            figures=_figures(sheet, parts),
            step_heads=("Within", "Done at"),
            steps=tuple(
                (cut(each.title, paper.LONGEST_LINE), cut(each.owner, paper.LONGEST_NAME),
                 f"{each.hours:,} h", "")
                for each in sheet.steps[: paper.MOST_STEPS]
            ),
            money=paper.agreed(sheet),
            parts_title="Parts at stake, those with most revenue first" if of is not None
            else "Parts that are flown in",
            parts=tuple(
                paper.part_cells(each, covered.get(each.part_id))
                for each in parts[: paper.MOST_PARTS]
            ),
            people=paper.people_of(session, plans, called),
            plan=paper.plan_facts(session, plans),
            decisions=None,
            more=paper.left_out("Not on this card", steps=len(sheet.steps), parts=len(parts)),
            paper_size=paper_size,
        )
    )  # fmt: skip


def _begins(state: str, rule_key: str | None, known: Mapping[str, Trigger]) -> str:
    """Return what begins it, or why it does not hold."""
    if state == ResponseState.PROPOSED:
        return "it is proposed, nobody else has agreed to it yet."
    if state != ResponseState.IN_FORCE:
        return f"this version is {state}; look for the one that holds."
    if rule_key is None:
        return "somebody opens an incident by it."
    rule = known.get(rule_key)
    if rule is None:
        return f"somebody opens an incident by it; no rule “{rule_key}” is in force."
    return f"“{rule.name}” is raised ({rule.says}). The incident opens by itself."


def _figures(sheet: ResponseSheet, parts: list[PartRow]) -> tuple[Figure, ...]:
    row, exposure = sheet.response, incidents.exposure_of(parts)
    agreed = "" if row.decided_at is None or row.decided_by is None else (
        f"{formatting.day(row.decided_at.date())}, {cut(row.decided_by, paper.LONGEST_NAME)}"
    )  # fmt: skip
    return (
        Figure("State", row.state.replace("_", " "), agreed),
        Figure("Revenue at stake", wording.exposure_words(exposure), _parts_words(exposure)),
        Figure("Our stock lasts", *_stock_words(parts)),
        Figure(
            "Money at once",
            "none" if row.authority is None or row.currency is None
            else formatting.money(row.authority, row.currency, 0),
            "beyond it another person decides",
        ),
    )  # fmt: skip


def _parts_words(exposure: Exposure) -> str:
    told: Pair = (formatting.count(exposure.parts, "part"), wording.unknown_words(exposure))
    return ", ".join(each for each in told if each)


def _stock_words(parts: list[PartRow]) -> Pair:
    """Return how long our stock of the part lasts that runs out first, and which one it is."""
    known = [(each.survive_days, each.number) for each in parts if each.survive_days is not None]
    if not known:
        return formatting.NO_DATA, "no stock is known"
    days, number = min(known)
    return formatting.count(days, "day"), f"{number} runs out first"
