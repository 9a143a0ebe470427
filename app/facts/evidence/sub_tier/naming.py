"""Suggests which names upstream may mean the same. It decides nothing: a person does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from app.calc.sub_tier_names import comparable_name
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.queries import Link
from app.facts.evidence.sub_tier.spellings import Spellings

ALIKE_FROM = 88
IDENTICAL = 100
# A word that so many names share says nothing about any of them.
TOO_COMMON = 40
# How names are put together that may be misspelt: by their first letters.
FIRST_LETTERS = 4
MOST_SUGGESTED = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two spellings that may mean the same, how alike they are [0–100], and why.

    `links`, `other_links`: how many links tell each. `company`: of which company the plants
    are, empty for companies and materials.
    """

    kind: SpellingKind
    company: str
    spelling: str
    links: int
    other: str
    other_links: int
    score: int
    why: str


def suggestions(found: Iterable[Link], known: Spellings) -> list[Suggestion]:
    """Return pairs that may mean the same and that nobody decided on, the likeliest first."""
    told = _told(found)
    pairs = [
        pair
        for (kind, company), names in told.items()
        for pair in _alike(kind, company, names)
        if not known.are_different(kind, company, pair.spelling, pair.other)
    ]
    order = {kind: place for place, kind in enumerate(SpellingKind)}
    ranked = sorted(pairs, key=lambda each: (-each.score, order[each.kind], each.spelling))
    return ranked[:MOST_SUGGESTED]


def score_of(one: str, other: str) -> int:
    """Return how alike two names are, 0 to 100; 100 where only habits of spelling differ."""
    first, second = comparable_name(one), comparable_name(other)
    # Two different writings of the very same words, or a likeness that is always below it.
    return IDENTICAL if first == second else min(IDENTICAL - 1, round(fuzz.ratio(first, second)))


def _told(found: Iterable[Link]) -> Mapping[tuple[SpellingKind, str], Counter[str]]:
    names: dict[tuple[SpellingKind, str], Counter[str]] = defaultdict(Counter)
    for link in found:
        names[SpellingKind.COMPANY, ""][link.company] += 1
        names[SpellingKind.PLANT, link.company][link.plant.name] += 1
        names[SpellingKind.MATERIAL, ""][link.material] += 1
    return names


def _alike(kind: SpellingKind, company: str, names: Counter[str]) -> Iterator[Suggestion]:
    if len(names) == 1:
        return
    comparable = {name: comparable_name(name) for name in names}
    for one, other in _candidates(comparable):
        first, second = comparable[one], comparable[other]
        if first != second and not _differs_only_in_letters(first, second):
            continue
        score = score_of(one, other)
        if score < ALIKE_FROM:
            continue
        # The spelling that more links tell stands; of equals the first by name.
        kept, spelling = sorted((one, other), key=lambda name: (-names[name], name))
        why = "the same words" if first == second else "a few letters differ"
        yield Suggestion(kind, company, spelling, names[spelling], kept, names[kept], score, why)


def _differs_only_in_letters(one: str, other: str) -> bool:
    """Tell whether no number differs: “Plant 1” and “Plant 2” are never one misspelling."""
    digits = [sorted(word for word in name.split() if any(map(str.isdigit, word)))
              for name in (one, other)]  # fmt: skip
    return digits[0] == digits[1]


def _candidates(comparable: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the pairs worth comparing: they share a rare word or first letters."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for name, words in comparable.items():
        keys = set(words.split())
        keys |= {f"{word[:FIRST_LETTERS]}…" for word in keys if len(word) >= FIRST_LETTERS}
        for key in keys or {""}:
            blocks[key].append(name)
    same: dict[str, list[str]] = defaultdict(list)
    for name, words in comparable.items():
        same[words].append(name)
    pairs = {
        pair
        for block in (*same.values(), *(b for b in blocks.values() if len(b) <= TOO_COMMON))
        for pair in combinations(sorted(block), 2)
    }
    return sorted(pairs)
