"""How alike two names are, and which of many names are alike to one.

Names are compared by their words (`name_words`), never by who bears them: an equal name is a
reason to look, not a finding.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from app.calc.name_words import GENERIC_WORDS, NameWords, name_words

FULL = 100.0
# A word that more names hold than this tells nobody from anybody (a given name, a trade).
COMMON_SHARE, COMMON_AT_LEAST = 0.003, 20
# A single word speaks for a name only where few others hold it and it is long enough.
RARE_AT_MOST, LONG_ENOUGH = 10, 5
# Up to here a name is so short that only the very same is alike.
SHORT_LETTERS = 4
# Two words are one, written differently.
SAME_WORD = 83.0
# What a name that stands whole within a longer one keeps; the rest by how much it covers.
WITHIN_KEEPS = 75.0
# Names of nothing but common words: a near miss says little.
COMMON_ONLY = 0.8
NEARLY_EQUAL = 95.0
VOWELS = frozenset("aeiouyh")
LIKE_SOUNDS = str.maketrans({"c": "k", "q": "k", "z": "s", "v": "f", "w": "f", "j": "i", "x": "k"})
SKELETON_FROM = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two names are and by which words.

    score: 0 to 100. pairs: (our word, the other's) taken for the same. only_ours, only_theirs:
    words without a partner, legal forms left aside.
    """

    score: float
    pairs: tuple[tuple[str, str], ...]
    only_ours: tuple[str, ...]
    only_theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A name of an index that is alike: its place there, and how."""

    place: int
    comparison: Comparison


@dataclass(frozen=True)
class Prepared:
    """A name ready to be compared. telling: its words that are neither generic nor common."""

    name: NameWords
    telling: tuple[str, ...]

    @cached_property
    def whole(self) -> str:
        """All words in the order of the alphabet."""
        return " ".join(sorted(self.name.words))

    @cached_property
    def core(self) -> str:
        """The telling words in the order of the alphabet."""
        return " ".join(sorted(self.telling))

    @cached_property
    def together(self) -> str:
        """All words in their order, without blanks."""
        return "".join(self.name.words)

    @cached_property
    def letters(self) -> int:
        """How many letters the telling words have."""
        return sum(map(len, self.telling))

    @cached_property
    def weight(self) -> float:
        """How much the name says: a letter of any other word counts half."""
        return (self.letters + sum(map(len, self.name.words))) / 2


class NameIndex:
    """Many names, so kept that those alike to one are found without comparing it with all.

    A pair is compared where a telling word is the same, differs in one letter, or sounds the
    same by its consonants, or where the names without blanks do; names of common words only
    where the whole name does.
    """

    def __init__(self, names: Sequence[str]) -> None:
        words = [name_words(name) for name in names]
        self._held = Counter(word for each in words for word in set(each.words))
        self._common_from = max(COMMON_AT_LEAST, COMMON_SHARE * len(names))
        self._names = [self.prepared(each) for each in words]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(self._names):
            for key in _keys(each):
                self._places[key].append(place)

    def __len__(self) -> int:
        return len(self._names)

    def prepared(self, name: NameWords) -> Prepared:
        """Return a name with its telling words, as this index's names make them."""
        return Prepared(name, tuple(dict.fromkeys(w for w in name.words if self._tells(w))))

    def alike(self, name: str, *, at_least: float) -> list[Found]:
        """Return the names that are alike, the best first, then by their place.

        Args:
            name: the name to look for.
            at_least: [0..100] the score from which on two names are alike.

        Returns:
            Each with its comparison; none where the name has no word.
        """
        ours = self.prepared(name_words(name))
        if ours.name.is_empty:
            return []
        found = []
        places = {place for key in _keys(ours) for place in self._places.get(key, ())}
        for place in places:
            comparison = compare(ours, self._names[place], index=self, at_least=at_least)
            if comparison is not None:
                found.append(Found(place, comparison))
        return sorted(found, key=lambda each: (-each.comparison.score, each.place))

    def is_rare(self, word: str) -> bool:
        """Tell whether few of the names hold a word."""
        return self._held[word] <= RARE_AT_MOST

    def _tells(self, word: str) -> bool:
        return word not in GENERIC_WORDS and self._held[word] <= self._common_from


