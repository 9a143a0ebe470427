"""A backup holds everything, is proved, and comes back into an empty place only."""

from __future__ import annotations

import io
import shutil
import tarfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from app import upkeep
from app.base import clock, db
from app.base.db import Database
from app.base.errors import AppError, Conflict, InvalidInput, Unavailable
from app.facts.suppliers.models import Supplier
from app.platform.audit import keys
from app.platform.operations import backups, engines, restoring
from app.platform.operations.backups import Made, kept, make, verify
from app.platform.operations.restoring import Restored, restore
from config import Settings
from tests import postgres
from tests.conftest import NOW
from tests.web_app import EMAIL, PASSWORD, Visitor, add_person, app_on, settings_for

NAMES = ["Kestrel Castings GmbH", "=1+1", "Søren & Söhne 🙂", "O'Brien; DROP"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A file store with two files and a half-written one."""
    folder = tmp_path / "instance" / "files"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "one.pdf").write_bytes(b"%PDF-one")
    (folder / "two.bin").write_bytes(b"\0" * 100_000)
    (folder / "ab" / ".three.pdf.x.part").write_bytes(b"half")
    return folder


@pytest.fixture
def made(database: Database, files: Path, tmp_path: Path) -> Made:
    """A backup of four suppliers and two files."""
    with db.transaction() as session:
        for number, name in enumerate(NAMES):
            session.add(Supplier(number=str(number), name=name))
    return make(database, files=files, folder=tmp_path / "backups", version="1.2.3")


@pytest.fixture
def empty(database: Database, tmp_path: Path) -> Iterator[str]:
    """An empty place on the same engine."""
    if database.is_sqlite:
        yield str(tmp_path / "restored")
        return
    server = postgres.cluster_url()
    assert server is not None
    name = f"restored_{uuid.uuid4().hex}"
    yield postgres.create_database(server, name)
    postgres.drop_database(server, name)


def restored(made: Made, empty: str, tmp_path: Path) -> Restored:
    is_url = "://" in empty
    return restore(made.path, empty, files=tmp_path / "restored-files" if is_url else None)


def test_a_backup_says_what_it_holds(made: Made, database: Database) -> None:
    said = verify(made.path)
    assert said == made.manifest
    assert said.engine == ("sqlite" if database.is_sqlite else "postgresql")
    assert said.tables["supplier"].rows == 4
    assert sorted(said.files) == ["ab/one.pdf", "two.bin"]
    assert said.files["two.bin"].size == 100_000
    assert said.version == "1.2.3"
    assert said.made_at == NOW
    assert made.path.name == "mainstay-20261121T093000Z.backup"
    assert made.path.stat().st_mode & 0o777 == 0o600


def test_what_comes_back_is_what_was_there(made: Made, empty: str, tmp_path: Path) -> None:
    done = restored(made, empty, tmp_path)
    again = Database(done.url, pool_size=1)
    with again.reading() as session:
        names = session.execute(text("SELECT name FROM supplier ORDER BY id")).scalars().all()
    again.dispose()
    assert names == NAMES
    assert (done.files / "ab" / "one.pdf").read_bytes() == b"%PDF-one"
    assert (done.files / "two.bin").stat().st_size == 100_000
    assert not list(done.files.rglob("*.part"))


def test_a_restored_house_opens_its_pages(
    database: Database, files: Path, empty: str, tmp_path: Path
) -> None:
    add_person(app_on(database, tmp_path))
    with db.transaction() as session:
        session.add(Supplier(number="7", name=NAMES[0]))
    made = make(database, files=files, folder=tmp_path / "backups", version="1")
    done = restored(made, empty, tmp_path)
    again = Database(done.url, pool_size=2)
    db.bind(again)
    try:
        visitor = Visitor(app_on(again, tmp_path / "second"))
        assert visitor.sign_in(EMAIL, PASSWORD).status_code in (302, 303)
        page = visitor.get("/suppliers/")
        assert page.status_code == 200
        assert NAMES[0] in page.text
    finally:
        again.dispose()
        db.bind(database)


def test_a_backup_is_taken_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    with db.transaction() as session:
        session.add(Supplier(number="1", name="seen"))
        session.flush()
        if database.is_sqlite:
            session.commit()
        made = make(database, files=tmp_path / "none", folder=tmp_path / "b", version="1")
    assert made.manifest.tables["supplier"].rows == (1 if database.is_sqlite else 0)


def test_a_restore_never_writes_over_data(
    made: Made, database: Database, empty: str, tmp_path: Path
) -> None:
    done = restored(made, empty, tmp_path)
    before = sorted(done.files.rglob("*"))
    with pytest.raises(Conflict, match="E-BAK-07"):
        restored(made, empty, tmp_path)
    if not database.is_sqlite:
        with pytest.raises(Conflict, match=r"E-BAK-07: The database has \d+ tables already"):
            restore(made.path, empty, files=tmp_path / "elsewhere")
        assert not (tmp_path / "elsewhere").exists()
    assert sorted(done.files.rglob("*")) == before


def test_another_kind_of_place_is_refused(made: Made, database: Database, tmp_path: Path) -> None:
    wrong = "postgresql://localhost/x" if database.is_sqlite else str(tmp_path / "folder")
    with pytest.raises(InvalidInput, match="E-BAK-06"):
        restore(made.path, wrong, files=tmp_path / "f")
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("kept_share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_backup_is_refused_with_the_reason(
    made: Made, empty: str, tmp_path: Path, kept_share: float
) -> None:
    content = made.path.read_bytes()
    end = content.rindex(b"manifest.sha256") + 600
    made.path.write_bytes(content[: int(end * kept_share)])
    with pytest.raises(InvalidInput, match=r"E-BAK-0[45]"):
        restored(made, empty, tmp_path)
    assert not (tmp_path / "restored").exists()
    assert not (tmp_path / "restored-files").exists()
    assert not list(tmp_path.glob(".restored*"))


@pytest.mark.parametrize("member", ["database", "files/two.bin", "manifest.json"])
def test_one_changed_byte_is_found(made: Made, member: str) -> None:
    with tarfile.open(made.path) as archive:
        name = made.manifest.database if member == "database" else member
        entry = archive.getmember(name)
    with made.path.open("r+b") as file:
        file.seek(entry.offset_data + entry.size // 2)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(InvalidInput, match="E-BAK-05: The backup was changed"):
        verify(made.path)


def test_a_member_that_nobody_named_is_found(made: Made) -> None:
    def slipped_in(archive: tarfile.TarFile) -> None:
        archive.addfile(tarfile.TarInfo("files/../../evil"), io.BytesIO())

    _rewritten(made.path, before=slipped_in)
    with pytest.raises(InvalidInput, match=r"E-BAK-05.*evil"):
        verify(made.path)


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "x.backup").write_bytes(b"hello")
    with pytest.raises(InvalidInput, match="E-BAK-04"):
        verify(tmp_path / "x.backup")
    with pytest.raises(InvalidInput, match="E-BAK-04: There is no file"):
        verify(tmp_path / "y.backup")


def test_what_fails_a_check_gets_no_name(made: Made, empty: str, tmp_path: Path) -> None:
    def never(_: Connection) -> list[str]:
        return ["the audit chain is broken at 50"]

    files = tmp_path / "restored-files" if "://" in empty else None
    with pytest.raises(Unavailable, match=r"E-BAK-08.*broken at 50"):
        restore(made.path, empty, files=files, checks=(never,))
    assert not (tmp_path / "restored").exists()
    assert not (tmp_path / "restored-files").exists()


@pytest.fixture
def no_anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a house that has anchored nothing yet."""
    settings = Settings.from_env({"MAINSTAY_INSTANCE": str(tmp_path / "instance")})
    monkeypatch.setattr(upkeep.Settings, "from_env", lambda *_: settings)


@pytest.mark.usefixtures("no_anchors")
def test_a_log_of_another_key_is_not_restored(
    made: Made, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made.manifest.chain is not None
    files = tmp_path / "restored-files" if "://" in empty else None
    monkeypatch.setattr(keys, "_bound", b"z" * 48)
    with pytest.raises(Unavailable, match=r"E-BAK-08: .*audit log, event 1"):
        restore(made.path, empty, files=files, checks=upkeep.RESTORE_CHECKS)


@pytest.mark.usefixtures("no_anchors")
def test_a_log_that_holds_is_restored(made: Made, empty: str, tmp_path: Path) -> None:
    files = tmp_path / "restored-files" if "://" in empty else None
    done = restore(made.path, empty, files=files, checks=upkeep.RESTORE_CHECKS)
    assert upkeep.forget_the_erased(done) == 0


def test_rows_that_are_missing_after_a_restore_are_counted(
    made: Made, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(connection: Connection) -> list[str]:
        return []

    monkeypatch.setattr(engines, "check_integrity", lossy)
    wrong = dict(made.manifest.tables) | {"supplier": restoring.tables.TableFacts(5, "0")}
    differences = list(restoring.tables.differences(wrong, made.manifest.tables))
    assert differences == ["table supplier has 4 rows, 5 are expected"]


def test_a_full_disk_leaves_no_backup_and_no_rest(
    database: Database, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_sync", full)
    with pytest.raises(AppError, match="E-SYS-01"):
        make(database, files=files, folder=tmp_path / "backups", version="1")
    assert list((tmp_path / "backups").iterdir()) == []


def test_seven_days_four_weeks_and_three_months_are_kept() -> None:
    newest = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    every_day = [newest - timedelta(days=back) for back in range(400)]
    found = sorted(kept(every_day), reverse=True)
    assert [f"{at:%m-%d}" for at in found] == [
        "11-21", "11-20", "11-19", "11-18", "11-17", "11-16", "11-15",
        "11-08", "11-01", "10-31", "09-30",
    ]  # fmt: skip


def test_of_several_on_one_day_the_newest_is_kept() -> None:
    day = datetime(2026, 11, 21, tzinfo=UTC)
    assert kept([day, day + timedelta(hours=5)]) == {day + timedelta(hours=5)}


def test_only_backups_of_ours_are_removed(tmp_path: Path) -> None:
    for back in range(60):
        at = NOW - timedelta(days=back)
        (tmp_path / f"mainstay-{at:%Y%m%dT%H%M%SZ}.backup").touch()
    (tmp_path / "mainstay-2019.backup").touch()
    (tmp_path / "letter.txt").touch()
    gone = backups.prune(tmp_path)
    assert len(gone) + len(backups.backups_in(tmp_path)) == 60
    assert (tmp_path / "letter.txt").exists()
    assert (tmp_path / "mainstay-2019.backup").exists()


def test_the_job_backs_up_and_tells(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    class Watching:
        def progress(self, done: int, total: int | None = None) -> None:
            told.append(done)

        def item_failed(self, item: str, error: BaseException) -> None:
            raise AssertionError(item)

    settings = settings_for(database, tmp_path)
    monkeypatch.setattr(upkeep.Settings, "from_env", lambda: settings)
    report = upkeep.backup_job({}, Watching())
    assert told == [1, 2, 3]
    assert report["rows"] > 0
    assert "mainstay-20261121T093000Z.backup" in report["summary"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    upkeep.backup_job({}, Watching())
    assert len(backups.backups_in(settings.backups)) == 2


def _rewritten(path: Path, *, before: object) -> None:
    """Write an archive anew with something slipped in at its beginning."""
    fresh = path.with_suffix(".fresh")
    with tarfile.open(path) as old, tarfile.open(fresh, "w") as new:
        before(new)  # type: ignore[operator]
        for entry in old.getmembers():
            new.addfile(entry, old.extractfile(entry))
    shutil.move(fresh, path)
