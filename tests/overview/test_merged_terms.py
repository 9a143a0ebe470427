"""What was agreed with a supplier, and what happens to it, goes on when it is merged (ADR 0012)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.facts.suppliers.models import ApprovedSource
from app.facts.suppliers.queries import find_supplier
from app.judgement.continuity.incidents.models import Incident
from app.judgement.continuity.models import ContinuityPlan, PlanVersion
from app.judgement.continuity.readiness import reading_of
from app.judgement.contracts import queries as contracts
from tests.builders import facts
from tests.builders.contract_days import contract
from tests.conftest import NOW, TODAY
from tests.web_app import Visitor, add_person, app_on, words

OLD, NEW = "V-1", "V-2"


@pytest.fixture
def merged(sqlite_only: Database, tmp_path: Path) -> Visitor:
    """A house in which Kestrel, with a contract, a plan, an incident and as a backup, was merged
    into Falcon."""
    app = app_on(sqlite_only, tmp_path)
    add_person(app)
    with db.transaction() as session:
        old = facts.supplier(session, "Kestrel", number=OLD)
        new = facts.supplier(session, "Falcon", number=NEW)
        part = facts.part(session, number="P-1", survive_days=12)
        session.add(ApprovedSource(part_id=part.id, supplier_id=old.id))
        contract(session, old.id, date(2027, 3, 15), our_notice_days=90)
        plan = ContinuityPlan(
            supplier_id=old.id, scope="supplier", title="Castings", opened_on=TODAY, opened_by="W",
            changed_by="W", changed_at=NOW,
        )  # fmt: skip
        session.add(plan)
        session.flush()
        session.add_all(
            [
                PlanVersion(
                    plan_id=plan.id, number=1, state="approved", begun_on=TODAY, approved_on=TODAY,
                    next_review_on=TODAY + timedelta(days=5), mtpd_days=21, rto_days=20,
                ),
                Incident(
                    supplier_id=old.id, title="Furnace burnt", signalled_at=NOW, opened_at=NOW,
                    opened_by="W",
                ),
                BackupSupplier(
                    part_id=part.id, supplier_id=old.id, owner="W", identified_on=TODAY
                ),
            ]
        )  # fmt: skip
        old.effective_supplier_id = new.id
    browser = Visitor(app)
    browser.sign_in()
    return browser


def address(number: str) -> str:
    with db.reading() as session:
        return f"/suppliers/{find_supplier(session, number).public_id}"


def test_everything_of_a_merged_supplier_stands_with_the_one_it_goes_by(merged: Visitor) -> None:
    for number in (OLD, NEW):
        at = address(number)
        assert "C-1" in words(merged.get(f"{at}/contracts"))
        assert "BCP-0001" in words(merged.get(f"{at}/continuity"))
        assert "Furnace burnt" in words(merged.get(f"{at}/risk/incidents"))
    with db.reading() as session:
        key = session.scalars(select(ApprovedSource.supplier_id)).one() + 1
        assert list(contracts.coverage(session, [key], as_of=TODAY)) == [key]
        found = reading_of(session, key, TODAY)
        assert found.plan is not None
        assert found.plan.number == "BCP-0001"
        assert {each.supplier_id for each in contracts.deadlines(session, TODAY)} == {key}


def test_its_own_pages_open_under_both_addresses_and_dates_name_the_one(merged: Visitor) -> None:
    with db.reading() as session:
        row = contracts.contract_rows(session, TODAY)[0]
        plan = session.scalars(select(ContinuityPlan.public_id)).one()
        room = session.scalars(select(Incident.public_id)).one()
        backup = session.scalars(select(BackupSupplier.public_id)).one()
    for number in (OLD, NEW):
        there = f"{address(number)}/contracts/{row.contract.public_id}"
        assert merged.get(there).status_code == 200
        assert merged.get(f"{there}/money/").status_code == 200
    for there in (
        f"/continuity/plans/{plan}", f"/incidents/{room}", f"/backup-suppliers/{backup}",
        "/backup-suppliers/coverage", "/contracts/", "/continuity/", "/incidents/",
    ):  # fmt: skip
        assert merged.get(there).status_code == 200, there
    listed = words(merged.get("/calendar/?view=list"))
    assert "Falcon" in listed
    assert "Contract C-1: Castings" in listed
    assert "Review of the plan" in listed
