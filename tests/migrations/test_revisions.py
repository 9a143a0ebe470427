"""Every revision goes up and down; the head equals the models; a history is one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from app.base import migrating
from app.base.db import Database
from app.schema import metadata
from tests.migrations.schema_picture import schema_picture

FILE_NAME = re.compile(r"^\d{8}_\d{4}_[0-9a-z]+_[a-z0-9_]+\.py$")


def history() -> list[Script]:
    """The revisions, oldest first."""
    scripts = ScriptDirectory(str(migrating.FOLDER))
    return list(reversed(list(scripts.walk_revisions())))


def revision_before(revision: Script) -> str:
    return str(revision.down_revision) if revision.down_revision else "base"


def test_the_history_has_one_head() -> None:
    assert len(ScriptDirectory(str(migrating.FOLDER)).get_heads()) == 1


def test_a_revision_is_named_by_date_and_subject() -> None:
    names = [Path(revision.path).name for revision in history()]
    assert [name for name in names if not FILE_NAME.match(name)] == []


@pytest.mark.usefixtures("revisions_read_once")
def test_every_revision_goes_up_down_and_up_again(empty_database: Database) -> None:
    before = schema_picture(empty_database)
    for revision in history():
        named = str(revision.revision)
        migrating.upgrade(empty_database, named)
        after = schema_picture(empty_database)
        migrating.downgrade(empty_database, revision_before(revision))
        assert schema_picture(empty_database) == before, named
        migrating.upgrade(empty_database, named)
        assert schema_picture(empty_database) == after, named
        before = after


def test_the_head_has_no_difference_that_alembic_sees(empty_database: Database) -> None:
    migrating.upgrade(empty_database)
    with empty_database.read_engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_head_is_the_schema_that_the_models_make(empty_databases: list[Database]) -> None:
    migrated, made = empty_databases
    migrating.upgrade(migrated)
    with made.write_engine.begin() as connection:
        metadata.create_all(connection)
    expected = schema_picture(made)
    assert expected.keys() == schema_picture(migrated).keys()
    for table, picture in schema_picture(migrated).items():
        assert picture == expected[table], table


def test_a_database_knows_whether_it_is_current(empty_database: Database) -> None:
    assert not migrating.is_current(empty_database)
    migrating.upgrade(empty_database)
    assert migrating.is_current(empty_database)


def test_upgrading_a_current_database_changes_nothing(empty_database: Database) -> None:
    migrating.upgrade(empty_database)
    before = schema_picture(empty_database)
    migrating.upgrade(empty_database)
    assert schema_picture(empty_database) == before


def test_a_published_revision_went_through_the_safety_checklist() -> None:
    paths = [Path(revision.path) for revision in history()]
    assert [
        path.name for path in paths if "SAFETY CHECKLIST" in path.read_text(encoding="utf-8")
    ] == []


def test_a_new_revision_carries_the_safety_checklist() -> None:
    template = (migrating.FOLDER / "script.py.mako").read_text(encoding="utf-8")
    assert "SAFETY CHECKLIST" in template
