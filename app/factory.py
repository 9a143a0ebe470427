"""Builds the web application: database, sign-in, error pages, blueprints, commands."""

from __future__ import annotations

from flask import Flask

from app import cli
from app.base import db
from app.base.db import Database
from config import ROOT, Settings


def create_app(settings: Settings) -> Flask:
    """Return the application for `settings`. Never starts the scheduler."""
    app = Flask(
        "mainstay",
        root_path=str(ROOT / "app"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "app" / "base" / "static"),
    )
    app.config["SETTINGS"] = settings
    settings.instance.mkdir(parents=True, exist_ok=True)
    db.bind(Database(settings.database_url))
    cli.register(app)
    return app
