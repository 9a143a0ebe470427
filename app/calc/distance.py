"""How far two places on the earth are from each other."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

# Mean radius of the earth, IUGG [km].
EARTH_KM = 6371.0088
Point = tuple[float, float]


def great_circle_km(one: Point, other: Point) -> float:
    """Return the shortest way over the ground between two points.

    Formula: haversine, 2·R·asin √(sin²(Δφ/2) + cos φ₁·cos φ₂·sin²(Δλ/2)), R = 6,371.0088 km.

    Args:
        one: latitude and longitude [degrees], north and east positive.
        other: the same.
    Returns:
        The distance [km], 0 … 20,015.
    Raises:
        ValueError: a latitude lies outside ±90 or a longitude outside ±180.
    Source: Sinnott 1984, “Virtues of the Haversine”.
    Edge cases: the earth is no sphere: up to 0.5 % off. Opposite points have one distance.

    >>> round(great_circle_km((53.55, 9.99), (52.52, 13.405)))
    255
    >>> great_circle_km((10.0, 180.0), (10.0, -180.0)) < 0.001
    True
    """
    for latitude, longitude in (one, other):
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(f"{latitude}, {longitude} is no place on the earth")
    (phi, lam), (psi, mu) = (tuple(map(radians, point)) for point in (one, other))
    half = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin((mu - lam) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))
