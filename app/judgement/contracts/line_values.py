"""What the single terms of a contract may say: obligations, and what is about money.

A line is said as a mapping of its columns; each kind has its model and its rules. A refusal
names the fields, as in `values`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.base import formatting
from app.calc.damages import DamagesMode
from app.judgement.contracts.models import MOST_DAYS, ContractObligation
from app.judgement.contracts.money.figures import BY_LINE
from app.judgement.contracts.money_models import (
    DamagesSchedule,
    GainShare,
    ImprovementClause,
    Incentive,
    IncentiveKind,
    ServiceCreditBand,
)
from app.judgement.contracts.values import FIRST_DAY, LAST_DAY, MOST_MONEY, Problem, TermsRefused
from app.judgement.scorecards.register import BY_ID, Better, Unit, is_manual

Line = Mapping[str, Any]  # Any: a column's value
Check = Callable[[Line, Sequence[Line]], Iterable[Problem]]
HUNDRED = Decimal(100)
# What fits beside a unit of a millionth into the column.
LARGEST = Decimal(10) ** 12
MOST_GRACE_DAYS = 366
MOST_N = 1_000_000
RANGES = (("valid_from", "valid_to"), ("baseline_from", "baseline_to"), ("base_from", "base_to"))
PERCENTS = ("rate", "cap_percent", "percent", "share", "yearly_rate")
AMOUNTS = ("amount", "baseline")
FIGURES = ("target", "floor", "threshold", "gate_value")
COUNTS = {
    "grace_days": (0, MOST_GRACE_DAYS), "min_n": (1, MOST_N), "extension_months": (1, 120),
    "payment_days": (0, MOST_DAYS),
}  # fmt: skip
# What an incentive of a kind may give, one of them, and how the form asks for it.
REWARDS = {
    IncentiveKind.BONUS: (("percent", "amount"), "a percent or a sum"),
    IncentiveKind.VOLUME: (("percent", "amount"), "a percent or a sum"),
    IncentiveKind.EXTENSION: (("extension_months",), "the months of extension"),
    IncentiveKind.PAYMENT: (("payment_days",), "the days within which we pay"),
}
EVERY_REWARD = ("percent", "amount", "extension_months", "payment_days")
MEASURES = ("measure", "gate_measure")


@dataclass(frozen=True, slots=True)
class LineKind:
    """A kind of line: its name in addresses, its words, its table, and its own rules."""

    name: str
    words: str
    model: Any  # Any: a mapped class
    check: Check


def check_line(kind: LineKind, line: Line, others: Sequence[Line]) -> None:
    """Raise TermsRefused with everything that can't be of a line beside the others of its kind."""
    found = [*_days(line), *_figures(line), *_measures(line), *_reachable(line)]
    found += kind.check(line, others)
    if found:
        raise TermsRefused(found)


def overlap(one: Line, other: Line) -> bool:
    """Tell whether two lines hold on one and the same day; null is without limit."""
    begins = max(one.get("valid_from") or date.min, other.get("valid_from") or date.min)
    ends = min(one.get("valid_to") or date.max, other.get("valid_to") or date.max)
    return begins <= ends


def _days(line: Line) -> Iterable[Problem]:
    for first, last in RANGES:
        begins, ends = line.get(first), line.get(last)
        for name, day in ((first, begins), (last, ends)):
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                yield Problem(
                    "E-CTR-02", (name,), f"{day.isoformat()} is not a day from 1970 to 2199."
                )
        if begins is not None and ends is not None and ends < begins:
            yield Problem(
                "E-CTR-10",
                (first, last),
                f"It would hold until {formatting.day(ends)}, before it begins on "
                f"{formatting.day(begins)}. Give a later last day.",
            )


def _figures(line: Line) -> Iterable[Problem]:
    for name in PERCENTS:
        value = line.get(name)
        if value is not None and not 0 <= value <= HUNDRED:
            yield Problem(
                "E-CTR-11", (name,), f"{value:f} % is not from 0 to 100. Give the percent as 2.5."
            )
    for name in AMOUNTS:
        value = line.get(name)
        if value is not None and not 0 <= value <= MOST_MONEY:
            yield Problem("E-CTR-11", (name,), f"{value:f} is not from 0 up to a million millions.")
    for name in FIGURES:
        value = line.get(name)
        if value is not None and abs(value) > LARGEST:
            yield Problem("E-CTR-11", (name,), "At most a million millions.")
    for name, (low, high) in COUNTS.items():
        value = line.get(name)
        if value is not None and not low <= value <= high:
            yield Problem("E-CTR-11", (name,), f"{value} is not from {low} to {high:,}.")


def _measures(line: Line) -> Iterable[Problem]:
    for name in MEASURES:
        measure = line.get(name)
        if measure is not None and (measure not in BY_ID or is_manual(measure)):
            yield Problem("E-CTR-12", (name,), f"There is no measure “{measure[:40]}”.")