def compare(
    ours: Prepared, theirs: Prepared, *, index: NameIndex, at_least: float = 0.0
) -> Comparison | None:
    """Compare two names by their words.

    Formula: whole and core are the ratio [0..100] of all words and of the telling words, each
    in alphabetical order or run together, whichever is more alike. Alike = min(core, (core +
    whole) / 2): neither a generic word in common nor one more makes or breaks it. Within:
    where every telling word of the shorter name has a partner (ratio ≥ 83) in the longer:
    mean ratio × (75 + 25 × share) / 100, the share being that of the partners' letters in
    both names, a letter of a generic or common word counting half. A single word is enough
    only where it is the same in both, has at least five letters, is held by at most ten
    names, and is all that one of the names says. The score is the larger one. Guards: names
    with up to four telling letters are alike only where they are equal; of names without a
    telling word a whole ratio below 95 counts for 0.8 of itself.

    Args:
        ours, theirs: the names, prepared by the same index.
        index: says which words are rare.
        at_least: [0..100] below it nothing is returned, and less is worked out.

    Returns:
        The comparison, higher is more alike; None below `at_least`.

    Source: house rule, ADR 0041; ratio: normalised insertions and deletions (rapidfuzz).

    Edge cases: a name without words is alike to none.

    >>> index = NameIndex(["Cimex Iberica, S.A.", "General Trading Company"])
    >>> made = [index.prepared(name_words(n)) for n in ("Cimex Iberica GmbH", "CIMEX IBERICA")]
    >>> compare(*made, index=index)
    Comparison(score=100.0, pairs=(('cimex', 'cimex'), ('iberica', 'iberica')), \
only_ours=(), only_theirs=())
    """
    if ours.name.is_empty or theirs.name.is_empty:
        return None
    score = _score(ours, theirs, index)
    return None if score < at_least else _explained(ours, theirs, score)


def _score(ours: Prepared, theirs: Prepared, index: NameIndex) -> float:
    whole = _either(ours.whole, theirs.whole, ours.together, theirs.together)
    if whole == FULL:
        return FULL
    if not ours.telling or not theirs.telling:
        return whole if whole >= NEARLY_EQUAL else whole * COMMON_ONLY
    if min(ours.letters, theirs.letters) <= SHORT_LETTERS:
        return 0.0
    core = _either(ours.core, theirs.core, "".join(ours.telling), "".join(theirs.telling))
    return max(min(core, (core + whole) / 2), _within(ours, theirs, index))


def _either(words: str, others: str, together: str, others_together: str) -> float:
    """Return the better ratio of two names, by their words in order and without blanks."""
    return max(fuzz.ratio(words, others), fuzz.ratio(together, others_together))


def _within(ours: Prepared, theirs: Prepared, index: NameIndex) -> float:
    """Return how alike a longer name is to one that stands whole within it, 0 where none does."""
    short, long = sorted((ours, theirs), key=lambda each: (len(each.telling), each.weight))
    pairs, _ = _paired(short.telling, long.telling)
    if len(pairs) < len(short.telling):
        return 0.0
    if len(pairs) == 1 and not _speaks_alone(pairs[0], (short, long), index):
        return 0.0
    alike = sum(_word_ratio(*pair) for pair in pairs) / len(pairs)
    matched = sum(len(word) for pair in pairs for word in pair)
    return (
        alike
        * (WITHIN_KEEPS + (FULL - WITHIN_KEEPS) * matched / (ours.weight + theirs.weight))
        / FULL
    )


def _speaks_alone(pair: tuple[str, str], names: Sequence[Prepared], index: NameIndex) -> bool:
    """Tell whether a single word is enough: the same, long, rare, and all of one of the names."""
    word, other = pair
    is_all = any(each.name.words == (word,) for each in names)
    return word == other and len(word) >= LONG_ENOUGH and index.is_rare(word) and is_all


def _paired(words: Sequence[str], others: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return each word with the most alike of the others, where two are one word, and the rest."""
    pairs, rest = [], list(others)
    for word in words:
        best = max(rest, key=lambda other: _word_ratio(word, other), default=None)
        if best is not None and _word_ratio(word, best) >= SAME_WORD:
            rest.remove(best)
            pairs.append((word, best))
    return pairs, rest


def _explained(ours: Prepared, theirs: Prepared, score: float) -> Comparison:
    pairs, rest = _paired(ours.name.words, theirs.name.words)
    partnered = Counter(word for word, _ in pairs)
    alone = list((Counter(ours.name.words) - partnered).elements())
    return Comparison(score, tuple(pairs), tuple(alone), tuple(rest))


def _word_ratio(word: str, other: str) -> float:
    if word == other:
        return FULL
    # In a short word one letter makes another word.
    return fuzz.ratio(word, other) if min(len(word), len(other)) >= LONG_ENOUGH else 0.0


def _keys(name: Prepared) -> Iterable[str]:
    """Return under what a name is kept and looked for."""
    words = name.name.words
    if not name.telling:
        yield from _word_keys(name.whole)
        return
    for word in name.telling:
        yield from _word_keys(word)
    if len(words) > 1:
        yield from _word_keys(name.together)


def _word_keys(word: str) -> Iterator[str]:
    yield word
    if len(word) < LONG_ENOUGH:
        return
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
    skeleton = _skeleton(word)
    if len(skeleton) >= SKELETON_FROM:
        yield "~" + skeleton


def _skeleton(word: str) -> str:
    """Return a word's first letter and the consonants after it, like sounds as one."""
    sounds = word.translate(LIKE_SOUNDS)
    found: list[str] = []
    for sign in sounds[1:]:
        if sign not in VOWELS and (not found or found[-1] != sign):
            found.append(sign)
    return sounds[0] + "".join(found)
