"""The gate: as whom a request is worked on, and what whoever sends it may do.

Puts together who signed in (`identity`), what they hold (`grant_queries`) and the rules
(`matrix`). Looks a person's roles up once per request, so that taking one back works with
the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import flask
from flask import Flask, current_app
from werkzeug.exceptions import Unauthorized

from app.base import acting, db
from app.base.acting import Actor, Source
from app.base.db import Base
from app.base.web import access
from app.base.web.access import SignedIn
from app.platform.accounts import grant_queries, matrix, roles, tokens, values
from app.platform.accounts.grant_queries import TokenRow
from app.platform.accounts.matrix import IMPLIED_METHODS, Extent
from app.platform.accounts.roles import Held
from config import Settings

BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Program:
    """A program that showed a good service token, in the shape of somebody signed in."""

    token: TokenRow
    id: int = 0
    email: str = ""
    must_set_password: bool = False
    must_enrol: bool = False

    @property
    def name(self) -> str:
        """The token's name, as written beside what the program does."""
        return f"token:{self.token.name}"


def install(app: Flask) -> None:
    """Check the views against the matrix; templates get `may_open(endpoint)`.

    Raises MatrixError where one names what the other doesn't.
    """
    rules = matrix.matrix()
    matrix.check_routes(routes_of(app), against=rules)
    tables = Base.metadata.tables
    matrix.check_fields(
        {name: [column.name for column in table.columns] for name, table in tables.items()},
        against=rules,
    )
    asked = access.permissions(app)

    @app.context_processor
    def name_doors() -> dict[str, object]:
        someone: SignedIn | None = flask.g.get("actor")

        def may_open(endpoint: str) -> bool:
            permission = asked.get(endpoint, "")
            return permission == matrix.PUBLIC or (someone is not None and may(someone, permission))

        return {"may_open": may_open}


def routes_of(app: Flask) -> Mapping[str, Mapping[str, str]]:
    """Return every endpoint with its methods and the permission that its view declared."""
    asked, found = access.permissions(app), dict[str, dict[str, str]]()
    for rule in app.url_map.iter_rules():
        methods = sorted((rule.methods or set()) - IMPLIED_METHODS)
        found.setdefault(rule.endpoint, {}).update(dict.fromkeys(methods, asked[rule.endpoint]))
    return found


def held_by(someone: SignedIn) -> tuple[Held, ...]:
    """Return the roles that somebody holds, looked up once per request."""
    known: dict[int, tuple[Held, ...]] = flask.g.setdefault("held", {})
    if someone.id not in known:
        with acting.acting_as(acting.system("gate", Source.UI)), db.reading() as session:
            known[someone.id] = grant_queries.held_by(session, someone.id)
    return known[someone.id]


def actor_of(someone: SignedIn | None, *, session_hash: str | None = None) -> Actor:
    """Return as whom a request is worked on: an account or a token, else a visitor."""
    network = values.ip_prefix(flask.request.remote_addr)
    request_id = flask.g.get("request_id")
    if someone is None:
        return acting.visitor(request_id=request_id, network=network)
    if isinstance(someone, Program):
        return tokens.actor_of_token(someone.token, request_id=request_id, network=network)
    held = held_by(someone)
    return Actor(
        name=someone.name,
        source=Source.UI,
        user_id=someone.id,
        roles=roles.roles_of(held),
        reads=roles.reads_of(held, buyers_see=_buyers_see()),
        writes=roles.writes_of(held),
        session_hash=session_hash,
        request_id=request_id,
        network=network,
    )


def may(someone: SignedIn, permission: str) -> bool:
    """Tell whether somebody signed in holds a permission."""
    if isinstance(someone, Program):
        is_for_programs = flask.request.endpoint in matrix.matrix().programs
        return is_for_programs and tokens.may(someone.token, permission)
    return roles.may(roles.roles_of(held_by(someone)), permission)


def program() -> Program | None:
    """Return the program that shows a good token in the header, None where none is shown.

    Never from the address: addresses stand in logs. Raises Unauthorized for a token that is
    unknown, taken back or over.
    """
    said = flask.request.headers.get("Authorization", "")
    if not said.startswith(BEARER):
        return None
    shown = said.removeprefix(BEARER).strip()
    if not shown.startswith(tokens.PREFIX) and access.is_public():
        # Not one of ours: the page may have a token of its own (the metrics do).
        return None
    with acting.acting_as(acting.system("gate", Source.API)):
        with db.reading() as session:
            found = tokens.redeem(session, shown)
        if found is None:
            raise Unauthorized
        if tokens.needs_note(found):
            network = values.ip_prefix(flask.request.remote_addr)
            with db.transaction() as session:
                tokens.note_use(session, public_id=found.public_id, network=network)
    return Program(found)


def _buyers_see() -> Extent:
    return Extent(cast(Settings, current_app.config["SETTINGS"]).buyers_see)
