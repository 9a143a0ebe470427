"""One renderer for the tests that only read what it prints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.base.pdf.renderer import Renderer
from app.reviews.packs.content import sealed
from tests.builders import pack_content, pack_extremes


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """A renderer with one child, shared by the session."""
    with Renderer(processes=1) as shared:
        yield shared


@pytest.fixture(scope="session")
def card(renderer: Renderer) -> bytes:
    """Kestrel's printed scorecard."""
    return renderer.render_one("scorecard.html", sealed(pack_content.scorecard_sheet()))


@pytest.fixture(scope="session")
def pack(renderer: Renderer) -> bytes:
    """Kestrel's printed review pack."""
    return renderer.render_one("review_pack.html", sealed(pack_content.review_pack()))


@pytest.fixture(scope="session")
def hostile_card(renderer: Renderer) -> bytes:
    """The scorecard whose texts attack."""
    return renderer.render_one("scorecard.html", sealed(pack_extremes.hostile_sheet()))


@pytest.fixture(scope="session")
def hostile_pack(renderer: Renderer) -> bytes:
    """The review pack whose texts attack."""
    return renderer.render_one("review_pack.html", sealed(pack_extremes.hostile_pack()))


@pytest.fixture(scope="session")
def unknown_card(renderer: Renderer) -> bytes:
    """The scorecard of a supplier of whom little is known."""
    return renderer.render_one("scorecard.html", sealed(pack_extremes.empty_sheet()))


@pytest.fixture(scope="session")
def unknown_pack(renderer: Renderer) -> bytes:
    """The review pack of a supplier of whom little is known."""
    return renderer.render_one("review_pack.html", sealed(pack_extremes.empty_pack()))
