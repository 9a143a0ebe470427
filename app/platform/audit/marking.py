"""The mark of a model whose changes must be proven. Importing it begins the recording.

    class Supplier(Timestamps, Audited, Base):
        audit = Mark("supplier", label="name", reason_for={"status"})

Everything that the session adds, changes or deletes of a marked model becomes one event of
the log, in the same transaction. Nothing has to be called for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import Mapper

# What every row carries for bookkeeping; an event has its own time.
BOOKKEEPING = frozenset({"created_at", "updated_at"})


class Action(StrEnum):
    """What happens to a marked object by itself; features name their own acts beside it."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


class Whose(StrEnum):
    """Whose personal data a field holds, so that erasing that person erases the value."""

    # The row is the person: an account, a contact.
    OWN = "own"
    # The value is a person's name, without saying which person's.
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the log must know of a model.

    noun: what one is called (“supplier”). label: the column that names it in sentences.
    secret: fields of which only the change is kept, never the value. left_out: fields that
    say nothing (a digest, a counter). personal: fields kept under a person's key; `erased`
    says what stands in them once the person is erased, with `{id}` for the row's key.
    goes_with: by a field that names a person, the fields that go with the name when that
    person is erased (a telephone number).
    reason_for: fields whose change needs a reason. reason_to: acts that need one.
    reason_from: columns of the row itself that say why, the first that changed.
    """

    noun: str
    label: str | None = None
    secret: AbstractSet[str] = frozenset()
    left_out: AbstractSet[str] = frozenset()
    personal: Mapping[str, Whose] = field(default_factory=dict)
    erased: Mapping[str, str | None] = field(default_factory=dict)
    goes_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reason_for: AbstractSet[str] = frozenset()
    reason_to: AbstractSet[Action] = frozenset()
    reason_from: tuple[str, ...] = ()

    def keeps(self, name: str) -> bool:
        """Tell whether the log says anything about a field."""
        return name not in BOOKKEEPING and name not in self.left_out


class Audited:
    """Mix-in of a model whose changes must be proven; `audit` is its mark."""

    audit: ClassVar[Mark]


_marked: dict[str, type[Audited]] = {}


_names: dict[str, frozenset[str]] = {}


def holds_names(table: str, *columns: str) -> None:
    """Say that columns hold people's names as text, for whoever has to erase a person."""
    _names[table] = _names.get(table, frozenset()) | frozenset(columns)


def columns_with_names() -> Mapping[str, frozenset[str]]:
    """Return by table which columns hold people's names, marked as personal or said to."""
    found = dict(_names)
    for table, model in _marked.items():
        named = {name for name, whose in model.audit.personal.items() if whose is Whose.NAMED}
        if named:
            found[table] = found.get(table, frozenset()) | named
    return found


def marked_tables() -> Mapping[str, type[Audited]]:
    """Return every marked model by the name of its table."""
    return _marked


def model_of(entity: str) -> type[Audited] | None:
    """Return the marked model that an entity's events are about, None for any other."""
    return _marked.get(entity)


def mark_of(entity: str) -> Mark | None:
    """Return the mark of an entity, None where it has none."""
    model = _marked.get(entity)
    return None if model is None else model.audit


def columns_of(model: type[Audited]) -> Iterator[tuple[str, str]]:
    """Yield (attribute, column) of what the log keeps of a model, without its key."""
    mapper: Mapper[Any] = inspect(model)  # Any: a mapper of any class
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if not column.primary_key and model.audit.keeps(column.name):
            yield attribute.key, column.name


@event.listens_for(Mapper, "after_mapper_constructed")
def _note(mapper: Mapper[Any], model: type[Any]) -> None:  # Any: every mapped class
    if issubclass(model, Audited) and isinstance(mapper.local_table, Table):
        _marked[mapper.local_table.name] = model
        for attribute in mapper.column_attrs:
            # The value before a change is needed even where it was not loaded.
            event.listen(getattr(model, attribute.key), "set", _ignore, active_history=True)


def _ignore(*_: object) -> None:
    """Listen, so that the attribute keeps its history."""


# The listener stands wherever a model can be marked: there is no way to forget it.
import app.platform.audit.recording  # noqa: E402, F401
