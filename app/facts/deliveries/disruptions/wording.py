"""Disruptions and debit notes as people read them."""

from __future__ import annotations

from app.facts.deliveries.disruptions.models import NoteState
from app.facts.deliveries.models import CausedBy, DisruptionKind

KIND_WORDS = {
    DisruptionKind.LINE_STOP: "line stop",
    DisruptionKind.YARD_HOLD: "yard hold",
    DisruptionKind.STOP_SHIP: "stop ship",
    DisruptionKind.PREMIUM_FREIGHT: "premium freight",
    DisruptionKind.SPECIAL_STATUS: "special status notice",
}
CAUSED_WORDS = {
    CausedBy.SUPPLIER: "the supplier",
    CausedBy.BUYER: "our own",
    CausedBy.CARRIER: "a carrier",
    CausedBy.CUSTOMS: "customs",
    CausedBy.RECEIVING: "our dock",
    CausedBy.FORCE_MAJEURE: "force majeure",
    CausedBy.UNKNOWN: "not known",
}
NOTE_WORDS = {
    NoteState.DRAFT: ("none", "draft"),
    NoteState.SENT: ("info", "sent"),
    NoteState.DISPUTED: ("watch", "disputed"),
    NoteState.SETTLED: ("good", "settled"),
    NoteState.DISCARDED: ("none", "discarded"),
}
