"""Files of packs: printed once, reused, superseded, and never recorded without being there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from app.base import db
from app.base.pdf.printable import RenderError
from app.base.pdf.renderer import Job, Outcome
from app.facts.suppliers.models import Supplier
from app.reviews.packs import services
from app.reviews.packs.models import Pack
from app.reviews.packs.services import PackKind, PackRequest, produce, stored_path
from tests.builders import houses
from tests.packs.conftest import AUGUST, House, Paperless, Place


def one(
    supplier_id: int,
    place: Place,
    printer: Paperless,
    *,
    period: str = "2026Q3",
    kind: PackKind = PackKind.SCORECARD,
    house: str | None = None,
) -> services.Outcome:
    """Make one document."""
    request = PackRequest(supplier_id, kind, period)
    (outcome,) = produce([request], workshop=place.workshop(house), renderer=printer)
    return outcome


def rows() -> list[Pack]:
    with db.reading() as session:
        return list(session.scalars(select(Pack).order_by(Pack.id)))


def test_a_document_is_kept_whole_and_recorded(
    house: House, place: Place, paperless: Paperless
) -> None:
    outcome = one(house.kestrel, place, paperless)
    (row,) = rows()
    assert outcome.file is not None
    assert outcome.file == stored_path(place.files, row.public_id)
    assert hashlib.sha256(outcome.file.read_bytes()).hexdigest() == row.file_sha256
    assert (row.kind, row.period, row.state, row.made_by) == (
        "scorecard", "2026Q3", "draft", "test",
    )  # fmt: skip
    assert row.as_of.isoformat() == "2026-09-30"
    assert row.file_name == "Kestrel-Castings-scorecard-2026Q3.pdf"
    assert row.size == outcome.file.stat().st_size


def test_unchanged_content_is_not_printed_again(
    house: House, place: Place, paperless: Paperless
) -> None:
    first = one(house.kestrel, place, paperless)
    second = one(house.kestrel, place, paperless)
    assert not first.was_reused
    assert second.was_reused
    assert second.file == first.file
    assert paperless.printed == 1
    assert len(rows()) == 1


def test_changed_facts_supersede_and_keep_the_old_file(
    house: House, place: Place, paperless: Paperless
) -> None:
    first = one(house.kestrel, place, paperless)
    with db.transaction() as session:
        kestrel = session.get_one(Supplier, house.kestrel)
        houses.deliveries(session, kestrel, lines=3, late=3, due_on=AUGUST)
    second = one(house.kestrel, place, paperless)
    assert not second.was_reused
    assert [row.state for row in rows()] == ["superseded", "draft"]
    assert first.file is not None
    assert first.file.exists()


def test_another_period_and_another_kind_stand_beside_it(
    house: House, place: Place, paperless: Paperless
) -> None:
    one(house.kestrel, place, paperless)
    one(house.kestrel, place, paperless, period="2026Q2")
    one(house.kestrel, place, paperless, kind=PackKind.REVIEW)
    assert [row.state for row in rows()] == ["draft", "draft", "draft"]


def test_a_content_that_returns_stands_again(
    house: House, place: Place, paperless: Paperless
) -> None:
    first = one(house.kestrel, place, paperless)
    one(house.kestrel, place, paperless, house="Another house")
    again = one(house.kestrel, place, paperless)
    assert again.file == first.file
    assert again.was_reused
    assert [row.state for row in rows()] == ["draft", "superseded"]


def test_a_lost_file_is_printed_again_under_one_row(
    house: House, place: Place, paperless: Paperless
) -> None:
    first = one(house.kestrel, place, paperless)
    assert first.file is not None
    first.file.unlink()
    second = one(house.kestrel, place, paperless)
    assert not second.was_reused
    assert [row.public_id for row in rows()] == [second.pack_id]


def test_death_between_file_and_row_leaves_no_row(
    house: House, place: Place, paperless: Paperless, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def killed() -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    with monkeypatch.context() as patched:
        patched.setattr(db, "transaction", killed)
        with pytest.raises(KeyboardInterrupt):
            one(house.kestrel, place, paperless)
    assert rows() == []
    assert len(list(place.files.glob("*/*/*.pdf"))) == 1
    outcome = one(house.kestrel, place, paperless)
    (row,) = rows()
    assert outcome.file == stored_path(place.files, row.public_id)


def test_what_somebody_else_printed_meanwhile_stands(
    house: House, place: Place, paperless: Paperless
) -> None:
    class Racing(Paperless):
        """Lets somebody else finish the same content first."""

        def render_many(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
            for printed in super().render_many(jobs):
                one(house.kestrel, place, paperless)
                yield printed

    outcome = one(house.kestrel, place, Racing())
    (row,) = rows()
    assert outcome.was_reused
    assert outcome.pack_id == row.public_id
    assert len(list(place.files.glob("*/*/*.pdf"))) == 1


def test_outcomes_come_in_the_order_asked_for_failures_among_them(
    house: House, place: Place, paperless: Paperless
) -> None:
    one(house.nordlys, place, paperless)
    asked = [house.warehouse, house.kestrel, house.nordlys, house.silent]
    requests = [PackRequest(each, PackKind.SCORECARD, "2026Q3") for each in asked]
    outcomes = list(produce(requests, workshop=place.workshop(), renderer=paperless))
    assert [each.request.supplier_id for each in outcomes] == asked
    assert [each.file is not None for each in outcomes] == [False, True, True, True]
    assert [each.was_reused for each in outcomes] == [False, False, True, False]
    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "E-PCK-06"


def test_a_page_that_can_not_be_printed_leaves_no_row(house: House, place: Place) -> None:
    class Broken(Paperless):
        """Fails at everything."""

        def render_many(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
            for _ in jobs:
                yield RenderError("E-PDF-02", "took too long")

    outcome = one(house.kestrel, place, Broken())
    assert outcome.file is None
    assert outcome.error is not None
    assert outcome.error.code == "E-PDF-02"
    assert rows() == []


def test_a_period_without_facts_refuses_every_request(
    house: House, place: Place, paperless: Paperless
) -> None:
    outcome = one(house.kestrel, place, paperless, period="2027Q1")
    assert outcome.error is not None
    assert outcome.error.code == "E-PCK-05"
    assert paperless.printed == 0


def test_a_batch_longer_than_a_chunk_prints_everybody(
    house: House, place: Place, paperless: Paperless, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CHUNK", 2)
    asked = [house.kestrel, house.nordlys, house.silent]
    requests = [PackRequest(each, PackKind.REVIEW, "2026Q3") for each in asked]
    outcomes = list(produce(requests, workshop=place.workshop(), renderer=paperless))
    assert all(each.file is not None for each in outcomes)
    assert len({each.pack_id for each in outcomes}) == 3
