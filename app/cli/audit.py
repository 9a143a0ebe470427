"""`flask audit`: verify the log, anchor its head, export it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.base import db
from app.cli.output import json_option, print_json
from app.platform.audit import anchoring, exporting, security, verifying
from app.platform.audit.security import Kind
from config import Settings


@click.group("audit")
def group() -> None:
    """Prove the audit log, write its head down, export it."""


@group.command("verify")
@click.option(
    "--anchors",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A file or folder of anchors kept elsewhere; default: the instance's own.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    help="A head as a pack's footer prints it: “1204 9f3ac21b07de”.",
)
@json_option
@with_appcontext
def verify(anchors: tuple[Path, ...], heads: tuple[str, ...], as_json: bool) -> None:
    """Check every event, its signature, the head and all anchors; exit 1 where one fails."""
    settings: Settings = current_app.config["SETTINGS"]
    known = [
        each for place in anchors or (settings.anchors,) for each in verifying.anchors_in(place)
    ]
    try:
        known += [verifying.printed_anchor(each) for each in heads]
    except ValueError as error:
        raise click.ClickException(f"{error}.") from error
    started = time.perf_counter()
    with db.reading() as session:
        verdict = verifying.verify(session, known)
    seconds = time.perf_counter() - started
    security.note(
        Kind.AUDIT_VERIFIED if verdict.holds else Kind.AUDIT_BROKEN,
        events=verdict.events,
        anchors=verdict.anchors,
        faults=len(verdict.faults),
    )
    if as_json:
        print_json({**asdict(verdict), "holds": verdict.holds, "seconds": round(seconds, 3)})
    else:
        _tell(verdict, seconds)
    if not verdict.holds:
        raise SystemExit(1)


@group.command("anchor")
@with_appcontext
def anchor() -> None:
    """Write the log's head into the day's anchor file (and to syslog, where set)."""
    head = anchoring.anchor_now(current_app.config["SETTINGS"])
    click.echo(f"Anchored: event {head.seq}, {head.hash}.")


@group.command("export")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--first", default=1, show_default=True, help="The first event's number.")
@click.option("--last", default=None, type=int, help="The last one's; default: the newest.")
def export(folder: Path, first: int, last: int | None) -> None:
    """Write a range of events with a manifest, for scripts/verify_audit.py."""
    with db.reading() as session:
        manifest = exporting.export_to(session, folder, first=first, last=last)
    security.note(Kind.AUDIT_EXPORTED, count=manifest.count, last_seq=manifest.last_seq)
    click.echo(f"{manifest.count} events written to {folder / exporting.FILE}.")


def _tell(verdict: verifying.Verdict, seconds: float) -> None:
    for fault in verdict.faults:
        click.echo(fault.words)
    said = f"{verdict.events:,} events, {verdict.anchors:,} anchors, {seconds:.1f} s"
    if verdict.holds:
        click.echo(f"The log holds: {said}. Last: {verdict.last_seq} {verdict.last_hash}")
    else:
        click.echo(f"The log does not hold: {len(verdict.faults)} faults; {said}.", err=True)
