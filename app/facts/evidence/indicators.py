"""The names under which country tables are kept, whatever their files call them."""

from __future__ import annotations

from enum import StrEnum


class Indicator(StrEnum):
    """One figure of a country: its publisher's scale is kept.

    INFORM runs from 0 (best) to 10, WGI from −2.5 (worst) to 2.5, LPI from 1 (worst) to 5.
    """

    INFORM_NATURAL = "inform_natural"
    INFORM_HUMAN = "inform_human"
    INFORM_HAZARD = "inform_hazard"
    INFORM_VULNERABILITY = "inform_vulnerability"
    INFORM_COPING = "inform_coping"
    INFORM_RISK = "inform_risk"
    WGI_STABILITY = "wgi_political_stability"
    LPI = "lpi"
