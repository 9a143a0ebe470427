"""The six dimensions of the risk index: each a value with the inputs that explain it.

Pure: it is handed what was read. Inputs are small dictionaries of figures and words,
stored with the index; `explanations` turns them into sentences. Unknown is None, never a
low risk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.calc.composite import CONTINUITY, DELIVERY, DEPENDENCY, FINANCIAL, GEOGRAPHIC, QUALITY
from app.calc.continuity import Basis
from app.calc.dependency import PartSourcing, supplier_dependency
from app.calc.financial import (
    AltmanZone,
    FinancialKind,
    FinancialRisk,
    Statement,
    financial_risk,
)
from app.calc.financial_proxy import proxy_risk, proxy_that_counts
from app.calc.geography import (
    SINGLE_LANE_SURCHARGE,
    CountryIndicators,
    CountryRisk,
    Lane,
    Site,
    country_risk,
    geographic_risk,
)
from app.calc.risk_bands import FloorFacts
from app.facts.evidence.finance.queries import BesideStatements
from app.facts.evidence.indicators import READ_BY_INDEX, WGI, Indicator
from app.facts.evidence.queries import IndicatorValue, StatementRow
from app.facts.suppliers.queries import SitePlace, SourceRow
from app.judgement.continuity.readiness import SupplierReading
from app.judgement.scorecards.scores import CategoryStanding

Inputs = dict[str, Any]  # Any: figures and words as JSON holds them

WORST = 100.0
# Why a supplier that has no plan has no readiness either.
REASONS = {Basis.NEVER_ASKED: "no_plan", Basis.WAITING: "plan_asked"}
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension [0 best … 100 worst], None where unknown; `reason` is then a short code.

    An estimate brings its own band along, as `lower` and `upper` of its inputs.
    """

    id: str
    risk: float | None
    reason: str | None = None
    inputs: Inputs = field(default_factory=dict)

    @property
    def band(self) -> tuple[float, float] | None:
        """Return between what an estimate lies, None where the risk is no estimate."""
        lower, upper = self.inputs.get("lower"), self.inputs.get("upper")
        if self.risk is None or lower is None or upper is None:
            return None
        return min(lower, self.risk), max(upper, self.risk)


@dataclass(frozen=True, slots=True)
class CountryProfile:
    """A country's risk and the editions of the tables behind it."""

    risk: CountryRisk
    editions: tuple[str, ...]


def country_profiles(
    figures: Mapping[str, Mapping[str, IndicatorValue]],
) -> dict[str, CountryProfile]:
    """Return the risk of every country that a table knows."""
    return {country: _profile(own) for country, own in figures.items()}


def financial(
    statements: Sequence[StatementRow],
    *,
    kind: str | None,
    as_of: date,
    beside: BesideStatements | None = None,
) -> tuple[Dimension, FinancialRisk | None]:
    """Return the financial dimension from the newest statement, the one before beside it.

    Where no statement counts, the declared proxy that does stands in, with its band.
    """
    beside = beside or BesideStatements()
    if kind is None:
        return _by_proxy(Dimension(FINANCIAL, None, "kind_unknown"), beside, as_of), None
    own = FinancialKind(kind)
    results = [
        financial_risk(_statement(row), kind=own, as_of=as_of, emerging=beside.is_emerging)
        for row in statements[:2]
    ] or [financial_risk(None, kind=own, as_of=as_of, emerging=beside.is_emerging)]
    newest = results[0]
    inputs: Inputs = {}
    if newest.statement_on is not None:
        inputs = {
            "model": newest.model,
            "score": newest.score,
            "zone": newest.zone,
            "ratios": list(newest.ratios),
            "closed_on": newest.statement_on.isoformat(),
            "is_stale": newest.is_stale,
            "source": statements[0].source,
        }
        if len(results) > 1 and results[1].score is not None:
            before = results[1].statement_on
            inputs["before"] = results[1].score
            inputs["before_on"] = None if before is None else before.isoformat()
    reason = None if newest.reason is None else str(newest.reason)
    found = Dimension(FINANCIAL, newest.risk, reason, inputs)
    return (found if found.risk is not None else _by_proxy(found, beside, as_of)), newest


