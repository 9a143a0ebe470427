"""Obligations are judged as agreed: by the rule they name, without what the contract leaves out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.facts.deliveries import rollup
from app.facts.deliveries.models import MissAttribution
from app.facts.deliveries.rules.models import DeliveryRule
from app.judgement.contracts.line_values import BY_NAME, check_line
from app.judgement.contracts.measured import Outcome
from app.judgement.contracts.models import Contract
from app.judgement.contracts.money.obligations import measured
from app.judgement.contracts.rule_naming import rule_to_name
from app.judgement.contracts.values import TermsRefused
from tests.builders import facts
from tests.contracts.conftest import House
from tests.contracts.money_world import AS_OF, World


def rule(session: Session, **given: Any) -> DeliveryRule:
    """Write down a delivery rule."""
    made = DeliveryRule(**({"label": "steel", "version": 1, "scope": "default"} | given))
    session.add(made)
    session.flush()
    return made


def test_force_majeure_counts_in_the_scorecard_and_not_under_the_contract(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        world.line(session, (0, 1000))
        storm = world.line(session, (9, 1000))
        session.add(MissAttribution(line_id=storm.id, cause="force_majeure", attributed_by="buyer"))
        world.line(session, (9, 1000), reference="another")
        promised = world.promise(session)
        rollup.rebuild(session, until=AS_OF)
        found = measured(session, world.book(session), [promised], as_of=AS_OF)[0]
    assert found.outcome is Outcome.KEPT
    assert found.measure is not None
    assert found.operational is not None
    assert (found.measure.value, found.measure.n, found.left_out) == (1, 1, 1)
    assert (found.operational.numerator, found.operational.n) == (1, 3)


@pytest.mark.parametrize(
    ("version", "outcome", "otherwise"), [(2, Outcome.MISSED, 0), (1, Outcome.NO_DATA, 2)]
)
def test_an_obligation_is_judged_by_the_version_of_the_rule_that_it_names_or_not_at_all(
    house: House, version: int, outcome: Outcome, otherwise: int
) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        own = {"scope": "contract", "supplier_id": house.supplier_id, "contract_reference": "C-1"}
        rule(session, **own, valid_to=date(2026, 1, 31), late_days=5)
        rule(session, **own, version=2, valid_from=date(2026, 2, 1))
        # Ordered on 1 February: version 2 judges them, and three days are late by it.
        world.line(session, (3, 1000))
        world.line(session, (0, 1000))
        promised = world.promise(session, rule_label="steel", rule_version=version)
        rollup.rebuild(session, until=AS_OF)
        found = measured(session, world.book(session), [promised], as_of=AS_OF)[0]
    assert (found.outcome, found.judged_otherwise) == (outcome, otherwise)


def test_a_rule_that_judges_none_of_its_lines_is_not_named(house: House) -> None:
    world = World(house)
    with world.acts("buyer") as session:
        other = facts.supplier(session, "Another", number="V-9")
        rule(session)
        rule(session, label="theirs", scope="supplier", supplier_id=other.id)
        rule(
            session, label="second", scope="contract", supplier_id=house.supplier_id,
            contract_reference="C-2",
        )  # fmt: skip
        contract = session.get_one(Contract, world.contract_id)
        assert rule_to_name(session, contract, "steel v1").version == 1
        for name, told in (
            ("theirs v1", "for supplier Another"), ("second v1", "for contract C-2 with Kestrel"),
            ("steel v2", "no delivery rule"), ("steel", "no delivery rule"),
        ):  # fmt: skip
            with pytest.raises(TermsRefused, match=told) as refused:
                rule_to_name(session, contract, name)
            assert refused.value.problems[0].fields == ("rule",)


def test_a_rule_says_nothing_of_a_measure_that_counts_no_lines() -> None:
    line = {
        "measure": "ppm", "direction": "at_most", "target": Decimal(500), "window_kind": "quarter",
        "min_n": 1, "rule_label": "steel", "rule_version": 1,
    }  # fmt: skip
    with pytest.raises(TermsRefused, match="says something of OTIF by line") as refused:
        check_line(BY_NAME["obligations"], line, [])
    assert refused.value.problems[0].fields == ("rule",)
