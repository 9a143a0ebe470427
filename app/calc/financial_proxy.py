"""What stands in where no statement counts: a rating, payment behaviour, adverse media.

Each kind has a published scale of our own from what was observed to a risk, and a band
around it: a proxy says less than a statement, and the band says how much less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from app.calc.financial import is_stale

WORST = 100.0
MOST_DAYS = 3650


class ProxyKind(StrEnum):
    """What was observed; the earlier one speaks where several do."""

    RATING = "rating"
    PAYMENT = "payment"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something observed on a day, as the scale of its kind calls it."""

    kind: ProxyKind
    observed: str
    observed_on: date


@dataclass(frozen=True, slots=True)
class ProxyRisk:
    """The risk a proxy stands for [0 best … 100 worst], and the band it may lie in."""

    risk: float
    lower: float
    upper: float


# Long-term credit ratings; what a plus or minus adds lies inside the band.
RATING_RISK: Mapping[str, float] = MappingProxyType(
    {
        "AAA": 2.0, "AA": 5.0, "A": 12.0, "BBB": 25.0, "BB": 45.0, "B": 65.0, "CCC": 80.0,
        "CC": 90.0, "C": 95.0, "D": 100.0,
    }
)  # fmt: skip
# Average days beyond the agreed terms at which the supplier pays its own creditors.
PAYMENT_RISK: tuple[tuple[float, float], ...] = (
    (0.0, 15.0),
    (15.0, 40.0),
    (30.0, 60.0),
    (60.0, 80.0),
    (90.0, 95.0),
)
# That nothing was found proves little: it does not earn a low risk.
MEDIA_RISK: Mapping[str, float] = MappingProxyType(
    {"nothing": 35.0, "isolated": 50.0, "repeated": 70.0, "insolvency": 95.0}
)
HALF_WIDTH: Mapping[ProxyKind, float] = MappingProxyType(
    {ProxyKind.RATING: 15.0, ProxyKind.PAYMENT: 20.0, ProxyKind.MEDIA: 30.0}
)


def proxy_risk(kind: ProxyKind, observed: str) -> ProxyRisk:
    """Return the risk and the band that an observation stands for.

    Formula: risk by the scale of its kind (ratings and media by word, payment by straight
    lines between its points, level outside); band = risk ± 15 (rating), 20 (payment), 30
    (media), clamped to [0, 100].

    Args:
        kind: what was observed.
        observed: a rating's letters (“BB”), whole days beyond terms (“23”), or a word of
            the media scale (“repeated”).
    Returns:
        The risk and its band [0 best … 100 worst].
    Raises:
        ValueError: the scale of the kind does not have what was observed.
    Source: house rule, ADR 0039.
    Edge cases: paying early counts as 0 days; a band never leaves [0, 100].

    >>> proxy_risk(ProxyKind.RATING, "BB")
    ProxyRisk(risk=45.0, lower=30.0, upper=60.0)
    >>> proxy_risk(ProxyKind.PAYMENT, "45").risk
    70.0
    """
    risk = _risk(kind, observed)
    half = HALF_WIDTH[kind]
    return ProxyRisk(risk, max(0.0, risk - half), min(WORST, risk + half))


def proxy_that_counts(observations: Iterable[Observation], *, as_of: date) -> Observation | None:
    """Return the observation that speaks on a day, if any does.

    Formula: of those observed on or before as_of and at most 18 months before, the first
    kind in the order rating, payment, media; of that kind the newest.

    Args:
        observations: shape (n,), in any order.
        as_of: the judged day.
    Returns:
        The observation, or None where none is fresh.
    Raises:
        Nothing.
    Source: house rule, ADR 0039.
    Edge cases: of two on one day the later in the list.

    >>> old = Observation(ProxyKind.RATING, "B", date(2024, 1, 1))
    >>> new = Observation(ProxyKind.MEDIA, "nothing", date(2026, 1, 1))
    >>> proxy_that_counts([old, new], as_of=date(2026, 3, 31)).kind.value
    'media'
    """
    fresh = [
        each
        for each in observations
        if each.observed_on <= as_of and not is_stale(each.observed_on, as_of=as_of)
    ]
    for kind in ProxyKind:
        own = [each for each in fresh if each.kind is kind]
        if own:
            newest = max(each.observed_on for each in own)
            return [each for each in own if each.observed_on == newest][-1]
    return None


def _risk(kind: ProxyKind, observed: str) -> float:
    if kind is ProxyKind.PAYMENT:
        return _payment_risk(observed)
    scale = RATING_RISK if kind is ProxyKind.RATING else MEDIA_RISK
    if observed not in scale:
        raise ValueError(f"observed is {observed!r}, a {kind} is one of {', '.join(scale)}")
    return scale[observed]


def _payment_risk(observed: str) -> float:
    is_whole = observed.isascii() and observed.isdigit() and len(observed) <= len(str(MOST_DAYS))
    if not is_whole or int(observed) > MOST_DAYS:
        raise ValueError(f"observed is {observed!r}, it must be whole days from 0 to {MOST_DAYS}")
    days = float(observed)
    for (left, low), (right, high) in pairwise(PAYMENT_RISK):
        if days <= right:
            return low + (high - low) * (days - left) / (right - left)
    return PAYMENT_RISK[-1][1]
