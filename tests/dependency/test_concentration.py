"""Concentration of what was bought, worked out by hand from the house's seven lines."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import InvalidInput
from app.calc.dependency import BuyerShareFlag
from app.calc.dependency_warmth import ColdReason, Warmth
from app.facts.evidence.concentration import backups, buyer_shares, moving, queries, spending
from app.facts.evidence.concentration.backups import BackupQuery
from app.facts.evidence.concentration.buyer_shares import Unknown
from app.facts.evidence.concentration.moving import Award
from app.facts.evidence.concentration.spreads import By, country_shares
from app.facts.suppliers.models import Part
from app.facts.suppliers.queries import SitePlace
from tests.dependency.conftest import AS_OF

YEAR = spending.window_of(AS_OF, 12)


def near(value: float) -> object:
    """Equal to two decimals, as far as the figure was worked out by hand."""
    return pytest.approx(value, abs=0.01)


def numbers(session: Session) -> dict[int, str]:
    return {part.id: part.number for part in session.scalars(select(Part))}


def test_a_category_has_a_figure_for_each_currency(session: Session) -> None:
    # Euro: 1,400 of Alpha, 600 of Beta, 200 of Gamma; dollars: 200 of Delta. Ours is left out.
    euro, dollar = queries.by_category(session, YEAR)
    assert (euro.unit, euro.total, euro.n) == ("EUR", 22_000_000, 3)
    assert euro.hhi == pytest.approx(4876.03, abs=0.01)
    assert euro.max_share == pytest.approx(7 / 11)
    assert (dollar.unit, dollar.hhi, dollar.effective_number) == ("USD", 10_000, 1)


def test_an_item_in_two_currencies_is_told_by_quantity(session: Session) -> None:
    found = {numbers(session)[each.key]: each for each in queries.by_item(session, YEAR)}
    first, fifth = found["P-1"], found["P-5"]
    assert (first.unit, first.hhi, first.n) == ("EUR", pytest.approx(4600), 3)
    assert first.effective_number == pytest.approx(10_000 / 4600)
    assert (fifth.unit, fifth.hhi, fifth.total) == ("quantity", pytest.approx(5000), 200_000_000)


def test_months_without_deliveries_have_no_concentration(session: Session) -> None:
    before = spending.Window(YEAR.first, YEAR.first + 2)
    assert queries.by_item(session, before) == []
    assert queries.by_bucket(session, By.COUNTRY, before) == []


@pytest.mark.parametrize(
    ("by", "hhi", "shares"),
    [
        # Germany 1,400; France 3/4 of Beta's 600; Italy the rest of it and Gamma's 200.
        (By.COUNTRY, 4721.07, {"DEU": 14 / 22, "FRA": 4.5 / 22, "ITA": 3.5 / 22}),
        # Beta tells two plants, half of its spend each.
        (By.NODE, 7644.63, {"Shared Co\x1fOne": 19 / 22, "Beta Wire\x1fTwo": 3 / 22}),
        # No receipt tells a port: all of it is one unknown bucket.
        (By.PORT, 10_000, {"": 1}),
    ],
)
def test_spend_lies_in_buckets(
    session: Session, by: By, hhi: float, shares: dict[str, float]
) -> None:
    euro = next(each for each in queries.by_bucket(session, by, YEAR) if each.currency == "EUR")
    assert euro.result is not None
    assert euro.result.hhi == pytest.approx(hhi, abs=0.01)
    assert {each.name: each.share for each in euro.buckets} == pytest.approx(shares)


def test_an_unknown_country_is_a_bucket_of_its_own(session: Session) -> None:
    dollar = next(
        each for each in queries.by_bucket(session, By.COUNTRY, YEAR) if each.currency == "USD"
    )
    assert dollar.unknown_share == 1


@pytest.mark.parametrize(
    ("places", "office", "shares"),
    [
        ([("DEU", 600_000), ("POL", 400_000)], "DEU", {"DEU": 0.6, "POL": 0.4}),
        ([("DEU", None), ("DEU", None)], "NLD", {"DEU": 1.0}),
        # Made in two countries, nobody told how much in which: not known.
        ([("DEU", None), ("POL", 400_000)], "DEU", {}),
        ([], "NLD", {"NLD": 1.0}),
        ([(None, None)], "NLD", {}),
        # Shares that add up to more than everything are weights.
        ([("DEU", 900_000), ("POL", 900_000)], None, {"DEU": 0.5, "POL": 0.5}),
    ],
)
def test_volume_lies_where_the_sites_are_and_not_at_the_head_office(
    places: list[tuple[str | None, int | None]], office: str | None, shares: dict[str, float]
) -> None:
    sites = [SitePlace("x", country, share) for country, share in places]
    assert {key: float(own) for key, own in country_shares(sites, office).items()} == shares


def test_moving_a_quarter_of_an_award_changes_what_hangs_on_it(session: Session) -> None:
    # 300 euro go from Alpha to Beta; its plants upstream take half of them each.
    sheet = moving.move_award(session, Award("P-1", "S-1", "S-2", 25), YEAR)
    assert (sheet.unit, sheet.amount, sheet.untold) == ("EUR", 3_000_000, ())
    told = {
        line.what: (line.moved.before.hhi, line.moved.after.hhi)
        for line in sheet.lines
        if line.moved.before and line.moved.after
    }
    assert told == {
        "Suppliers of P-1": (pytest.approx(4600), pytest.approx(4150)),
        "Suppliers of Castings": (near(4876.03), near(4256.20)),
        "Countries": (near(4721.07), near(3814.57)),
        "Plants upstream": (near(7644.63), near(6745.87)),
    }  # fmt: skip


def test_a_move_between_currencies_tells_the_item_by_quantity_and_says_so(
    session: Session,
) -> None:
    sheet = moving.move_award(session, Award("P-1", "S-1", "S-4", 25), YEAR)
    [line] = sheet.lines
    assert line.moved.after is not None
    assert (line.unit, line.moved.after.hhi) == ("quantity", pytest.approx(3250))
    assert "EUR" in sheet.untold[0]
    assert "USD" in sheet.untold[0]


@pytest.mark.parametrize(
    ("award", "code"),
    [
        (Award("P-9", "S-1", "S-2", 10), "E-AWD-01"),
        (Award("P-1", "S-9", "S-2", 10), "E-AWD-02"),
        (Award("P-1", "S-1", "W-1", 10), "E-AWD-02"),
        (Award("P-1", "S-1", "S-1", 10), "E-AWD-03"),
        (Award("P-1", "S-4", "S-1", 10), "E-AWD-04"),
    ],
)
def test_a_move_that_can_not_be_is_refused(session: Session, award: Award, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        moving.move_award(session, award, YEAR)
    assert refused.value.code == code


def test_backups_are_as_warm_as_their_orders(session: Session) -> None:
    rows = backups.backups_page(session, BackupQuery(), as_of=AS_OF).rows
    assert {
        (row.part_number, row.supplier.number): (row.warmth.warmth, row.warmth.reasons)
        for row in rows
    } == {
        ("P-1", "S-2"): (Warmth.WARM, ()),
        ("P-1", "S-3"): (Warmth.COOLING, (ColdReason.BELOW_TARGET,)),
        ("P-5", "S-4"): (Warmth.COLD, (ColdReason.LONG_WITHOUT_ORDER,)),
        # Nobody ever ordered the part: nothing can be said.
        ("P-6", "S-2"): (Warmth.UNKNOWN, ()),
    }
    beta = rows[0]
    assert (beta.actual_share, beta.target_share, beta.warmth.days_since_order) == (0.3, 0.3, 60)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (BackupQuery(sort="days"), ["P-1 S-3", "P-1 S-2", "P-5 S-4", "P-6 S-2"]),
        # What nobody knows stands last, whichever way the list is sorted.
        (BackupQuery(sort="days", is_falling=True), ["P-5 S-4", "P-1 S-2", "P-1 S-3", "P-6 S-2"]),
        (BackupQuery(sort="supplier"), ["P-1 S-2", "P-6 S-2", "P-5 S-4", "P-1 S-3"]),
        (BackupQuery(sort="warmth", offset=1, limit=2), ["P-1 S-3", "P-1 S-2"]),
        (BackupQuery(warmths=["cold", "warm"], roles=["secondary"]), ["P-1 S-2", "P-5 S-4"]),
        (BackupQuery(search="bEt"), ["P-1 S-2", "P-6 S-2"]),
        (BackupQuery(search="p-5"), ["P-5 S-4"]),
        (BackupQuery(search="nobody"), []),
    ],
)
def test_backups_are_filtered_sorted_and_paged(
    session: Session, query: BackupQuery, expected: list[str]
) -> None:
    page = backups.backups_page(session, query, as_of=AS_OF)
    assert [f"{row.part_number} {row.supplier.number}" for row in page.rows] == expected


def test_the_head_of_a_page_of_backups_counts_all_that_fit(session: Session) -> None:
    page = backups.backups_page(session, BackupQuery(sort="days", limit=1), as_of=AS_OF)
    assert (len(page.rows), page.total, page.cold) == (1, 4, 1)
    part = session.scalars(select(Part.id).where(Part.number == "P-1")).one()
    roles = backups.backups_of_part(session, part, as_of=AS_OF).values()
    assert [row.role for row in roles] == ["primary", "secondary", "alternate"]


def test_our_share_of_their_sales_is_told_in_one_currency_or_not_at_all(session: Session) -> None:
    found = {
        row.supplier.number: (row.share, row.flag, row.unknown)
        for row in buyer_shares.buyer_shares(session, as_of=AS_OF)
    }
    assert found == {
        "S-1": (pytest.approx(0.35), BuyerShareFlag.DEPENDS_ON_US, None),
        "S-2": (pytest.approx(0.006), BuyerShareFlag.WE_ARE_UNIMPORTANT, None),
        "S-3": (None, None, Unknown.OTHER_CURRENCY),
        "S-4": (None, None, Unknown.NO_STATEMENT),
    }


def test_breaches_name_what_is_above_its_limit(session: Session) -> None:
    found = queries.concentration_breaches(session, as_of=AS_OF)
    assert [(each.kind, each.label, each.unit) for each in found] == [
        ("country_share", "DEU", "EUR"),
        ("shared_plant", "One (Shared Co)", "parts"),
    ]
    assert [each.value for each in found] == [pytest.approx(14 / 22), 3]
