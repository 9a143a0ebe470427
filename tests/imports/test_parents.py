"""A supplier's parent comes with its master record; what is not known yet is imported first."""

from __future__ import annotations

import pytest

from app.base import db
from app.base.db import Database
from app.facts.suppliers import groups
from tests.imports.files import problems, publish

SUPPLIERS = "mainstay-suppliers"
CHILD = [{"supplier_no": "S-2", "name": "Child", "parent_no": "S-1"}]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_parents_make_groups(database: Database) -> None:
    assert problems(CHILD, mapping=SUPPLIERS, tolerate=1.0) == [
        "E-IMP-20 Row 2, 'parent_no': supplier 'S-1' is not known. Import it first."
    ]
    publish([{"supplier_no": "S-1", "name": "Parent"}], SUPPLIERS)
    publish(CHILD, SUPPLIERS)
    with db.reading() as session:
        found = groups.groups(session)
    assert [[member.name for member in group.members] for group in found] == [["Parent", "Child"]]
