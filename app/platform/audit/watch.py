"""Notes in the security log what answers tell: refusals, downloads, exports, failures."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError

from app.base.errors import AppError
from app.platform.audit import security
from app.platform.audit.security import Kind

log = logging.getLogger(__name__)

OF_STATUS = {
    HTTPStatus.FORBIDDEN: Kind.PERMISSION_REFUSED,
    HTTPStatus.INTERNAL_SERVER_ERROR: Kind.UNEXPECTED_ERROR,
}
# What is read in bulk or leaves the house, by the address that gives it.
DOWNLOADS = frozenset({"packs.download", "overview.download_file", "imports.rejects"})
NOTES_ITSELF = "audit."
# What stands in an address and opens something: in no log.
SECRETS = frozenset({"token"})


def install(app: Flask) -> None:
    """Note answers worth knowing; a note that can't be written never spoils an answer."""

    @app.after_request
    def watch(answer: Response) -> Response:
        kind = _kind_of(answer)
        if kind is not None:
            try:
                security.note(kind, ip=request.remote_addr, **_facts())
            except (AppError, SQLAlchemyError):
                log.exception("a note for the security log is lost")
        return answer


def _kind_of(answer: Response) -> Kind | None:
    endpoint = request.endpoint or ""
    for status, kind in OF_STATUS.items():
        if answer.status_code == status:
            return kind
    if answer.status_code != HTTPStatus.OK or endpoint.startswith(NOTES_ITSELF):
        return None
    if endpoint in DOWNLOADS:
        return Kind.DOWNLOAD
    return Kind.EXPORT if request.args.get("format") else None


def _facts() -> dict[str, Any]:  # Any: keyword arguments of several kinds
    facts: dict[str, Any] = {"endpoint": request.endpoint, "method": request.method}
    # What stands in an address must not be taken for what `note` is told (`kind`).
    facts |= {f"its_{name}": str(value) for name, value in (request.view_args or {}).items()}
    if request.args.get("format"):
        asked = [pair for pair in request.args.items(multi=True) if pair[0] not in SECRETS]
        facts["query"] = urlencode(asked)
    return facts
