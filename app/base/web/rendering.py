"""What templates may use: formatting, addresses of static files, navigation, appearance.

Templates hold if, for and filters only; every number they print goes through
`app.base.formatting` here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from jinja2 import StrictUndefined

from app.base import clock, formatting
from config import Settings

YEAR_IN_SECONDS = 31_536_000
FORMATS = (
    "count", "day", "days", "half_up", "interval", "long_day", "moment", "money", "month",
    "number", "percent", "percent_figure", "percent_interval", "ppm", "quantity", "score",
    "short_day", "signed", "unbroken",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the top navigation.

    label: its word. endpoint: where it leads. prefix: paths that belong to it.
    key: the letter that goes there after `g`. beside: further paths that are reached from it.
    """

    label: str
    endpoint: str
    prefix: str
    key: str
    beside: tuple[str, ...] = ()


def install(app: Flask, settings: Settings, places: tuple[Place, ...]) -> None:
    """Give templates their filters and globals; a missing value is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR_IN_SECONDS
    for name in FORMATS:
        app.jinja_env.filters[name] = getattr(formatting, name)
    app.jinja_env.filters["sentence"] = sentence
    app.jinja_env.globals.update(
        asset=_asset_of(app),
        address=address,
        places=places,
        house_name=settings.house_name,
        no_data=formatting.NO_DATA,
        url_with=url_with,
        kept_query=kept_query,
    )

    @app.context_processor
    def show_appearance() -> dict[str, object]:
        return {
            "theme": request.cookies.get("theme", "system"),
            "density": request.cookies.get("density", "regular"),
            "keys": request.cookies.get("keys", "on"),
            "now": clock.now(),
            "known_endpoints": app.view_functions,
        }


def sentence(text: str) -> str:
    """Return a text that begins with a capital, the rest as it is (“12 months to 31 Oct”)."""
    return text[:1].upper() + text[1:]


def address(endpoint: str, values: Mapping[str, object]) -> str:
    """Return the address of a page with its parts and its query."""
    options: dict[str, Any] = dict(values)  # Any: `url_for` mixes them with its own options
    return url_for(endpoint, **options)


def url_with(**changes: object) -> str:
    """Return the present address with some of its query changed; None removes an entry."""
    query = {key: request.args.getlist(key) for key in request.args}
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = value if isinstance(value, list) else [str(value)]
    return address(request.endpoint or "", {**(request.view_args or {}), **query})


def kept_query(*left_out: str) -> list[tuple[str, str]]:
    """Return the present query as pairs for hidden fields, without `left_out` and the page."""
    dropped = {"page", "format", *left_out}
    return [(key, value) for key, value in request.args.items(multi=True) if key not in dropped]


def _asset_of(app: Flask) -> object:
    folder = Path(app.static_folder or "")

    @cache
    def asset(name: str) -> str:
        """Return the address of a static file, with its content's hash, so it may be cached."""
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
        return url_for("static", filename=name, v=digest)

    return asset
