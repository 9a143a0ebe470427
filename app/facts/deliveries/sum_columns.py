"""Sums by supplier as columns of integers, and how they are folded together.

Holds no rule and reads nothing: `queries` fills it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
# The house as one has no supplier's key.
HOUSE = 0


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of m suppliers: ids in rising order, each column of shape (m,).

    Suppliers of whom nothing is known are absent. The columns carry the names of the
    roll-up's columns. Quantities in 1/1,000,000, values in 1/10,000 of the supplier's
    currency.
    """

    supplier_ids: Integers
    columns: Mapping[str, Integers]

    def __len__(self) -> int:
        """Return how many suppliers there are."""
        return len(self.supplier_ids)

    def of(self, supplier_id: int) -> dict[str, int] | None:
        """Return one supplier's sums by name, None where nothing is known of it."""
        place = int(np.searchsorted(self.supplier_ids, supplier_id))
        if place == len(self) or self.supplier_ids[place] != supplier_id:
            return None
        return {name: int(column[place]) for name, column in self.columns.items()}

    def aligned(self, supplier_ids: Integers) -> dict[str, Integers]:
        """Return the columns in the order of `supplier_ids`, 0 where nothing is known."""
        if not len(self):
            return {name: np.zeros(len(supplier_ids), np.int64) for name in self.columns}
        places = np.searchsorted(self.supplier_ids, supplier_ids)
        places = np.minimum(places, len(self) - 1)
        is_here = self.supplier_ids[places] == supplier_ids
        return {name: np.where(is_here, column[places], 0) for name, column in self.columns.items()}


@dataclass(frozen=True, slots=True)
class MonthlySums:
    """Sums of (supplier, month) pairs in rising order; months are indexes."""

    supplier_ids: Integers
    months: Integers
    columns: Mapping[str, Integers]

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.supplier_ids)

    def of(self, supplier_id: int) -> dict[int, dict[str, int]]:
        """Return one supplier's sums by month and name; months without any are absent."""
        first, last = np.searchsorted(self.supplier_ids, [supplier_id, supplier_id + 1])
        return {
            int(self.months[place]): {
                name: int(column[place]) for name, column in self.columns.items()
            }
            for place in range(first, last)
        }


def matrix(rows: Sequence[Sequence[Any]], width: int) -> Integers:  # Any: integers of a row
    """Return rows of integers from the database as an array of shape (n, width)."""
    values: Iterable[Any] = chain.from_iterable(rows)
    return np.fromiter(values, np.int64, count=len(rows) * width).reshape(len(rows), width)


def folded(table: Integers, keys: int) -> Integers:
    """Add up the rows that share their first `keys` columns; rows come back in rising order."""
    if len(table) < 2:
        return table
    order = np.lexsort(tuple(table[:, place] for place in reversed(range(keys))))
    table = table[order]
    is_first = np.ones(len(table), np.bool_)
    is_first[1:] = (table[1:, :keys] != table[:-1, :keys]).any(axis=1)
    if is_first.all():
        return table
    starts = np.flatnonzero(is_first)
    summed = np.add.reduceat(table, starts, axis=0)
    summed[:, :keys] = table[starts, :keys]
    return summed


def renamed(table: Integers, merged: Mapping[int, int], *, together: bool) -> Integers:
    """Put merged suppliers under the one they go by, or all under the house."""
    if together:
        table[:, 0] = HOUSE
        return table
    for old, new in merged.items():
        table[table[:, 0] == old, 0] = new
    return table
