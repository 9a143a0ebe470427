"""The blueprint that the approval pages hang on."""

from flask import Blueprint

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")
