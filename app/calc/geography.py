"""Geographic risk: what a site's country says about it, and what a supplier's sites do.

Indicators come from a user-supplied table, each with its edition; a country that is absent
is unknown, never its neighbour's value. The site's country counts, not the headquarters'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

WORST = 100.0
INFORM_MAX = 10.0
INFORM_TO_RISK = 10.0
INFORM_TERMS = 3
WGI_BEST, WGI_RANGE = 2.5, 5.0
LPI_BEST, LPI_RANGE = 5.0, 4.0
SINGLE_LANE_SURCHARGE = 10.0
# Fewer receipts, or fewer that say their way, tell nothing about how goods come.
LEAST_RECEIPTS = 5
LEAST_SHARE_TOLD = 0.8
# Where one road is closed there is another.
ROAD_MODES = frozenset({"road", "truck", "lorry", "van", "courier", "parcel"})


class InformClass(StrEnum):
    """INFORM's five classes of risk."""

    VERY_LOW = "very low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"


INFORM_EDGES = (
    (2.0, InformClass.VERY_LOW),
    (3.5, InformClass.LOW),
    (5.0, InformClass.MEDIUM),
    (6.5, InformClass.HIGH),
)


@dataclass(frozen=True, slots=True)
class CountryIndicators:
    """What the tables say of one country; each None where it is absent.

    INFORM's natural and human hazard and its total on 0 … 10, high is bad; WGI (political
    stability, or the mean of six) on about −2.5 … 2.5, high is good; LPI 1 … 5, high is good.
    """

    inform_natural: float | None = None
    inform_human: float | None = None
    inform_total: float | None = None
    wgi: float | None = None
    lpi: float | None = None


