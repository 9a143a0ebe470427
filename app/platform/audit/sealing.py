"""Personal values in the log: readable while the person's key exists, nothing without it.

A value is sealed with AES-GCM under the key of its subject: an account or contact by its
own key (“user:12”), or whoever is called so where a row holds only a name.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Base
from app.platform.audit import keys
from app.platform.audit.canonical import Plain
from app.platform.audit.models import SubjectKey

KEY_BITS = 256
NONCE_BYTES = 12
# Stands where a value was sealed and its key is gone.
ERASED = "[erased]"
SEALED, SUBJECT = "sealed", "subject"

_table = Base.metadata.tables[SubjectKey.__tablename__]


def subject_of(entity: str, entity_id: object) -> str:
    """Return the subject that a row is: an account, a contact."""
    return f"{entity}:{entity_id}"


def named_subject(name: str) -> str:
    """Return the subject of whoever is called so; the name can't be read from it."""
    return f"name:{keys.commitment(name.strip().casefold())}"


class Sealer:
    """Seals values within one transaction, making keys of persons not yet known."""

    def __init__(self, session: Session, erased: Iterable[str] = ()) -> None:
        self._session = session
        self._erased = frozenset(erased)
        self._keys: dict[str, bytes] = {}

    def seal(self, subject: str, value: Plain) -> Plain:
        """Return the sealed value; None stays None, an erased person's is not kept at all."""
        if value is None:
            return None
        if subject in self._erased:
            return {"erased": True}
        nonce = os.urandom(NONCE_BYTES)
        text = json.dumps(value, ensure_ascii=True).encode("ascii")
        sealed = AESGCM(self._key(subject)).encrypt(nonce, text, subject.encode("ascii"))
        return {
            SEALED: base64.b64encode(nonce + sealed).decode("ascii"),
            SUBJECT: subject,
        }

    def _key(self, subject: str) -> bytes:
        known = self._keys.get(subject)
        if known is None:
            known = self._keys[subject] = _key_of(self._session, subject)
        return known


class Opener:
    """Opens sealed values, asking for each key once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys: dict[str, bytes | None] = {}

    def load(self, texts: Iterable[str | None]) -> None:
        """Fetch at once the keys that some JSON texts need."""
        wanted: set[str] = set()
        for text in texts:
            if text and SEALED in text:
                wanted.update(_subjects_in(json.loads(text)))
        missing = sorted(wanted - self._keys.keys())
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            found = self._session.connection().execute(
                select(_table.c.subject, _table.c.key).where(_table.c.subject.in_(some))
            )
            self._keys.update(dict.fromkeys(some))
            self._keys.update((subject, bytes(key)) for subject, key in found)

    def open(self, value: Plain) -> Plain:
        """Return a value with everything sealed in it opened, or ERASED."""
        if not isinstance(value, dict):
            return value
        if value.keys() == {SEALED, SUBJECT}:
            return self._opened(value)
        if value == {"erased": True}:
            return ERASED
        return {name: self.open(each) for name, each in value.items()}

    def _opened(self, value: Mapping[str, Any]) -> Plain:  # Any: JSON
        subject = value[SUBJECT]
        if subject not in self._keys:
            self.load([json.dumps(value)])
        key = self._keys.get(subject)
        if key is None:
            return ERASED
        raw = base64.b64decode(value[SEALED])
        try:
            text = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], subject.encode())
        except InvalidTag:
            return ERASED
        opened: Plain = json.loads(text)
        return opened


def forget(session: Session, subject: str) -> bool:
    """Delete a person's key: what was sealed under it is gone. False where there is none."""
    done = session.connection().execute(delete(_table).where(_table.c.subject == subject))
    return done.rowcount > 0


def _key_of(session: Session, subject: str) -> bytes:
    """Return a person's key, made on first need; two who make it at once get the same."""
    connection = session.connection()
    wanted = select(_table.c.key).where(_table.c.subject == subject)
    known = connection.execute(wanted).scalar()
    if known is not None:
        return bytes(known)
    made = {
        "subject": subject,
        "key": AESGCM.generate_key(KEY_BITS),
        "created_at": clock.now(),
    }
    connection.execute(_insert_once(connection.dialect.name), made)
    return bytes(connection.execute(wanted).scalar_one())


def _insert_once(dialect: str) -> Any:  # Any: an insert of either dialect
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(_table).on_conflict_do_nothing()
    return insert(_table).prefix_with("OR IGNORE")


def _subjects_in(value: Plain) -> Iterable[str]:
    if isinstance(value, dict):
        if value.keys() == {SEALED, SUBJECT}:
            yield value[SUBJECT]
            return
        for each in value.values():
            yield from _subjects_in(each)
