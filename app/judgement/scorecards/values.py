"""What a valid scoring method is: content read from what somebody typed, and back.

Every field is read before anything is refused, so that all that is wrong is said at once,
beside the field. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from app.base import formatting
from app.calc.grading import Grade
from app.calc.scoring import MAX_POINTS, TOTAL_WEIGHT, Anchors, points_for
from app.calc.scoring_defaults import DEFAULT_METHOD
from app.facts.suppliers.standings.models import Standing
from app.judgement.scorecards.methods import (
    CHOSEN_CAPS,
    DEFAULT_STANDINGS,
    PERCENT,
    Json,
    standings_of,
)
from app.judgement.scorecards.register import BY_ID, ENTRIES, Better, MeasureEntry, Unit
from app.judgement.scorecards.standing import NEAR_POINTS
from app.judgement.snapshots.methods import Reading

Typed = Mapping[str, str]

LONGEST_NUMBER = 12
MOST_DECIMALS = 3
MOST_ANCHORS = 12
LARGEST_LIMIT = 1_000_000
LARGEST_MINIMUM = 1_000_000
ROW_IDS = {row.measure_id: row.id for row in DEFAULT_METHOD.measures}
EDGED = (Grade.A, Grade.B, Grade.C)
WEIGHTS = "weights"


def unit_words(entry: MeasureEntry) -> str:
    """Return the unit in which anchors and targets of a measure are typed."""
    return {Unit.SHARE: "%", Unit.PPM: "× limit", Unit.DAYS: "d", Unit.HOURS: "h"}.get(
        entry.unit, ""
    )


def has_minimum(entry: MeasureEntry) -> bool:
    """Whether a measure rests on a sample; counts of events do not: none is a real 0."""
    return entry.unit is not Unit.COUNT


def typed_of(content: Json) -> dict[str, str]:
    """Return content as somebody would have typed it."""
    typed = {
        "limit_ppm": str(content["limits"]["ppm"]),
        "otif_floor": str(content["otif_floor_percent"]),
    }
    typed |= {f"band_{grade}": str(edge) for edge, grade in content["bands"] if grade in EDGED}
    typed |= {f"standing_{grade}": str(each) for grade, each in standings_of(content).items()}
    chosen = content.get("caps")
    typed |= {f"cap_{cap}": "y" for cap in CHOSEN_CAPS if chosen is None or cap in chosen}
    for row in content["measures"]:
        own, entry = row["measure"], BY_ID[row["measure"]]
        pairs = [f"{_shown(x, row['scale'], entry)}:{points}" for x, points in row["anchors"]]
        typed[f"weight-{own}"] = str(row["weight"])
        typed[f"anchors-{own}"] = " ".join(pairs)
        typed[f"target-{own}"] = _shown(row["target"], row["scale"], entry)
        typed[f"minimum-{own}"] = str(row["minimum"]) if row.get("minimum") else ""
    return typed


def read_method(typed: Typed, *, manual: Iterable[MeasureEntry] = ()) -> Reading:
    """Read a whole method; measures without weight are not part of it.

    manual: what may be judged by hand, beside the measures of the register.
    """
    errors: dict[str, str] = {}
    weights = {
        entry.id: weight
        for entry in (*ENTRIES, *manual)
        if (weight := _weight(typed.get(f"weight-{entry.id}", ""), entry, errors))
    }
    total = sum(weights.values(), Decimal(0))
    if total != TOTAL_WEIGHT:
        errors[WEIGHTS] = _wrong_total(total)
    rows = [_row(BY_ID[own], weight, typed, errors) for own, weight in weights.items()]
    bands = _bands(typed, errors)
    content: Json = {
        "measures": rows,
        "bands": bands,
        "limits": {"ppm": _whole(typed, "limit_ppm", 1, LARGEST_LIMIT, errors)},
        "otif_floor_percent": _whole(typed, "otif_floor", 0, PERCENT, errors),
    }
    chosen = [str(cap) for cap in CHOSEN_CAPS if typed.get(f"cap_{cap}")]
    if len(chosen) < len(CHOSEN_CAPS):
        content["caps"] = chosen
    standings = _standings(typed, errors)
    if standings != {str(grade): str(each) for grade, each in DEFAULT_STANDINGS.items()}:
        content["standings"] = standings
    return Reading(None, errors) if errors else Reading(content)


def _standings(typed: Typed, errors: dict[str, str]) -> dict[str, str]:
    """Return which standing each grade proposes; a worse grade never proposes a better one."""
    order, chosen = [str(standing) for standing in Standing], dict[str, str]()
    for grade, default in DEFAULT_STANDINGS.items():
        name = f"standing_{grade}"
        said = typed.get(name, "").strip() or str(default)
        if said not in order:
            errors[name] = f"“{said[:30]}” is no standing; choose one of the list."
            continue
        best = max((order.index(each) for each in chosen.values()), default=0)
        if order.index(said) < best:
            errors[name] = f"{grade} proposes a better standing than the grade before it."
        chosen[str(grade)] = said
    return chosen


def _wrong_total(total: Decimal) -> str:
    gap = TOTAL_WEIGHT - total
    remedy = f"Add {_plain(gap)}." if gap > 0 else f"Take {_plain(-gap)} away."
    return f"The weights add up to {_plain(total)}; they must add up to exactly 100. {remedy}"


def _weight(text: str, entry: MeasureEntry, errors: dict[str, str]) -> Decimal:
    """Return a weight, 0 where none is given; one with decimals counts in the sum said."""
    if not text.strip():
        return Decimal(0)
    weight = _number(text)
    if weight is None or not 0 <= weight <= TOTAL_WEIGHT or weight != weight.to_integral_value():
        errors[f"weight-{entry.id}"] = (
            f"The weight “{text.strip()[:LONGEST_NUMBER]}” is no whole number from 0 to 100."
        )
    return Decimal(0) if weight is None else weight


def _row(entry: MeasureEntry, weight: Decimal, typed: Typed, errors: dict[str, str]) -> Json:
    pairs = _pairs(typed.get(f"anchors-{entry.id}", ""), entry, errors)
    target = _target(typed.get(f"target-{entry.id}", ""), entry, errors)
    row: Json = {
        "id": ROW_IDS.get(entry.id, entry.id),
        "measure": entry.id,
        "category": str(entry.group),
        "weight": int(weight),
        "relative_to_limit": entry.unit is Unit.PPM,
    }
    minimum = typed.get(f"minimum-{entry.id}", "").strip()
    if has_minimum(entry) and minimum not in ("", "0"):
        row["minimum"] = _whole(typed, f"minimum-{entry.id}", 1, LARGEST_MINIMUM, errors)
    if pairs is None or target is None:
        return row
    decimals = max(-int(each.as_tuple().exponent) for each in (target, *(x for x, _ in pairs)))
    power = 10 ** max(0, decimals)
    row |= {
        "anchors": [[int(x * power), points] for x, points in pairs],
        "scale": power * (PERCENT if entry.unit is Unit.SHARE else 1),
        "target": int(target * power),
    }
    _check_target(row, entry, errors, said=_plain(target))
    return row


def _pairs(
    text: str, entry: MeasureEntry, errors: dict[str, str]
) -> list[tuple[Decimal, int]] | None:
    """Return the anchors of a measure, None where they are wrong."""
    pairs: list[tuple[Decimal, int]] = []
    problem = None if text.split() else "Give at least two anchors, such as 80:0 95:90 98:100."
    for word in text.split():
        value, _, points = word.partition(":")
        number, earned = _number(value), _number(points)
        if number is None or earned is None or earned != earned.to_integral_value():
            problem = f"“{word[:30]}” is no anchor; write the value, a colon, whole points: 95:90."
            break
        pairs.append((number, int(earned)))
    problem = problem or _wrong_curve(pairs, entry)
    if problem:
        errors[f"anchors-{entry.id}"] = problem
        return None
    return pairs


def _wrong_curve(pairs: list[tuple[Decimal, int]], entry: MeasureEntry) -> str | None:
    """Return what is wrong with anchors as a curve, None where nothing is."""
    if not 2 <= len(pairs) <= MOST_ANCHORS:
        return f"{len(pairs)} anchors are given; give 2 to {MOST_ANCHORS}."
    for (left, _), (right, _) in pairwise(pairs):
        if left >= right:
            return f"{_plain(right)} stands after {_plain(left)}; the values must rise."
    outside = next((points for _, points in pairs if not 0 <= points <= MAX_POINTS), None)
    if outside is not None:
        return f"{outside} points lie outside 0 to 100."
    rises = entry.better is Better.HIGHER
    for (_, low), (right, high) in pairwise(pairs):
        if low != high and (high > low) is not rises:
            way = "rise" if rises else "fall"
            return f"At {_plain(right)} the points go from {low} to {high}; they may only {way}."
    if pairs[0][1] == pairs[-1][1]:
        return f"Every value earns {pairs[0][1]} points; let the points differ."
    return None


def _target(text: str, entry: MeasureEntry, errors: dict[str, str]) -> Decimal | None:
    target = _number(text)
    if target is None:
        said = f"“{text.strip()[:LONGEST_NUMBER]}” is no number" if text.strip() else "Required"
        errors[f"target-{entry.id}"] = f"{said}; give the target, such as 95."
    return target


def _check_target(row: Json, entry: MeasureEntry, errors: dict[str, str], *, said: str) -> None:
    """A measure exactly on its target earns 90 points, or who meets every target is no A."""
    anchors = Anchors(tuple((x, points) for x, points in row["anchors"]))
    earned = points_for(row["target"], anchors)
    if earned < NEAR_POINTS:
        errors[f"target-{entry.id}"] = (
            f"On the target of {said} the anchors earn {formatting.number(earned, 1)} points; "
            f"a target must earn at least {NEAR_POINTS}. Move the target or the anchors."
        )


def _bands(typed: Typed, errors: dict[str, str]) -> list[list[int | str]]:
    edges = [_whole(typed, f"band_{grade}", 1, MAX_POINTS, errors) for grade in EDGED]
    for (better, upper), (worse, lower) in pairwise(zip(EDGED, edges, strict=True)):
        if upper and lower and upper <= lower and f"band_{worse}" not in errors:
            errors[f"band_{worse}"] = (
                f"{worse} begins at {lower}, {better} at {upper}; it must begin below."
            )
    bands: list[list[int | str]] = [
        [edge, str(grade)] for grade, edge in zip(EDGED, edges, strict=True)
    ]
    return [*bands, [0, str(Grade.D)]]


def _whole(typed: Typed, name: str, low: int, high: int, errors: dict[str, str]) -> int:
    text = typed.get(name, "").strip()
    number = _number(text)
    if number is None or number != number.to_integral_value() or not low <= number <= high:
        said = f"“{text[:LONGEST_NUMBER]}” is no" if text else "Required: a"
        errors[name] = f"{said} whole number from {low:,} to {high:,}."
        return 0
    return int(number)


def _number(text: str) -> Decimal | None:
    """Return a plain number with up to three decimals, None for anything else."""
    clean = text.strip().replace("−", "-")
    digits = clean.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(clean) <= LONGEST_NUMBER):
        return None
    try:
        number = Decimal(clean)
    except InvalidOperation:
        return None
    return number if -int(number.as_tuple().exponent) <= MOST_DECIMALS else None


def _shown(x: int, scale: int, entry: MeasureEntry) -> str:
    return _plain(Decimal(x) * (PERCENT if entry.unit is Unit.SHARE else 1) / scale)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
