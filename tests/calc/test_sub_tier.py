"""The graph upstream: depth, circles, shared nodes; names made comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.sub_tier import SharedNode, common_nodes, tiers, upstream_reach
from app.calc.sub_tier_names import comparable_name

KEYS = st.integers(1, 6)
PAIRS = st.lists(st.tuples(KEYS, KEYS), max_size=25)
HANGS = st.lists(st.tuples(KEYS, KEYS, st.integers(0, 6)), max_size=25)


def shared(
    sources: list[tuple[int, int]], hangs: list[tuple[int, int, int]]
) -> tuple[SharedNode, ...]:
    """Sources as (part, supplier), hangs as (supplier, node, part)."""
    return common_nodes(
        source_part=[part for part, _ in sources],
        source_supplier=[supplier for _, supplier in sources],
        hang_supplier=[supplier for supplier, _, _ in hangs],
        hang_node=[node for _, node, _ in hangs],
        hang_part=[part for _, _, part in hangs],
    ).nodes


def test_three_independent_sources_that_share_a_plant_have_no_way_around_it() -> None:
    sources = [(1, 11), (1, 12), (1, 13), (2, 11), (2, 14), (3, 12)]
    hangs = [(11, 7, 0), (12, 7, 0), (13, 7, 0), (11, 8, 0)]
    # Part 2 has a way around through 14; part 3 is single; node 8 is of one supplier.
    assert shared(sources, hangs) == (
        SharedNode(7, suppliers=3, parts_hit=3, parts_shared=1, parts_blocked=1),
    )


def test_a_material_for_one_part_blocks_no_other() -> None:
    sources = [(1, 11), (1, 12), (2, 11), (2, 12)]
    assert shared(sources, [(11, 7, 1), (12, 7, 1)]) == (SharedNode(7, 2, 1, 1, 1),)
    # Told of different parts, the two share the plant and no part.
    assert shared(sources, [(11, 7, 1), (12, 7, 2)]) == (SharedNode(7, 2, 2, 0, 0),)


def test_nothing_told_shares_nothing() -> None:
    assert shared([], []) == ()
    assert shared([(1, 11)], []) == ()
    assert shared([], [(11, 7, 0), (12, 7, 0)]) == (SharedNode(7, 2, 0, 0, 0),)


@given(PAIRS, HANGS)
def test_columns_count_what_sets_count(
    sources: list[tuple[int, int]], hangs: list[tuple[int, int, int]]
) -> None:
    expected = []
    for node in sorted({node for _, node, _ in hangs}):
        own = [(supplier, part) for supplier, at, part in hangs if at == node]
        if len({supplier for supplier, _ in own}) < 2:
            continue
        counted = {}
        for part in {part for part, _ in sources}:
            of_part = {supplier for at, supplier in sources if at == part}
            counted[part] = (
                len({supplier for supplier, told in own if told in (0, part)} & of_part),
                len(of_part),
            )
        expected.append(
            SharedNode(
                node,
                len({supplier for supplier, _ in own}),
                sum(1 for hanging, _ in counted.values() if hanging),
                sum(1 for hanging, _ in counted.values() if hanging > 1),
                sum(1 for hanging, of in counted.values() if hanging > 1 and hanging == of),
            )
        )
    assert list(shared(sources, hangs)) == expected


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="source: arrays of"):
        common_nodes(
            source_part=[1], source_supplier=[], hang_supplier=[], hang_node=[], hang_part=[]
        )


def test_a_circle_ends_and_tells_itself() -> None:
    reach = upstream_reach({"A": ["B"], "B": ["C"], "C": ["A"], "D": ["A"]})
    assert reach["A"] == {"B": 1, "C": 2, "A": 3}
    assert "D" not in reach["D"]


def test_a_chain_deeper_than_asked_is_cut() -> None:
    edges = {number: [number + 1] for number in range(10)}
    assert max(upstream_reach(edges, deepest=3)[0].values()) == 3
    with pytest.raises(ValueError, match="at least 1"):
        upstream_reach(edges, deepest=0)


def test_tiers_count_from_the_supplier_and_tell_what_hangs_nowhere() -> None:
    found = tiers(
        [("plant", None), ("mine", "plant"), ("mine", None), ("pit", "mine"), ("lost", "nobody")]
    )
    assert found.depth == {"plant": 1, "mine": 1, "pit": 2}
    assert found.detached == ("lost",)
    assert found.circular == ()


def test_a_circle_that_hangs_on_the_supplier_has_tiers_and_is_told() -> None:
    found = tiers([("A", None), ("B", "A"), ("A", "B")])
    assert found.depth == {"A": 1, "B": 2}
    assert found.circular == ("A", "B")


@pytest.mark.parametrize(
    ("name", "comparable"),
    [
        ("Šumperk Ferrit a.s.", "ferrit sumperk"),
        ("Gießhütte & Söhne GmbH", "and giesshutte sohne"),
        ("  Co., Ltd. ", "co ltd"),
        ("", ""),
        ("东方磁业", "东方磁业"),
    ],
)
def test_names_lose_what_is_only_habit(name: str, comparable: str) -> None:
    assert comparable_name(name) == comparable
