"""Keeps delivery files off the orders that stand for agreements: their lines are derived."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.facts.deliveries import staged_rows
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.staging_models import StagedDelivery
from app.platform.imports.mapping import Mapping
from app.platform.imports.problems import Code, Problem, place


def rows_of_agreements(session: Session, batch_id: int, mapping: Mapping) -> list[Problem]:
    """Report and remove rows of orders that stand for an agreement."""
    if session.scalar(select(Agreement.id).limit(1)) is None:
        return []
    staged = StagedDelivery
    found = session.execute(
        select(staged.row_no, staged.order_no)
        .join(Agreement, and_(Agreement.number == staged.order_no, staged.buyer_unit == ""))
        .where(staged.batch_id == batch_id)
    ).all()
    column = next((rule.column for rule in mapping.fields if rule.field == "order_no"), None)
    problems = []
    for row_no, number in found:
        said = (
            f"{number} is a scheduling agreement. Import its releases and its receipts by their"
            " own templates."
        )
        problems.append(Problem(row_no, column, number, Code.DISAGREE, place(row_no, column, said)))
    staged_rows.remove(session, batch_id, [problem.row_no for problem in problems])
    return problems
