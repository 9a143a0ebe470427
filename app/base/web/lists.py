"""What a list shows is in its address: filters, search, sort, page. Everything else is refused.

Reads and checks the query; selecting and counting is done by the feature's queries. Exports
of exactly what is filtered are made by `app.base.web.exports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from werkzeug.datastructures import MultiDict

from app.base.errors import AppError
from app.base.web.rendering import url_with

PAGE_SIZES = (25, 50, 100, 200)
LARGEST_PAGE = 200
LONGEST_SEARCH = 200
FORMATS = ("csv", "xlsx", "json")


class BadQuery(AppError):
    """The address asks for something that this list does not have."""

    kind = "bad_query"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter by choice.

    name: its word in the address. label: its words on the chip. options: value → words.
    """

    name: str
    label: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListShape:
    """What a list can be asked for.

    sorts: names that may be sorted by, each with whether it falls first when clicked.
    default: the sort used when none is asked for (“-score” falls).
    filters: filters by choice; several values of one filter mean “any of”.
    page_size: rows on a page when none is asked for.
    """

    sorts: Mapping[str, bool]
    default: str
    filters: tuple[Filter, ...] = ()
    page_size: int = 50

    def filter(self, name: str) -> Filter:
        """Return the filter called `name`."""
        return next(each for each in self.filters if each.name == name)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: its name and words, and the address without it."""

    name: str
    label: str
    words: str
    without: str


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address asks for, checked."""

    shape: ListShape
    sort: str
    is_falling: bool
    page: int
    size: int
    search: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    export: str | None = None

    @property
    def offset(self) -> int:
        """How many rows stand before the page."""
        return (self.page - 1) * self.size

    @property
    def order(self) -> str:
        """The sort as the address writes it (“-score” falls)."""
        return f"-{self.sort}" if self.is_falling else self.sort

    def values(self, name: str) -> tuple[str, ...]:
        """Return the chosen values of a filter; none means all."""
        return self.chosen.get(name, ())

    def is_filtered(self) -> bool:
        """Tell whether the list shows less than everything."""
        return bool(self.search or self.chosen)

    def chips(self) -> list[Chip]:
        """Return the filters that are on."""
        found = []
        for name, values in self.chosen.items():
            choice = self.shape.filter(name)
            words = ", ".join(choice.options[value] for value in values)
            found.append(Chip(name, choice.label, words, url_with(page=None, **{name: None})))
        if self.search:
            found.append(Chip("q", "Contains", self.search, url_with(page=None, q=None)))
        return found

    def sort_address(self, name: str) -> str:
        """Return the address that sorts by `name`, the other way round when it already does."""
        falls = not self.is_falling if name == self.sort else self.shape.sorts[name]
        return url_with(page=None, sort=f"-{name}" if falls else name)

    def aria_sort(self, name: str) -> str | None:
        """Return how a column is sorted, in the words of `aria-sort`."""
        if name != self.sort:
            return None
        return "descending" if self.is_falling else "ascending"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands among all rows."""

    state: ListState
    total: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.state.size))

    @property
    def first_row(self) -> int:
        """The number of the first row shown, 0 when there is none."""
        return min(self.total, self.state.offset + 1)

    @property
    def last_row(self) -> int:
        """The number of the last row shown."""
        return min(self.total, self.state.offset + self.state.size)

    @property
    def before(self) -> str | None:
        """The address of the page before."""
        return url_with(page=self.state.page - 1) if self.state.page > 1 else None

    @property
    def after(self) -> str | None:
        """The address of the next page."""
        return url_with(page=self.state.page + 1) if self.state.page < self.last else None

    @property
    def exports(self) -> list[tuple[str, str]]:
        """The exports of what is filtered, as (format, address)."""
        return [(each, url_with(page=None, format=each)) for each in FORMATS]

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        """The page sizes, as (rows, address, is the present one)."""
        return [
            (size, url_with(page=None, size=size), size == self.state.size) for size in PAGE_SIZES
        ]


def read_list(shape: ListShape, query: MultiDict[str, str] | None = None) -> ListState:
    """Return what the address asks for.

    Raises BadQuery for a sort, filter value, page or size that the list does not have.
    """
    asked = request.args if query is None else query
    order = _single(asked, "sort") or shape.default
    sort = order.removeprefix("-")
    if sort not in shape.sorts:
        allowed = ", ".join(shape.sorts)
        raise BadQuery("E-API-01", f"Unknown sort field. Allowed: {allowed}.")
    export = _single(asked, "format")
    if export is not None and export not in FORMATS:
        raise BadQuery("E-API-03", f"Unknown format. Allowed: {', '.join(FORMATS)}.")
    return ListState(
        shape=shape,
        sort=sort,
        is_falling=order.startswith("-"),
        page=_number(asked, "page", 1, 1, 1_000_000),
        size=_number(asked, "size", shape.page_size, 1, LARGEST_PAGE),
        search=(_single(asked, "q") or "").strip()[:LONGEST_SEARCH],
        chosen=_chosen(asked, shape),
        export=export,
    )


def _chosen(asked: MultiDict[str, str], shape: ListShape) -> dict[str, tuple[str, ...]]:
    chosen = {}
    for choice in shape.filters:
        values = tuple(dict.fromkeys(value for value in asked.getlist(choice.name) if value))
        unknown = [value for value in values if value not in choice.options]
        if unknown:
            raise BadQuery("E-API-03", f"{choice.label} has no value “{unknown[0][:60]}”.")
        if values:
            chosen[choice.name] = values
    return chosen


def _single(asked: MultiDict[str, str], name: str) -> str | None:
    values = asked.getlist(name)
    if len(values) > 1:
        raise BadQuery("E-API-04", f"“{name}” is given {len(values)} times; give it once.")
    return values[0] or None if values else None


def _number(asked: MultiDict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = _single(asked, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise BadQuery("E-API-05", f"{name} {low}..{high}")
    return int(text)
