"""Files of contracts: what they say they are, stored with what they are to the contract."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.base import db
from app.judgement.contracts import document_views, drafting
from app.judgement.contracts import services as contracts
from app.judgement.contracts.models import Contract, ContractDocument
from app.platform.records.models import Attachment
from app.platform.records.services import Upload
from tests.builders import facts
from tests.contracts.test_pages import REASON, TERMS
from tests.web_app import Visitor, words

TEXT = b"The parties agree."


@pytest.fixture
def contract(visitor: Visitor) -> str:
    """The address of a contract that is a draft."""
    with db.transaction() as session:
        key = facts.supplier(session, "Kestrel", number="V-1").public_id
    answer = visitor.post(f"/suppliers/{key}/contracts/new", TERMS)
    return str(answer.headers["Location"]).removesuffix("/draft")


def sent(content: bytes, name: str) -> dict[str, Any]:  # Any: a file among texts
    return {"file": (io.BytesIO(content), name), "role": "contract", "evidence_on": "2026-01-02"}


def stored(tmp_path: Path) -> tuple[int, int, int]:
    """Return how many files, documents of contracts and stored bytes there are."""
    with db.reading() as session:
        files, documents = (
            session.scalar(select(func.count()).select_from(each)) or 0
            for each in (Attachment, ContractDocument)
        )
    return files, documents, len(list(tmp_path.rglob("*.bin")))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "contract.pdf", "The content is image/png, not PDF."),
        (b"<html><script>", "contract.txt", "The content is text/html, not text."),
        (b"MZ\0\0", "contract.pdf", "The content is a Windows program, not PDF."),
        (b"", "contract.txt", "The file is empty."),
        (TEXT, "../../etc/passwd", "Files of this kind are not taken."),
    ],
)
def test_a_file_that_is_something_else_is_no_document(
    visitor: Visitor, contract: str, tmp_path: Path, content: bytes, name: str, said: str
) -> None:
    answer = visitor.post(f"{contract}/documents", sent(content, name))
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert stored(tmp_path) == (0, 0, 0)


def test_a_name_with_a_path_and_control_signs_is_only_shown(
    visitor: Visitor, contract: str, tmp_path: Path
) -> None:
    answer = visitor.post(f"{contract}/documents", sent(TEXT, "../../a\x01\u202efdp.txt"))
    assert answer.status_code == 303
    assert "a�fdp.txt" in visitor.get(contract).text
    assert stored(tmp_path) == (1, 1, 1)


def test_a_file_that_is_sent_twice_is_stored_once(
    visitor: Visitor, contract: str, tmp_path: Path
) -> None:
    assert visitor.post(f"{contract}/documents", sent(TEXT, "a.txt")).status_code == 303
    again = visitor.post(f"{contract}/documents", sent(TEXT, "a.txt"))
    assert (again.status_code, "stands there already" in words(again)) == (409, True)
    assert stored(tmp_path) == (1, 1, 1)


def test_a_file_is_stored_with_what_it_is_to_the_contract_or_not_at_all(
    visitor: Visitor, contract: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine = document_views.services.examine

    def slowly(*given: Any, **named: Any) -> Upload:  # Any: as `examine` is asked
        # Meanwhile somebody submits the version that the file is to come with.
        with db.transaction() as session:
            found = session.scalars(select(Contract)).one()
            terms = drafting.open_version(session, found)
            assert terms is not None
            contracts.submit(session, found, reason=REASON, seen_version=terms.version)
        return examine(*given, **named)

    monkeypatch.setattr(document_views.services, "examine", slowly)
    answer = visitor.post(f"{contract}/documents", sent(TEXT, "contract.txt"))
    assert (answer.status_code, "It waits for approval" in words(answer)) == (409, True)
    assert stored(tmp_path) == (0, 0, 0)
