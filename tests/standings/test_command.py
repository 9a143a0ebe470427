"""`flask standings` says whether one may order, in words and as JSON."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.base import db
from app.facts.suppliers.models import SupplierStatus
from tests.builders import facts

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_command_says_whether_one_may_order(app: Flask) -> None:
    with db.transaction() as session:
        facts.supplier(session, "Kestrel", number="S-1", status=SupplierStatus.BLOCKED)
        facts.supplier(session, "Adler", number="S-2")
    run = app.test_cli_runner().invoke
    told = json.loads(run(args=["standings", "show", "S-1", "--json"]).stdout)
    assert (told["answer"], told["standing"], told["since"]) == ("no", "blocked", None)
    assert "May order: yes" in run(args=["standings", "show", "S-2"]).stdout
    listed = json.loads(run(args=["standings", "list", "--json"]).stdout)
    assert [each["supplier"]["number"] for each in listed["suppliers"]] == ["S-1"]
