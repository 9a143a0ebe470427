"""Every route × method × actor × own, foreign and missing objects, against the matrix.

Complete by construction: routes come from the application, what is expected from
`matrix.toml` and from whose the object is; a route that `objects` doesn't know fails.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.base import acting, db
from app.base.db import Database
from app.base.web import access
from app.facts.suppliers.models import Supplier
from app.platform.accounts import gate, tokens
from app.platform.accounts.matrix import PUBLIC, Extent, matrix
from app.platform.accounts.models import User, WebSession
from app.reviews.packs.services import stored_path
from tests.access import house
from tests.access.conftest import actor
from tests.access.house import CANARY_A, CANARY_B, World
from tests.access.objects import FORMS, PLACES, Place, Values
from tests.access.test_people import signed_in
from tests.conftest import NOW
from tests.web_app import Visitor, app_on

OWN, FOREIGN, MISSING = "own", "foreign", "missing"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# What these do to the walker's own session ends the walk of it: their gate is held elsewhere.
ENDS_THE_WALK = {
    "accounts.sign_out", "accounts.change_password", "accounts.end_other_sessions",
    "overview.load_demo",
}  # fmt: skip
SECRETS = re.compile(r"password_hash|uniquifier|token_hash|argon2|secret_hash|credential_id")
NUMBER = re.compile(r"\b[0-9a-f]{16}\b")
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Walker:
    """Somebody who asks for everything. `name` None: nobody signed in."""

    name: str | None
    buyers_see: Extent = Extent.ALL
    token: str = ""
    browser: Visitor | None = None
    complaints: list[str] = field(default_factory=list)

    @property
    def roles(self) -> frozenset[str]:
        """The role that one of the house's people holds, named as they are."""
        if self.name is None:
            return frozenset()
        role = {"buyer_in": "buyer", "buyer_out": "buyer", "contact_a": "supplier_contact",
                "contact_b": "supplier_contact"}.get(self.name, self.name)  # fmt: skip
        return frozenset({role})


WALKERS = {
    "nobody": Walker(None),
    "contact of A": Walker("contact_a"),
    "contact of B": Walker("contact_b"),
    "buyer of A who sees all": Walker("buyer_in"),
    "buyer of A who sees the own": Walker("buyer_in", Extent.OWN),
    "buyer of B who sees the own": Walker("buyer_out", Extent.OWN),
    "auditor": Walker("auditor"),
    "risk manager": Walker("risk_manager"),
    "administrator": Walker("administrator"),
    "approver": Walker("approver"),
    "service token": Walker("service"),
}

# Who may do what is decided above the engines, so everybody walks on SQLite. On PostgreSQL walks
# who sees every page (each statement is put to that engine too) and who is held back by its second
# wall.
WALKS = [
    *((who, "sqlite") for who in WALKERS),
    ("risk manager", "postgresql"),
    ("contact of A", "postgresql"),
]
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """One request of the walk, and what is to come of it."""

    endpoint: str
    method: str
    whose: str
    permission: str
    place: Place | None
    path: str
    form: Values

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} ({self.whose})"


def cells(app: Flask, mine: World, theirs: World, session: Session) -> Iterator[Cell]:
    """Yield every request: each rule with its methods, for own, foreign and missing objects."""
    asked = access.permissions(app)
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.endpoint, each.rule)):
        place = PLACES.get(rule.endpoint)
        assert place is not None or not rule.arguments, f"say in objects.py what {rule} is about"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            form = FORMS.get(rule.endpoint, lambda _: {})
            names_supplier = rule.endpoint in ("packs.prepare", "overview.create_supplier")
            for whose in (OWN, FOREIGN, MISSING) if place or names_supplier else (OWN,):
                world = theirs if whose == FOREIGN else mine
                if place is None:
                    parts: Values = {}
                elif whose == MISSING:
                    parts = place.missing
                else:
                    parts = place.parts(session, world)
                if whose == MISSING and place is None:
                    continue
                path = adapter.build(rule.endpoint, dict(parts), method=method)
                about = place or (Place("form", lambda *_: {}, {}) if names_supplier else None)
                yield Cell(
                    rule.endpoint, method, whose, asked[rule.endpoint], about, path, form(world)
                )


def expected(walker: Walker, cell: Cell) -> str:
    """Return what the matrix says to a request: let in, sent to sign in, refused, not there."""
    if cell.permission == PUBLIC:
        return "any"
    if walker.name is None:
        return "sign in"
    if walker.name == "service":
        is_open = cell.endpoint in matrix().programs
        return "let in" if is_open else "refused"
    if not matrix().holds(walker.roles, cell.permission):
        return "refused"
    if cell.place is None or cell.endpoint == "tokens.whoami":
        return "let in" if cell.endpoint != "tokens.whoami" else "not there"
    if cell.place.is_ruled:
        return "ruled"
    if cell.whose == MISSING:
        return "not there"
    if cell.whose == OWN or cell.place.owns == "none":
        return "let in"
    return _foreign(walker, cell)


