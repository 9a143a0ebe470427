"""Proxies: their scales, their bands, which one speaks, and when none does."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.financial_proxy import (
    MEDIA_RISK,
    PAYMENT_RISK,
    RATING_RISK,
    Observation,
    ProxyKind,
    ProxyRisk,
    proxy_risk,
    proxy_that_counts,
)

AS_OF = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("kind", "observed", "expected"),
    [
        (ProxyKind.RATING, "BBB", (25.0, 10.0, 40.0)),
        (ProxyKind.RATING, "D", (100.0, 85.0, 100.0)),
        (ProxyKind.RATING, "AAA", (2.0, 0.0, 17.0)),
        (ProxyKind.PAYMENT, "0", (15.0, 0.0, 35.0)),
        (ProxyKind.PAYMENT, "30", (60.0, 40.0, 80.0)),
        (ProxyKind.PAYMENT, "3650", (95.0, 75.0, 100.0)),
        (ProxyKind.MEDIA, "nothing", (35.0, 5.0, 65.0)),
    ],
)
def test_what_was_observed_stands_for_a_risk_and_a_band(
    kind: ProxyKind, observed: str, expected: tuple[float, float, float]
) -> None:
    assert proxy_risk(kind, observed) == ProxyRisk(*expected)


@pytest.mark.parametrize("observed", ["", "-1", "3651", "2.5", "١٢", "9" * 5000, "BB"])
def test_days_beyond_terms_are_whole_and_within_ten_years(observed: str) -> None:
    with pytest.raises(ValueError, match="whole days from 0 to 3650"):
        proxy_risk(ProxyKind.PAYMENT, observed)


def test_a_word_that_the_scale_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="a rating is one of AAA, AA"):
        proxy_risk(ProxyKind.RATING, "BB+")


def test_worse_news_never_lowers_the_risk() -> None:
    for scale in (tuple(RATING_RISK.values()), tuple(MEDIA_RISK.values())):
        assert list(scale) == sorted(scale)
    assert list(PAYMENT_RISK) == sorted(PAYMENT_RISK)
    assert PAYMENT_RISK[0][1] < PAYMENT_RISK[-1][1]


def test_a_rating_speaks_before_newer_news_and_the_newest_rating_of_all() -> None:
    old = Observation(ProxyKind.RATING, "BB", date(2025, 9, 1))
    new = Observation(ProxyKind.RATING, "B", date(2026, 2, 1))
    news = Observation(ProxyKind.MEDIA, "insolvency", date(2026, 10, 30))
    assert proxy_that_counts([new, news, old], as_of=AS_OF) == new


def test_a_proxy_expires_after_18_months_and_does_not_speak_before_its_day() -> None:
    rating = Observation(ProxyKind.RATING, "BB", date(2025, 4, 30))
    media = Observation(ProxyKind.MEDIA, "isolated", date(2026, 9, 1))
    both = [rating, media]
    assert proxy_that_counts(both, as_of=date(2026, 10, 30)) == rating
    assert proxy_that_counts(both, as_of=date(2026, 10, 31)) == media
    assert proxy_that_counts(both, as_of=date(2026, 8, 31)) == rating
    assert proxy_that_counts([media], as_of=date(2026, 8, 31)) is None
