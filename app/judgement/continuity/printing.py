"""The answer that hands a contingency card over as PDF."""

from __future__ import annotations

from flask import Response, make_response

from app.base.web.exports import attached
from app.judgement.continuity.paper import Card, printed


def on_paper(content: Card) -> Response:
    """Return a card as a file to be saved and printed."""
    answer = attached(make_response(printed(content)), f"contingency card {content.number}.pdf")
    answer.headers["Content-Type"] = "application/pdf"
    return answer
