"""Everybody's risk index, worked out and written up, ready to be published.

Reads and writes no database: the long work happens before the transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.base.db import JsonText
from app.calc.composite import (
    DELIVERY,
    DEPENDENCY,
    FINANCIAL,
    QUALITY,
    RiskResult,
    RiskState,
    supply_risk_index,
)
from app.calc.geography import Lane
from app.calc.risk_bands import FloorReason
from app.facts.evidence.finance.queries import BesideStatements
from app.facts.evidence.queries import StatementRow
from app.facts.evidence.screening.queries import Sanction
from app.facts.suppliers.queries import SitePlace, SourceRow
from app.judgement.continuity.readiness import SupplierReading
from app.judgement.risk_index import dimensions as made
from app.judgement.risk_index.dimensions import CountryProfile, Dimension
from app.judgement.risk_index.methods import IndexMethodVersion
from app.judgement.scorecards.evaluation import Standings

Row = dict[str, Any]  # Any: a snapshot's columns are of many types

FORMAT = 1
PERIOD_KIND = "12m"
STORED_STATES = {RiskState.RATED: "rated", RiskState.INSUFFICIENT_DATA: "insufficient"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read for the index: all suppliers, or one.

    sanctioned: whom a confirmed match names; absent says nothing of having been screened.
    readiness: of continuity plans; who was never asked is absent.
    """

    as_of: date
    suppliers: Mapping[int, tuple[str | None, str | None]]
    sites: Mapping[int, Sequence[SitePlace]]
    sources: Mapping[int, Sequence[SourceRow]]
    statements: Mapping[int, Sequence[StatementRow]]
    profiles: Mapping[str, CountryProfile]
    # Proxies and the market beside statements; the one lane that all goods pass.
    beside: Mapping[int, BesideStatements] = field(default_factory=dict)
    lanes: Mapping[int, Lane] = field(default_factory=dict)
    sanctioned: Mapping[int, Sanction] = field(default_factory=dict)
    readiness: Mapping[int, SupplierReading] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RiskCard:
    """A supplier's index with its dimensions, in the order of the method's weights."""

    supplier_id: int
    result: RiskResult
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class RiskEvaluation:
    """Indexes of one day by one method: rows to store."""

    as_of: date
    method: IndexMethodVersion
    rows: list[Row] = field(default_factory=list)


def cards(
    evidence: Evidence, standings: Mapping[int, Standings], method: IndexMethodVersion
) -> Iterator[RiskCard]:
    """Work out the index of every supplier in the evidence."""
    for supplier_id, (country, kind) in evidence.suppliers.items():
        own = standings.get(supplier_id, {})
        financial, _ = made.financial(
            evidence.statements.get(supplier_id, ()),
            kind=kind,
            as_of=evidence.as_of,
            beside=evidence.beside.get(supplier_id),
        )
        found = (
            financial,
            made.geographic(
                evidence.sites.get(supplier_id, ()),
                country=country,
                profiles=evidence.profiles,
                lane=evidence.lanes.get(supplier_id),
            ),
            made.from_score(QUALITY, own.get("quality")),
            made.from_score(DELIVERY, own.get("delivery")),
            made.dependency(evidence.sources.get(supplier_id, ())),
            made.continuity(evidence.readiness.get(supplier_id)),
        )
        is_sanctioned = supplier_id in evidence.sanctioned or None
        yield card_of(supplier_id, found, method, is_sanctioned=is_sanctioned)


def card_of(
    supplier_id: int,
    dimensions: Sequence[Dimension],
    method: IndexMethodVersion,
    *,
    is_sanctioned: bool | None,
) -> RiskCard:
    """Return the index of a supplier from its dimensions, read now or stored with an index."""
    by_id = {each.id: each for each in dimensions}
    ordered = tuple(by_id[name] for name in method.weights)
    facts = made.floor_facts(
        by_id[FINANCIAL].inputs, by_id[DEPENDENCY].inputs, is_sanctioned=is_sanctioned
    )
    result = supply_risk_index(
        {each.id: each.risk for each in ordered},
        method.weights,
        facts=facts,
        rules=method.rules,
        bands={each.id: each.band for each in ordered if each.band is not None},
    )
    return RiskCard(supplier_id, result, ordered)


def evaluate(
    evidence: Evidence, standings: Mapping[int, Standings], method: IndexMethodVersion
) -> RiskEvaluation:
    """Write up the index of every supplier in the evidence."""
    done = RiskEvaluation(evidence.as_of, method)
    for card in cards(evidence, standings, method):
        done.rows.append(_row(card, evidence.as_of, method))
    return done


def _row(card: RiskCard, as_of: date, method: IndexMethodVersion) -> Row:
    result = card.result
    return {
        "supplier_id": card.supplier_id,
        "period_kind": PERIOD_KIND,
        "period_end": as_of,
        "as_of": as_of,
        "method_id": method.id,
        "input_digest": digest_of(card, method),
        "value": result.value,
        "lower": result.lower,
        "upper": result.upper,
        "band": None if result.band is None else str(result.band),
        "state": STORED_STATES[result.state],
        "coverage": result.coverage,
        "parts": _text(packed(card)),
    }


def packed(card: RiskCard) -> Row:
    """Return everything that explains an index, as JSON holds it."""
    result = card.result
    before = result.band_without_floor
    return {
        "format": FORMAT,
        "arithmetic": result.arithmetic,
        "imbalance": result.imbalance,
        "band_without_floor": None if before is None else str(before),
        "floors": [[str(f.reason), str(f.band), f.dimension] for f in result.floors],
        "dimensions": [
            [
                each.id,
                each.risk,
                each.reason,
                result.contributions.get(each.id),
                result.imbalance_shares.get(each.id),
                each.inputs,
            ]
            for each in card.dimensions
        ],
    }


def digest_of(card: RiskCard, method: IndexMethodVersion) -> str:
    """Return the sha256 of the method and of everything that an index was made of."""
    inputs: list[Any] = [  # Any: JSON
        [each.id, each.risk, each.reason, each.inputs] for each in card.dimensions
    ]
    if any(floor.reason is FloorReason.SANCTIONED for floor in card.result.floors):
        inputs.append(str(FloorReason.SANCTIONED))
    written = json.dumps(inputs, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(f"{method.content_hash}{written}".encode()).hexdigest()


def unpacked(supplier_id: int, parts: Mapping[str, Any], method: IndexMethodVersion) -> RiskCard:
    """Return the index that a snapshot stored, from its inputs by a method (Any: JSON)."""
    dimensions = [
        Dimension(name, risk, reason, inputs)
        for name, risk, reason, _, _, inputs in parts["dimensions"]
    ]
    reasons = {reason for reason, *_ in parts["floors"]}
    is_sanctioned = FloorReason.SANCTIONED in reasons or None
    return card_of(supplier_id, dimensions, method, is_sanctioned=is_sanctioned)


def _text(parts: Row) -> JsonText:
    return JsonText(json.dumps(parts, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
