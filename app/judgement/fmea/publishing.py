"""Writes the lines of a worksheet into registers, counts what that does, and takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Base
from app.base.errors import Conflict
from app.facts.suppliers.models import Supplier
from app.judgement.fmea import rating, services
from app.judgement.fmea.lines import CauseOf, File, ModeOf, RegisterOf, Said, gathered
from app.judgement.fmea.models import (
    ControlKind,
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
    Subject,
)
from app.judgement.fmea.queries import ModeSheet, RowSheet, mode_sheets, register_sheet
from app.judgement.fmea.rating import Why
from app.platform.imports.kinds import Chunk, Counts, NamedSupplier, RowFault
from app.platform.imports.problems import Code, Fault, quoted
from app.platform.sources import images
from app.platform.sources.models import BeforeImage

NUMBER = re.compile(r"FMEA-0*([1-9][0-9]{0,17})", re.ASCII)
# Children first: what is deleted when a batch is taken back.
WRITTEN = (FmeaRating, FmeaControl, FmeaEffect, FmeaCause, FmeaMode, FmeaRegister)
# A register that an import opens has counted its opening, and its lines as one change.
VERSION_OF_OPENED = 2
Place = tuple[str, ...]


def unknown_registers(chunk: Chunk) -> Iterator[RowFault]:
    """Yield lines whose register is not there, is closed, or is meant by two."""
    names = [str(name) for name in chunk.column("register")]
    suppliers = [None if each is None else str(each) for each in chunk.column("supplier_no")]
    with db.reading() as session:
        found = {name: _named(session, name) for name in dict.fromkeys(names)}
        known = _suppliers(session, set(filter(None, suppliers)))
    for index, name in enumerate(names):
        place, said = _fault(name, found[name], suppliers[index], known)
        if said:
            yield RowFault(index, place, Fault(Code.UNMATCHED, said))


def suppliers_named(session: Session, numbered: Sequence[tuple[int, Said]]) -> list[NamedSupplier]:
    """Return whose registers the lines write in; None: the house's own, or nobody's yet."""
    named: dict[str, NamedSupplier] = {}
    for row_no, said in numbered:
        if said.register not in named:
            found = _named(session, said.register)
            known = _suppliers(session, {said.supplier})
            key = found[0].supplier_id if found else known.get(said.supplier)
            named[said.register] = NamedSupplier(row_no, "register", said.register, key)
    return list(named.values())


def publish(session: Session, batch_id: int, file: File) -> Counts:
    """Write what the lines say; rows that stand otherwise get a rating that names the import."""
    counts, writer = Counts(), _Writer(session, batch_id, file.given)
    for name, said in gathered(file).items():
        register = _register(session, name)
        if register is None:
            about = services.RegisterSaid(Subject.SUPPLIER, name, supplier=said.supplier)
            register = services.open_register(session, about)
            writer.note_new(register, (name,))
            counts.created["FMEA register"] += 1
        register = rating.locked_register(session, register.id)
        writer.write_register(register, name, said)
    for line in file.lines:
        places = _places(line)
        if any(place in writer.new for place in places):
            counts.new += 1
        elif any(place in writer.changed for place in places):
            counts.changed += 1
        else:
            counts.unchanged += 1
    return counts


def undo(session: Session, batch_id: int) -> None:
    """Take a batch back; Conflict where a register changed since, or something hangs on a row."""
    _refuse_if_changed(session, batch_id)
    _refuse_if_used(session, batch_id)
    for model in WRITTEN:
        images.restore(session, batch_id, _table(model))
    for model in WRITTEN:
        table = _table(model)
        inserted = images.inserted_ids(batch_id, table)
        session.execute(delete(table).where(table.c.id.in_(inserted)))
    session.expire_all()


class _Writer:
    """Writes one file: what is new, what changes, each with its before-image."""

    def __init__(self, session: Session, batch_id: int, given: frozenset[str]) -> None:
        self.new: set[Place] = set()
        self.changed: set[Place] = set()
        self._session = session
        self._batch_id = batch_id
        self._given = given
        self._kept: set[tuple[str, int]] = set()
        self._at = clock.now()
        self._why = Why(reason=f"Import #{batch_id} of a worksheet.")

    def write_register(self, register: FmeaRegister, name: str, said: RegisterOf) -> None:
        """Write what a file says of a register."""
        moved = len(self.new) + len(self.changed)
        known = {each.mode.name: each for each in register_sheet(self._session, register).modes}
        latest = max((each.mode.place for each in known.values()), default=0)
        for place, (mode_name, mode_said) in enumerate(said.modes.items(), latest + 1):
            self._write_mode(register, (name, mode_name), known.get(mode_name), mode_said, place)
        if len(self.new) + len(self.changed) > moved:
            self._keep(register)
            rating.touch(self._session, register)

    def note_new(self, row: Any, place: Place) -> None:  # Any: one of the mapped classes here
        """Note a row that the file brought."""
        self.new.add(place)
        self._kept.add((row.__tablename__, row.id))
        images.remember_inserted(
            self._session, self._batch_id, row.__tablename__, [row.id], self._at
        )

    def _write_mode(
        self,
        register: FmeaRegister,
        at: Place,
        sheet: ModeSheet | None,
        said: ModeOf,
        place: int,
    ) -> None:
        moved = len(self.new) + len(self.changed)
        mode = self._mode(register, at, place) if sheet is None else sheet.mode
        self._set(mode, at, step=said.step or mode.step)
        effects = {} if sheet is None else {each.text: each for each in sheet.effects}
        for order, (text, severity) in enumerate(said.effects.items(), len(effects) + 1):
            effect = effects.get(text)
            where = (*at, "effect", text)
            if effect is None:
                effect = FmeaEffect(mode_id=mode.id, place=order, text=text)
                self._add(effect, where)
            self._set(effect, where, **self._scores(severity=severity))
        rows = {} if sheet is None else {each.cause.text: each for each in sheet.rows}
        for order, (text, cause_said) in enumerate(said.causes.items(), len(rows) + 1):
            self._write_cause(mode, (*at, "cause", text), rows.get(text), cause_said, order)
        if len(self.new) + len(self.changed) > moved:
            self._restate(register, mode)

    def _write_cause(
        self, mode: FmeaMode, at: Place, row: RowSheet | None, said: CauseOf, place: int
    ) -> None:
        if row is None:
            cause = FmeaCause(mode_id=mode.id, place=place, text=at[-1])
            self._add(cause, at)
        else:
            cause = row.cause
        without = None if said.detection or (row and row.detection) else said.undetected
        scores = self._scores(occurrence=said.occurrence)
        if "detection" in self._given:
            scores["undetected"] = without
        self._set(cause, at, **scores, action=said.action or cause.action)
        for kind, texts in (
            (ControlKind.PREVENTION, dict.fromkeys(said.prevention)),
            (ControlKind.DETECTION, said.detection),
        ):
            stored = (
                ()
                if row is None
                else (row.prevention if kind is ControlKind.PREVENTION else row.detection)
            )
            known = {each.text: each for each in stored}
            for order, (text, detection) in enumerate(texts.items(), len(known) + 1):
                control, where = known.get(text), (*at, str(kind), text)
                if control is None:
                    control = FmeaControl(cause_id=cause.id, kind=kind, place=order, text=text)
                    self._add(control, where)
                if kind is ControlKind.DETECTION:
                    self._set(control, where, **self._scores(detection=detection))

    def _mode(self, register: FmeaRegister, at: Place, place: int) -> FmeaMode:
        mode = FmeaMode(
            register_id=register.id,
            place=place,
            name=at[-1],
            changed_by=db.actor_of(self._session).name,
            changed_at=self._at,
        )
        self._add(mode, at)
        return mode

    def _add(self, row: Any, at: Place) -> None:  # Any: as above
        self._session.add(row)
        self._session.flush()
        self.note_new(row, at)

    def _set(self, row: Any, at: Place, **values: object) -> None:  # Any: as above
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not differing:
            return
        self._keep(row)
        self.changed.add(at)
        for name, value in differing.items():
            setattr(row, name, value)

    def _scores(self, **scores: int | None) -> dict[str, object]:
        """Return the scores whose columns the file has."""
        return {name: value for name, value in scores.items() if name in self._given}

    def _keep(self, row: Any) -> None:  # Any: as above
        """Keep what a row held before the file changes it."""
        key = (row.__tablename__, row.id)
        if key in self._kept:
            return
        self._kept.add(key)
        table = _table(type(row))
        with self._session.no_autoflush:
            one = select(table.c.id).where(table.c.id == row.id)
            images.remember(self._session, self._batch_id, table, one, self._at)

    def _restate(self, register: FmeaRegister, mode: FmeaMode) -> None:
        self._keep(mode)
        sheet = mode_sheets(self._session, [mode])[0]
        for row in sheet.rows:
            self._keep(row.cause)
        found = rating.restate(self._session, register, mode, self._why)
        mode.version += 1
        mode.changed_by, mode.changed_at = db.actor_of(self._session).name, self._at
        images.remember_inserted(
            self._session,
            self._batch_id,
            FmeaRating.__tablename__,
            [each.id for each in found],
            self._at,
        )


def _places(line: Said) -> list[Place]:
    """Return what a line speaks of, as the writer notes it."""
    mode = (line.register, line.mode)
    cause = (*mode, "cause", line.cause)
    found: list[Place] = [(line.register,), mode]
    if line.effect:
        found.append((*mode, "effect", line.effect))
    if line.cause:
        found.append(cause)
    if line.prevention:
        found.append((*cause, str(ControlKind.PREVENTION), line.prevention))
    if line.control:
        found.append((*cause, str(ControlKind.DETECTION), line.control))
    return found


def _named(session: Session, name: str) -> list[FmeaRegister]:
    """Return the registers that a name means, by number or title; closed ones too."""
    match = NUMBER.fullmatch(name.strip())
    condition = FmeaRegister.title == name if match is None else FmeaRegister.id == int(match[1])
    found = session.scalars(select(FmeaRegister).where(condition).order_by(FmeaRegister.id)).all()
    still_open = [each for each in found if each.closed_at is None]
    return list(still_open or found)


def _register(session: Session, name: str) -> FmeaRegister | None:
    found = _named(session, name)
    if len(found) > 1:
        raise Conflict(Code.BATCH_STATE, f"{quoted(name)} means two registers; give its number.")
    return found[0] if found else None


def _suppliers(session: Session, numbers: set[str]) -> dict[str, int]:
    rows = session.execute(
        select(Supplier.number, func.coalesce(Supplier.effective_supplier_id, Supplier.id)).where(
            Supplier.number.in_(sorted(numbers))
        )
    )
    return {row[0]: row[1] for row in rows}


def _fault(
    name: str, found: list[FmeaRegister], supplier: str | None, known: dict[str, int]
) -> tuple[str, str]:
    if len(found) > 1:
        return "register", f"{quoted(name)} is the title of {len(found)}; give the number."
    if found and found[0].closed_at is not None:
        return "register", f"{found[0].number} is closed; nothing in it changes any more."
    if found:
        return "register", ""
    if NUMBER.fullmatch(name.strip()) or supplier is None:
        return "register", (
            f"register {quoted(name)} is not known. Open it first, or give supplier_no to open it."
        )
    if supplier not in known:
        return "supplier_no", f"supplier {quoted(supplier)} is not known. Import it first."
    return "register", ""


def _refuse_if_changed(session: Session, batch_id: int) -> None:
    rows = session.execute(
        select(FmeaRegister, BeforeImage.before)
        .join(BeforeImage, BeforeImage.row_id == FmeaRegister.id)
        .where(
            BeforeImage.batch_id == batch_id,
            BeforeImage.table_name == FmeaRegister.__tablename__,
        )
    )
    for register, before in rows:
        after = VERSION_OF_OPENED if before is None else before["version"] + 1
        if register.version != after:
            raise Conflict(
                Code.UNDO,
                f"{register.changed_by} changed {register.number} since. Take the lines out of"
                " it by hand.",
            )


def _refuse_if_used(session: Session, batch_id: int) -> None:
    own = {_table(model).name for model in WRITTEN}
    for model in WRITTEN:
        for name, number in images.foreign_uses(session, batch_id, _table(model)):
            if name not in own:
                raise Conflict(
                    Code.UNDO,
                    f"{number:,} rows of {name.replace('_', ' ')} hang on rows of #{batch_id}."
                    " Take those out first.",
                )


def _table(model: Any) -> Table:  # Any: one of the mapped classes here
    return Base.metadata.tables[model.__tablename__]
