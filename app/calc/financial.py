"""Financial distress: Altman's scores, their zones, and the risk they stand for.

Which model fits follows from what the supplier is. Nothing is guessed: a ratio that
cannot be formed makes the score unknown. Statements are read elsewhere.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import fsum
from types import MappingProxyType

STALE_AFTER_MONTHS = 18
MONTHS_IN_YEAR = 12
COMFORT_ABOVE_SAFE = 2.0
RISK_AT_ZERO, RISK_AT_DISTRESS, RISK_AT_SAFE, RISK_AT_COMFORT = 100.0, 75.0, 25.0, 5.0


class AltmanModel(StrEnum):
    """Which of Altman's models: Z 1968, Z' 1983, Z'' 1995 and its emerging-market form."""

    Z = "Z"
    Z1 = "Z1"
    Z2 = "Z2"
    EM = "EM"


class AltmanZone(StrEnum):
    """Where a score lies; boundaries belong to grey."""

    DISTRESS = "distress"
    GREY = "grey"
    SAFE = "safe"


class FinancialKind(StrEnum):
    """What a supplier is, as far as a financial model cares."""

    PUBLIC_MANUFACTURER = "public_manufacturer"
    PRIVATE_MANUFACTURER = "private_manufacturer"
    OTHER = "other"
    FINANCIAL_INSTITUTION = "financial_institution"


class FinancialReason(StrEnum):
    """Why there is no score, or why a score does not count."""

    NOT_APPLICABLE = "not_applicable"
    NO_STATEMENT = "no_statement"
    FIGURE_MISSING = "figure_missing"
    ASSETS_NOT_POSITIVE = "assets_not_positive"
    LIABILITIES_NOT_POSITIVE = "liabilities_not_positive"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class AltmanTerms:
    """Coefficients of X1 … X5, the constant, and the two cuts of a model."""

    coefficients: tuple[float, ...]
    constant: float
    distress_cut: float
    safe_cut: float
    uses_market_value: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The figures of one statement, in one currency; each None where it is not given."""

    statement_on: date
    working_capital: Decimal | None = None
    total_assets: Decimal | None = None
    retained_earnings: Decimal | None = None
    ebit: Decimal | None = None
    market_value_equity: Decimal | None = None
    book_value_equity: Decimal | None = None
    total_liabilities: Decimal | None = None
    sales: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FinancialRisk:
    """The financial dimension of one supplier.

    `risk` [0 best … 100 worst] is None where it does not count: no score, or a stale
    statement, whose score and zone are still shown. `ratios` are X1 … as far as formed.
    """

    risk: float | None
    score: float | None
    zone: AltmanZone | None
    model: AltmanModel | None
    ratios: tuple[float | None, ...]
    is_stale: bool
    reason: FinancialReason | None
    statement_on: date | None = None


@dataclass(frozen=True, slots=True)
class AltmanTerm:
    """One term of a score: what is divided by what, the ratio, and what it adds."""

    name: str
    part: str
    whole: str
    ratio: float | None
    coefficient: float
    product: float | None


ALTMAN: Mapping[AltmanModel, AltmanTerms] = MappingProxyType(
    {
        AltmanModel.Z: AltmanTerms((1.2, 1.4, 3.3, 0.6, 0.999), 0.0, 1.81, 2.99, True),
        AltmanModel.Z1: AltmanTerms((0.717, 0.847, 3.107, 0.420, 0.998), 0.0, 1.23, 2.90, False),
        AltmanModel.Z2: AltmanTerms((6.56, 3.26, 6.72, 1.05), 0.0, 1.10, 2.60, False),
        AltmanModel.EM: AltmanTerms((6.56, 3.26, 6.72, 1.05), 3.25, 4.35, 5.85, False),
    }
)
MODEL_BY_KIND: Mapping[FinancialKind, AltmanModel | None] = MappingProxyType(
    {
        FinancialKind.PUBLIC_MANUFACTURER: AltmanModel.Z,
        FinancialKind.PRIVATE_MANUFACTURER: AltmanModel.Z1,
        FinancialKind.OTHER: AltmanModel.Z2,
        FinancialKind.FINANCIAL_INSTITUTION: None,
    }
)