def _reachable(line: Line) -> Iterable[Problem]:
    """Yield shares of what is good that nobody can reach: more than all, or less than none."""
    for of, names in (("measure", ("target", "threshold")), ("gate_measure", ("gate_value",))):
        entry = BY_ID.get(line.get(of) or "")
        if entry is None or entry.unit is not Unit.SHARE or entry.better is not Better.HIGHER:
            continue
        for name in names:
            value = line.get(name)
            if value is not None and not 0 <= value <= 1:
                told = f"{(value * HUNDRED).normalize():f}"
                yield Problem("E-CTR-11", (name,), f"{told} % is not from 0 to 100 %.")


def _obligation(line: Line, others: Sequence[Line]) -> Iterable[Problem]:
    if line.get("rule_label") is not None and line["measure"] not in BY_LINE:
        counted = ", ".join(BY_ID[each].label for each in BY_LINE)
        yield Problem(
            "E-CTR-15",
            ("rule",),
            f"A delivery rule judges order lines: it says something of {counted} only. Leave it "
            "empty for this measure.",
        )
    same = ("measure", "window_kind")
    for other in others:
        if all(other[name] == line[name] for name in same) and overlap(line, other):
            yield Problem(
                "E-CTR-13",
                ("measure", "valid_from", "valid_to"),
                f"{BY_ID[line['measure']].label} over the same window is promised for these days "
                f"already, {_span(other)}. End that one first, or let this one begin after it.",
            )


def _damages(line: Line, others: Sequence[Line]) -> Iterable[Problem]:
    is_fixed = line["mode"] == DamagesMode.FIXED_PER_DAY
    name, words = ("amount", "the sum per day") if is_fixed else ("rate", "the percent")
    if line.get(name) is None:
        yield Problem("E-CTR-14", (name,), f"Give {words}: this way of counting needs it.")
    if line.get("rate" if is_fixed else "amount") is not None:
        wrong = "rate" if is_fixed else "amount"
        yield Problem("E-CTR-14", (wrong,), "Leave it empty: this way of counting has none.")
    for other in others:
        if overlap(line, other):
            yield Problem(
                "E-CTR-13",
                ("valid_from", "valid_to"),
                f"Damages are agreed for these days already, {_span(other)}. "
                "End those first, or let these begin after them.",
            )


def _band(line: Line, others: Sequence[Line]) -> Iterable[Problem]:
    if any((each["obligation_id"], each["floor"]) == (line["obligation_id"], line["floor"])
           for each in others):  # fmt: skip
        yield Problem("E-CTR-13", ("floor",), "A band with this floor is there already.")


def _incentive(line: Line, others: Sequence[Line]) -> Iterable[Problem]:
    rewards, asked = REWARDS[IncentiveKind(line["kind"])]
    given = [name for name in EVERY_REWARD if line.get(name) is not None]
    if len(given) != 1 or given[0] not in rewards:
        fields = tuple(dict.fromkeys((*rewards, *given)))
        yield Problem("E-CTR-14", fields, f"Give {asked}, and leave the others empty.")
    if line.get("cap_percent") is not None and line["kind"] != IncentiveKind.BONUS:
        yield Problem("E-CTR-14", ("cap_percent",), "Leave it empty: only a bonus has a cap.")
    gate = ("gate_measure", "gate_direction", "gate_value")
    if len({line.get(name) is None for name in gate}) > 1:
        yield Problem("E-CTR-14", gate, "A gate needs all three: a measure, a side and a value.")
    if any(each["label"] == line["label"] and overlap(each, line) for each in others):
        yield Problem("E-CTR-13", ("label",), "An incentive of this name holds on these days.")


def _named_once(line: Line, others: Sequence[Line]) -> Iterable[Problem]:
    name = "label" if "label" in line else "measure"
    if any(each[name] == line[name] and overlap(each, line) for each in others):
        yield Problem("E-CTR-13", (name,), "The same is agreed for these days already.")


def _span(line: Line) -> str:
    begins, ends = line.get("valid_from"), line.get("valid_to")
    first = "from the start" if begins is None else f"from {formatting.day(begins)}"
    return f"{first} {'to the end' if ends is None else 'to ' + formatting.day(ends)}"


KINDS: tuple[LineKind, ...] = (
    LineKind("obligations", "Obligation", ContractObligation, _obligation),
    LineKind("damages", "Damages for late delivery", DamagesSchedule, _damages),
    LineKind("credits", "Service credit band", ServiceCreditBand, _band),
    LineKind("incentives", "Incentive", Incentive, _incentive),
    LineKind("gain-shares", "Gain share", GainShare, _named_once),
    LineKind("improvements", "Yearly improvement", ImprovementClause, _named_once),
)
BY_NAME = {each.name: each for each in KINDS}
