"""Responses that somebody writes who does not see all that they name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.base import db
from app.base.acting import Limit, Reach
from app.base.db import Database
from app.base.errors import Forbidden
from app.judgement.continuity.responses import services
from app.judgement.continuity.responses.services import Said
from tests.builders import facts
from tests.incidents.cast import REASON, STEPS, agree, at_work, people, supplier_with_parts


def test_whoever_does_not_see_the_substitute_writes_no_version(sqlite_only: Database) -> None:
    author, approver = people()
    with db.transaction() as session:
        own = supplier_with_parts(session)
        facts.supplier(session, "Osprey Castings", number="S-0099")
    key = agree(author, approver, None, supplier="S-0042", substitute="S-0099")
    reach = Reach(frozenset({Limit(supplier_ids=frozenset({own}))}))
    buyer = replace(author, reads=reach, writes=reach)
    # The form shows an empty field in place of what is out of reach.
    said = Said(name="Castings stop", steps=STEPS, approver="Weber", supplier="S-0042")
    with pytest.raises(Forbidden, match="that you do not see"), at_work(buyer) as session:
        services.follow(session, key, said, reason=REASON, seen_version=1)
    with at_work(author) as session:
        services.follow(session, key, said, reason=REASON, seen_version=1)
