"""Disputes and rulings as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.base import formatting
from app.facts.deliveries.disputes.corrections import CORRECTABLE, DAYS
from app.facts.deliveries.disputes.models import DisputeState, Effect, Ground
from app.facts.deliveries.lines.line_words import CAUSE_WORDS

Json = dict[str, Any]  # Any: what JSON can hold

GROUND_WORDS: Mapping[str, str] = {
    Ground.DATE: "another date was agreed",
    Ground.QUANTITY: "the quantity is wrong",
    Ground.RECEIPT: "the goods came earlier, or more of them",
    Ground.CAUSE: "it was not the supplier’s doing",
    Ground.NOT_OURS: "the line must not count",
}
STATE_WORDS: Mapping[str, tuple[str, str]] = {
    DisputeState.OPEN: ("watch", "open"),
    DisputeState.UPHELD: ("good", "upheld"),
    DisputeState.PARTLY: ("good", "partly upheld"),
    DisputeState.REFUSED: ("none", "refused"),
    DisputeState.WITHDRAWN: ("none", "withdrawn"),
}
EFFECT_WORDS: Mapping[str, str] = {
    Effect.NONE: "nothing",
    Effect.EXCLUDE: "leave the line out of every rate",
    Effect.REFERENCE: "judge it against another date",
    Effect.CAUSE: "settle whose doing the miss was",
    Effect.RECEIPT: "correct a receipt",
}
FIELD_WORDS = {
    "ready_on": "ready", "dispatched_on": "dispatched", "arrived_on": "arrived",
    "posted_on": "posted", "quantity": "quantity",
}  # fmt: skip


def effect_text(effect: str, before: Json | None, after: Json | None) -> str:
    """Return what a ruling changed, from what to what."""
    if effect == Effect.EXCLUDE:
        return "The line stands outside every rate."
    if effect == Effect.REFERENCE and after is not None:
        return f"Judged against {formatting.day(date.fromisoformat(after['reference_on']))}."
    if effect == Effect.CAUSE and after is not None:
        was = "nobody had said" if before is None else CAUSE_WORDS[before["cause"]]
        return f"Cause of the miss: {CAUSE_WORDS[after['cause']]}, before: {was}."
    if effect == Effect.RECEIPT and before is not None and after is not None:
        changed = [name for name in CORRECTABLE if before[name] != after[name]]
        told = [
            f"{FIELD_WORDS[name]} {_said(name, after[name])}, before {_said(name, before[name])}"
            for name in changed
        ]
        return f"Receipt corrected: {'; '.join(told)}."
    return "Nothing changed on the line."


def _said(name: str, value: str | None) -> str:
    if value is None:
        return formatting.NO_DATA
    if name in DAYS:
        return formatting.day(date.fromisoformat(value))
    return formatting.quantity(Decimal(value))
