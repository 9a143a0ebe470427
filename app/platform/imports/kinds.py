"""What a feature tells the import engine: its kinds, their fields, how rows become facts.

The engine knows no feature; features know the engine and register their kinds in
`app.factory`. A row travels as a mapping from field to canonical value: text, scaled
integers (quantities 1/1,000,000, money 1/10,000, shares in millionths), ISO dates, 0/1;
None is unknown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.platform.imports.problems import Fault, Problem, Warned

if TYPE_CHECKING:
    from app.platform.imports.mapping import Mapping

Value = str | int | None


class FieldType(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    QUANTITY = "quantity"
    MONEY = "money"
    NUMBER = "number"
    WHOLE = "whole number"
    SHARE = "percent"
    BOOLEAN = "yes or no"
    CHOICE = "choice"
    COUNTRY = "country"
    CURRENCY = "currency"
    INCOTERM = "Incoterm"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a row of a kind can say.

    `is_past`: it happened, so it can't be after today. `is_signed`: may be negative.
    `default` stands for an empty cell of a key; for any other field it is what a new row
    holds. `rule` returns why a text is not valid, None where it is.
    """

    name: str
    type: FieldType
    help: str
    example: str = ""
    is_required: bool = False
    is_key: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 200
    is_past: bool = False
    is_signed: bool = False
    default: Value = None
    rule: Callable[[str], str | None] | None = None


@dataclass(slots=True)
class Chunk:
    """Rows on their way to staging, by column.

    A check that finds a fault reports it by the row's index; the engine takes the row out.
    """

    row_nos: list[int]
    columns: dict[str, list[Value]]

    def __len__(self) -> int:
        return len(self.row_nos)

    def column(self, name: str) -> list[Value]:
        """Return a field's values, all None when the mapping doesn't give the field."""
        return self.columns.get(name) or [None] * len(self.row_nos)

    def has(self, name: str) -> bool:
        """Tell whether the mapping gives the field."""
        return name in self.columns


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault that a kind found in row `index` of a chunk, in the column of `field`."""

    index: int
    field: str | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class RowWarning:
    """Something strange in row `index` of a chunk."""

    index: int
    field: str | None
    kind: Warned
    reason: str


@dataclass(slots=True)
class Counts:
    """What publishing does, or would do, by row, and what is created on the way."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    created: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class NamedSupplier:
    """A supplier that a staged file names, with the first row that does.

    supplier_id: None where nobody knows it yet. sets_category: the file says the supplier's
    category, `category_id` which (None: none, or one that is not known yet).
    """

    row_no: int
    column: str
    key: str
    supplier_id: int | None
    sets_category: bool = False
    category_id: int | None = None


class ImportKind(ABC):
    """One kind of file: what its rows say and how they become facts."""

    name: str
    title: str
    noun: str
    fields: tuple[Field, ...]
    # What a mapping of this kind may create on the way.
    creatable: tuple[str, ...] = ()
    help: str = ""

    def field(self, name: str) -> Field | None:
        """Return the field of that name."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def key(self) -> tuple[str, ...]:
        """The fields that make the natural key of a row."""
        return tuple(field.name for field in self.fields if field.is_key)

    @abstractmethod
    def open(self, mapping: Mapping) -> Stager:
        """Return the object that takes the chunks of one file."""

    @abstractmethod
    def preview(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Count what publishing would do. Writes nothing that lasts."""

    @abstractmethod
    def publish(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Turn the staged rows into facts, set-based, within the caller's transaction."""

    def suppliers_named(
        self, session: Session, batch_id: int, mapping: Mapping
    ) -> list[NamedSupplier] | None:
        """Return whose rows a staged batch would write; None: nobody's, the whole house's."""
        return None

    @abstractmethod
    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's facts back; return what is kept because others use it."""

    @abstractmethod
    def clear(self, session: Session, batch_id: int) -> None:
        """Drop the batch's staged rows."""


class Stager(ABC):
    """Takes the checked chunks of one file into staging; sees them in file order."""

    @abstractmethod
    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield what is wrong or strange across the cells of a row."""

    @abstractmethod
    def stage(self, session: Session, batch_id: int, chunk: Chunk) -> None:
        """Write the chunk's good rows to staging."""

    @abstractmethod
    def finish(self, session: Session, batch_id: int) -> Sequence[Problem]:
        """Find what only the whole file shows, take those rows out, and report them."""


_registered: dict[str, ImportKind] = {}


def register(kinds: Iterable[ImportKind]) -> None:
    """Make kinds known to the engine; a kind registered twice is the same kind."""
    for kind in kinds:
        _registered[kind.name] = kind


def registered() -> list[ImportKind]:
    """Return all kinds in the order of their registration."""
    return list(_registered.values())


def is_registered(name: str) -> bool:
    """Tell whether files of a kind can be imported."""
    return name in _registered


def kind_named(name: str) -> ImportKind:
    """Return the kind, or raise NotFound."""
    if name not in _registered:
        raise NotFound("E-IMP-23", f"There is no import kind '{name}'.")
    return _registered[name]
