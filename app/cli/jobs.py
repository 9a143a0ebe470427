"""`flask jobs`, `flask scheduler`, `flask worker`: the ledger, who fills it, who works it off."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from types import FrameType

import click
from flask import current_app
from rich.console import Console
from rich.table import Table

from app.base import acting, db
from app.base.errors import AppError
from app.platform.audit.appending import code_version
from app.platform.jobs import ledger, queries
from app.platform.jobs import worker as working
from app.platform.jobs.leading import leadership
from app.platform.jobs.models import Origin, RunState
from app.platform.jobs.queries import Run
from app.platform.jobs.scheduler import Scheduler
from app.platform.jobs.worker import Worker
from config import Settings

BY = "command line"


@click.group("jobs")
def group() -> None:
    """Run jobs now and see what ran."""


@group.command("run")
@click.argument("name")
@click.option("--arguments", "text", default="{}", help='What the job is given, as JSON: "{…}".')
@click.option("--json", "as_json", is_flag=True, help="Print the job's report as JSON.")
def run(name: str, text: str, as_json: bool) -> None:
    """Run the job NAME here and now; it is refused while the same job runs elsewhere."""
    from app.timetable import JOBS

    job = JOBS.get(name)
    if job is None:
        raise click.ClickException(f"There is no job {name!r}; known: {', '.join(sorted(JOBS))}.")
    try:
        with db.transaction() as session:
            queued = ledger.run_now(
                session, job=name, arguments=_arguments(text), origin=Origin.COMMAND, by=BY
            )
        with db.transaction() as session:
            held = ledger.claim(session, run_id=queued.id)
        if held is None:
            raise click.ClickException("A worker was faster; see flask jobs list.")
        report = working.run_here(job, held)
    except AppError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2, sort_keys=True))
    else:
        click.echo(report.get("summary", f"{name} has run."))


@group.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def list_runs(limit: int, as_json: bool) -> None:
    """List the latest runs."""
    with db.reading() as session:
        runs = queries.runs_page(session, limit=limit).runs
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in runs], ensure_ascii=False, indent=2))
        return
    table = Table("run", "job", "for", "state", "queued", "took", "by", "error", box=None)
    for each in runs:
        table.add_row(
            str(each.id),
            each.job,
            each.scope_key,
            each.state,
            f"{each.queued_at:%Y-%m-%d %H:%M}",
            "" if each.took is None else f"{each.took.total_seconds():.1f} s",
            each.requested_by,
            each.error or "",
        )
    Console().print(table)


@click.command("worker")
def worker() -> None:
    """Work off the ledger until SIGTERM or Ctrl-C."""
    from app.timetable import JOBS

    # Its lanes are threads of their own, which inherit nobody.
    acting.act_for_process(acting.system("worker"))
    working_here = Worker(JOBS, db.current().url, code_version=code_version())
    _until_told(working_here.stop)
    working_here.run()


@click.command("scheduler")
def scheduler() -> None:
    """Keep the timetable until SIGTERM or Ctrl-C; of several one leads, the others wait."""
    from app.timetable import JOBS

    # The clock ticks in a thread of its own, which inherits nobody.
    acting.act_for_process(acting.system("scheduler"))
    settings: Settings = current_app.config["SETTINGS"]
    ticking = Scheduler(JOBS, settings.zone, leadership(db.current().url))
    _until_told(ticking.stop)
    ticking.run()


def _until_told(stop: Callable[[], None]) -> None:
    def heed(_signal: int, _frame: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, heed)
    signal.signal(signal.SIGINT, heed)


def _arguments(text: str) -> ledger.Arguments:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--arguments") from error
    if not isinstance(found, dict):
        raise click.BadParameter("give an object, {…}", param_hint="--arguments")
    return found


def _as_json(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "job": run.job,
        "scope": run.scope_key,
        "state": RunState(run.state).value,
        "queued_at": run.queued_at.isoformat(),
        "started_at": None if run.started_at is None else run.started_at.isoformat(),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        "progress_done": run.progress_done,
        "progress_total": run.progress_total,
        "result": run.result,
        "error": run.error,
        "error_id": run.error_id,
    }
