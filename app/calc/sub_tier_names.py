"""Names upstream, made comparable: what is left of a name once spelling habits are taken away.

Says only what two writings have in common; whether they mean the same company, plant or
material is for a person to say.
"""

from __future__ import annotations

import re
import unicodedata

# What companies are, not what they are called; written in any of these ways or left out.
LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "ab ag aktiengesellschaft aps as asa bhd bv co company corp corporation doo gmbh inc "
        "incorporated jsc kg kgaa kk limited llc llp lp ltd ltda mbh nv ooo oy oyj plc pte pty "
        "pvt private sa sab sarl sas sdn se sl spa spol spzoo srl sro uab ug zoo",
    )
)
# Letters that do not fall apart into a letter and an accent.
PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)
APOSTROPHES = re.compile(r"['’`.]")
NOT_A_WORD = re.compile(r"[^\w]+", re.UNICODE)


def comparable_name(name: str) -> str:
    """Return a name without case, accents, punctuation and legal form, its words sorted.

    Formula: fold case → split letters from accents (NFKD) and drop these → “&” to “and” →
    dots and apostrophes away, other signs to blanks → drop legal forms → sort the words.

    Args:
        name: as somebody wrote it, any script.
    Returns:
        The comparable name; the words without dropping legal forms where nothing else is
        left (“AG” stays “ag”).
    Raises:
        Nothing.
    Source: house rule, ADR 0040.
    Edge cases: an empty name stays empty; “S.p.A.” and “SpA” are the same legal form.

    >>> comparable_name("TIANLAN Rare-Earth Sintering Co., Ltd.")
    'earth rare sintering tianlan'
    >>> comparable_name("Fonderia Valbrenta S.p.A.") == comparable_name("valbrenta fonderia spa")
    True
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    letters = "".join(sign for sign in folded if not unicodedata.combining(sign))
    joined = APOSTROPHES.sub("", letters.replace("&", " and "))
    words = NOT_A_WORD.sub(" ", joined).replace("_", " ").split()
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(sorted(kept or words))
