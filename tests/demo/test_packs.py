"""The stories stand in the review packs: sentence by sentence, and on paper."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base.db import Database
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer, page_count
from app.faces.demo.cast import HOUSE
from app.faces.demo.continuity import LAPSED
from app.faces.demo.scripts import (
    BAD_LOT,
    CALLED_OFF,
    DRIFT,
    EXW,
    FEW_UNITS,
    FRAGILE,
    NEWCOMER,
    RESCHEDULER,
    SILENT,
    VETERAN,
)
from app.reviews.packs import builder
from app.reviews.packs.content import ReviewPack
from app.reviews.packs.parts import Sign
from tests.demo.conftest import supplier_id
from tests.pdf.reading import page_texts

NARROW = " "
CAST = (DRIFT, EXW, BAD_LOT, NEWCOMER, VETERAN, FEW_UNITS, FRAGILE, RESCHEDULER, SILENT)


def pack_of(session: Session, number: str, period: str = "12m") -> ReviewPack:
    basis = builder.gather(session, supplier_id(session, number), period)
    return builder.review_pack(basis, house=HOUSE, paper_size=PaperSize.A4)


def test_the_drift_names_its_floor_its_stops_and_our_own_share(session: Session) -> None:
    pack = pack_of(session, DRIFT, "2026-10")
    told = " ".join(pack.summary.sentences)
    assert f"OTIF by line was 83.0{NARROW}% in October 2026" in told
    assert f"; 5 months in a row, since Jun 2026, lie below the floor of 90{NARROW}%." in told
    assert (
        f"Of 113 missed lines in the 12 months the supplier caused 69, we 20 (18{NARROW}%)" in told
    )
    assert pack.standing.grade == "D"
    assert pack.standing.notes[0] == "Standing: restricted since 12 Oct 2026."
    assert pack.standing.notes[1] == "A line stop caused by the supplier caps the grade at D."
    points = [each.text for each in pack.summary.attention]
    assert points[0].startswith("Line stop on 14 Oct 2026, 4")
    assert pack.summary.decisions[0].startswith("Restrict new business")


def test_a_figure_has_the_shape_on_its_own_page_that_it_has_on_the_scorecard(
    session: Session,
) -> None:
    pack = pack_of(session, DRIFT, "2026Q3")
    [card] = [row.state for row in pack.scorecard.rows if row.label == "Quality · defects"]
    own = [row.state for row in pack.quality.figures if row.label.startswith("Defects")]
    assert (card.sign, card.word) == (Sign.ACT, "over limit")
    assert own == [card, card]


def test_a_figure_that_a_contract_counts_otherwise_says_what_it_leaves_out(
    session: Session,
) -> None:
    promised = pack_of(session, DRIFT, "2026Q3").resilience.promised
    assert promised.rows[0][3:5] == (f"89.0{NARROW}%", "299")
    # The scorecard's quarter has 306 lines; our own misses are excused by the contract.
    assert promised.reading == (
        "Over the last window that was over. Counted as agreed, without 7 lines of RV-2024-017."
    )


def test_the_risk_page_says_what_contracts_cover_and_nothing_where_none_is(
    session: Session,
) -> None:
    found = [each for each in pack_of(session, DRIFT).risk.notes if each.startswith("Contracts")]
    assert found == [
        "Contracts, which add no points: 1 active; agreed are force majeure and penalties for late "
        "or bad delivery; none names duty to keep a continuity plan, right to audit and capacity "
        "reserved."
    ]
    notes = pack_of(session, VETERAN).risk.notes
    assert not [each for each in notes if each.startswith("Contracts")]


def test_the_page_of_continuity_says_what_was_shown_and_what_was_promised(
    session: Session,
) -> None:
    lapsed = pack_of(session, LAPSED).resilience
    assert lapsed.reading == (
        "Readiness 36 of 100, weak, by BCP-0005. The newest timed exercise took 6 days longer than "
        "stated. 1 contract in force, the next notice due by 2 Mar 2028."
    )
    assert lapsed.rubric.rows[-1][:3] == ("Readiness", "36", "100")
    assert sum(int(row[1]) for row in lapsed.rubric.rows[:-1]) == 36
    assert [row[1] for row in lapsed.times.rows] == [
        "18 days", "24 days", "20 days by Contract RV-2024-026, version 1", "28 days",
        "12 days (6103-A)",
    ]  # fmt: skip
    assert lapsed.exercises.rows == (("Full", "20 May 2025", "24 days"),)
    drift = pack_of(session, DRIFT, "2026Q3").resilience
    assert drift.reading.startswith(
        "Nobody asked it for a continuity plan, so its readiness is not known. After 1 disruption "
        "in the 12 months supply was back within 57 hours."
    )
    assert drift.contracts.rows[0][1:] == ("31 Dec 2026", "2 Oct 2026", "yes")
    assert [(row[1], row[4], row[5]) for row in drift.promised.rows] == [
        (f"OTIF by line at least 95.0{NARROW}%", "299", "missed"),
        (f"Defects at most 500{NARROW}ppm", "131,754", "kept"),
    ]  # fmt: skip
    # What was settled says for how much; a draft is nobody else's.
    assert [(row[0], row[3]) for row in drift.claims.rows] == [
        ("RV-2024-017/1", f"300.00{NARROW}EUR"), ("RV-2024-017/2", "open"),
    ]  # fmt: skip
    assert pack_of(session, CALLED_OFF).resilience.claims.rows == ()
    assert pack_of(session, VETERAN).resilience.is_sparse


def test_ex_works_says_what_transit_adds(session: Session) -> None:
    reading = pack_of(session, EXW).delivery.reading
    assert f"OTIF by line was 97.0{NARROW}% of 300 lines" in reading
    assert f"At our dock only 81.0{NARROW}% were on time" in reading


def test_one_bad_lot_is_one_month(session: Session) -> None:
    assert "Jun 2026 alone holds 124 of the 168." in pack_of(session, BAD_LOT).quality.reading


def test_four_of_four_is_too_few_to_rate(session: Session) -> None:
    pack = pack_of(session, NEWCOMER)
    row = pack.scorecard.rows[0]
    assert (row.value, row.n, row.state.word) == (f"100.0{NARROW}%", "4", "too few")
    assert pack.standing.grade == "NR"


def test_no_reject_of_few_units_is_too_few_not_perfect(session: Session) -> None:
    pack = pack_of(session, FEW_UNITS)
    assert "too few units to be rated" in pack.quality.reading


def test_a_good_supplier_at_high_risk_says_why(session: Session) -> None:
    pack = pack_of(session, FRAGILE)
    told = " ".join(pack.summary.sentences)
    assert pack.standing.grade == "A"
    assert "the grade says how it delivered, the index what could go wrong" in told
    points = " ".join(each.text for each in pack.summary.attention)
    assert "12 days are not covered" in points
    assert "Z′ (Altman) 1.93 → 1.17, distress zone." in points


def test_a_supplier_without_data_is_asked(session: Session) -> None:
    pack = pack_of(session, SILENT)
    assert pack.summary.sentences[0].startswith("No line was due and nothing was received")
    assert "No annual statement is recorded. Ask the supplier for the latest one." in pack.risk.asks


def test_every_scorecard_of_the_cast_fits_its_page(company: Database) -> None:
    with company.reading() as session:
        ids = [supplier_id(session, number) for number in CAST]
        day = builder.facts_until(session)
        found = builder.gather_many(session, ids, "2026Q3", facts_until=day)
    sheets = [
        builder.scorecard_sheet(each, house=HOUSE, paper_size=paper)
        for each in found.values()
        if isinstance(each, builder.Basis)
        for paper in PaperSize
    ]
    with Renderer(processes=1) as renderer:
        printed = list(renderer.render_many(("scorecard.html", sheet) for sheet in sheets))
    pages = [page_count(each) for each in printed if isinstance(each, bytes)]
    assert pages == [1] * 2 * len(CAST)


def test_a_printed_pack_shows_what_its_content_says(company: Database) -> None:
    with company.reading() as session:
        pack = pack_of(session, DRIFT, "2026Q3")
    with Renderer(processes=1) as renderer:
        printed = renderer.render_one("review_pack.html", pack)
        assert renderer.render_one("review_pack.html", pack) == printed
    pages = page_texts(printed)
    assert len(pages) == 11
    assert pack.content_hash in pages[0].replace("\n", "")
    summary = " ".join(pages[2].split())
    assert all(sentence.split(" (")[0] in summary for sentence in pack.summary.sentences[:2])
    shown = set(pages[3].split())
    assert all(row.contribution in shown for row in pack.scorecard.rows)
    assert pack.scorecard.total.contribution in shown
