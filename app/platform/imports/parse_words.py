"""Words with a fixed meaning: countries, currencies, Incoterms, yes and no; and free text."""

from __future__ import annotations

import unicodedata
from functools import cache

from app.base import spreadsheets
from app.platform.imports.problems import Code, Fault, Warned, quoted

# Incoterms 2000–2020, because orders live longer than editions.
INCOTERMS = frozenset(
    "EXW FCA FAS FOB CFR CIF CPT CIP DAF DES DEQ DDU DAT DAP DPU DDP".split()  # noqa: SIM905 - reads as the list that it is
)
YES = frozenset({"true", "yes", "y", "1", "x"})
NO = frozenset({"false", "no", "n", "0"})
# Names in everyday use that ISO 3166 spells otherwise.
EVERYDAY = {
    "russia": "RUS", "turkey": "TUR", "ivory coast": "CIV", "cape verde": "CPV",
    "swaziland": "SWZ", "macedonia": "MKD", "burma": "MMR", "great britain": "GBR", "uk": "GBR",
    "holland": "NLD", "brunei": "BRN", "palestine": "PSE", "vatican": "VAT",
}  # fmt: skip


@cache
def _countries() -> dict[str, str]:
    """Names and codes of all countries, folded, to ISO alpha-3."""
    import pycountry

    found = dict(EVERYDAY)
    for country in pycountry.countries:
        for attribute in ("official_name", "name", "common_name", "alpha_2", "alpha_3"):
            spelling = getattr(country, attribute, None)
            if spelling:
                found[spelling.casefold()] = country.alpha_3
    return found


@cache
def _currencies() -> frozenset[str]:
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def country(text: str) -> str | Fault:
    """Return the ISO alpha-3 code of a country given by code or English name."""
    found = _countries().get(text.casefold())
    if found is None:
        return Fault(
            Code.NOT_ALLOWED,
            f"{quoted(text)} is not a country; use its ISO 3166 code, such as DEU or DE.",
        )
    return found


def currency(text: str) -> str | Fault:
    """Return an ISO 4217 code."""
    code = text.upper()
    if code not in _currencies():
        return Fault(Code.NOT_ALLOWED, f"{quoted(text)} is not a currency; use EUR, USD, ….")
    return code


def incoterm(text: str) -> str | Fault:
    """Return the three letters of an Incoterm; a place behind them is left out."""
    code = text[:3].upper()
    if code not in INCOTERMS or (len(text) > 3 and text[3] != " "):
        return Fault(Code.NOT_ALLOWED, f"{quoted(text)} is not an Incoterm; use EXW, FCA, DDP, ….")
    return code


def boolean(text: str) -> int | Fault:
    """Return 1 or 0."""
    folded = text.casefold()
    if folded in YES:
        return 1
    if folded in NO:
        return 0
    return Fault(Code.NOT_ALLOWED, f"{quoted(text)} is neither yes nor no.")


def choice(text: str, choices: tuple[str, ...]) -> str | Fault:
    """Return the choice that the text names, in its own spelling."""
    folded = text.casefold().replace(" ", "_")
    for offered in choices:
        if offered.casefold() == folded:
            return offered
    return Fault(Code.NOT_ALLOWED, f"{quoted(text)} is not one of {', '.join(choices)}.")


def oddities(cell: str) -> tuple[Warned, ...]:
    """Return what is strange about a text that is taken all the same."""
    found = []
    if cell != cell.strip():
        found.append(Warned.TRIMMED)
    if spreadsheets.starts_a_formula(cell) and not is_plain_number(cell):
        found.append(Warned.FORMULA_LIKE)
    if not cell.isascii() and _has_mixed_scripts(cell):
        found.append(Warned.MIXED_SCRIPT)
    return tuple(found)


def is_plain_number(text: str) -> bool:
    """Tell whether a spreadsheet reads the text as a number, which is no formula."""
    body = text[1:] if text[:1] in "+-" else text
    return bool(body) and body.replace(".", "", 1).replace(",", "").isdecimal()


def _has_mixed_scripts(text: str) -> bool:
    """Tell whether one word mixes Latin letters with Cyrillic or Greek look-alikes."""
    for word in text.split():
        scripts = {unicodedata.name(char, "?").partition(" ")[0] for char in word if char.isalpha()}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK"}:
            return True
        if len(word) > 1 and word.upper() != word.lower() and scripts & {"CYRILLIC", "GREEK"}:
            digits = any(char.isascii() and char.isdigit() for char in word)
            if digits:
                return True
    return False
