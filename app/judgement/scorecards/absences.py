"""Why a measure has no value, in words that say what to ask for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.calc.measure_columns import Absence
from app.judgement.scorecards.sums import PeriodSums

Flags = NDArray[np.bool_]

NO_LINES = "No due window closed in this period."
ONLY_PENDING = "No due window has closed yet; lines are pending."
NO_DATES = "The feed has no receipt dates. Ask for the date of each receipt."
NO_QUANTITIES = "The feed has no received quantities. Ask for the quantity of each receipt."
NO_RECEIPT_FACTS = (
    "The feed has neither receipt dates nor received quantities. Ask for both of each receipt."
)
NO_CLOSED_ORDERS = "No order of this period has all its due lines closed and judged."
NO_PRICES = (
    "The feed has no prices in the supplier's currency. Ask for the unit price of each line."
)
WORTH_NOTHING = "All prices of the due lines are 0; there is no value to take a share of."
MIXED_CURRENCIES = "The suppliers are paid in several currencies; their values do not add up."
NO_COMPLETED = "No line of this period is complete."
NO_ORDER_DATES = "The feed has no order dates. Ask for the date each order was sent."
ONE_LINE = "One completed line has no spread; two are needed."
ONE_LINE_PER_PART = "No part has two completed lines; a spread within parts needs two."
NOTHING_RECEIVED = "Nothing was received in this period."
NO_REJECTS = (
    "The feed has no received or no rejected quantities. Ask for the received and the"
    " rejected quantity of each receipt."
)
NO_LOTS = "No lot was inspected in this period. Ask for inspection results per lot."
NO_FIRST_YIELD = "The inspections do not say what passed at first. Ask for that per lot."
NO_DISRUPTION_LOG = "Disruptions are not recorded. Record line stops and premium freight."
NO_CORRECTIVE_ACTIONS = "No corrective actions are recorded for this supplier."
NO_ANSWER_DUE = "No corrective action request was answered or past due in this period."
NOT_JUDGED = "Nobody judged it by hand, or the judgement has expired. Judge it again."
NO_CONTRACT_PRICES = "No billed line has a contract price. Import invoices and contract prices."
NO_INVOICES = "No invoice line was checked in this period. Import invoices with their check."
NO_ACKNOWLEDGEMENTS = "No order acknowledgement is recorded. Import when orders were acknowledged."
OPEN_IS_LIVE = "Open lines are told for the as-of day, not for a past period."
NO_PLAN = "No continuity plan is recorded. Ask the supplier for one."
PLAN_ASKED = "It was asked for its continuity plan; the answer is not overdue yet."
PLANS_OF_ONE = "A continuity plan is one supplier's; several together have no readiness."
NO_MEAN = "The mean lead time is not above zero, so the ratio says nothing."

_PENDING_FIRST = (NO_LINES, ONLY_PENDING)
_UNSOURCED = {
    "requested": "The feed has no requested dates. Ask for the date wanted for each line.",
    "original": "The feed has no first promise. Ask for the date promised first for each line.",
    "current": "The feed has no current promise. Ask for the date promised now for each line.",
    "dock": "The feed has no arrival or posting dates. Ask for the date goods reached us.",
}


def same(text: str, sums: PeriodSums) -> Absence:
    """Return one reason for all."""
    return Absence((text,), np.zeros(len(sums), np.int8))


def chosen(sums: PeriodSums, *cases: tuple[Flags, str], otherwise: str) -> Absence:
    """Return for each supplier the first case that holds, after “no lines” and “pending”."""
    due, pending = sums.lines["n_due"], sums.lines["n_pending"]
    conditions = [(due == 0) & (pending == 0), due == 0, *(flags for flags, _ in cases)]
    texts = (*_PENDING_FIRST, *(text for _, text in cases), otherwise)
    codes = np.select(conditions, list(range(len(conditions))), default=len(conditions))
    return Absence(texts, codes.astype(np.int8))


def no_otif(sums: PeriodSums, *first: tuple[Flags, str]) -> Absence:
    """Say which receipt fact is missing for OTIF and its levels, unless a case of `first` holds."""
    has_dates, has_quantities = _has(sums, "on_time_known"), _has(sums, "in_full_known")
    return chosen(
        sums,
        *first,
        (~has_dates & ~has_quantities, NO_RECEIPT_FACTS),
        (~has_dates, NO_DATES),
        otherwise=NO_QUANTITIES,
    )


def no_dates(sums: PeriodSums) -> Absence:
    """Say why on time is unknown."""
    has_quantities = _has(sums, "in_full_known")
    return chosen(sums, (~has_quantities, NO_RECEIPT_FACTS), otherwise=NO_DATES)


def no_quantities(sums: PeriodSums) -> Absence:
    """Say why in full is unknown."""
    return chosen(sums, (~_has(sums, "on_time_known"), NO_RECEIPT_FACTS), otherwise=NO_QUANTITIES)


def no_promise(sums: PeriodSums, which: str) -> Absence:
    """Say why on time against one of the other dates is unknown."""
    return chosen(sums, (~_has(sums, "on_time_known"), NO_DATES), otherwise=_UNSOURCED[which])


def no_values(sums: PeriodSums) -> Absence:
    """Say why OTIF by value is unknown."""
    if not sums.values_add_up:
        return same(MIXED_CURRENCIES, sums)
    priced = _has(sums, "quantity_known")
    units = no_otif(sums)
    texts = (*units.texts, NO_PRICES, WORTH_NOTHING)
    due, valued = sums.lines["n_due"] > 0, _has(sums, "value_known")
    place = np.where(valued, texts.index(WORTH_NOTHING), texts.index(NO_PRICES))
    codes = np.where(priced & due, place, units.codes)
    return Absence(texts, codes.astype(np.int8))


def no_lateness(sums: PeriodSums) -> Absence:
    """Say why lateness and its spread are unknown."""
    return chosen(
        sums,
        (~_has(sums, "on_time_known"), NO_DATES),
        (~_has(sums, "lateness_n"), NO_COMPLETED),
        otherwise=ONE_LINE,
    )


def no_lead_time(sums: PeriodSums, *, otherwise: str = ONE_LINE) -> Absence:
    """Say why lead time and its spread are unknown."""
    return chosen(
        sums,
        (~_has(sums, "on_time_known"), NO_DATES),
        (~_has(sums, "lateness_n") & ~_has(sums, "lead_time_n"), NO_COMPLETED),
        (~_has(sums, "lead_time_n"), NO_ORDER_DATES),
        otherwise=otherwise,
    )


def no_contract_prices(sums: PeriodSums) -> Absence:
    """Say why prices can't be held against contracts."""
    return same(NO_CONTRACT_PRICES if sums.values_add_up else MIXED_CURRENCIES, sums)


def no_ppm(sums: PeriodSums) -> Absence:
    """Say why PPM is unknown: nothing came, or the feed lacks a quantity."""
    came = sums.lines["receipts"] > 0
    lacking = came & (sums.lines["receipts_known"] == 0)
    return Absence((NOTHING_RECEIVED, NO_REJECTS), lacking.astype(np.int8))


def _has(sums: PeriodSums, name: str) -> Flags:
    return sums.lines[name] > 0
