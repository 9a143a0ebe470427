"""What screening says: why two names are alike, states, ages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from app.base import formatting
from app.calc.name_matching import Comparison
from app.calc.name_words import name_words
from app.facts.evidence.screening.models import (
    Because,
    DecisionState,
    EntryKind,
    ListState,
    MatchState,
    Verdict,
)
from app.facts.evidence.screening.names import NameKind, OwnName

STATE_WORDS: Mapping[str, tuple[str, str]] = {
    MatchState.CANDIDATE: ("watch", "to be decided"),
    MatchState.CLEARED: ("good", "cleared"),
    MatchState.CONFIRMED: ("act", "confirmed"),
    MatchState.GONE: ("none", "no longer alike"),
}
VERDICT_WORDS: Mapping[str, str] = {
    Verdict.CLEAR: "cleared: somebody else",
    Verdict.CONFIRM: "confirmed: the listed party",
    Verdict.LIFT: "confirmation lifted",
    Verdict.REOPEN: "opened again",
    Verdict.RETURNED: "came back by itself",
}
DECISION_WORDS: Mapping[str, str] = {
    DecisionState.PROPOSED: "waits for another person",
    DecisionState.AGREED: "holds",
    DecisionState.REFUSED: "refused",
}
LIST_WORDS: Mapping[str, tuple[str, str]] = {
    ListState.CHECKED: ("watch", "checked, not in force"),
    ListState.IN_FORCE: ("good", "in force"),
    ListState.WITHDRAWN: ("none", "withdrawn"),
}
NAME_WORDS: Mapping[str, str] = {
    NameKind.NAME: "name",
    NameKind.ALIAS: "other spelling",
    NameKind.FORMER: "former name",
    NameKind.MERGED: "name of a merged record",
    NameKind.PARENT: "parent’s name",
}
ENTRY_WORDS: Mapping[str, str] = {
    EntryKind.ENTITY: "entity",
    EntryKind.INDIVIDUAL: "individual",
    EntryKind.VESSEL: "vessel",
    EntryKind.AIRCRAFT: "aircraft",
}
BECAUSE_WORDS: Mapping[str, str] = {
    Because.LIST: "a list changed",
    Because.CLOCK: "by the timetable",
    Because.ASKED: "somebody asked",
}


def reason(
    own: OwnName, listed: str, comparison: Comparison, *, is_alias: bool, countries: str
) -> str:
    """Return in words why a name of ours and a listed one are alike.

    countries: what their countries say, as a sentence.
    """
    said = [
        f"Our {NAME_WORDS[own.kind]} “{own.text}” and the listed "
        f"{'alias' if is_alias else 'name'} “{listed}”: {_words(comparison)}."
    ]
    legal = {word for text in (own.text, listed) for word in name_words(text).legal}
    if legal:
        said.append(f"Legal forms are left aside: {', '.join(sorted(legal))}.")
    return " ".join([*said, countries])


def countries_told(ours: Collection[str], theirs: Collection[str]) -> str:
    """Return whether the countries of a supplier and of an entry agree, as a sentence.

    >>> countries_told(["DEU"], ["DEU", "RUS"])
    'Countries agree: DEU.'
    >>> countries_told(["DEU"], ["RUS"])
    'Countries differ: ours DEU, listed RUS.'
    >>> countries_told([], ["RUS"])
    'Our country is not known; listed RUS.'
    """
    if not theirs:
        return "The list names no country."
    listed = ", ".join(theirs)
    if not ours:
        return f"Our country is not known; listed {listed}."
    both = sorted(set(ours) & set(theirs))
    if both:
        return f"Countries agree: {', '.join(both)}."
    return f"Countries differ: ours {', '.join(sorted(ours))}, listed {listed}."


def age_told(edition: date, day: date) -> str:
    """Return how old an edition is on a day.

    >>> age_told(date(2026, 11, 20), date(2026, 11, 21))
    '1 day old'
    """
    return f"{formatting.count((day - edition).days, 'day')} old"


def _words(comparison: Comparison) -> str:
    same = [ours for ours, theirs in comparison.pairs if ours == theirs]
    alike = [f"{ours} ~ {theirs}" for ours, theirs in comparison.pairs if ours != theirs]
    told = [
        f"{words} {', '.join(found)}"
        for words, found in (
            ("same", same),
            ("alike", alike),
            ("only ours", comparison.only_ours),
            ("only listed", comparison.only_theirs),
        )
        if found
    ]
    return "; ".join(told)
