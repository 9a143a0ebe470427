"""Tables of screening: editions of lists, runs, what each run said of a supplier, decisions.

An edition is never changed once it is in force; a decision is followed by a later one.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit import marking
from app.platform.audit.marking import Action, Audited, Mark, Whose

LONGEST_REASON = 500
LONGEST_NAME = 500
LONGEST_KEY = 60


class EntryKind(StrEnum):
    """What a listed name belongs to."""

    ENTITY = "entity"
    INDIVIDUAL = "individual"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"


class ListState(StrEnum):
    """Where an edition stands; the newest one in force of each list is screened against."""

    CHECKED = "checked"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


class Layout(StrEnum):
    """How a list's file is laid out."""

    OFAC = "ofac"
    GENERIC = "generic"


class MatchState(StrEnum):
    """Where a match stands; `gone` was found once and is found no more."""

    CANDIDATE = "candidate"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"
    GONE = "gone"


class Verdict(StrEnum):
    """What was decided of a match; `returned` says that a cleared one came back by itself."""

    CLEAR = "clear"
    CONFIRM = "confirm"
    LIFT = "lift"
    REOPEN = "reopen"
    RETURNED = "returned"


class DecisionState(StrEnum):
    """Where a decision stands; what needs four eyes waits until somebody else agreed."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REFUSED = "refused"


class Because(StrEnum):
    """Why suppliers were screened."""

    LIST = "list"
    CLOCK = "clock"
    ASKED = "asked"


class ScreeningList(Timestamps, Audited, Base):
    """One edition of one list, as a file gave it.

    counts: entries by kind. changes: against the edition before: its key, how many entries
    are new, changed, gone and unchanged.
    """

    audit = Mark(
        "screening list",
        label="file_name",
        personal={
            "loaded_by": Whose.NAMED,
            "put_in_force_by": Whose.NAMED,
            "withdrawn_by": Whose.NAMED,
        },
        reason_for={"withdrawn_at"},
        reason_from=("withdrawn_because",),
    )

    __tablename__ = "screening_list"
    __scope__ = scope.inside("which lists the house screens against")
    __table_args__ = (
        CheckConstraint(one_of("state", ListState), name="state"),
        CheckConstraint(one_of("layout", Layout), name="layout"),
        Index("ix_screening_list_source", "source", "edition"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    source: Mapped[str] = mapped_column(String(40))
    layout: Mapped[str] = mapped_column(String(10))
    edition: Mapped[date]
    file_name: Mapped[ShortText]
    file_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=ListState.CHECKED)
    entries: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: what JSON can hold
    loaded_by: Mapped[ShortText]
    loaded_at: Mapped[Moment]
    put_in_force_by: Mapped[str | None] = mapped_column(String(200))
    put_in_force_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class ScreeningEntry(Base):
    """One listed party. `digest` is of all that the list says of it."""

    __tablename__ = "screening_entry"
    __scope__ = scope.inside("which lists the house screens against")
    __table_args__ = (
        UniqueConstraint("list_id", "entry_key"),
        CheckConstraint(one_of("kind", EntryKind), name="kind"),
    )
    id: Mapped[Key]
    list_id: Mapped[int] = mapped_column(BigKey, ForeignKey("screening_list.id"))
    entry_key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    aliases: Mapped[list[str]] = mapped_column(JSON)
    countries: Mapped[list[str]] = mapped_column(JSON)
    program: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    remarks: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class ScreeningSetting(Timestamps, Audited, Base):
    """How suppliers are screened: from which score on, against which kinds of entries.

    stale_days: from which age on a list's edition is warned about.
    """

    audit = Mark(
        "screening setting",
        label="version",
        personal={"decided_by": Whose.NAMED, "approved_by": Whose.NAMED},
        reason_to={Action.CREATE},
        reason_from=("reason",),
    )

    __tablename__ = "screening_setting"
    __scope__ = scope.inside("how the house screens")
    __table_args__ = (
        CheckConstraint(one_of("state", DecisionState), name="state"),
        CheckConstraint("threshold BETWEEN 50 AND 100", name="threshold"),
        CheckConstraint("stale_days BETWEEN 1 AND 3660", name="stale_days"),
    )
    id: Mapped[Key]
    version: Mapped[int] = mapped_column(unique=True)
    threshold: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(JSON)
    stale_days: Mapped[int]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    state: Mapped[str] = mapped_column(String(10), default=DecisionState.PROPOSED)
    decided_by: Mapped[ShortText]
    decided_at: Mapped[Moment]
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ScreeningRun(Base):
    """One go through suppliers: against what, by which setting, what came of it.

    basis: the editions, each with its list, its day and the digest of its file.
    """

    __tablename__ = "screening_run"
    __scope__ = scope.inside("runs of the house's screening")
    __table_args__ = (CheckConstraint(one_of("because", Because), name="because"),)
    id: Mapped[Key]
    at: Mapped[Moment]
    because: Mapped[str] = mapped_column(String(10))
    by: Mapped[ShortText]
    basis: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # Any: what JSON can hold
    basis_digest: Mapped[str] = mapped_column(String(64))
    setting_version: Mapped[int]
    threshold: Mapped[int]
    suppliers: Mapped[int] = mapped_column(default=0)
    names: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class SupplierScreening(Base):
    """What one run said of one supplier: the names that were compared and how much was found.

    Written anew only where the names, the editions or the setting changed: the same again
    would say the same. names: each with what it is.
    """

    __tablename__ = "supplier_screening"
    __scope__ = scope.of_supplier()
    __table_args__ = (Index("ix_supplier_screening_supplier_id", "supplier_id", "id"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    run_id: Mapped[int] = mapped_column(BigKey, ForeignKey("screening_run.id"))
    at: Mapped[Moment]
    names: Mapped[list[list[str]]] = mapped_column(JSON)
    names_digest: Mapped[str] = mapped_column(String(64))
    basis_digest: Mapped[str] = mapped_column(String(64))
    matches: Mapped[int]


class ScreeningMatch(Timestamps, Audited, Base):
    """A supplier and a listed party whose names are alike, and what people made of it.

    The pair is kept once. score, names, reason, list are of the newest screening that found
    it. bound_digest, bound_names: the entry and the supplier's names that the standing
    decision saw; another entry or another matching name brings a cleared match back.
    is_found: whether the newest screening still finds it.
    """

    audit = Mark(
        "screening match",
        label="listed_name",
        left_out={"run_id", "list_id", "bound_names", "bound_digest", "countries"},
        personal={"decided_by": Whose.NAMED},
        reason_from=("decided_because",),
    )

    __tablename__ = "screening_match"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("supplier_id", "source", "entry_key"),
        CheckConstraint(one_of("state", MatchState), name="state"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_screening_match_state", "state", "score"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    source: Mapped[str] = mapped_column(String(40))
    entry_key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    state: Mapped[str] = mapped_column(String(10), default=MatchState.CANDIDATE)
    score: Mapped[float] = mapped_column(Float)
    own_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    own_kind: Mapped[str] = mapped_column(String(10))
    listed_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    is_alias: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    entry_kind: Mapped[str] = mapped_column(String(10))
    program: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    countries: Mapped[list[str]] = mapped_column(JSON)
    entry_digest: Mapped[str] = mapped_column(String(64))
    list_id: Mapped[int] = mapped_column(BigKey, ForeignKey("screening_list.id"))
    run_id: Mapped[int] = mapped_column(BigKey, ForeignKey("screening_run.id"))
    is_found: Mapped[bool] = mapped_column(default=True)
    first_found_at: Mapped[Moment]
    bound_digest: Mapped[str | None] = mapped_column(String(64))
    bound_names: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)


class ScreeningDecision(Timestamps, Audited, Base):
    """One decision on a match, with what was seen. `from_on`: the day since when it holds."""

    audit = Mark(
        "screening decision",
        label="verdict",
        personal={"decided_by": Whose.NAMED, "approved_by": Whose.NAMED},
        reason_to={Action.CREATE},
        reason_from=("reason",),
    )

    __tablename__ = "screening_decision"
    __scope__ = scope.through("match_id", "screening_match")
    __table_args__ = (
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
        CheckConstraint(one_of("state", DecisionState), name="state"),
        Index("ix_screening_decision_match_id", "match_id", "id"),
    )
    id: Mapped[Key]
    match_id: Mapped[int] = mapped_column(BigKey, ForeignKey("screening_match.id"))
    verdict: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    score: Mapped[float] = mapped_column(Float)
    own_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    listed_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    edition: Mapped[date]
    from_on: Mapped[date | None]
    decided_by: Mapped[ShortText]
    decided_at: Mapped[Moment]
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


marking.holds_names("screening_run", "by")
