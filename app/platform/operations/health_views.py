"""Health for machines: is the process alive, may it get requests, do the jobs run, how much.

Open to everybody without a session. An answer is kept for two seconds, so that asking often
costs the database nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import NotFound

from app.base import acting, clock
from app.base.web.access import public, wants_json
from app.platform.operations import health
from app.platform.operations.health import Check
from config import Settings

blueprint = Blueprint("health", __name__)

KEPT_SECONDS = 2.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_asking = threading.Lock()

Answer = TypeVar("Answer")


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """Say that this process answers; looks at nothing else."""
    return _plain("ok\n")


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Say whether this process may get requests: 503 while something it needs is missing."""
    settings: Settings = current_app.config["SETTINGS"]
    checks = _kept("ready", lambda: health.readiness(settings.files))
    return _answer(checks, good="ready", bad="not ready")


@blueprint.get("/healthz/jobs")
@public
def jobs() -> Response:
    """Say whether the jobs run: 503 when one's last success is older than 1.5 periods."""
    settings: Settings = current_app.config["SETTINGS"]
    table = current_app.config["JOBS"]
    checks = _kept("jobs", lambda: health.job_checks(table, at=clock.now(), zone=settings.zone))
    return _answer(checks, good="all jobs run", bad="a job is late")


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Give figures to whoever shows the token; without one configured there is no such page."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.metrics_token:
        raise NotFound
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    is_ours = secrets.compare_digest(shown.strip().encode(), settings.metrics_token.encode())
    if kind.lower() != "bearer" or not is_ours:
        answer = _plain("A bearer token is needed.\n", HTTPStatus.UNAUTHORIZED)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    table = current_app.config["JOBS"]
    figures = _kept("metrics", lambda: health.metrics(table, at=clock.now(), zone=settings.zone))
    return _plain(health.exposition(figures), mimetype=METRICS_TYPE)


def _kept(name: str, look: Callable[[], Answer]) -> Answer:
    """Return what was found at most two seconds ago; of several who ask at once one looks."""
    with _asking:
        kept: dict[str, tuple[float, Answer]] = current_app.extensions.setdefault("health", {})
        at, found = kept.get(name, (-KEPT_SECONDS, None))
        if found is None or monotonic() - at >= KEPT_SECONDS:
            with acting.acting_as(acting.system("health")):
                found = look()
            kept[name] = (monotonic(), found)
        return found


def _answer(checks: list[Check], *, good: str, bad: str) -> Response:
    is_good = all(check.is_good for check in checks)
    status = HTTPStatus.OK if is_good else HTTPStatus.SERVICE_UNAVAILABLE
    words = good if is_good else bad
    if wants_json():
        told = [
            {"name": check.name, "is_good": check.is_good, "words": check.words} for check in checks
        ]
        return make_response(jsonify(is_good=is_good, words=words, checks=told), status)
    lines = [f"{'ok ' if check.is_good else 'BAD'} {check.name}: {check.words}" for check in checks]
    return _plain("\n".join([words, *lines]) + "\n", status)


def _plain(
    text: str, status: HTTPStatus = HTTPStatus.OK, *, mimetype: str = "text/plain; charset=utf-8"
) -> Response:
    answer = make_response(text, status)
    answer.content_type = mimetype
    return answer
