"""A map of the world: countries shaded in a few steps, places as dots sized by an amount.

Steps differ in lightness, what is unknown has a dashed border, so that the map reads in
greyscale. What a step means is said by whoever builds the chart, in the legend too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from app.base.charts.svg import (
    Canvas,
    Ink,
    Medium,
    Point,
    Svg,
    boxes,
    circles,
    polygon,
    text_width,
)
from app.base.charts.world_outline import centres, outlines

SMALLEST_DOT, LARGEST_DOT = 2.0, 8.0
PLACE_DOT = 3.0
LEGEND_BOX = 10.0
SHADES = (Ink.LAND, Ink.SHADE_1, Ink.SHADE_2, Ink.SHADE_3, Ink.SHADE_4)


@dataclass(frozen=True, slots=True)
class View:
    """The part of the world that is drawn [degrees].

    `stretch`: how much longer a degree of latitude is drawn than one of longitude; right at
    the middle of the view.
    """

    west: float
    east: float
    south: float
    north: float
    stretch: float

    def has(self, longitude: float, latitude: float) -> bool:
        """Tell whether a place lies in it."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


# Without Antarctica.
WORLD = View(-180.0, 180.0, -57.0, 84.0, 1.22)
EUROPE = View(-25.0, 50.0, 34.5, 63.0, 1.5)


@dataclass(frozen=True, slots=True)
class MapCountry:
    """A country that is not like the others: its step from 0, and what its door says.

    step: 0 as the rest of the world … 4 darkest; None: an amount whose risk is unknown.
    """

    country: str
    step: int | None
    words: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class MapDot:
    """A place [degrees] and its amount; the largest dot is the largest amount."""

    longitude: float
    latitude: float
    amount: float


@dataclass(frozen=True, slots=True)
class WorldMap:
    """A map of the world.

    title: what is shown. description: the text alternative, its message in a sentence or two.
    countries: those with something to say. dots: places, the largest first where they overlap.
    legend: words of steps 0 to 4; unknown: those of a country whose step is not known.
    """

    title: str
    description: str
    countries: tuple[MapCountry, ...]
    dots: tuple[MapDot, ...] = ()
    legend: tuple[str, str, str, str, str] = ("", "", "", "", "")
    unknown: str = ""
    dot_words: str = ""
    view: View = WORLD

    def svg(self, medium: Medium = Medium.SCREEN, *, width: float = 960) -> Svg:
        """Draw the map; on screen every country of `countries` with an address is a door."""
        scale = width / (self.view.east - self.view.west)
        foot = (self.view.north - self.view.south) * scale * self.view.stretch
        canvas = Canvas(width, foot + 26, medium)
        told = {each.country: each for each in self.countries}
        rest = (rings for name, rings in outlines().items() if name not in told)
        canvas.path(Ink.LAND, "".join(self._drawn(rings, scale) for rings in rest))
        for each in sorted(self.countries, key=lambda one: one.country):
            canvas.door(_ink(each.step), self._shape(each.country, scale), each.words, each.href)
        self._draw_dots(canvas, scale)
        self._draw_legend(canvas, foot + 14)
        has_doors = any(each.href for each in self.countries)
        return canvas.close(self.title, self.description, has_doors=has_doors)

    def _draw_dots(self, canvas: Canvas, scale: float) -> None:
        largest = max((dot.amount for dot in self.dots), default=0.0)
        shown = [dot for dot in self.dots if self.view.has(dot.longitude, dot.latitude)]
        for dot in sorted(shown, key=lambda one: -one.amount):
            share = sqrt(dot.amount / largest) if largest > 0 else 0.0
            radius = SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * share
            canvas.path(
                Ink.PLACE, circles([self._at((dot.longitude, dot.latitude), scale)], radius)
            )

    def _shape(self, country: str, scale: float) -> str:
        rings = outlines().get(country)
        if rings is not None:
            return self._drawn(rings, scale)
        centre = centres().get(country)
        if centre is None or not self.view.has(*centre):
            return ""
        return circles([self._at(centre, scale)], PLACE_DOT)

    def _drawn(self, rings: Iterable[Sequence[Point]], scale: float) -> str:
        clipped = (_clipped(ring, self.view) for ring in rings)
        return "".join(polygon([self._at(point, scale) for point in ring]) for ring in clipped)

    def _at(self, point: Point, scale: float) -> Point:
        longitude, latitude = point
        return (
            (longitude - self.view.west) * scale,
            (self.view.north - latitude) * scale * self.view.stretch,
        )

    def _draw_legend(self, canvas: Canvas, height: float) -> None:
        entries = [(ink, words) for ink, words in zip(SHADES, self.legend, strict=True) if words]
        entries += [(Ink.SHADE_UNKNOWN, self.unknown)] if self.unknown else []
        left = 2.0
        for ink, words in entries:
            canvas.path(ink, boxes([(left, height - LEGEND_BOX * 0.85, LEGEND_BOX, LEGEND_BOX)]))
            canvas.text((left + LEGEND_BOX + 4, height), words)
            left += LEGEND_BOX + text_width(words, canvas.size) * 1.12 + 20
        if self.dot_words:
            canvas.path(Ink.PLACE, circles([(left + 4, height - 3.5)], 4.0))
            canvas.text((left + 12, height), self.dot_words)


def place_of(
    country: str | None, latitude: float | None, longitude: float | None
) -> tuple[float, float] | None:
    """Return where a place is drawn: its own (longitude, latitude), else its country's middle."""
    if latitude is not None and longitude is not None:
        return longitude, latitude
    return centres().get(country or "")


def steps_by_share(amounts: Mapping[str, float], edges: Sequence[float]) -> dict[str, int]:
    """Return by country the step of its share of the sum: 0 for nothing, then 1 from there.

    >>> steps_by_share({"DEU": 0.0, "CHN": 30.0, "IND": 70.0}, (0.05, 0.2, 0.5))
    {'DEU': 0, 'CHN': 3, 'IND': 4}
    """
    whole = sum(amounts.values())
    return {
        country: 0
        if amount <= 0 or whole <= 0
        else 1 + sum(amount / whole >= edge for edge in edges)
        for country, amount in amounts.items()
    }


def _ink(step: int | None) -> Ink:
    return Ink.SHADE_UNKNOWN if step is None else SHADES[step]


def _clipped(ring: Sequence[Point], view: View) -> list[Point]:
    """Return what of a ring lies in a view, cut along its four edges one after the other."""
    points = list(ring)
    for axis, edge, sign in (
        (0, view.west, 1),
        (0, view.east, -1),
        (1, view.south, 1),
        (1, view.north, -1),
    ):
        kept: list[Point] = []
        for before, here in zip([*points[-1:], *points[:-1]], points, strict=True):
            was_in, is_in = ((each[axis] - edge) * sign >= 0 for each in (before, here))
            if was_in != is_in:
                kept.append(_between(before, here, axis, edge))
            if is_in:
                kept.append(here)
        points = kept
    return points


def _between(start: Point, end: Point, axis: int, edge: float) -> Point:
    share = (edge - start[axis]) / (end[axis] - start[axis])
    longitude, latitude = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    return longitude, latitude
