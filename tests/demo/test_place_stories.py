"""The stories that proxies, ports and coordinates tell."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.calc.geography import Lane
from app.faces.demo.cast import LAST_DAY
from app.faces.demo.places import ONE_PORT
from app.facts.evidence.finance import queries as finance
from app.facts.evidence.places import queries as places
from app.judgement.risk_index import queries as risks
from tests.demo.conftest import supplier_id


def test_a_credit_report_stands_in_for_the_one_without_statements(session: Session) -> None:
    key = supplier_id(session, "V-10557")
    assert finance.statements_of(session, key) == []
    financial = risks.risk_card(session, key, LAST_DAY).card.dimensions[0]
    assert financial.id == "financial"
    # 60 at 30 days, 80 at 60: 38 days stand for 65⅓, with 20 on either side.
    assert financial.risk == pytest.approx(65.3333, abs=1e-4)
    assert financial.inputs["observed"] == "38"
    assert financial.inputs["lower"] == pytest.approx(45.3333, abs=1e-4)


def test_one_supplier_ships_through_one_port_alone(session: Session) -> None:
    key = supplier_id(session, ONE_PORT)
    assert places.single_lanes(session, as_of=LAST_DAY) == {key: Lane("ocean", "Hamburg", 112)}


def test_every_site_stands_on_the_map(session: Session) -> None:
    sites = places.supplying_sites(session)
    assert len(sites) == 65
    assert all(site.latitude is not None and site.longitude is not None for site in sites)
