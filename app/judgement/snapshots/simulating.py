"""What lists of a simulation share, whatever is judged: names, filter, order, the matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from app.base.web.lists import Filter, ListShape, ListState
from app.facts.suppliers import queries as suppliers

MOVES = "moves"
Named = tuple[str, str, str]  # public id, number, name
MatrixRow = tuple[str, list[tuple[int, bool]], int]


class Change(Protocol):
    """A supplier before and after."""

    @property
    def supplier_id(self) -> int:
        """Whose."""


C = TypeVar("C", bound=Change)


def shape_of(word: str) -> ListShape:
    """Return how a list of changes is sorted and filtered; `word`: what may change."""
    return ListShape(
        sorts={"change": True, "name": False, "before": True, "after": True},
        default="-change",
        filters=(Filter(MOVES, word, {"yes": "changes", "no": "stays"}),),
    )


def names_of(session: Session) -> dict[int, Named]:
    """Return how everybody rated is called."""
    rows = session.execute(suppliers.portfolio_heads())
    return {row.supplier_id: (str(row.public_id), row.number, row.name) for row in rows}


def listed(
    changes: Iterable[C],
    names: dict[int, Named],
    state: ListState,
    *,
    moves: Callable[[C], bool],
    value: Callable[[C, str], float | None],
) -> list[C]:
    """Return the changes that the address asks for, in its order; they come by size already.

    value: what one has “before” or “after”; None is below everything.
    """
    wanted = state.values(MOVES)
    kept = [
        each
        for each in changes
        if each.supplier_id in names and (not wanted or ("yes" if moves(each) else "no") in wanted)
    ]
    if state.sort == "change":
        return kept if state.is_falling else kept[::-1]
    if state.sort == "name":
        kept.sort(key=lambda each: names[each.supplier_id][2].casefold())
    else:
        kept.sort(key=lambda each: _above_unknown(value(each, state.sort)))
    return kept[::-1] if state.is_falling else kept


def matrix_rows(words: Sequence[str], matrix: Sequence[Sequence[int]]) -> list[MatrixRow]:
    """Return the counts by the word before: (word, (count, same word) by word after, sum)."""
    return [
        (word, [(count, place == own) for place, count in enumerate(row)], sum(row))
        for own, (word, row) in enumerate(zip(words, matrix, strict=True))
    ]


def _above_unknown(value: float | None) -> float:
    return -1.0 if value is None else value
