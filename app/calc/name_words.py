"""Names of companies and people as words that can be compared: folded, without legal forms.

Latin, Cyrillic and Greek letters become plain Latin ones. Other scripts stay as they are: a
name in one is alike only to a name in the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

# Letters that decomposing leaves as they are, and two alphabets, after the common way of
# writing them in passports and trade registers.
_SPECIAL = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ħ": "h",
    "ı": "i", "ĸ": "k", "ŋ": "n", "ə": "a",
}  # fmt: skip
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "ye",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "yu", "я": "ya", "ђ": "d", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_LETTERS = str.maketrans(_SPECIAL | _CYRILLIC | _GREEK)
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼʿʾ′", ""))
# S.A., G.m.b.H., s.r.o: single letters with dots between them are one word.
_DOTTED = re.compile(r"\b\w(?:\.\w)+\b\.?")
_WORD = re.compile(r"[^\W_]+")

# What says only how a company is made, in some thirty countries; by its first word.
_PHRASES = (
    "obshchestvo s ogranichennoy otvetstvennostyu",
    "limited liability company", "limited liability partnership", "public limited company",
    "open joint stock company", "closed joint stock company", "public joint stock company",
    "joint stock company", "aktsionernoe obshchestvo", "anonim sirketi", "limited sirketi",
    "sociedad anonima", "sociedade anonima", "societe anonyme", "societa per azioni",
    "spolka akcyjna", "spolka z oo", "kabushiki kaisha", "and co kg",
    "sa de cv", "sab de cv", "de cv", "s de rl de cv", "de rl de cv",
)  # fmt: skip
LEGAL_PHRASES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    first: tuple(tuple(p.split()) for p in _PHRASES if p.split()[0] == first)
    for first in {p.split()[0] for p in _PHRASES}
}
_LEGAL = (
    "ltd limited llc llp lp inc incorporated corp corporation co company plc gmbh mbh ag kg "
    "kgaa ohg ug ev eg se sa sas sasu sarl srl srls spa snc sca sl slu sau ltda eireli sac cia "
    "bv nv cv vof oy oyj ab as asa aps ans ooo oao zao pao ao jsc ojsc cjsc pjsc tov sro spol "
    "kft zrt nyrt bt doo dd ad ead eood ood sp zoo pty pvt private pte bhd sdn tbk pt fze fzco "
    "fzc fz dmcc wll bsc saog saoc kk sti tic san"
)
LEGAL_WORDS = frozenset(_LEGAL.split())
# What so many companies are called that it tells nobody from anybody.
_GENERIC = (
    "the of and for de la le les los las del di da do dos das el al und et y e i van von "
    "international intl trading trade traders general global worldwide world group groups "
    "holding holdings industries industry industrial enterprise enterprises services service "
    "commercial commerce import imports export exports business investment investments capital "
    "management shipping marine maritime logistics transport transportation cargo freight "
    "aviation airlines engineering construction technology technologies technical tech systems "
    "system solutions electronics energy oil gas petroleum petrochemical chemical chemicals "
    "steel metal metals manufacturing production products factory works plant company companies "
    "center centre house bank finance financial insurance exchange partners partner consulting "
    "development research institute university foundation association organization national "
    "state central north south east west new supply supplies supplier equipment machinery "
    "machines tools materials components parts precision quality foods food agro medical pharma "
    "pharmaceutical textile textiles mills auto automotive first premier standard integrated "
    "northern southern eastern western united royal best super training sport sports expert "
    "access speed vision air airways"
)
GENERIC_WORDS = frozenset(_GENERIC.split())


@dataclass(frozen=True, slots=True)
class NameWords:
    """A name's words, without legal forms, and the legal forms that were left aside."""

    text: str
    words: tuple[str, ...]
    legal: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be compared."""
        return not self.words


def folded(text: str) -> str:
    """Return a text in small plain Latin letters, without accents.

    Formula: compatibility form, small letters, Cyrillic and Greek by letter, then accents off.

    Args:
        text: any text.

    Returns:
        The text; letters of other scripts stay.

    Source: house rule, ADR 0041; letters after the usual romanisation of names.

    >>> folded("Łódź Straße Ωmega")
    'lodz strasse omega'
    >>> folded("ООО Ромашка")
    'ooo romashka'
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    parted = unicodedata.normalize("NFKD", plain).translate(_LETTERS)
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


def name_words(text: str) -> NameWords:
    """Return the words of a name that can be compared with another's.

    Formula: folded; apostrophes off; dotted and single letters joined; “&” is “and”; every
    other sign parts words; legal forms are left aside wherever they stand.

    Args:
        text: the name as it is written.

    Returns:
        Its words in their order. A name of nothing but legal forms keeps them as its words;
        one without any letter or digit has none.

    Source: house rule, ADR 0041.

    >>> name_words("Müller & Söhne G.m.b.H.").words
    ('muller', 'and', 'sohne')
    >>> name_words("CECOEX, S. A.")
    NameWords(text='CECOEX, S. A.', words=('cecoex',), legal=('sa',))
    >>> name_words("Company Ltd.").words
    ('company', 'ltd')
    """
    plain = folded(text).translate(_APOSTROPHES).replace("&", " and ")
    joined = _DOTTED.sub(lambda found: found.group().replace(".", "") + " ", plain)
    found = _letters_joined(_WORD.findall(joined))
    words, legal = _without_legal(found)
    return NameWords(text, tuple(words or found), tuple(legal if words else ()))


def _letters_joined(words: list[str]) -> list[str]:
    """Join single letters that follow each other: J P Morgan is JP Morgan."""
    found: list[str] = []
    is_letter = False
    for word in words:
        follows = is_letter and len(word) == 1 and word.isalpha()
        if follows:
            found[-1] += word
        else:
            found.append(word)
        is_letter = len(word) == 1 and word.isalpha()
    return found


def _without_legal(words: list[str]) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    legal: list[str] = []
    place = 0
    while place < len(words):
        begun = LEGAL_PHRASES.get(words[place], ())
        phrase = next((p for p in begun if tuple(words[place : place + len(p)]) == p), None)
        if phrase is not None:
            legal.append(" ".join(phrase))
            place += len(phrase)
            continue
        (legal if words[place] in LEGAL_WORDS else kept).append(words[place])
        place += 1
    return kept, legal
