"""Bring a database's schema to a revision. The only importer of Alembic, which loads slowly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from app.base.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
FILE_NAME = "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(rev)s_%%(slug)s"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the revisions up to `revision`, all in one transaction."""
    from alembic import command

    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Undo the revisions down to `revision` (`base` empties the database)."""
    from alembic import command

    _run(database, lambda config: command.downgrade(config, revision))


def is_current(database: Database) -> bool:
    """Tell whether the database stands at the newest revision."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with database.read_engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory(str(FOLDER)).get_current_head()


def draft(database: Database, subject: str) -> Path:
    """Write a revision that makes the schema what the models say, and return its file.

    The database must be current. The file carries the safety checklist of the template.
    """
    from alembic import command
    from alembic.script import Script, ScriptDirectory

    number = len(list(ScriptDirectory(str(FOLDER)).walk_revisions())) + 1
    made: list[Script] = []

    def write(config: Config) -> None:
        result = command.revision(config, subject, autogenerate=True, rev_id=f"{number:04d}")
        made.extend(script for script in [result] if isinstance(script, Script))

    _run(database, write)
    return Path(made[0].path)


def _run(database: Database, step: Callable[[Config], None]) -> None:
    from alembic.config import Config

    with database.write_engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("file_template", FILE_NAME)
        config.attributes["connection"] = connection
        step(config)
