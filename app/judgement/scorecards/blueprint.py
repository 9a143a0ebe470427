"""The blueprint that the pages of scoring methods hang on."""

from flask import Blueprint

blueprint = Blueprint("methods", __name__, url_prefix="/methods")