def altman_score(ratios: Sequence[float], model: AltmanModel) -> float:
    """Return Altman's score from its ratios.

    Formula: constant + Σ coefficient·X. Z = 1.2X1 + 1.4X2 + 3.3X3 + 0.6X4 + 0.999X5;
    Z' = 0.717X1 + 0.847X2 + 3.107X3 + 0.420X4 + 0.998X5; Z'' = 6.56X1 + 3.26X2 + 6.72X3 +
    1.05X4; emerging markets 3.25 + Z''.

    Args:
        ratios: X1 working capital, X2 retained earnings, X3 EBIT, X5 sales, each over total
            assets; X4 equity over total liabilities, at market value for Z, at book value
            otherwise. Five for Z and Z', four for the rest.
        model: which model.
    Returns:
        The score [no unit], lower is worse.
    Raises:
        ValueError: the number of ratios does not fit the model.
    Source: Altman 1968, 1983, 1995.
    Edge cases: none.

    >>> f"{altman_score([0.1, 0.2, 0.13, 0.5], AltmanModel.Z2):.4f}"
    '2.7066'
    """
    terms = ALTMAN[model]
    if len(ratios) != len(terms.coefficients):
        raise ValueError(
            f"ratios: {len(ratios)} given, model {model} takes {len(terms.coefficients)}"
        )
    return fsum([terms.constant, *(c * x for c, x in zip(terms.coefficients, ratios, strict=True))])


def altman_zone(score: float, model: AltmanModel) -> AltmanZone:
    """Return the zone of a score.

    Formula: below the distress cut distress, above the safe cut safe, else grey. Cuts:
    Z 1.81/2.99, Z' 1.23/2.90, Z'' 1.10/2.60, emerging markets 4.35/5.85.

    Args:
        score: the unrounded score.
        model: which model.
    Returns:
        The zone.
    Raises:
        Nothing.
    Source: Altman 1968, 1983, 1995; 4.35 = 1.10 + 3.25.
    Edge cases: both boundaries belong to grey.

    >>> [altman_zone(score, AltmanModel.Z).value for score in (1.8, 1.81, 2.99, 3.0)]
    ['distress', 'grey', 'grey', 'safe']
    """
    terms = ALTMAN[model]
    if score < terms.distress_cut:
        return AltmanZone.DISTRESS
    return AltmanZone.SAFE if score > terms.safe_cut else AltmanZone.GREY


def altman_risk(score: float, model: AltmanModel) -> float:
    """Return the risk that a score stands for.

    Formula: straight lines through score 0 → 100, distress cut → 75, safe cut → 25, safe
    cut + 2 → 5; level outside.

    Args:
        score: the unrounded score.
        model: which model.
    Returns:
        Risk [0 best … 100 worst]; between 5 and 100.
    Raises:
        Nothing.
    Source: house rule, domain rules §6.1.
    Edge cases: a score below 0 is 100; no score earns less than 5.

    >>> [altman_risk(score, AltmanModel.Z) for score in (-1, 1.81, 2.99, 9)]
    [100.0, 75.0, 25.0, 5.0]
    """
    terms = ALTMAN[model]
    places = (
        (0.0, RISK_AT_ZERO),
        (terms.distress_cut, RISK_AT_DISTRESS),
        (terms.safe_cut, RISK_AT_SAFE),
        (terms.safe_cut + COMFORT_ABOVE_SAFE, RISK_AT_COMFORT),
    )
    if score <= 0:
        return RISK_AT_ZERO
    for (left, high), (right, low) in pairwise(places):
        if score <= right:
            return low if score == right else high + (low - high) * (score - left) / (right - left)
    return RISK_AT_COMFORT


def is_stale(statement_on: date, *, as_of: date) -> bool:
    """Return whether a statement is too old to speak for a supplier.

    Formula: as_of > statement date + 18 months, clamped to the end of the month.

    Args:
        statement_on: the balance sheet's date.
        as_of: the judged day.
    Returns:
        True from the day after 18 months.
    Raises:
        Nothing.
    Source: house rule, domain rules §6.1.
    Edge cases: 31 August plus 18 months is the last day of February.

    >>> is_stale(date(2024, 12, 31), as_of=date(2026, 6, 30))
    False
    >>> is_stale(date(2024, 12, 31), as_of=date(2026, 7, 1))
    True
    """
    months = statement_on.year * MONTHS_IN_YEAR + statement_on.month - 1 + STALE_AFTER_MONTHS
    year, month = months // MONTHS_IN_YEAR, months % MONTHS_IN_YEAR + 1
    last_day = calendar.monthrange(year, month)[1]
    return as_of > date(year, month, min(statement_on.day, last_day))