def _by_proxy(found: Dimension, beside: BesideStatements, as_of: date) -> Dimension:
    """Return the dimension with what a declared proxy says, if one counts on the day."""
    chosen = proxy_that_counts([each.observation for each in beside.proxies], as_of=as_of)
    if chosen is None:
        return found
    declared = next(each for each in beside.proxies if each.observation == chosen)
    told = proxy_risk(chosen.kind, chosen.observed)
    inputs: Inputs = {
        **found.inputs,
        "proxy": str(chosen.kind),
        "observed": chosen.observed,
        "observed_on": chosen.observed_on.isoformat(),
        "proxy_source": declared.source,
        # The band that the index's interval takes in place of the point.
        "lower": told.lower,
        "upper": told.upper,
    }
    return Dimension(FINANCIAL, told.risk, None, inputs)


def geographic(
    places: Sequence[SitePlace],
    *,
    country: str | None,
    profiles: Mapping[str, CountryProfile],
    lane: Lane | None = None,
) -> Dimension:
    """Return the geographic dimension from the sites' countries, else from the supplier's.

    `lane` is the one that all goods pass, where there is such a one: a surcharge on every site.
    """
    known = [(place.country, place.volume_share) for place in places if place.country]
    by_site = bool(known)
    if not known and country:
        known = [(country, None)]
    if not known:
        return Dimension(GEOGRAPHIC, None, "country_unknown")
    sites = [Site(_country_risk(name, profiles, lane), share) for name, share in known]
    result = geographic_risk(sites)
    inputs: Inputs = {
        "basis": "sites" if by_site else "supplier",
        "worst": result.worst,
        "is_weighted": result.is_weighted,
        "places": [
            {"country": name, "share": share, **_terms(profiles.get(name))} for name, share in known
        ],
    }
    if lane is not None:
        inputs["lane"] = lane.port or lane.mode
        inputs["surcharge"] = SINGLE_LANE_SURCHARGE
    reason = "country_not_in_tables" if result.risk is None else None
    return Dimension(GEOGRAPHIC, result.risk, reason, inputs)


def from_score(dimension: str, standing: CategoryStanding | None) -> Dimension:
    """Return delivery or quality history: 100 minus the category's score."""
    if standing is None or standing.coverage == 0:
        return Dimension(dimension, None, "no_score")
    inputs: Inputs = {
        "score": standing.score,
        "n": standing.n,
        "coverage": standing.coverage,
    }
    if standing.score is None:
        return Dimension(dimension, None, "score_coverage", inputs)
    return Dimension(dimension, WORST - standing.score, None, inputs)


def dependency(rows: Sequence[SourceRow]) -> Dimension:
    """Return the dependency dimension from the parts that a supplier is approved for."""
    if not rows:
        return Dimension(DEPENDENCY, None, "no_sources")
    # Sums of mixed currencies are never made: such parts all weigh the same.
    comparable = len({row.currency for row in rows}) == 1
    result = supplier_dependency([_sourcing(row, with_money=comparable) for row in rows])
    worst = result.worst
    inputs: Inputs = {
        "parts": len(rows),
        "single": result.single_sourced,
        "weighted_by": None if result.weighted_by is None else str(result.weighted_by),
        "worst_part": None if worst is None else worst.part_id,
        "worst": None if worst is None else worst.value,
        "requalification_weeks": _longest(row.requalification_weeks for row in rows),
        **_exposure(rows),
    }
    return Dimension(DEPENDENCY, result.value, None, inputs)


def continuity(reading: SupplierReading | None) -> Dimension:
    """Return the continuity dimension: 100 minus readiness; None: nobody ever asked.

    What nobody knows of a plan makes it an estimate: `lower` counts it as earned.
    """
    if reading is None:
        return Dimension(CONTINUITY, None, "no_plan")
    found = reading.readiness
    if found.points is None or found.upper is None:
        return Dimension(CONTINUITY, None, REASONS[found.basis])
    inputs: Inputs = {"readiness": found.points, "rests_on": str(found.basis)}
    if reading.plan is not None:
        inputs |= {
            "plan": reading.plan.number,
            "version": reading.plan.version,
            "is_approved": reading.plan.is_approved,
            "rubric": [[str(each.part), each.points, each.most] for each in found.parts],
        }
    if found.unknown:
        inputs |= {"lower": WORST - found.upper, "upper": WORST - found.points}
    return Dimension(CONTINUITY, WORST - found.points, None, inputs)


