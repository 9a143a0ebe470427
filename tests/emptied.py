"""A PostgreSQL database that is emptied between tests instead of being made anew.

Making one copies twelve hundred files, and every connection to it begins with cold caches:
most of what a small test took. Emptying deletes the rows of all tables, puts back the few
that a migration wrote, and lets sequences begin again. Whatever else a test changed (a table,
a trigger, a grant) is noticed, and the database is then made anew after all.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

# What a test left open would hold the rows that are to go.
END_WHAT_IS_OPEN = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
EMPTY = """
    DO $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
    END $$
"""
BEGIN_AGAIN = """
    SELECT setval(format('public.%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
# Counts and sums that differ once anything but rows has.
SHAPE = """
    SELECT (SELECT count(*) || ' ' || count(relacl) || ' ' || count(*) FILTER (WHERE relrowsecurity)
            FROM pg_class WHERE relnamespace = 'public'::regnamespace),
           (SELECT sum(attnum) || ' ' || count(*) FILTER (WHERE attnotnull)
            FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
            WHERE relnamespace = 'public'::regnamespace),
           (SELECT count(*) FROM pg_constraint),
           (SELECT count(*) || ' ' || count(*) FILTER (WHERE tgenabled = 'O') FROM pg_trigger),
           (SELECT count(*) FROM pg_policy),
           (SELECT count(*) FROM pg_proc),
           (SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'),
           (SELECT count(*) FROM pg_db_role_setting),
           (SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public')
"""

AS_JSON = sql.SQL("SELECT json_agg(each)::text FROM {} AS each")
PUT_BACK = sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s::json)")


class Emptied:
    """One database, over a connection that stays open: its caches are warm."""

    def __init__(self, url: str) -> None:
        """Look at the fresh, migrated database at `url`."""
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(plain, autocommit=True, prepare_threshold=0)
        self._connection.execute("SET lock_timeout = '2s'")
        self._shape = self._look()
        names = [name for (name,) in self._connection.execute(TABLES)]
        rows = {name: self._rows(name) for name in names}
        self._written = {name: text for name, text in rows.items() if text is not None}

    def again(self) -> bool:
        """Make the database what it was; return False where that takes a new one."""
        try:
            if self._look() != self._shape:
                return False
            self._connection.execute(END_WHAT_IS_OPEN)
            with self._connection.transaction():
                self._connection.execute(EMPTY)
                for name, rows in self._written.items():
                    self._connection.execute(PUT_BACK.format(sql.Identifier(name)), (rows,))
                self._connection.execute(BEGIN_AGAIN)
        except psycopg.OperationalError:
            return False
        return True

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _look(self) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self._connection.execute(SHAPE).fetchone()
        assert row is not None
        return row

    def _rows(self, table: str) -> str | None:
        """Return a table's rows as JSON, None for an empty one."""
        row = self._connection.execute(AS_JSON.format(sql.Identifier(table))).fetchone()
        return None if row is None else row[0]
