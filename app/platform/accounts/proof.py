"""Proving anew who sits there, before an address, a factor or a role is changed.

    @blueprint.post("/people/<uuid:public_id>/roles")
    @requires("people.manage")
    @proven(back="accounts.people")
    def give_role(public_id: UUID) -> Response: ...

Within ten minutes of a sign-in or of the last proof nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, flash, jsonify, make_response, redirect, request, url_for

from app.base.web.access import SAFE_METHODS, wants_json
from app.base.web.paths import safe_next
from app.platform.accounts import identity

P = ParamSpec("P")
CONFIRM = "Confirm that it is you; nothing was changed yet."


def proven(*, back: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Declare that a view wants a recent proof; `back` is the page whose form leads to it."""

    def declare(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def asked(*args: P.args, **kwargs: P.kwargs) -> Response:
            if identity.has_proven_lately():
                return view(*args, **kwargs)
            return _ask(url_for(back))

        return asked

    return declare


def _ask(back: str) -> Response:
    if wants_json():
        return make_response(jsonify(code="E-AUT-16", message=CONFIRM), 403)
    if request.method in SAFE_METHODS:
        back = request.full_path.rstrip("?")
    else:
        back = safe_next(request.form.get("next"), fallback=back)
        flash(CONFIRM)
    return make_response(redirect(url_for("accounts.confirm", next=back), 303))
