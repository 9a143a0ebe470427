"""The names under which country tables are kept, whatever their files call them."""

from __future__ import annotations

from enum import StrEnum


class Indicator(StrEnum):
    """One figure of a country: its publisher's scale is kept.

    INFORM runs from 0 (best) to 10, WGI from −2.5 (worst) to 2.5, LPI from 1 (worst) to 5.
    LPI 2.0 is kept as published and converted to no risk.
    """

    INFORM_NATURAL = "inform_natural"
    INFORM_HUMAN = "inform_human"
    INFORM_HAZARD = "inform_hazard"
    INFORM_VULNERABILITY = "inform_vulnerability"
    INFORM_COPING = "inform_coping"
    INFORM_RISK = "inform_risk"
    WGI_VOICE = "wgi_voice"
    WGI_STABILITY = "wgi_political_stability"
    WGI_EFFECTIVENESS = "wgi_effectiveness"
    WGI_REGULATION = "wgi_regulation"
    WGI_LAW = "wgi_rule_of_law"
    WGI_CORRUPTION = "wgi_corruption_control"
    LPI = "lpi"
    # Since 2026: another method on another footing, never mixed with the survey before.
    LPI_2 = "lpi_2"


WGI = (
    Indicator.WGI_VOICE,
    Indicator.WGI_STABILITY,
    Indicator.WGI_EFFECTIVENESS,
    Indicator.WGI_REGULATION,
    Indicator.WGI_LAW,
    Indicator.WGI_CORRUPTION,
)
# What the index reads; the others are kept and shown.
READ_BY_INDEX = frozenset(
    {
        Indicator.INFORM_NATURAL,
        Indicator.INFORM_HUMAN,
        Indicator.INFORM_RISK,
        *WGI,
        Indicator.LPI,
    }
)
INDICATOR_WORDS = {
    Indicator.INFORM_NATURAL: "INFORM natural hazard",
    Indicator.INFORM_HUMAN: "INFORM human hazard",
    Indicator.INFORM_HAZARD: "INFORM hazard and exposure",
    Indicator.INFORM_VULNERABILITY: "INFORM vulnerability",
    Indicator.INFORM_COPING: "INFORM lack of coping capacity",
    Indicator.INFORM_RISK: "INFORM risk",
    Indicator.WGI_VOICE: "WGI voice and accountability",
    Indicator.WGI_STABILITY: "WGI political stability",
    Indicator.WGI_EFFECTIVENESS: "WGI government effectiveness",
    Indicator.WGI_REGULATION: "WGI regulatory quality",
    Indicator.WGI_LAW: "WGI rule of law",
    Indicator.WGI_CORRUPTION: "WGI control of corruption",
    Indicator.LPI: "Logistics Performance Index",
    Indicator.LPI_2: "LPI 2.0",
}
