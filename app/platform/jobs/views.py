"""The jobs page: what runs, what ran, how it ended; and “run now”."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from app.base import acting, clock, db, formatting
from app.base.errors import Conflict, NotFound
from app.base.web.access import current_actor, requires, wants_json
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, Pages, read_list
from app.base.web.paths import safe_next
from app.platform.jobs import ledger, queries
from app.platform.jobs.ledger import AlreadyOpen
from app.platform.jobs.models import RunState
from app.platform.jobs.queries import Run
from app.platform.jobs.standing import Standing, standings
from app.platform.jobs.table import JobTable

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

EVERYTHING = 1_000_000
STATE_WORDS = {
    RunState.DUE: ("none", "waits its turn"),
    RunState.QUEUED: ("none", "queued"),
    RunState.RUNNING: ("info", "running"),
    RunState.SUCCEEDED: ("good", "done"),
    RunState.PARTIAL: ("watch", "partly done"),
    RunState.FAILED: ("act", "failed"),
    RunState.SKIPPED: ("none", "skipped"),
}
RETRIED = (RunState.FAILED, RunState.PARTIAL)


def job_table() -> JobTable:
    """Return the jobs that the factory handed in."""
    table: JobTable = current_app.config["JOBS"]
    return table


def _shape() -> ListShape:
    return ListShape(
        sorts={"queued": True, "job": False, "state": False, "finished": True},
        default="-queued",
        filters=(
            Filter("job", "Job", {name: job.title for name, job in job_table().items()}),
            Filter("state", "State", {state: words for state, (_, words) in STATE_WORDS.items()}),
        ),
    )


@blueprint.get("/")
@requires("jobs.view")
def index() -> Response:
    """List the runs."""
    state = read_list(_shape())
    routine = () if state.is_filtered() else tuple(_quick())
    with db.reading() as session:
        page = queries.runs_page(
            session,
            states=state.values("state"),
            jobs=state.values("job"),
            routine=routine,
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
    if state.export:
        return exported(_sheet(page.runs), state.export)
    return make_response(
        render_template(
            "jobs/index.html",
            state=state,
            pages=Pages(state, page.total),
            runs=page.runs,
            is_shortened=bool(routine),
            jobs=_standings(),
            state_words=STATE_WORDS,
            titles={name: job.title for name, job in job_table().items()},
            duration=duration,
            progress=progress,
        )
    )


def _quick() -> list[str]:
    return [name for name, job in job_table().items() if job.is_quick]


def _standings() -> list[Standing]:
    """Return how the jobs stand, for everybody who may see the page: it names no supplier."""
    zone = current_app.config["SETTINGS"].zone
    with acting.acting_as(acting.system("console")), db.reading() as session:
        return standings(session, job_table(), at=clock.now(), zone=zone)


@blueprint.get("/<int:run_id>")
@requires("jobs.view")
def show(run_id: int) -> Response:
    """Show one run; a program gets its state as JSON."""
    with db.reading() as session:
        run = queries.run_by_id(session, run_id)
        failed = None if run is None else queries.failed_items(session, run_id)
    if run is None:
        raise NotFound("E-JOB-02", "There is no such run.")
    if wants_json():
        return make_response(jsonify(progress(run)))
    job = job_table().get(run.job)
    return make_response(
        render_template(
            "jobs/run.html",
            run=run,
            state_words=STATE_WORDS,
            duration=duration,
            resumed=resumed,
            progress=progress(run),
            failed=failed,
            title=run.job if job is None else job.title,
            may_be_retried=run.state in RETRIED,
            back=safe_next(request.args.get("back"), fallback=""),
        )
    )


@blueprint.post("/run")
@requires("jobs.run")
def run_now() -> Response:
    """Queue a job that may be started from the page."""
    name = request.form.get("job", "")
    job = job_table().get(name)
    if job is None or not job.is_offered:
        raise NotFound("E-JOB-03", "There is no job of that name to start here.")
    return start(name)


@blueprint.post("/<int:run_id>/retry")
@requires("jobs.run")
def retry(run_id: int) -> Response:
    """Try a failed or partly done run again; 409 while another one of its kind is open."""
    with db.reading() as session:
        if queries.run_by_id(session, run_id) is None:
            raise NotFound("E-JOB-02", "There is no such run.")
    try:
        with db.transaction() as session:
            is_queued = ledger.retry(session, run_id, by=current_actor().name)
    except AlreadyOpen as error:
        return _refused(error)
    if not is_queued:
        raise Conflict("E-JOB-09", "Only a run that failed or did a part can be tried again.")
    return make_response(redirect(url_for("jobs.show", run_id=run_id), 303))


def start(
    job: str,
    *,
    scope_key: str = "",
    arguments: ledger.Arguments | None = None,
    back: str | None = None,
) -> Response:
    """Queue a run for the person who asks and lead there; 409 while the same one is open.

    Other features' buttons call this. `back` is where the run's page leads back to.
    """
    known = job_table().get(job)
    attempts = ledger.MOST_ATTEMPTS if known is None else known.attempts
    try:
        with db.transaction() as session:
            run = ledger.run_now(
                session,
                job=job,
                scope_key=scope_key,
                arguments=arguments,
                attempts=attempts,
                by=current_actor().name,
            )
            run_id = run.id
    except AlreadyOpen as error:
        return _refused(error, back=back)
    return make_response(redirect(url_for("jobs.show", run_id=run_id, back=back), 303))


def duration(took: timedelta | None) -> str:
    """Return a duration as people say it (“1.4 s”, “3 min 12 s”)."""
    if took is None:
        return ""
    seconds = took.total_seconds()
    if seconds < 60:
        return f"{formatting.number(seconds, 1)} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def progress(run: Run) -> dict[str, Any]:
    """Return how far a run is (Any: JSON), the same for the page and for a program."""
    words = STATE_WORDS[run.state][1]
    if run.progress_total and run.state is RunState.RUNNING:
        done, total = formatting.number(run.progress_done), formatting.number(run.progress_total)
        words = f"{done} of {total}"
    if run.resumed_at and run.state is RunState.RUNNING:
        words += f", {resumed(run)}"
    return {
        "id": run.id,
        "state": run.state,
        "is_over": run.state.is_over,
        "words": words,
        "progress_done": run.progress_done,
        "progress_total": run.progress_total,
    }


def resumed(run: Run) -> str:
    """Return where a run went on (“interrupted, resumed at supplier 2,300”)."""
    went_on = f"resumed at {run.resumed_at}"
    return f"interrupted, {went_on}" if run.interruptions else went_on


def _refused(error: AlreadyOpen, *, back: str | None = None) -> Response:
    """Answer 409 and lead to the run that is open."""
    if wants_json():
        return make_response(jsonify(code=error.code, message=error.message), 409)
    address = url_for("jobs.show", run_id=error.run_id, back=back) if error.run_id else None
    page = render_template("jobs/already_open.html", error=error, address=address)
    return make_response(page, 409)


def _sheet(runs: list[Run]) -> Sheet:
    heads = [
        ("id", "Run"), ("job", "Job"), ("scope", "For"), ("state", "State"),
        ("period", "Period"), ("queued_at", "Queued"), ("finished_at", "Ended"),
        ("rows_in", "Read"), ("rows_out", "Written"), ("by", "By"), ("error", "Error"),
        ("note", "Note"),
    ]  # fmt: skip
    rows = [
        (
            run.id, run.job, run.scope_key, run.state.value, run.period_key,
            formatting.moment(run.queued_at),
            formatting.moment(run.finished_at) if run.finished_at else None,
            run.rows_in, run.rows_out, run.requested_by, run.error, run.note,
        )
        for run in runs
    ]  # fmt: skip
    return Sheet("jobs", heads, rows)
