"""Every table of a database by name: how many rows it has, and a checksum of them.

Knows no models: what a backup must hold is what stands in the database. Two databases of
one engine with equal facts hold the same rows; their order makes no difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, text

CHECKSUM_BITS = 64
BLOCK_OF_ROWS = 5_000
SQLITE_OWN = "sqlite_"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table: its rows, and the sum of their digests."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the audit log ends: how many events, and the last one's hash."""

    seq: int
    hash: str


def table_facts(connection: Connection) -> dict[str, TableFacts]:
    """Return the facts of every table, by name."""
    count = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgres
    return {name: count(connection, name) for name in table_names(connection)}


def table_names(connection: Connection) -> list[str]:
    """Return every table's name, sorted."""
    names = inspect(connection).get_table_names()
    return sorted(name for name in names if not name.startswith(SQLITE_OWN))


def schema_revision(connection: Connection) -> str | None:
    """Return the revision of the schema, None where there is none."""
    if "alembic_version" not in table_names(connection):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def chain_head(connection: Connection) -> ChainHead | None:
    """Return where the audit log ends, None where nothing is logged yet."""
    if "audit_event" not in table_names(connection):
        return None
    row = connection.execute(
        text("SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1")
    ).first()
    if row is None:
        return None
    hashed = row.hash.hex() if isinstance(row.hash, bytes | memoryview) else str(row.hash)
    return ChainHead(int(row.seq), hashed)


def differences(
    expected: Mapping[str, TableFacts], found: Mapping[str, TableFacts]
) -> Iterator[str]:
    """Yield in words where two databases differ."""
    for name in sorted({*expected, *found}):
        before, after = expected.get(name), found.get(name)
        if before is None or after is None:
            yield f"table {name} is {'too much' if before is None else 'missing'}"
        elif before.rows != after.rows:
            yield f"table {name} has {after.rows:,} rows, {before.rows:,} are expected"
        elif before.checksum != after.checksum:
            yield f"table {name} has as many rows but other content"


def _on_postgres(connection: Connection, name: str) -> TableFacts:
    # The server digests its own rows: nothing but two figures travels.
    quoted = _quoted(connection, name)
    row = connection.execute(
        text(
            # allowed: built-sql: the quoted name of a table of the schema
            "SELECT count(*) AS rows,"  # noqa: S608 # nosec B608 — a table's quoted name
            " mod(coalesce(sum(hashtextextended(t::text, 0)::numeric), 0), 18446744073709551616)"
            f" AS checksum FROM {quoted} t"
        )
    ).one()
    return TableFacts(int(row.rows), format(int(row.checksum) % 2**CHECKSUM_BITS, "016x"))


def _on_sqlite(connection: Connection, name: str) -> TableFacts:
    rows, checksum = 0, 0
    quoted = _quoted(connection, name)
    # allowed: built-sql: the quoted name of a table of the schema
    found = connection.exec_driver_sql(f"SELECT * FROM {quoted}")  # noqa: S608 # nosec B608 — as above
    for block in found.partitions(BLOCK_OF_ROWS):
        for row in block:
            rows += 1
            checksum += _digest(tuple(row))
    return TableFacts(rows, format(checksum % 2**CHECKSUM_BITS, "016x"))


def _digest(row: tuple[Any, ...]) -> int:  # Any: what the driver returns
    """Return the digest of a row; SQLite's driver knows numbers, texts, bytes and None."""
    return int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest(), "big")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def as_json(facts: Mapping[str, TableFacts]) -> dict[str, Any]:  # Any: JSON
    """Return the facts as a manifest writes them."""
    return {name: {"rows": each.rows, "checksum": each.checksum} for name, each in facts.items()}


def from_json(written: Mapping[str, Any]) -> dict[str, TableFacts]:  # Any: JSON
    """Return the facts that a manifest names."""
    return {name: TableFacts(int(e["rows"]), str(e["checksum"])) for name, e in written.items()}


def canonical(value: object) -> bytes:
    """Return JSON in one form only, so that its digest is one too."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
