"""The matrix: read as it is written, held against the application, and monotone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from app.base.acting import Actor, Limit, Reach, Source
from app.platform.accounts import matrix as rules
from app.platform.accounts.grant_models import Role
from app.platform.accounts.matrix import Extent, MatrixError, matrix
from app.platform.accounts.roles import Held, fields_of, may, reads_of, roles_of, writes_of

PEOPLE = sorted(set(Role) - {Role.SERVICE})
KEYS = st.one_of(st.none(), st.frozensets(st.integers(1, 3), min_size=1))
HELD = st.lists(
    st.builds(
        Held,
        role=st.sampled_from([str(role) for role in PEOPLE]),
        supplier_ids=KEYS,
        category_ids=KEYS,
        site_ids=KEYS,
    ),
    max_size=5,
)
# Where work outside the row scope is begun, and why each is safe there.
UNSCOPED_IN = {
    "facts/deliveries/disruptions/services.py": "sums of a supplier whose row was just written",
    "facts/evidence/screening/names.py": "names of parents, compared and shown within reach only",
    "facts/suppliers/groups.py": "who belongs to whom, to say that somebody is hidden",
    "platform/approvals/services.py": "one decision, by whoever was granted to decide it",
    "platform/accounts/grant_queries.py": "what scopes name, for those who give them",
    "facts/deliveries/disputes/services.py": "a disputed line, looked at before, is judged again",
    "judgement/scorecards/closed/services.py": "cards of suppliers that were looked at before",
    "platform/imports/own_batch.py": "staged rows, looked at before and after publishing",
}
# What takes rows from the driver itself, where no hook is: each narrows or writes staged rows.
PAST_THE_SESSION = {
    "base/db.py",
    "base/scope/session.py",
    "facts/deliveries/period_reads.py",
    "facts/suppliers/sourcing/queries.py",
    "platform/imports/bulk.py",
}


def lets_through(reach: Reach, supplier: int, category: int, site: int) -> bool:
    """Tell whether a row of a supplier, in a category, for a site, is within reach."""

    def lets(limit: Limit) -> bool:
        return (
            (limit.supplier_ids is None or supplier in limit.supplier_ids)
            and (limit.category_ids is None or category in limit.category_ids)
            and (limit.site_ids is None or site in limit.site_ids)
        )

    return any(lets(limit) for limit in reach.limits)


@given(HELD, st.data(), st.sampled_from([Extent.ALL, Extent.OWN]))
def test_taking_a_role_away_never_adds_access(
    held: list[Held], data: st.DataObject, buyers_see: Extent
) -> None:
    kept = [each for each in held if data.draw(st.booleans())]
    for permission in sorted(matrix().permissions):
        assert may(roles_of(held), permission) or not may(roles_of(kept), permission)
    row = data.draw(st.tuples(*[st.integers(1, 3)] * 3))
    for of in (lambda some: reads_of(some, buyers_see=buyers_see), writes_of):
        assert lets_through(of(held), *row) or not lets_through(of(kept), *row)
    for entity in sorted(matrix().fields):
        for way in ("read", "write"):
            assert _fields(kept, entity, way) <= _fields(held, entity, way)


def _fields(held: list[Held], entity: str, way: rules.Way) -> frozenset[str]:
    actor = Actor(name="x", source=Source.UI, roles=roles_of(held))
    return fields_of(entity, actor, way)


@given(HELD)
def test_nobody_writes_further_than_they_read(held: list[Held]) -> None:
    for row in ((1, 1, 1), (1, 2, 3), (3, 3, 3)):
        if lets_through(writes_of(held), *row):
            assert lets_through(reads_of(held, buyers_see=Extent.OWN), *row)


def test_a_supplier_contact_reads_a_list_of_fields_and_nothing_else() -> None:
    contact = Actor(name="x", source=Source.UI, roles=frozenset({"supplier_contact"}))
    assert fields_of("supplier", contact, "read") == {
        "public_id", "number", "name", "country", "currency", "vat", "duns", "lei", "website",
    }  # fmt: skip
    assert fields_of("scorecard_snapshot", contact, "read") == frozenset()
    assert fields_of("supplier", contact, "write") == frozenset()


def test_nobody_reads_a_secret() -> None:
    everything = Actor(name="x", source=Source.UI, roles=frozenset(map(str, Role)))
    assert "password_hash" not in fields_of("user", everything, "read")
    assert "token_hash" not in fields_of("api_token", everything, "read")


def test_an_auditor_holds_no_permission_that_writes() -> None:
    held = matrix().roles["auditor"].permissions
    writing = {"POST", "PUT", "PATCH", "DELETE"}
    doors = {
        endpoint: permission
        for endpoint, methods in matrix().routes.items()
        for method, permission in methods.items()
        if method in writing and permission in held and not permission.endswith(".own")
    }
    assert doors == {}


def test_an_administrator_sees_and_changes_no_risk_content() -> None:
    held = matrix().roles["administrator"]
    assert (held.reads, held.writes) == (Extent.NOTHING, Extent.NOTHING)
    assert not {name for name in held.permissions if name.startswith(("suppliers", "packs"))}


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"new.view": {"GET": "new.see"}}, 'add under [routes]: "new.view" = { GET = "new.see" }'),
        ({"new.view": {"GET": "new.see"}}, "give permission 'new.see' to a role"),
        ({}, 'remove from [routes]: "overview.home"'),
        (
            {"overview.home": {"GET": "home.view", "POST": "home.view"}},
            'add under [routes]: "overview.home" = { GET = "home.view", POST = "home.view" }',
        ),
    ],
)
def test_a_view_and_the_matrix_that_disagree_stop_the_start(
    declared: dict[str, dict[str, str]], said: str
) -> None:
    with pytest.raises(MatrixError) as refused:
        rules.check_routes(declared, against=matrix())
    assert said in str(refused.value)


def test_the_matrix_names_no_column_or_role_that_does_not_exist() -> None:
    text = rules.FILE.read_text(encoding="utf-8")
    strange = rules.read(text + '\n[fields.part.write]\nnobody = ["number", "colour"]\n')
    with pytest.raises(MatrixError) as refused:
        rules.check_fields({name: [] for name in strange.fields}, against=strange)
    for said in ("no column 'colour'", "no role 'nobody'"):
        assert said in str(refused.value)


@pytest.mark.parametrize("text", ["[roles", "x = 1", '[roles.x]\ntitle = "only"'])
def test_a_matrix_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(MatrixError, match=r"matrix\.toml can't be read"):
        rules.read(text)


def test_work_outside_the_row_scope_is_begun_in_the_named_modules_only() -> None:
    found = {
        module for module, call in _calls() if call.endswith("scope.unscoped") or call == "unscoped"
    }
    assert found == set(UNSCOPED_IN)


def test_rows_are_taken_from_the_driver_in_the_named_modules_only() -> None:
    found = {
        module
        for module, call in _calls()
        if call.endswith(("cursor.fetchall", "dbapi_connection.cursor", "raw_connection"))
    }
    assert found <= PAST_THE_SESSION


def _calls() -> list[tuple[str, str]]:
    """Return every call of the application: its module, and what is called as it is written."""
    root = Path(app.__path__[0])
    found = []
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.append((str(path.relative_to(root)), ast.unparse(node.func)))
    return found
