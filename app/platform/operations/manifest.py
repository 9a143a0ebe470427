"""What a backup says of itself: when, of what, and how everything in it is proved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.base.errors import InvalidInput
from app.platform.operations import tables
from app.platform.operations.tables import ChainHead, TableFacts

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
FILES = "files/"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of the store: its digest and its size [bytes]."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    engine: sqlite or postgresql. database: the member of the archive that holds it, with
    its digest. files: by path in the file store.
    """

    made_at: datetime
    engine: str
    engine_version: str
    version: str
    revision: str | None
    database: str
    database_facts: FileFacts
    tables: Mapping[str, TableFacts]
    chain: ChainHead | None
    files: Mapping[str, FileFacts] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(each.rows for each in self.tables.values())

    @property
    def summary(self) -> str:
        """What it holds, in one line."""
        return (
            f"{self.engine} at revision {self.revision}, {len(self.tables)} tables,"
            f" {self.rows:,} rows, {len(self.files):,} files"
        )

    def written(self) -> bytes:
        """Return the manifest as it stands in the archive."""
        chain = None if self.chain is None else {"seq": self.chain.seq, "hash": self.chain.hash}
        return json.dumps(
            {
                "format": FORMAT,
                "made_at": self.made_at.isoformat(),
                "engine": self.engine,
                "engine_version": self.engine_version,
                "version": self.version,
                "revision": self.revision,
                "database": {"name": self.database, **_file_json(self.database_facts)},
                "tables": tables.as_json(self.tables),
                "audit_chain": chain,
                "files": {path: _file_json(each) for path, each in sorted(self.files.items())},
            },
            ensure_ascii=False,
            indent=1,
        ).encode()


def read(written: bytes) -> Manifest:
    """Return the manifest that an archive holds; raises InvalidInput (E-BAK-03)."""
    try:
        said: dict[str, Any] = json.loads(written)  # Any: JSON
        if said["format"] != FORMAT:
            raise InvalidInput(
                "E-BAK-03",
                f"The backup has format {said['format']}; this version reads {FORMAT}."
                " Use the version that made it.",
            )
        chain = said["audit_chain"]
        return Manifest(
            made_at=datetime.fromisoformat(said["made_at"]),
            engine=said["engine"],
            engine_version=said["engine_version"],
            version=said["version"],
            revision=said["revision"],
            database=said["database"]["name"],
            database_facts=_file_facts(said["database"]),
            tables=tables.from_json(said["tables"]),
            chain=None if chain is None else ChainHead(chain["seq"], chain["hash"]),
            files={path: _file_facts(each) for path, each in said["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "E-BAK-03", "The backup's manifest can't be read. Take another backup."
        ) from error


def _file_json(facts: FileFacts) -> dict[str, Any]:  # Any: JSON
    return {"sha256": facts.sha256, "size": facts.size}


def _file_facts(said: Mapping[str, Any]) -> FileFacts:  # Any: JSON
    return FileFacts(str(said["sha256"]), int(said["size"]))