@dataclass(frozen=True, slots=True)
class CountryRisk:
    """The risk of one place [0 best … 100 worst] and the terms it is the mean of."""

    risk: float | None
    terms: Mapping[str, float]
    surcharge: float = 0.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A way that goods took, and how many receipts did; None is not told."""

    mode: str | None
    port: str | None
    receipts: int


@dataclass(frozen=True, slots=True)
class Site:
    """One supplying site: its risk and its yearly volume [any unit]; None is unknown."""

    risk: float | None
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class GeographicRisk:
    """The geographic dimension: the volume-weighted mean, the worst site, what is known.

    `coverage` is the share of sites with a known risk; `is_weighted` tells whether volumes
    were known, else every site weighs the same.
    """

    risk: float | None
    worst: float | None
    coverage: float | None
    is_weighted: bool


def inform_score(hazard: float, vulnerability: float, *, coping: float) -> float:
    """Return the INFORM risk score of a country.

    Formula: (H·V·LCC)^(1/3).

    Args:
        hazard: hazard and exposure [0 … 10].
        vulnerability: [0 … 10].
        coping: lack of coping capacity [0 … 10].
    Returns:
        The score [0 … 10], higher is worse.
    Raises:
        ValueError: a term lies outside [0, 10].
    Source: INFORM risk methodology, JRC.
    Edge cases: one 0 makes it 0.

    >>> f"{inform_score(6.0, 5.5, coping=5.0):.4f}"
    '5.4848'
    """
    for name, term in (("hazard", hazard), ("vulnerability", vulnerability), ("coping", coping)):
        _check_inform(name, term)
    return float((hazard * vulnerability * coping) ** (1 / INFORM_TERMS))


def inform_class(score: float) -> InformClass:
    """Return INFORM's class of a score.

    Formula: < 2.0 very low, < 3.5 low, < 5.0 medium, < 6.5 high, else very high.

    Args:
        score: the unrounded score [0 … 10].
    Returns:
        The class.
    Raises:
        ValueError: score lies outside [0, 10].
    Source: INFORM risk classes.
    Edge cases: the edges belong to the worse class.

    >>> [inform_class(score).value for score in (1.9, 2.0, 6.5)]
    ['very low', 'low', 'very high']
    """
    _check_inform("score", score)
    return next((name for edge, name in INFORM_EDGES if score < edge), InformClass.VERY_HIGH)


def wgi_risk(wgi: float) -> float:
    """Return the risk that a governance indicator stands for.

    Formula: (2.5 − WGI)/5·100, clamped to [0, 100].

    Args:
        wgi: the indicator [about −2.5 … 2.5], high is good.
    Returns:
        Risk [0 best … 100 worst].
    Raises:
        Nothing.
    Source: World Bank, Worldwide Governance Indicators; domain rules §6.1.
    Edge cases: values beyond ±2.5, which do occur, are clamped.

    >>> [wgi_risk(wgi) for wgi in (2.5, 0, -2.5, -1.0)]
    [0.0, 50.0, 100.0, 70.0]
    """
    return _clamp((WGI_BEST - wgi) / WGI_RANGE * WORST)


def lpi_risk(lpi: float) -> float:
    """Return the risk that a logistics performance index stands for.

    Formula: (5 − LPI)/4·100, clamped to [0, 100].

    Args:
        lpi: the index [1 … 5], high is good; store its edition, methods changed.
    Returns:
        Risk [0 best … 100 worst].
    Raises:
        Nothing.
    Source: World Bank, Logistics Performance Index; domain rules §6.1.
    Edge cases: values outside 1 … 5 are clamped.

    >>> [lpi_risk(lpi) for lpi in (5, 3, 1)]
    [0.0, 50.0, 100.0]
    """
    return _clamp((LPI_BEST - lpi) / LPI_RANGE * WORST)


def country_risk(
    indicators: CountryIndicators | None, *, is_single_lane: bool = False
) -> CountryRisk:
    """Return the geographic risk of a place.

    Formula: mean of the terms that are available: natural·10 and human·10 (where both are
    missing, the INFORM total·10 as one term), WGI risk, LPI risk; + 10 for a single lane or
    port, at most 100.

    Args:
        indicators: the country's indicators; None where the country is in no table.
        is_single_lane: whether goods can leave by one lane or port only.
    Returns:
        The risk [0 best … 100 worst] and its terms; None without any term.
    Raises:
        ValueError: an INFORM value lies outside [0, 10].
    Source: house rule, domain rules §6.1.
    Edge cases: a single lane alone makes no risk where no indicator is known.

    >>> country_risk(CountryIndicators(inform_natural=2.0, inform_human=4.0, wgi=0.0)).terms
    {'inform_natural': 20.0, 'inform_human': 40.0, 'wgi': 50.0}
    """
    terms = {} if indicators is None else _terms(indicators)
    if not terms:
        return CountryRisk(None, {})
    surcharge = SINGLE_LANE_SURCHARGE if is_single_lane else 0.0
    mean = fsum(terms.values()) / len(terms)
    return CountryRisk(min(WORST, mean + surcharge), terms, surcharge)


def single_lane(lanes: Sequence[Lane], *, receipts: int) -> Lane | None:
    """Return the one lane or port that all goods of a supplier pass, if there is one.

    Formula: the receipts that name a port or a mode are at least 5 and at least 80 % of all;
    all of them name the same port, or none names one and all name the same mode, which is
    not the road.

    Args:
        lanes: shape (n,), the ways that receipts of a period name.
        receipts: all receipts of the period, those that name nothing too.
    Returns:
        The lane with its receipts; None where there are several, or where it is not known.
    Raises:
        Nothing.
    Source: house rule, ADR 0039.
    Edge cases: some receipts by a port and some by none are two ways; capitals and blanks
    around a name make no difference.

    >>> single_lane([Lane("ocean", "Hamburg", 12)], receipts=14).port
    'Hamburg'
    >>> single_lane([Lane("road", None, 12)], receipts=12) is None
    True
    """
    told = [lane for lane in lanes if lane.port or lane.mode]
    count = sum(lane.receipts for lane in told)
    if count < LEAST_RECEIPTS or count < LEAST_SHARE_TOLD * receipts:
        return None
    ways = {_way(lane) for lane in told}
    if len(ways) > 1:
        return None
    port, mode = next(iter(ways))
    if not port and mode in ROAD_MODES:
        return None
    most = max(told, key=lambda lane: lane.receipts)
    return Lane(most.mode, most.port, count)


def geographic_risk(sites: Sequence[Site]) -> GeographicRisk:
    """Return the geographic dimension of a supplier from its sites.

    Formula: Σ volume·risk/Σ volume over the sites with a known risk; worst = their maximum.

    Args:
        sites: shape (n,), the sites that supply us.
    Returns:
        The dimension [0 best … 100 worst]; risk and worst None where no site's is known.
    Raises:
        ValueError: a volume is negative.
    Source: domain rules §6.1.
    Edge cases: one unknown volume, or no volume at all, makes every known site weigh the
    same; sites with an unknown risk are left out and lower the coverage.

    >>> result = geographic_risk([Site(20.0, 900.0), Site(70.0, 100.0)])
    >>> result.risk, result.worst
    (25.0, 70.0)
    """
    if any(site.volume is not None and site.volume < 0 for site in sites):
        raise ValueError("sites: every volume must be at least 0")
    known = [(site.risk, site.volume) for site in sites if site.risk is not None]
    if not known:
        return GeographicRisk(None, None, 0.0 if sites else None, is_weighted=False)
    volumes = [volume for _, volume in known if volume is not None]
    is_weighted = len(volumes) == len(known) and sum(volumes) > 0
    weights = volumes if is_weighted else [1.0] * len(known)
    weighted = fsum(weight * risk for weight, (risk, _) in zip(weights, known, strict=True))
    worst = max(risk for risk, _ in known)
    return GeographicRisk(weighted / fsum(weights), worst, len(known) / len(sites), is_weighted)


def _way(lane: Lane) -> tuple[str, str]:
    port, mode = ((text or "").strip().casefold() for text in (lane.port, lane.mode))
    # Which ships call at the port makes no second way.
    return (port, "") if port else ("", mode)


def _terms(indicators: CountryIndicators) -> dict[str, float]:
    natural, human = indicators.inform_natural, indicators.inform_human
    total = indicators.inform_total if natural is None and human is None else None
    terms: dict[str, float] = {}
    for name, value in (
        ("inform_natural", natural),
        ("inform_human", human),
        ("inform_total", total),
    ):
        if value is not None:
            _check_inform(name, value)
            terms[name] = value * INFORM_TO_RISK
    if indicators.wgi is not None:
        terms["wgi"] = wgi_risk(indicators.wgi)
    if indicators.lpi is not None:
        terms["lpi"] = lpi_risk(indicators.lpi)
    return terms


def _check_inform(name: str, value: float) -> None:
    if not 0 <= value <= INFORM_MAX:
        raise ValueError(f"{name} is {value}, it must lie in [0, 10]")


def _clamp(risk: float) -> float:
    return min(WORST, max(0.0, risk))
