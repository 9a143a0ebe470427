"""What is approved of a contract, in people's words: names of fields, money, days, units.

The content that is hashed stays exact and by column; this is how the approval page shows it.
No figure is rounded on the way, and a field that is not known here is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.base import formatting
from app.judgement.contracts import line_values, wording
from app.judgement.scorecards.register import BY_ID
from app.platform.approvals.kinds import Content

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MONEY = frozenset({"value", "volume_commitment", "amount", "baseline"})
# Figures in the unit of a measure, by the column that names it.
IN_UNIT_OF = {
    "target": "measure", "floor": "measure", "threshold": "measure", "gate_value": "gate_measure",
}  # fmt: skip
CHOSEN: Mapping[str, Mapping[Any, str]] = {
    "notice_kind": wording.NOTICE_WORDS,
    "direction": wording.DIRECTION_WORDS,
    "gate_direction": wording.DIRECTION_WORDS,
    "window_kind": wording.WINDOW_WORDS,
    "mode": wording.MODE_WORDS,
    "grace_kind": wording.GRACE_WORDS,
    "cap_base": wording.CAP_WORDS,
    "becomes": {str(status): words for status, (_, words) in wording.STATUS_WORDS.items()},
}
KINDS_OF_LINE = {"incentives": wording.INCENTIVE_WORDS}
# As forms call them; a test holds both together where they ask for the same.
LABELS = {
    "supplier": "Supplier", "number": "Contract", "version": "Version", "title": "Title",
    "kind": "Kind", "our_party": "Our party", "their_party": "Their party",
    "currency": "Currency", "value": "Value over its term, without tax",
    "volume_commitment": "Volume we committed to", "payment_days": "Payment within days",
    "starts_on": "First day", "ends_on": "Last day", "from_on": "These terms hold from",
    "auto_renew": "It renews itself unless somebody gives notice",
    "renewal_months": "A renewal runs for months", "our_notice_days": "Our notice, days",
    "their_notice_days": "Their notice, days", "notice_kind": "Counted in",
    "calendar": "Working days of", "notice_method": "How notice is given",
    "governing_law": "Governing law", "note": "Note",
    "is_critical": "Critical: remind half a year before the notice deadline",
    "becomes": "Status", "last_day": "Last day on which it holds",
    "measure": "Measure", "direction": "Is to be", "target": "Target", "window_kind": "Checked",
    "rule_label": "Delivery rule", "rule_version": "Version of the rule",
    "min_n": "From so many observations on",
    "excludes_force_majeure": "Force majeure is left out",
    "excludes_buyer_caused": "What we caused is left out",
    "excludes_disputed": "Disputed lines stand apart", "exclusions": "What else is left out",
    "valid_from": "From", "valid_to": "To and including", "mode": "Counted as",
    "rate": "Percent", "amount": "Sum", "grace_days": "Days of grace",
    "grace_kind": "After the grace", "cap_percent": "Cap, percent", "cap_base": "The cap is",
    "is_cumulative": "Owed beside a service credit for the same failure",
    "floor": "From this value on", "percent": "Percent", "label": "Name",
    "threshold": "Threshold", "extension_months": "Months of extension",
    "gate_measure": "Quality gate", "gate_direction": "The gate is to be",
    "gate_value": "Value of the gate",
    "share": "Their share, percent", "baseline": "What it cost before",
    "baseline_from": "Before, first day", "baseline_to": "Before, last day",
    "yearly_rate": "Better by percent a year", "base_from": "Baseline, first day",
    "base_to": "Baseline, last day",
    "is_pro_rata": "Pro rata within a year",
}  # fmt: skip
Line = Mapping[str, Any]  # Any: what JSON holds


def told(content: Content) -> Content:
    """Return a content of terms, or of a contract's end, in words."""
    currency = str(content.get("currency", ""))
    found: dict[str, Any] = {}
    for name, value in content.items():
        if name == "clauses":
            found["Clauses"] = {_clause(kind): _clause_text(said) for kind, said in value.items()}
        elif name == "documents":
            found["Documents"] = _numbered([_document(each) for each in value])
        elif name in line_values.BY_NAME:
            lines = [(_name(line), _line(name, line, currency)) for line in value]
            found[line_values.BY_NAME[name].words] = _numbered(lines)
        else:
            found[_label(name)] = _value(name, value, content, currency)
    return found


def _line(kind: str, line: Line, currency: str) -> dict[str, Any]:
    words = KINDS_OF_LINE.get(kind, {})
    return {
        _label(name): words.get(value)
        if name == "kind" and value in words
        else _value(name, value, line, currency)
        for name, value in line.items()
    }


def _value(name: str, value: Any, beside: Line, currency: str) -> Any:  # Any: as above
    if value is None or isinstance(value, bool | int):
        return value
    if name == "kind":
        return dict[Any, str](wording.KIND_WORDS).get(value, value)
    if name in CHOSEN:
        return CHOSEN[name].get(value, value)
    if name in MONEY:
        return _money(Decimal(value), currency)
    if name in line_values.PERCENTS:
        return f"{value}{formatting.NARROW_SPACE}%"
    if name in line_values.MEASURES and value in BY_ID:
        return wording.measure_words(value)
    if name in IN_UNIT_OF and beside.get(IN_UNIT_OF[name]) in BY_ID:
        return _figure(beside[IN_UNIT_OF[name]], Decimal(value))
    return formatting.day(date.fromisoformat(value)) if DAY.fullmatch(str(value)) else value


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _money(amount: Decimal, currency: str) -> str:
    if amount == round(amount, 2):
        return formatting.money(amount, currency)
    return f"{amount.normalize():f} {currency}"


def _figure(measure: str, value: Decimal) -> str:
    unit = wording.UNITS.get(BY_ID[measure].unit, "")
    return f"{wording.entered_figure(measure, value).normalize():f} {unit}".strip()


def _name(line: Line) -> str:
    """Return what tells a line from the others of its kind."""
    parts = [
        str(line["label"]) if "label" in line else "",
        wording.measure_words(line["measure"]) if line.get("measure") in BY_ID else "",
        CHOSEN["window_kind"].get(line.get("window_kind"), ""),
        f"from {_value('floor', line['floor'], line, '')}" if "floor" in line else "",
    ]
    return ", ".join(part for part in parts if part)


def _numbered(lines: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return lines by their names; those of one name, or of none, are counted."""
    found: dict[str, Any] = {}
    for name, line in lines:
        key, count = name or "1", 1
        while key in found:
            count += 1
            key = f"{name} {count}".strip()
        found[key] = line
    return found


def _document(said: str) -> tuple[str, str]:
    role, _, digest = said.partition(" ")
    return dict[Any, str](wording.ROLE_WORDS).get(role, role), digest


def _clause(kind: str) -> str:
    return dict[Any, str](wording.CLAUSE_WORDS).get(kind, kind)


def _clause_text(said: str) -> str:
    presence = wording.PRESENCE_WORDS
    return next(
        (words + said.removeprefix(key) for key, (_, words) in presence.items()
         if said.startswith(key)),
        said,
    )  # fmt: skip
