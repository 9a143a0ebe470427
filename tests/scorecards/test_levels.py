"""Levels: a group is its members' sums, scores stay absolute, peers are like for like."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base import acting, db
from app.base.acting import Actor, Limit, Reach, Source
from app.base.db import Database
from app.base.errors import NotFound
from app.calc.measure import MeasureState
from app.calc.windows import parse_window
from app.facts.deliveries.levels import By, LevelScope
from app.facts.suppliers import groups
from app.facts.suppliers.models import Category, Supplier
from app.judgement.scorecards import levels, places, queries
from app.judgement.scorecards.evaluation import PeriodKind, evaluate
from app.judgement.scorecards.levels import BY_SUPPLIER, LevelKind
from app.judgement.scorecards.methods import DEFAULT_NAME, Method, default_content
from app.judgement.scorecards.models import ScoringMethod
from app.judgement.scorecards.places import MIN_PEERS
from app.judgement.scorecards.stored_methods import method_from
from app.judgement.scorecards.sums import PeriodSums, empty
from app.judgement.snapshots import methods
from app.recompute import recompute
from tests.builders import facts, houses

AS_OF = date(2026, 10, 31)
YEAR = parse_window("12m", as_of=AS_OF)
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def family(database: Database) -> dict[str, int]:
    """A parent with two children, one of another category, and a stranger."""
    with db.transaction() as session:
        castings, forgings = Category(name="Castings"), Category(name="Forgings")
        session.add_all([castings, forgings])
        session.flush()
        parent = facts.supplier(session, "Parent", category_id=castings.id)
        child = facts.supplier(
            session, "Child", parent_supplier_id=parent.id, category_id=castings.id
        )
        far = facts.supplier(
            session, "Grandchild", parent_supplier_id=child.id, category_id=forgings.id
        )
        stranger = facts.supplier(session, "Stranger", category_id=castings.id)
        for of, lines, late in ((parent, 12, 3), (child, 20, 1), (far, 8, 8), (stranger, 30, 0)):
            houses.deliveries(session, of, lines=lines, late=late, category_id=of.category_id)
        return {
            "parent": parent.id, "child": child.id, "far": far.id, "stranger": stranger.id,
            "castings": castings.id, "forgings": forgings.id,
        }  # fmt: skip


def test_a_group_is_rated_from_its_own_sums(family: dict[str, int]) -> None:
    """28 of 40 lines on time: 70.0 %, not the mean of 75, 95 and 0 %."""
    with db.reading() as session:
        group = groups.group_of(session, family["far"])
        assert group is not None
        found = levels.group_figures(session, YEAR, group.ids, top=group.top.supplier_id)
        rows = levels.below(session, YEAR, LevelScope(supplier_ids=group.ids), by=By.SUPPLIER)
        alone = queries.scored(session, family["child"], YEAR)
    assert [member.name for member in group.members] == ["Parent", "Child", "Grandchild"]
    assert (found.measures["otif_line"].value, found.measures["otif_line"].n) == (0.7, 40)
    assert found.result is not None
    below = {row.key: row.measures["otif_line"] for row in rows}
    assert [below[family[name]].n for name in ("parent", "child", "far")] == [12, 20, 8]
    # What a level shows of a supplier is what the supplier's own card shows.
    assert below[family["child"]] == alone.measures["otif_line"]


@SQLITE
def test_a_level_without_a_score_says_what_it_does_not_keep(family: dict[str, int]) -> None:
    with db.reading() as session:
        where = LevelScope(category_ids=(family["castings"],))
        found = levels.level_figures(session, YEAR, LevelKind.CATEGORY, where)
    otif, lots = found.measures["otif_line"], found.measures["lot_accept"]
    assert (otif.value, otif.n) == (58 / 62, 62)
    assert (lots.state, lots.reason) == (MeasureState.NO_DATA, BY_SUPPLIER)
    assert found.result is None


@SQLITE
def test_a_group_shows_what_its_reader_may_see_and_says_that_more_is_hidden(
    family: dict[str, int],
) -> None:
    reach = Reach(frozenset({Limit(category_ids=frozenset({family["castings"]}))}))
    buyer = Actor("B", Source.UI, user_id=1, roles=frozenset({"buyer"}), reads=reach, writes=reach)
    with acting.acting_as(buyer), db.reading() as session:
        group = groups.group_of(session, family["child"])
        assert group is not None
        found = levels.group_figures(session, YEAR, group.ids, top=family["parent"])
    assert [member.name for member in group.members] == ["Parent", "Child"]
    assert group.has_hidden
    assert found.measures["otif_line"].n == 32
    forgings = Reach(frozenset({Limit(category_ids=frozenset({family["forgings"]}))}))
    other = Actor(
        "F", Source.UI, user_id=2, roles=frozenset({"buyer"}), reads=forgings, writes=forgings
    )
    with db.reading() as session:
        top = session.get_one(Supplier, family["parent"]).public_id
    with acting.acting_as(other), db.reading() as session:
        assert groups.group_of(session, family["far"]) is None
        with pytest.raises(NotFound):
            groups.group_by_public_id(session, top)


@SQLITE
def test_a_group_stays_when_its_top_is_merged_into_another_supplier(
    family: dict[str, int],
) -> None:
    with db.transaction() as session:
        session.get_one(Supplier, family["parent"]).effective_supplier_id = family["stranger"]
        session.flush()
        group = groups.group_of(session, family["far"])
    assert group is not None
    assert [member.name for member in group.members] == ["Stranger", "Child", "Grandchild"]


@SQLITE
def test_a_supplier_that_is_its_own_ancestor_ends_its_chain(family: dict[str, int]) -> None:
    with db.transaction() as session:
        session.get_one(Supplier, family["parent"]).parent_supplier_id = family["far"]
        session.flush()
        assert len(groups.groups(session)) <= 3


METHOD: Method = method_from(
    methods.shipped(ScoringMethod, name=DEFAULT_NAME, content=default_content())
)
LINES = st.integers(0, 400)


def house_of(rows: list[tuple[int, int, int]]) -> PeriodSums:
    """Suppliers with (lines, OTIF lines, rejected units) each."""
    due = np.array([n for n, _, _ in rows], np.int64)
    met = np.array([min(n, y) for n, y, _ in rows], np.int64)
    blank = empty(np.arange(1, len(rows) + 1, dtype=np.int64), disruptions_recorded=True)
    known = {f"{name}_known": due for name in ("otif", "on_time", "in_full")}
    true = {f"{name}_true": met for name in ("otif", "on_time", "in_full")}
    received = {
        "receipts": due, "receipts_known": due, "quantity_received": due * 1_000_000_000,
        "quantity_rejected": np.array([r for _, _, r in rows], np.int64) * 1_000_000,
    }  # fmt: skip
    lots = {
        "lots_inspected": due, "acknowledged": due, "acknowledge_minutes": due * 900,
        "acknowledge_minutes_squares": due * 810_000,
    }  # fmt: skip
    return PeriodSums(
        supplier_ids=blank.supplier_ids,
        lines={**blank.lines, "n_due": due, **known, **true, **received},
        events={**blank.events, **lots},
        orders=blank.orders,
        percentiles=blank.percentiles,
        within_part_sd=blank.within_part_sd,
        within_part_n=blank.within_part_n,
        open_past_due=None,
        disruptions_recorded=True,
    )


def score_of_first(rows: list[tuple[int, int, int]]) -> tuple[object, object]:
    sums = house_of(rows)
    done = evaluate(
        sums, kind=PeriodKind.ROLLING_YEAR, period=YEAR, method=METHOD,
        below=np.zeros(len(rows), np.bool_),
    )  # fmt: skip
    return done.rows[0]["score"], done.rows[0]["grade"]


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(st.integers(40, 400), LINES, st.integers(0, 50)),
    st.lists(st.tuples(LINES, LINES, st.integers(0, 50)), max_size=6),
)
def test_adding_or_changing_another_supplier_never_changes_a_score(
    own: tuple[int, int, int], others: list[tuple[int, int, int]]
) -> None:
    alone = score_of_first([own])
    assert alone[0] is not None
    assert score_of_first([own, *others]) == alone


@SQLITE
def test_a_percentile_is_told_among_five_like_for_like_and_not_among_four(
    database: Database,
) -> None:
    with db.transaction() as session:
        castings = Category(name="Castings")
        session.add(castings)
        session.flush()
        ids = [
            facts.supplier(session, f"S{place}", category_id=castings.id).id for place in range(6)
        ]
        for place, key in enumerate(ids):
            # The last one delivered too few lines to be compared.
            of = session.get_one(Supplier, key)
            houses.deliveries(session, of, lines=9 if place == 5 else 20, late=place)
    recompute(AS_OF)
    with db.transaction() as session:
        for place, key in enumerate(ids):
            card = queries.snapshot_of(session, key, YEAR)
            assert card is not None
            stored = session.get_one(queries.ScorecardSnapshot, card.id)
            stored.score, stored.grade, stored.state = 90.0 - place, "B", "rated"
    with db.reading() as session:
        told = [
            places.peers_of(session, key, kind=PeriodKind.ROLLING_YEAR, period_end=AS_OF)
            for key in ids
        ]
    first, last = told[0], told[5]
    assert first is not None
    assert (first.of, first.is_told) == (MIN_PEERS, True)
    assert [(each.name, each.percentile) for each in first.figures][:2] == [
        ("score", 1.0), ("otif", 1.0),
    ]  # fmt: skip
    assert last is None
    with db.transaction() as session:
        # Another method judged one of them: four are left, and nobody is told a percentile.
        other = ScoringMethod(
            name="Other", version=1, state="retired", valid_from=AS_OF, content=default_content(),
            content_hash="0" * 64,
        )  # fmt: skip
        session.add(other)
        session.flush()
        card = queries.snapshot_of(session, ids[4], YEAR)
        assert card is not None
        session.get_one(queries.ScorecardSnapshot, card.id).method_id = other.id
    with db.reading() as session:
        few = places.peers_of(session, ids[0], kind=PeriodKind.ROLLING_YEAR, period_end=AS_OF)
    assert few is not None
    assert (few.of, few.is_told, few.figures[0].percentile) == (4, False, None)
