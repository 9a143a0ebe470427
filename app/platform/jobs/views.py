"""The jobs page: what runs, what ran, how it ended; and “run now”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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

from app.base import db, formatting
from app.base.errors import NotFound
from app.base.web.access import current_actor, requires, wants_json
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.base.web.paths import safe_next
from app.platform.jobs import ledger, queries
from app.platform.jobs.ledger import AlreadyOpen
from app.platform.jobs.models import RunState
from app.platform.jobs.queries import Run

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

EVERYTHING = 1_000_000
STATE_WORDS = {
    RunState.QUEUED: ("none", "queued"),
    RunState.RUNNING: ("info", "running"),
    RunState.SUCCEEDED: ("good", "done"),
    RunState.PARTIAL: ("watch", "partly done"),
    RunState.FAILED: ("act", "failed"),
}


@dataclass(frozen=True, slots=True)
class Runnable:
    """A job that people may start from the page: its name, and what it does in words."""

    name: str
    words: str


def runnable_jobs() -> tuple[Runnable, ...]:
    """Return the jobs that the factory offers on the page."""
    offered: tuple[Runnable, ...] = current_app.config["RUNNABLE_JOBS"]
    return offered


def _shape() -> ListShape:
    return ListShape(
        sorts={"queued": True, "job": False, "state": False, "finished": True},
        default="-queued",
        filters=(
            Filter("state", "State", {state: words for state, (_, words) in STATE_WORDS.items()}),
        ),
    )


@blueprint.get("/")
@requires("jobs.view")
def index() -> Response:
    """List the runs."""
    state = read_list(_shape())
    with db.reading() as session:
        page = queries.runs_page(
            session,
            states=state.values("state"),
            sort=state.sort,
            is_falling=state.is_falling,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
        )
    if state.export:
        return exported(_sheet(page.runs), state.export)
    return make_response(_index_page(state, page))


def _index_page(state: ListState, page: queries.RunsPage) -> str:
    return render_template(
        "jobs/index.html",
        state=state,
        pages=Pages(state, page.total),
        runs=page.runs,
        runnable=runnable_jobs(),
        state_words=STATE_WORDS,
        duration=duration,
    )


@blueprint.get("/<int:run_id>")
@requires("jobs.view")
def show(run_id: int) -> Response:
    """Show one run; a program gets its state as JSON."""
    with db.reading() as session:
        run = queries.run_by_id(session, run_id)
    if run is None:
        raise NotFound("E-JOB-02", "There is no such run.")
    if wants_json():
        return make_response(jsonify(_progress(run)))
    return make_response(
        render_template(
            "jobs/run.html",
            run=run,
            state_words=STATE_WORDS,
            duration=duration,
            progress=_progress(run),
            back=safe_next(request.args.get("back"), fallback=""),
        )
    )


@blueprint.post("/run")
@requires("jobs.run")
def run_now() -> Response:
    """Queue a job that may be started from the page."""
    name = request.form.get("job", "")
    if name not in {job.name for job in runnable_jobs()}:
        raise NotFound("E-JOB-03", "There is no job of that name to start here.")
    return start(name)


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
    try:
        with db.transaction() as session:
            run = ledger.run_now(
                session,
                job=job,
                scope_key=scope_key,
                arguments=arguments,
                by=current_actor().name,
            )
            run_id = run.id
    except AlreadyOpen as error:
        address = url_for("jobs.show", run_id=error.run_id, back=back)
        if wants_json():
            return make_response(jsonify(code=error.code, message=error.message), 409)
        page = render_template("jobs/already_open.html", error=error, address=address)
        return make_response(page, 409)
    return make_response(redirect(url_for("jobs.show", run_id=run_id, back=back), 303))


def duration(took: timedelta | None) -> str:
    """Return a duration as people say it (“1.4 s”, “3 min 12 s”)."""
    if took is None:
        return ""
    seconds = took.total_seconds()
    if seconds < 60:
        return f"{formatting.number(seconds, 1)} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _progress(run: Run) -> dict[str, object]:
    words = STATE_WORDS[run.state][1]
    if run.progress_total and run.state is RunState.RUNNING:
        done, total = formatting.number(run.progress_done), formatting.number(run.progress_total)
        words = f"{done} of {total}"
    return {
        "id": run.id,
        "state": run.state,
        "is_over": run.state.is_over,
        "words": words,
        "progress_done": run.progress_done,
        "progress_total": run.progress_total,
    }


def _sheet(runs: list[Run]) -> Sheet:
    heads = [
        ("id", "Run"), ("job", "Job"), ("scope", "For"), ("state", "State"),
        ("queued_at", "Queued"), ("finished_at", "Ended"), ("by", "By"), ("error", "Error"),
    ]  # fmt: skip
    rows = [
        (
            run.id, run.job, run.scope_key, run.state.value, formatting.moment(run.queued_at),
            formatting.moment(run.finished_at) if run.finished_at else None,
            run.requested_by, run.error,
        )
        for run in runs
    ]  # fmt: skip
    return Sheet("jobs", heads, rows)
