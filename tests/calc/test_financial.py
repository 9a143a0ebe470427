"""Altman's scores, zones and the risk they stand for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.financial import (
    AltmanModel,
    AltmanZone,
    FinancialKind,
    FinancialReason,
    Statement,
    altman_risk,
    altman_score,
    altman_zone,
    financial_risk,
    is_stale,
)

AS_OF = date(2026, 3, 31)
HEALTHY = Statement(
    statement_on=date(2025, 12, 31),
    working_capital=Decimal(100),
    total_assets=Decimal(1000),
    retained_earnings=Decimal(200),
    ebit=Decimal(130),
    market_value_equity=Decimal(800),
    book_value_equity=Decimal(250),
    total_liabilities=Decimal(500),
    sales=Decimal(1500),
)


def test_score_for_others_adds_four_ratios() -> None:
    score = altman_score([0.1, 0.2, 0.13, 0.5], AltmanModel.Z2)

    assert score == pytest.approx(2.7066, abs=1e-6)


def test_emerging_market_form_adds_its_constant() -> None:
    score = altman_score([0.1, 0.2, 0.13, 0.5], AltmanModel.EM)

    assert score == pytest.approx(5.9566, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "score", "zone"),
    [
        (AltmanModel.Z, 1.8, "distress"),
        (AltmanModel.Z, 1.81, "grey"),
        (AltmanModel.Z, 2.99, "grey"),
        (AltmanModel.Z, 3.0, "safe"),
        (AltmanModel.Z1, 1.22, "distress"),
        (AltmanModel.Z1, 2.95, "safe"),
        (AltmanModel.Z2, 1.09, "distress"),
        (AltmanModel.Z2, 2.61, "safe"),
        (AltmanModel.EM, 4.34, "distress"),
        (AltmanModel.EM, 5.86, "safe"),
    ],
)
def test_boundaries_of_a_zone_belong_to_grey(model: AltmanModel, score: float, zone: str) -> None:
    assert altman_zone(score, model) == zone


@pytest.mark.parametrize(
    ("kind", "score"),
    [
        # 1.2·.1 + 1.4·.2 + 3.3·.13 + 0.6·1.6 + 0.999·1.5
        (FinancialKind.PUBLIC_MANUFACTURER, 3.2875),
        # 0.717·.1 + 0.847·.2 + 3.107·.13 + 0.420·.5 + 0.998·1.5
        (FinancialKind.PRIVATE_MANUFACTURER, 2.35201),
        # 6.56·.1 + 3.26·.2 + 6.72·.13 + 1.05·.5
        (FinancialKind.OTHER, 2.7066),
    ],
)
def test_model_follows_what_the_supplier_is(kind: FinancialKind, score: float) -> None:
    assert financial_risk(HEALTHY, kind=kind, as_of=AS_OF).score == pytest.approx(score, abs=1e-9)


def test_private_firm_is_never_scored_with_market_value() -> None:
    unlisted = replace(HEALTHY, market_value_equity=None)

    private = financial_risk(unlisted, kind=FinancialKind.PRIVATE_MANUFACTURER, as_of=AS_OF)
    public = financial_risk(unlisted, kind=FinancialKind.PUBLIC_MANUFACTURER, as_of=AS_OF)

    assert private.score is not None
    assert (public.score, public.reason) == (None, FinancialReason.FIGURE_MISSING)


def test_risk_passes_through_the_cuts() -> None:
    scores = (-1.0, 0.0, 1.81, 2.40, 2.99, 4.99, 9.0)

    risks = [altman_risk(score, AltmanModel.Z) for score in scores]

    assert risks == pytest.approx([100, 100, 75, 50, 25, 5, 5], abs=1e-9)


def test_no_statement_is_unknown_risk_not_none() -> None:
    result = financial_risk(None, kind=FinancialKind.OTHER, as_of=AS_OF)

    assert (result.risk, result.reason) == (None, FinancialReason.NO_STATEMENT)


def test_bank_has_no_model() -> None:
    result = financial_risk(HEALTHY, kind=FinancialKind.FINANCIAL_INSTITUTION, as_of=AS_OF)

    assert (result.risk, result.model) == (None, None)
    assert result.reason is FinancialReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"total_liabilities": Decimal(0)}, FinancialReason.LIABILITIES_NOT_POSITIVE),
        ({"total_assets": Decimal(0)}, FinancialReason.ASSETS_NOT_POSITIVE),
        ({"ebit": None}, FinancialReason.FIGURE_MISSING),
    ],
)
def test_ratio_that_cannot_be_formed_leaves_the_score_unknown(
    figures: dict[str, Decimal | None], reason: FinancialReason
) -> None:
    result = financial_risk(replace(HEALTHY, **figures), kind=FinancialKind.OTHER, as_of=AS_OF)

    assert (result.score, result.risk, result.reason) == (None, None, reason)


def test_stale_statement_is_shown_but_does_not_count() -> None:
    old = replace(HEALTHY, statement_on=date(2024, 9, 29))

    result = financial_risk(old, kind=FinancialKind.OTHER, as_of=AS_OF)

    assert result.is_stale is True
    assert (result.risk, result.reason) == (None, FinancialReason.STALE)
    assert result.zone is AltmanZone.SAFE


@pytest.mark.parametrize(
    ("statement_on", "as_of", "stale"),
    [
        (date(2024, 9, 30), date(2026, 3, 30), False),
        (date(2024, 9, 30), date(2026, 3, 31), True),
        (date(2024, 8, 31), date(2026, 2, 28), False),
        (date(2024, 8, 31), date(2026, 3, 1), True),
    ],
)
def test_statement_is_stale_the_day_after_18_months(
    statement_on: date, as_of: date, stale: bool
) -> None:
    assert is_stale(statement_on, as_of=as_of) is stale


def test_ratios_must_fit_the_model() -> None:
    with pytest.raises(ValueError, match="4 given, model Z takes 5"):
        altman_score([0.1, 0.2, 0.3, 0.4], AltmanModel.Z)


@given(st.sampled_from(AltmanModel), st.floats(-20, 20), st.floats(-20, 20))
def test_better_score_is_never_more_risk(model: AltmanModel, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 5 <= altman_risk(high, model) <= altman_risk(low, model) <= 100
