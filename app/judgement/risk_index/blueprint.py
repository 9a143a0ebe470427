"""The blueprint that the pages of index methods hang on."""

from flask import Blueprint

blueprint = Blueprint("index_methods", __name__, url_prefix="/risk/methods")
