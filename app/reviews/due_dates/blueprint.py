"""The blueprint of dates."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app

from app.base.web.rendering import address
from app.reviews.due_dates.days import Entry
from config import Settings

blueprint = Blueprint("due_dates", __name__, url_prefix="/calendar")

VIEW, OWN = "suppliers.view", "calendar.own"


def settings() -> Settings:
    """Return the settings of the running application."""
    return cast(Settings, current_app.config["SETTINGS"])


def door_of(entry: Entry) -> str:
    """Return the path of the page behind a date."""
    door = entry.due.door
    values = dict(door.values)
    if door.names_supplier and entry.supplier is not None:
        values["public_id"] = str(entry.supplier.public_id)
    return address(door.endpoint, values)