def _foreign(walker: Walker, cell: Cell) -> str:
    rules = [matrix().roles[role] for role in walker.roles]
    reads = {walker.buyers_see if r.reads is Extent.HOUSE else r.reads for r in rules}
    keeps_house = "administrator" in walker.roles and cell.place and cell.place.owns == "run"
    is_read = Extent.ALL in reads or keeps_house
    is_written = Extent.ALL in {rule.writes for rule in rules} or keeps_house
    if not is_read:
        return "refused or not there" if cell.place and cell.place.owns == "form" else "not there"
    if cell.method == "GET" or is_written:
        return "let in"
    return "refused"


def came_of(answer: TestResponse) -> str:
    """Return what came of a request, in the words of `expected`."""
    status, location = answer.status_code, answer.headers.get("Location", "")
    if status >= 500 and answer.request.path != "/healthz/jobs":
        return f"broken {status}"
    if status == 401 or (status == 302 and location.startswith("/sign-in")):
        return "sign in"
    if status == 403:
        return "refused"
    return "not there" if status == 404 else "let in"


FITTING = {
    "any": {"let in", "sign in", "refused", "not there"},
    "ruled": {"let in", "refused", "not there", "sign in"},
    "refused or not there": {"refused", "not there", "let in 422"},
}


@pytest.fixture
def whole_app(
    request: pytest.FixtureRequest, database: Database, worlds: tuple[World, World], tmp_path: Path
) -> Flask:
    """The application as the walker's house has set it, with the packs' files in place."""
    walker = WALKERS[request.getfixturevalue("who")]
    app = app_on(database, tmp_path, MAINSTAY_BUYERS_SEE=str(walker.buyers_see))
    for world in worlds:
        path = stored_path(app.config["SETTINGS"].files, world.pack_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-1.7")
    return app


@pytest.mark.usefixtures("unprinted")
@pytest.mark.parametrize(("who", "database"), WALKS, indirect=["database"])
def test_every_route_answers_everybody_as_the_matrix_says(
    whole_app: Flask, database: Database, worlds: tuple[World, World], who: str
) -> None:
    walker = WALKERS[who]
    is_of_b = walker.name in ("contact_b", "buyer_out")
    mine, theirs = reversed(worlds) if is_of_b else worlds
    bearer = _bearer(database) if walker.name == "service" else {}
    with database.reading() as session:
        asked = list(cells(whole_app, mine, theirs, session))
    complaints: list[str] = []
    browser = _browser(whole_app, walker)
    for cell in sorted(asked, key=lambda each: each.method in UNSAFE):
        if cell.endpoint in ENDS_THE_WALK and expected(walker, cell) == "let in":
            continue
        answer = _send(browser, cell, bearer)
        came, wanted = came_of(answer), expected(walker, cell)
        fitting = FITTING.get(wanted, {wanted})
        if wanted == "refused or not there" and answer.status_code in (409, 422):
            came = "refused"
        if came not in fitting and not _is_missing_file(cell, answer):
            complaints.append(f"{cell}: {wanted}, but {answer.status_code} {came}")
        complaints += [f"{cell}: {each}" for each in _leaks(walker, cell, answer, theirs)]
        complaints += [f"{cell}: {each}" for each in _headers(answer, walker)]
        if cell.method in UNSAFE and wanted == "let in" and not _is_signed_in(walker):
            browser = _browser(whole_app, walker)
    assert not complaints, "\n".join(complaints)
    assert len(asked) > 100


def _is_missing_file(cell: Cell, answer: TestResponse) -> bool:
    """Tell whether it is the file that is gone, not the record: the walk stores no attachments."""
    return cell.endpoint == "overview.download_file" and answer.status_code == 503


def _is_signed_in(walker: Walker) -> bool:
    if walker.name in (None, "service"):
        return True
    with db.reading() as session:
        found = session.execute(
            select(WebSession.id_hash)
            .join(User, User.id == WebSession.user_id)
            .where(User.email == house.email(str(walker.name)), User.is_active)
        )
        return found.first() is not None


def _browser(app: Flask, walker: Walker) -> Visitor:
    if walker.name in (None, "service"):
        return Visitor(app)
    with db.transaction() as session:
        person = session.scalars(
            select(User).where(User.email == house.email(str(walker.name)))
        ).one()
        person.is_active = True
    return signed_in(app, str(walker.name))


def _send(browser: Visitor, cell: Cell, headers: dict[str, str]) -> TestResponse:
    if cell.method == "GET":
        return browser.get(cell.path, headers=headers)
    return browser.post(cell.path, _sent(cell), headers=headers)


def _sent(cell: Cell) -> dict[str, Any]:
    """Return what is posted; a field named `file` is a small file of the name given."""
    data: dict[str, Any] = {name: str(value) for name, value in cell.form.items()}
    if "file" in data:
        data["file"] = (io.BytesIO(b"what stands in it"), data["file"])
    return data


def _leaks(walker: Walker, cell: Cell, answer: TestResponse, theirs: World) -> Iterator[str]:
    said = answer.get_data().decode("utf-8", "replace")
    if found := SECRETS.search(said):
        yield f"tells of {found.group(0)}"
    is_limited = walker.name in ("contact_a", "contact_b", None) or (
        walker.buyers_see is Extent.OWN
    )
    # What was sent comes back in a form; category names are the house's own.
    told = said.replace(f"{theirs.canary} category", "").replace(f"{theirs.canary} above", "")
    if is_limited and cell.whose != FOREIGN and theirs.canary in told:
        yield f"tells of {theirs.canary}"


def _headers(answer: TestResponse, walker: Walker) -> Iterator[str]:
    csp = answer.headers.get("Content-Security-Policy", "")
    if "frame-ancestors 'none'" not in csp or "unsafe" in csp:
        yield f"has the policy {csp!r}"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "may be sniffed"
    is_static = answer.request.path.startswith("/static/")
    if not is_static and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "may be stored by a cache"


def _bearer(database: Database) -> dict[str, str]:
    with acting.acting_as(actor(database, "administrator")), db.transaction() as session:
        token = tokens.make(
            session,
            name="walker",
            scopes=tokens.scopes_offered(),
            expires_at=NOW + timedelta(days=1),
        )
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("who", ["buyer of A who sees the own"])
def test_what_is_out_of_reach_answers_like_what_is_not_there(
    whole_app: Flask, database: Database, worlds: tuple[World, World], who: str
) -> None:
    with database.reading() as session:
        asked = [
            cell
            for cell in cells(whole_app, *worlds, session)
            if cell.method == "GET"
            and cell.place
            and cell.place.owns in ("supplier", "batch", "run")
            # Whoever may not do it at all is refused before anything is looked for.
            and matrix().holds(WALKERS[who].roles, cell.permission)
        ]
    browser = _browser(whole_app, WALKERS[who])
    answers: dict[str, dict[str, str]] = {}
    for cell in asked:
        if cell.whose != OWN:
            answer = browser.get(cell.path)
            assert answer.status_code == 404, cell
            answers.setdefault(cell.endpoint, {})[cell.whose] = _neutral(answer.text, cell.path)
    assert len(answers) >= 12
    for endpoint, said in answers.items():
        assert said[FOREIGN] == said[MISSING], endpoint


def _neutral(text: str, path: str) -> str:
    """Return an answer without the address asked for and the request's own number."""
    text = NUMBER.sub("N", UUIDS.sub("U", text.replace(path, "PATH")))
    return re.sub(r'value="[^"]{30,}"|#\d+|/\d+', "V", text)


@ON_SQLITE
@pytest.mark.parametrize("who", ["risk manager", "administrator"])
def test_nothing_is_done_without_the_token_of_our_own_form(
    whole_app: Flask, database: Database, worlds: tuple[World, World], who: str
) -> None:
    browser = _browser(whole_app, WALKERS[who])
    with database.reading() as session:
        asked = [
            cell
            for cell in cells(whole_app, *worlds, session)
            if cell.method in UNSAFE and cell.whose == OWN
        ]
    for cell in asked:
        may = cell.permission == PUBLIC or matrix().holds(WALKERS[who].roles, cell.permission)
        bare = browser.client.open(cell.path, method=cell.method, data=_sent(cell))
        assert bare.status_code == (400 if may else 403), cell
        evil = browser.client.open(
            cell.path,
            method=cell.method,
            data=_sent(cell) | {"csrf_token": browser.token()},
            headers={"Origin": "https://evil.example"},
        )
        assert evil.status_code == (400 if may else 403), cell


@ON_SQLITE
@pytest.mark.parametrize("who", ["buyer of A who sees all"])
def test_a_form_sets_no_field_that_it_does_not_show(
    whole_app: Flask, database: Database, worlds: tuple[World, World], who: str
) -> None:
    browser = _browser(whole_app, WALKERS[who])
    more = {
        "status": "blocked", "owner": "me", "segment": "x", "is_demo": "true", "version": "9",
        "kind": "own_warehouse", "effective_supplier_id": str(worlds[1].supplier_id),
        "parent_supplier_id": str(worlds[1].supplier_id), "public_id": str(worlds[1].public_id),
        "created_at": "2001-01-01", "role": "administrator", "approved_by": "me", "score": "100",
        "id": "77777", "category_id": str(worlds[1].category_id),
    }  # fmt: skip
    answer = browser.post(
        "/suppliers/new",
        {"number": "mass", "name": "Mass", "category": f"{CANARY_A} category"} | more,
    )
    assert answer.status_code in (303, 422)
    with database.reading() as session:
        made = session.scalars(select(Supplier).where(Supplier.number == "mass")).one_or_none()
        if made is not None:
            assert (made.status, made.owner, made.segment, made.kind) == (
                "approved", None, None, "supplier",
            )  # fmt: skip
            assert made.category_id == worlds[0].category_id
            assert (made.effective_supplier_id, made.parent_supplier_id) == (None, None)
            assert made.id != 77_777


def test_the_matrix_and_the_views_agree(database: Database, tmp_path: Path) -> None:
    app = app_on(database, tmp_path)
    assert dict(gate.routes_of(app)) == dict(matrix().routes)
    assert CANARY_B not in str(matrix())