def altman_working(statement: Statement, model: AltmanModel) -> tuple[AltmanTerm, ...]:
    """Return the terms of a statement's score, one by one, for whoever checks it by hand.

    Formula: ratio = part/whole; product = coefficient·ratio; constant + Σ product = score.

    Args:
        statement: the figures, in one currency.
        model: which model.
    Returns:
        The terms X1 …, part and whole by the names of the statement's figures.
    Raises:
        Nothing.
    Source: Altman 1968, 1983, 1995.
    Edge cases: a ratio that cannot be formed is None, and so is its product.

    >>> day, one, ten = date(2025, 12, 31), Decimal(1), Decimal(10)
    >>> figures = Statement(day, working_capital=one, total_assets=ten)
    >>> altman_working(figures, AltmanModel.Z2)[0].product
    0.656
    """
    terms = ALTMAN[model]
    equity = "market_value_equity" if terms.uses_market_value else "book_value_equity"
    parts = ("working_capital", "retained_earnings", "ebit", equity, "sales")
    ratios = _ratios(statement, model)
    return tuple(
        AltmanTerm(
            name=f"X{place}",
            part=part,
            whole="total_liabilities" if part == equity else "total_assets",
            ratio=ratio,
            coefficient=coefficient,
            product=None if ratio is None else coefficient * ratio,
        )
        for place, (part, ratio, coefficient) in enumerate(
            zip(parts, ratios, terms.coefficients, strict=False), start=1
        )
    )


def model_for(kind: FinancialKind, *, emerging: bool) -> AltmanModel | None:
    """Return the model that fits a supplier.

    Formula: public manufacturer Z, private manufacturer Z', other Z''; the emerging-market
    form instead of Z'' for a supplier of an emerging market.

    Args:
        kind: what the supplier is.
        emerging: whether its market is an emerging one.
    Returns:
        The model; None for a financial institution.
    Raises:
        Nothing.
    Source: domain rules §6.1.
    Edge cases: an emerging market changes nothing for manufacturers.

    >>> model_for(FinancialKind.OTHER, emerging=True).value
    'EM'
    """
    model = MODEL_BY_KIND[kind]
    return AltmanModel.EM if emerging and model is AltmanModel.Z2 else model


def financial_risk(
    statement: Statement | None, *, kind: FinancialKind, as_of: date, emerging: bool = False
) -> FinancialRisk:
    """Return the financial dimension from a supplier's latest statement.

    Formula: model by kind; X1 … X5 from the statement; `altman_score`, `altman_zone`,
    `altman_risk`.

    Args:
        statement: the latest statement on or before as_of; None where there is none.
        kind: what the supplier is.
        as_of: the judged day.
        emerging: True: the emerging-market form for a supplier of kind OTHER.
    Returns:
        The dimension; risk None with its reason where it cannot be told.
    Raises:
        Nothing.
    Source: domain rules §6.1.
    Edge cases: total assets or liabilities not above 0 give no score, not an infinite one;
    banks and insurers have no model; a stale score is shown but does not count.

    >>> financial_risk(None, kind=FinancialKind.OTHER, as_of=date(2026, 3, 31)).risk is None
    True
    """
    model = model_for(kind, emerging=emerging)
    if model is None:
        return _unknown(FinancialReason.NOT_APPLICABLE, None, statement)
    if statement is None:
        return _unknown(FinancialReason.NO_STATEMENT, model, None)
    ratios = _ratios(statement, model)
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < len(ratios):
        return _unknown(_why_missing(statement), model, statement, ratios)
    score = altman_score(known, model)
    stale = is_stale(statement.statement_on, as_of=as_of)
    return FinancialRisk(
        risk=None if stale else altman_risk(score, model),
        score=score,
        zone=altman_zone(score, model),
        model=model,
        ratios=ratios,
        is_stale=stale,
        reason=FinancialReason.STALE if stale else None,
        statement_on=statement.statement_on,
    )


def _ratios(statement: Statement, model: AltmanModel) -> tuple[float | None, ...]:
    terms, assets = ALTMAN[model], statement.total_assets
    equity = (
        statement.market_value_equity if terms.uses_market_value else statement.book_value_equity
    )
    ratios = (
        _over(statement.working_capital, assets),
        _over(statement.retained_earnings, assets),
        _over(statement.ebit, assets),
        _over(equity, statement.total_liabilities),
        _over(statement.sales, assets),
    )
    return ratios[: len(terms.coefficients)]


def _over(part: Decimal | None, whole: Decimal | None) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    return float(part / whole)


def _why_missing(statement: Statement) -> FinancialReason:
    if statement.total_assets is not None and statement.total_assets <= 0:
        return FinancialReason.ASSETS_NOT_POSITIVE
    if statement.total_liabilities is not None and statement.total_liabilities <= 0:
        return FinancialReason.LIABILITIES_NOT_POSITIVE
    return FinancialReason.FIGURE_MISSING


def _unknown(
    reason: FinancialReason,
    model: AltmanModel | None,
    statement: Statement | None,
    ratios: tuple[float | None, ...] = (),
) -> FinancialRisk:
    day = None if statement is None else statement.statement_on
    return FinancialRisk(None, None, None, model, ratios, False, reason, day)
