"""The blueprint that the overview's pages hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("overview", __name__)
