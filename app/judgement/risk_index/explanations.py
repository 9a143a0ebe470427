"""The risk index in words: why a dimension is as it is, why it is unknown, what a floor means.

Sentences are made from the stored inputs, so that page and pack say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from app.base import formatting
from app.calc.composite import CONTINUITY, DELIVERY, DEPENDENCY, FINANCIAL, GEOGRAPHIC, QUALITY
from app.judgement.continuity.wording import PART_WORDS, WITHOUT_PLAN, points_words
from app.judgement.risk_index.dimensions import MILLION, Dimension, Inputs

LABELS = {
    FINANCIAL: "Financial",
    GEOGRAPHIC: "Geographic",
    QUALITY: "Quality history",
    DELIVERY: "Delivery",
    DEPENDENCY: "Dependency",
    CONTINUITY: "Continuity",
}
MODEL_NAMES = {"Z": "Z", "Z1": "Z′", "Z2": "Z″", "EM": "Z″ for emerging markets"}
TERM_NAMES = {
    "inform_natural": "natural hazard",
    "inform_human": "human hazard",
    "inform_total": "INFORM total",
    "wgi": "political stability",
    "lpi": "logistics",
}
PROXY_NAMES = {
    "rating": "the rating",
    "payment": "payment behaviour, days beyond terms,",
    "media": "adverse media",
}
WEIGHT_NAMES = {
    "revenue_exposed": "weighted by the revenue exposed",
    "spend": "weighted by spend",
    "equal": "each part weighing the same",
}
REASONS = {
    "kind_unknown": "It is not recorded whether the supplier is a public or a private maker or "
    "something else. Record it in the master data.",
    "not_applicable": "Altman's models do not fit a financial institution.",
    "no_statement": "No annual statement is recorded. Ask the supplier for the latest one.",
    "figure_missing": "The annual statement lacks a figure that the model needs. Ask for it.",
    "assets_not_positive": "The statement's total assets are not above zero; no ratio can be made.",
    "liabilities_not_positive": "The statement's liabilities are not above zero; the equity ratio "
    "is undefined.",
    "stale": "The latest statement is older than 18 months: shown, but not counted. Ask for a "
    "newer one.",
    "country_unknown": "No site and no country is recorded. Record where the goods come from.",
    "country_not_in_tables": "No country table covers these countries. Import one, such as INFORM.",
    "no_score": "No measure of this category is known; the scorecard says what to ask for.",
    "score_coverage": "Less than 60 % of the category's weight is known; that is no basis for a "
    "judgement.",
    "no_sources": "No approved source is recorded for any part of this supplier. Import them.",
    "no_plan": "No continuity plan is recorded. Ask the supplier for one.",
    "plan_asked": "It was asked for its continuity plan; the answer is not overdue yet.",
}
FLOORS = {
    "distress": "The Altman score lies in the distress zone: at least medium.",
    "distress_hard_to_replace": "Distress zone, and single-sourced or slow to requalify: at least "
    "high.",
    "dimension_severe": "One dimension is at 75 or more: at least medium.",
    "exposed_beyond_survival": "Recovery takes longer than our stock lasts: at least high.",
    "sanctioned": "A sanctions list names the supplier: critical.",
}


def sentence(dimension: Dimension) -> str:
    """Return in one or two sentences what a dimension rests on, or why it is unknown."""
    told = _TELLERS[dimension.id](dimension.inputs) if dimension.inputs else ""
    missing = REASONS.get(dimension.reason or "", "")
    return " ".join(filter(None, (told, missing)))


def floor_sentence(reason: str, *, uncovered_days: int | None = None) -> str:
    """Return what a floor means, with the days that stock does not cover where they matter."""
    text = FLOORS[reason]
    if reason == "exposed_beyond_survival" and uncovered_days is not None:
        return f"{text} {formatting.count(uncovered_days, 'day')} are not covered."
    return text


def _financial(inputs: Inputs) -> str:
    if "proxy" in inputs:
        return _proxy(inputs)
    day = formatting.day(date.fromisoformat(inputs["closed_on"]))
    if inputs["score"] is None:
        return f"Statement of {day}, {inputs['source']}."
    name = MODEL_NAMES[inputs["model"]]
    told = f"{name} {formatting.number(inputs['score'], 2)}, {inputs['zone']}; statement of {day}"
    if inputs.get("before") is not None:
        return f"{told}; {formatting.number(inputs['before'], 2)} the year before."
    return f"{told}."


def _proxy(inputs: Inputs) -> str:
    day = formatting.day(date.fromisoformat(inputs["observed_on"]))
    lower, upper = (formatting.number(inputs[end], 0) for end in ("lower", "upper"))
    return (
        f"No statement counts; {PROXY_NAMES[inputs['proxy']]} “{inputs['observed']}” of {day}, "
        f"{inputs['proxy_source']}, stands in, between {lower} and {upper}."
    )


def _geographic(inputs: Inputs) -> str:
    places = "; ".join(_place(place) for place in inputs["places"])
    basis = "Sites" if inputs["basis"] == "sites" else "The supplier's country, no site known"
    weighing = ", by volume" if inputs["is_weighted"] and len(inputs["places"]) > 1 else ""
    lane = ""
    if "lane" in inputs:
        surcharge = formatting.number(inputs["surcharge"], 0)
        lane = f" All goods come by {inputs['lane']}: {surcharge} more."
    return f"{basis}{weighing}: {places}.{lane}"


def _place(place: dict[str, Any]) -> str:  # Any: JSON
    if place["risk"] is None:
        return f"{place['country']} not in the tables"
    terms = ", ".join(
        f"{TERM_NAMES[name]} {formatting.number(value, 0)}"
        for name, value in place["terms"].items()
    )
    share = ""
    if place["share"] is not None:
        share = f" {formatting.percent(place['share'] / MILLION, 0)},"
    risk = formatting.number(place["risk"], 1)
    return f"{place['country']}{share} {risk} ({terms}; {', '.join(place['editions'])})"


def _score(inputs: Inputs) -> str:
    if inputs["score"] is None:
        return f"{formatting.percent(inputs['coverage'], 0)} of the category's weight is known."
    told = f"100 minus the category's score of {formatting.number(inputs['score'], 1)}"
    if inputs["coverage"] < 1:
        told += f", of {formatting.percent(inputs['coverage'], 0)} of its weight"
    return f"{told}."


def _dependency(inputs: Inputs) -> str:
    parts = formatting.count(inputs["parts"], "part")
    told = f"{inputs['single']} of {parts} single-sourced, {WEIGHT_NAMES[inputs['weighted_by']]}"
    if inputs["worst_part"] is not None:
        told += f"; worst {inputs['worst_part']} at {formatting.number(inputs['worst'], 0)}"
    if inputs["requalification_weeks"] is not None:
        told += f"; another source takes up to {inputs['requalification_weeks']} weeks"
    told += "."
    if "uncovered_days" in inputs:
        told += (
            f" {inputs['exposed_part']}: {formatting.count(inputs['recover_days'], 'day')} to "
            f"recover against {inputs['survive_days']} of stock."
        )
    return told


def _continuity(inputs: Inputs) -> str:
    if "plan" not in inputs:
        return WITHOUT_PLAN[inputs["rests_on"]]
    kind = "approved" if inputs["is_approved"] else "not approved"
    told = (
        f"Readiness {points_words(inputs['readiness'])} of 100 by {inputs['plan']}, "
        f"version {inputs['version']}, {kind}"
    )
    short = [
        f"{PART_WORDS[name]} {points_words(points)}" + ("" if points is None else f" of {most}")
        for name, points, most in inputs["rubric"]
        if points is None or points < most
    ]
    return f"{told}; short: {', '.join(short)}." if short else f"{told}."


_TELLERS: dict[str, Callable[[Inputs], str]] = {
    FINANCIAL: _financial,
    GEOGRAPHIC: _geographic,
    QUALITY: _score,
    DELIVERY: _score,
    DEPENDENCY: _dependency,
    CONTINUITY: _continuity,
}
