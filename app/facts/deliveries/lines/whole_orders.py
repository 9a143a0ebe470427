"""Which lines stand behind a figure of orders: those of whole orders, not of a period's days.

An order belongs to the period in which its latest closed window ended, with all its lines,
as the roll-up counts it (`shares.order_share`). Call-offs are of no order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from app.calc.periods import Period
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState

Condition = ColumnElement[bool]


def of_orders() -> Condition:
    """Lines of orders, call-offs of agreements left out."""
    called_off = select(Agreement.order_id).where(Agreement.order_id.is_not(None))
    return V.order_id.not_in(called_off)


def of_orders_in(period: Period) -> Condition:
    """Lines of the orders whose latest closed window ended in the period."""
    other = aliased(V, name="line_of_order")
    began = () if period.first_day is None else (other.window_end_on >= period.first_day,)
    return and_(
        _has_due_line(other, *began, other.window_end_on <= period.last_day),
        ~_has_due_line(other, other.window_end_on > period.last_day),
    )


def _has_due_line(other: Any, *when: Condition) -> Condition:  # Any: an alias of LineVerdict
    is_due = (other.order_id == V.order_id, other.state == int(VerdictState.DUE))
    return select(other.line_id).where(*is_due, *when).correlate(V).exists()
