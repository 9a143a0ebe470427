"""An index from evidence: a sanction makes it critical, and what is stored says so again."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from app.calc.index_rules import DEFAULT_RISK_WEIGHTS
from app.calc.risk_bands import FloorReason, RiskBand
from app.facts.evidence.screening.queries import Sanction
from app.judgement.risk_index import evaluation
from app.judgement.risk_index.evaluation import Evidence
from app.judgement.risk_index.methods import IndexMethodVersion

DAY = date(2026, 10, 31)
METHOD = IndexMethodVersion(1, "Supply risk", 1, "0" * 64, dict(DEFAULT_RISK_WEIGHTS))
SANCTION = Sanction(
    1, UUID(int=1), "ofac", date(2026, 10, 1), "SOMEBODY LTD", "SDGT", DAY, "Anna", "Boris"
)


def evidence(sanction: Sanction | None = None) -> Evidence:
    sanctioned = {} if sanction is None else {1: sanction}
    return Evidence(DAY, {1: ("DEU", None)}, {}, {}, {}, {}, sanctioned=sanctioned)


def test_a_confirmed_match_is_critical_even_where_nothing_else_is_known() -> None:
    (clean,) = evaluation.cards(evidence(), {}, METHOD)
    (listed,) = evaluation.cards(evidence(SANCTION), {}, METHOD)
    assert (clean.result.band, listed.result.band) == (None, RiskBand.CRITICAL)
    assert [floor.reason for floor in listed.result.floors] == [FloorReason.SANCTIONED]
    assert evaluation.digest_of(clean, METHOD) != evaluation.digest_of(listed, METHOD)


def test_what_is_stored_is_read_back_with_its_floors() -> None:
    (listed,) = evaluation.cards(evidence(SANCTION), {}, METHOD)
    parts = json.loads(json.dumps(evaluation.packed(listed)))
    assert evaluation.unpacked(1, parts, METHOD) == listed
