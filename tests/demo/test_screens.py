"""The stories on the supplier's screen: states that agree with the card and with the pack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.periods import Period
from app.faces.demo.scripts import DRIFT, FEW_UNITS
from app.faces.overview.key_figures import KeyFigure, defects
from app.faces.overview.scorecard_page import scorecard_table
from app.faces.overview.states import Badge
from app.judgement.scorecards import queries as scorecards
from tests.demo.conftest import supplier_id
from tests.web_app import app_on

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def page(company: Database, tmp_path: Path) -> Iterator[None]:
    """A request, because figures are doors with an address."""
    with app_on(company, tmp_path).test_request_context():
        yield


def defects_of(session: Session, number: str, year: Period) -> KeyFigure:
    card = scorecards.card(session, supplier_id(session, number), year)
    return defects(card, NOBODY, {})


def test_no_defect_of_300_units_is_too_few_and_not_fine(session: Session, year: Period) -> None:
    found = defects_of(session, FEW_UNITS, year)
    assert (found.figure, found.badge) == ("0 ppm", Badge("none", "too few"))


def test_the_key_figure_has_the_state_of_its_row(session: Session, year: Period) -> None:
    card = scorecards.card(session, supplier_id(session, DRIFT), year)
    rows = {row.measure.id: row.badge for row in scorecard_table(card, NOBODY, {}).rows}
    assert rows["ppm"] == Badge("act", "over limit")
    assert defects_of(session, DRIFT, year).badge == Badge("act", "6.5 × limit")
    assert rows["disruptions"] == Badge("act", "caps at D")
