"""Names as words: folded, legal forms left aside."""

from __future__ import annotations

import pytest

from app.calc.name_words import folded, name_words


@pytest.mark.parametrize(
    ("text", "words", "legal"),
    [
        ("Kestrel Castings GmbH", ("kestrel", "castings"), ("gmbh",)),
        ("Müller & Söhne GmbH & Co. KG", ("muller", "and", "sohne"), ("gmbh", "and co kg")),
        ("CECOEX, S.A.", ("cecoex",), ("sa",)),
        ("CECOEX S. A.", ("cecoex",), ("sa",)),
        ("S. de R.L. de C.V. Moldeo", ("moldeo",), ("s de rl de cv",)),
        ("Open Joint-Stock Company Rosa", ("rosa",), ("open joint stock company",)),
        ("ООО «Ромашка»", ("romashka",), ("ooo",)),
        ("ΕΛΛΑΣ Α.Ε.", ("ellas", "ae"), ()),
        ("Łódź O'Neil–Straße", ("lodz", "oneil", "strasse"), ()),
        ("J. P. Morgan", ("jp", "morgan"), ()),
        ("Anadolu Valf Döküm A.Ş.", ("anadolu", "valf", "dokum"), ("as",)),
        ("３Ｍ", ("3m",), ()),
        ("大连轴承", ("大连轴承",), ()),
    ],
)
def test_a_name_is_its_words_without_its_legal_form(
    text: str, words: tuple[str, ...], legal: tuple[str, ...]
) -> None:
    found = name_words(text)
    assert (found.words, found.legal) == (words, legal)


def test_a_name_of_nothing_but_legal_forms_keeps_them() -> None:
    assert name_words("Company Ltd.").words == ("company", "ltd")
    assert name_words("Company Ltd.").legal == ()


@pytest.mark.parametrize("text", ["", "  ", "–—…", "\u200b\u200d", "'’`"])
def test_what_has_no_letter_has_no_word(text: str) -> None:
    assert name_words(text).is_empty


def test_accents_and_alphabets_make_no_difference() -> None:
    assert folded("Zürich, Ōsaka, Щёлково") == "zurich, osaka, shchelkovo"