def floor_facts(
    statement: Inputs, sourcing: Inputs, *, is_sanctioned: bool | None = None
) -> FloorFacts:
    """Return what the floors on the band need to know, from the inputs of two dimensions.

    statement: of the financial dimension. sourcing: of the dependency dimension.
    """
    zone = None if statement.get("is_stale") else statement.get("zone")
    return FloorFacts(
        is_in_distress=None if zone is None else zone == AltmanZone.DISTRESS,
        is_single_source=sourcing["single"] > 0 if sourcing else None,
        requalification_weeks=sourcing.get("requalification_weeks"),
        recovery_exceeds_survival=(
            sourcing["uncovered_days"] > 0 if "uncovered_days" in sourcing else None
        ),
        is_sanctioned=is_sanctioned,
    )


ALL = (FINANCIAL, GEOGRAPHIC, QUALITY, DELIVERY, DEPENDENCY, CONTINUITY)


def _profile(figures: Mapping[str, IndicatorValue]) -> CountryProfile:
    def value(indicator: Indicator) -> float | None:
        found = figures.get(indicator)
        return None if found is None else found.value

    risk = country_risk(
        CountryIndicators(
            inform_natural=value(Indicator.INFORM_NATURAL),
            inform_human=value(Indicator.INFORM_HUMAN),
            inform_total=value(Indicator.INFORM_RISK),
            wgi=_governance([value(each) for each in WGI], value(Indicator.WGI_STABILITY)),
            lpi=value(Indicator.LPI),
        )
    )
    editions = sorted(
        {
            f"{figure.source} {figure.edition}"
            for name, figure in figures.items()
            if name in READ_BY_INDEX
        }
    )
    return CountryProfile(risk, tuple(editions))


def _governance(six: Sequence[float | None], stability: float | None) -> float | None:
    """Return political stability, else the mean of all six where all are known."""
    known = [each for each in six if each is not None]
    if stability is not None or len(known) < len(six):
        return stability
    return sum(known) / len(known)


def _country_risk(
    country: str, profiles: Mapping[str, CountryProfile], lane: Lane | None
) -> float | None:
    profile = profiles.get(country)
    if profile is None or profile.risk.risk is None or lane is None:
        return None if profile is None else profile.risk.risk
    return min(WORST, profile.risk.risk + SINGLE_LANE_SURCHARGE)


def _terms(profile: CountryProfile | None) -> Inputs:
    if profile is None:
        return {"risk": None, "terms": {}, "editions": []}
    return {
        "risk": profile.risk.risk,
        "terms": dict(profile.risk.terms),
        "editions": list(profile.editions),
    }


def _statement(row: StatementRow) -> Statement:
    return Statement(
        statement_on=row.closed_on,
        working_capital=row.working_capital,
        total_assets=row.total_assets,
        retained_earnings=row.retained_earnings,
        ebit=row.ebit,
        market_value_equity=row.market_value_equity,
        book_value_equity=row.book_value_equity,
        total_liabilities=row.total_liabilities,
        sales=row.sales,
    )


def _sourcing(row: SourceRow, *, with_money: bool) -> PartSourcing:
    exposed = row.revenue_exposed if with_money else None
    spend = row.annual_spend if with_money else None
    return PartSourcing(
        part_id=row.part_number,
        sources=row.sources,
        own_share=_fraction(row.target_share),
        largest_share=_fraction(row.largest_share),
        is_sole=row.is_sole,
        switching_weeks=row.requalification_weeks,
        revenue_exposed=None if exposed is None else float(exposed),
        spend=None if spend is None else float(spend),
    )


def _fraction(millionths: int | None) -> float | None:
    return None if millionths is None else millionths / MILLION


def _longest(values: Any) -> int | None:  # Any: an iterable of int or None
    return max((value for value in values if value is not None), default=None)


def _exposure(rows: Sequence[SourceRow]) -> Inputs:
    """Return the part whose recovery exceeds our stock by most; nothing where none is known."""
    known = [
        (row.recover_days - row.survive_days, row)
        for row in rows
        if row.recover_days is not None and row.survive_days is not None
    ]
    if not known:
        return {}
    gap, row = max(known, key=lambda each: each[0])
    return {
        "uncovered_days": gap,
        "recover_days": row.recover_days,
        "survive_days": row.survive_days,
        "exposed_part": row.part_number,
    }
