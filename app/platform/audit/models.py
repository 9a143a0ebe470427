"""Tables of the audit log, its head and anchors, the keys of persons, and the security log.

Triggers of the migration refuse every change to events, anchors, and every step back of the
head; the application's role owns none of these tables.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.acting import Source
from app.base.db import Base, BigKey, Key, Moment, one_of


class AuditEvent(Base):
    """One committed change, or one act worth proving; never changed, never deleted."""

    __tablename__ = "audit_event"
    __scope__ = scope.open_to_all("written in everybody's transaction; pages ask audit.view")
    __table_args__ = (
        CheckConstraint(one_of("source", Source), name="source"),
        Index("ix_audit_event_object", "entity", "entity_id", "seq"),
        Index("ix_audit_event_at", "at_utc"),
        Index("ix_audit_event_actor", "actor_id", "seq"),
    )
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    # By the database's clock.
    at_utc: Mapped[Moment]
    actor_id: Mapped[int | None] = mapped_column(BigKey)
    # A person's name is sealed under the person's key; a part of the system's is not.
    actor_name: Mapped[str] = mapped_column(String(600))
    actor_role: Mapped[str] = mapped_column(String(200))
    on_behalf_of: Mapped[str | None] = mapped_column(String(600))
    session_hash: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(12))
    network: Mapped[str | None] = mapped_column(String(50))
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[str] = mapped_column(String(64))
    entity_version: Mapped[int | None]
    # Canonical JSON of the changed fields; text, so that its bytes stay what was hashed.
    before_json: Mapped[str | None] = mapped_column(Text)
    after_json: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(String(500))
    approval_ref: Mapped[str | None] = mapped_column(String(64))
    import_batch_id: Mapped[int | None] = mapped_column(BigKey)
    job_run_id: Mapped[int | None] = mapped_column(BigKey)
    code_version: Mapped[str] = mapped_column(String(40))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last event's number and hash, and how many there are: one row, locked to append."""

    __tablename__ = "audit_head"
    __scope__ = scope.open_to_all("written in everybody's transaction; pages ask audit.view")
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigKey)
    hash: Mapped[str] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(BigKey)


class AuditAnchor(Base):
    """A head that was written down outside the database, and where."""

    __tablename__ = "audit_anchor"
    __scope__ = scope.open_to_all("written in everybody's transaction; pages ask audit.view")
    id: Mapped[Key]
    at_utc: Mapped[Moment]
    seq: Mapped[int] = mapped_column(BigKey)
    hash: Mapped[str] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(BigKey)
    kept_in: Mapped[str] = mapped_column(String(200))


class SubjectKey(Base):
    """The key under which a person's values stand in the log; deleting it erases them."""

    __tablename__ = "subject_key"
    __scope__ = scope.open_to_all("written in everybody's transaction; pages ask audit.view")
    # "user:12", or a keyed digest of a name where only a name is known.
    subject: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]


class SecurityEvent(Base):
    """Something worth knowing that changed nothing: a sign-in, a refusal, a download."""

    __tablename__ = "security_event"
    __scope__ = scope.open_to_all("written in everybody's transaction; pages ask audit.view")
    __table_args__ = (
        Index("ix_security_event_at", "at_utc"),
        Index("ix_security_event_kind", "kind", "at_utc"),
        Index("ix_security_event_user", "user_id", "at_utc"),
    )
    id: Mapped[Key]
    at_utc: Mapped[Moment]
    kind: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(BigKey)
    who: Mapped[str] = mapped_column(String(200))
    # The full address goes after 90 days; the network stays.
    ip: Mapped[str | None] = mapped_column(String(50))
    network: Mapped[str | None] = mapped_column(String(50))
    request_id: Mapped[str | None] = mapped_column(String(40))
    session_hash: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[str] = mapped_column(Text)
