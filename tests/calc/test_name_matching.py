"""How alike names are: what raises a score, what guards it, who is found among many.

Scores are worked by hand from the rule: a ratio is 200 × letters in common order ÷ all letters.
"""

from __future__ import annotations

import pytest

from app.calc.name_matching import NameIndex

LISTED = (
    "CIMEX IBERICA", "CIMEX", "HAVANATUR", "AEROCARIBBEAN AIRLINES", "BNC",
    "GENERAL TRADING COMPANY", "MAJEED, Abdul", "KVANT SCIENTIFIC RESEARCH INSTITUTE",
    "PENNINE SEAL TRADING LLC", "ORION TRADING LLC", "ROMASHKA OOO", "MUHAMMADOV, Rustam",
)  # fmt: skip
INDEX = NameIndex(LISTED)


def best(name: str, at_least: float = 0.0) -> tuple[str, float] | None:
    found = INDEX.alike(name, at_least=at_least)
    return (LISTED[found[0].place], found[0].comparison.score) if found else None


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("Cimex Iberica GmbH", "CIMEX IBERICA"),
        ("Iberica Cimex", "CIMEX IBERICA"),
        ("Havana-Tur S.A.", "HAVANATUR"),
        ("Abdul Majeed", "MAJEED, Abdul"),
        ("Общество с ограниченной ответственностью Ромашка", "ROMASHKA OOO"),
        ("General Trading Co.", "GENERAL TRADING COMPANY"),
    ],
)
def test_legal_form_word_order_blanks_and_alphabet_make_no_difference(
    name: str, listed: str
) -> None:
    assert best(name) == (listed, 100.0)


def test_a_letter_more_or_less_stays_alike() -> None:
    # Both words have partners: cimex equal, iberca / iberica 2 × 6 of 13 letters.
    assert best("Cimex Iberca") == ("CIMEX IBERICA", pytest.approx((100 + 1200 / 13) / 2))


def test_a_listed_name_that_is_one_rare_word_is_found_within_a_longer_one() -> None:
    # 75 + 25 × (5 + 5) / (5 + 12): “handels” counts in full, it is nobody's common word.
    found = best("Cimex Handels GmbH")
    assert found == ("CIMEX", pytest.approx(75 + 25 * 10 / 17))


def test_a_generic_word_beside_it_counts_half() -> None:
    # 75 + 25 × 10 / (5 + (5 + 5 + 9) / 2): “logistics” has 9 letters.
    found = INDEX.alike("Cimex Logistics", at_least=0)
    scores = {LISTED[each.place]: each.comparison.score for each in found}
    assert scores["CIMEX"] == pytest.approx(75 + 25 * 10 / (5 + 9.5))


def test_two_companies_that_share_a_word_and_a_trade_are_not_the_same() -> None:
    # Neither name is all “orion”, so that only (100 + ratio of the whole names) / 2 counts.
    found = best("Orion Logistics GmbH")
    assert found is not None
    assert found[1] < 85


def test_generic_words_alone_make_nobody_alike() -> None:
    assert best("International Trading Group", at_least=80) is None


def test_a_name_of_a_few_letters_is_alike_only_to_the_very_same() -> None:
    assert best("BNC") == ("BNC", 100.0)
    assert best("BNK", at_least=1) is None
    assert best("BNC Handels GmbH", at_least=50) is None


def test_a_word_that_sounds_the_same_is_compared() -> None:
    found = best("Rustam Mohammadow")
    assert found is not None
    assert found[0] == "MUHAMMADOV, Rustam"


def test_a_word_that_many_names_hold_tells_nobody_from_anybody() -> None:
    crowd = [f"ALI, Person{number}x" for number in range(30)]
    index = NameIndex([*crowd, "ALI, Hassan"])
    alike = index.alike("Ali Textile Mills", at_least=60)
    assert alike == []


def test_a_comparison_says_by_which_words() -> None:
    found = INDEX.alike("Pennine Seals Ltd", at_least=0)[0].comparison
    assert found.pairs == (("pennine", "pennine"),)
    assert (found.only_ours, found.only_theirs) == (("seals",), ("seal", "trading"))


def test_equal_scores_come_in_the_lists_order() -> None:
    index = NameIndex(["Adler Werk", "ADLER-WERK", "Adler Werk Ltd"])
    found = index.alike("Adler Werk", at_least=85)
    assert [each.place for each in found] == [0, 1, 2]


@pytest.mark.parametrize("name", ["", " ", "…", "\u200b"])
def test_a_name_without_words_is_alike_to_none(name: str) -> None:
    assert INDEX.alike(name, at_least=0) == []
    assert NameIndex([name]).alike("Cimex", at_least=0) == []
