"""The forms of scales and of the matrix: a text for each rating, four letters for each band."""

from __future__ import annotations

from collections.abc import Mapping

from app.calc.fmea_matrix import DETECTION_BANDS, OCCURRENCE_BANDS, SCALE
from app.calc.fmea_scales import DIMENSIONS, LONGEST_MEANING
from app.judgement.fmea.standards import KINDS, LONGEST_PROVENANCE, MATRIX, Json
from app.judgement.fmea.values import clean

LETTERS = frozenset("HML")
FOUR_LETTERS = "Four of H, M and L, such as HHML."
REQUIRED = "Required"

Typed = Mapping[str, str]


def typed_of(which: str, content: Json) -> dict[str, str]:
    """Return the fields of a form for stored content."""
    typed = {"provenance": content["provenance"]}
    if KINDS[which] is MATRIX:
        for severity in SCALE:
            for band, cell in enumerate(content["rows"][str(severity)]):
                typed[f"cell-{severity}-{band}"] = cell
        return typed
    for name in DIMENSIONS:
        for rating in SCALE:
            typed[f"{name}-{rating}"] = content[name][str(rating)]
    return typed


def read(which: str, typed: Typed) -> tuple[Json | None, dict[str, str]]:
    """Return the content that a form says, or what is wrong with each of its fields."""
    content, errors = _matrix(typed) if KINDS[which] is MATRIX else _scales(typed)
    provenance = clean(typed.get("provenance"))
    if not provenance:
        errors["provenance"] = REQUIRED
    elif len(provenance) > LONGEST_PROVENANCE:
        errors["provenance"] = f"At most {LONGEST_PROVENANCE:,} characters"
    return (None, errors) if errors else ({**content, "provenance": provenance}, {})


def _matrix(typed: Typed) -> tuple[Json, dict[str, str]]:
    rows: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    for severity in SCALE:
        rows[str(severity)] = []
        for band in range(len(OCCURRENCE_BANDS)):
            name = f"cell-{severity}-{band}"
            cell = clean(typed.get(name)).upper().replace(" ", "")
            if len(cell) != len(DETECTION_BANDS) or not set(cell) <= LETTERS:
                errors[name] = FOUR_LETTERS
            rows[str(severity)].append(cell)
    return {"rows": rows}, errors


def _scales(typed: Typed) -> tuple[Json, dict[str, str]]:
    found: Json = {name: {} for name in DIMENSIONS}
    errors: dict[str, str] = {}
    for dimension in DIMENSIONS:
        for rating in SCALE:
            name = f"{dimension}-{rating}"
            text = clean(typed.get(name))
            if not text:
                errors[name] = REQUIRED
            elif len(text) > LONGEST_MEANING:
                errors[name] = f"At most {LONGEST_MEANING} characters"
            found[dimension][str(rating)] = text
    return found, errors
