"""Home: what needs somebody, or on an empty installation three ways in. And the search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Response, current_app, render_template, request
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.web.access import current_actor, requires
from app.base.web.lists import LONGEST_SEARCH
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.key_figures import Need
from app.faces.overview.periods import period_words
from app.faces.overview.states import band_badge, grade_badge
from app.facts.deliveries.lines import order_search
from app.facts.suppliers import directory
from app.facts.suppliers import queries as suppliers
from app.judgement.alerts import queries as alerts
from app.judgement.continuity import finding
from app.judgement.continuity.incidents import queries as incidents
from app.judgement.contracts import queries as contracts
from app.judgement.fmea.living import action_queries
from app.judgement.risk_index import portfolio as reads
from app.judgement.risk_index.portfolio import (
    NOT_RATED,
    Movement,
    PortfolioQuery,
    Summary,
)
from app.platform.accounts import gate
from app.platform.approvals import queries as approvals
from app.platform.jobs import queries as jobs
from app.platform.jobs import standing
from app.platform.jobs.queries import Run
from app.platform.jobs.views import job_table, start
from app.platform.sources import queries as sources
from app.platform.sources.queries import BatchRow

RECENT = timedelta(days=35)
QUARTER = timedelta(days=80)
FEW = 5
MANY = 8
SEARCHED = 12
DEMO_JOB = "load_demo"


@blueprint.get("/")
@requires("home.view")
def home() -> str:
    """Show what needs somebody today; to those who see no supplier, where they may go."""
    if not gate.may(current_actor(), "suppliers.view"):
        return render_template("overview/start.html")
    with db.reading() as session:
        if suppliers.supplier_count(session) == 0:
            return render_template("overview/welcome.html", has_imports=_has("imports.index"))
        worst = reads.portfolio(
            session, PortfolioQuery(sort="score", limit=MANY, with_trends=False)
        )
        riskiest = reads.portfolio(
            session, PortfolioQuery(sort="risk", is_falling=True, limit=FEW, with_trends=False)
        )
        unrated = reads.portfolio(
            session, PortfolioQuery(grades=(NOT_RATED,), limit=FEW, with_trends=False)
        )
        period = worst.period
        movers = [] if period is None else reads.movements(
            session, since=period.last_day - QUARTER, limit=MANY)  # fmt: skip
        failed = jobs.failed_runs(session, since=clock.now() - RECENT)
        batches = sources.batch_rows(session, sources.batches().limit(FEW))
        totals = reads.summary(session)
        last = jobs.last_success(session, "recompute")
        late = _late_jobs(session)
        overdue = action_queries.overdue_count(session, clock.today())
        undecided = approvals.open_for(session, current_actor().id, on=clock.today())
        mine = alerts.mine_by_severity(session)
        running = incidents.running_count(session)
    return render_template(
        "overview/home.html",
        needs=[
            *_running(running),
            *_undecided(len(undecided)),
            *_overdue(overdue),
            *_alerts(mine),
            *late,
            *_needs(failed, batches, totals),
        ],
        worst=worst.rows,
        riskiest=[row for row in riskiest.rows if row.risk is not None],
        unrated=unrated,
        movers=movers,
        batches=batches,
        totals=totals,
        last=last,
        period_words="nothing is published yet" if period is None else period_words(period),
        grade_badge=grade_badge,
        band_badge=band_badge,
        moved=moved_words,
    )


@blueprint.post("/demo")
@requires("demo.load")
def load_demo() -> Response:
    """Have the demo company loaded; refused beside real users' data by the job itself."""
    return start(DEMO_JOB, arguments={"by": current_actor().name}, back="/")


@blueprint.get("/search")
@requires("suppliers.view")
def search() -> str:
    """Search suppliers, parts, orders, contracts, plans and incidents by number and name."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with db.reading() as session:
        found_suppliers = directory.find_suppliers(session, text, limit=SEARCHED) if text else []
        found_parts = directory.find_parts(session, text, limit=SEARCHED) if text else []
        found_orders = order_search.find_orders(session, text, limit=SEARCHED) if text else []
        found_contracts = contracts.find_contracts(session, text, limit=SEARCHED) if text else []
        found_plans = finding.find_plans(session, text, limit=SEARCHED) if text else []
        found_incidents = finding.find_incidents(session, text, limit=SEARCHED) if text else []
    return render_template(
        "overview/search.html",
        text=text,
        found_suppliers=found_suppliers,
        found_parts=found_parts,
        found_orders=found_orders,
        found_contracts=found_contracts,
        found_plans=found_plans,
        found_incidents=found_incidents,
    )


def moved_words(movement: Movement) -> tuple[str, str]:
    """Return how far a score moved as a badge: its kind and its words."""
    change = movement.after - movement.before
    return ("fall" if change < 0 else "rise"), f"{formatting.signed(change, 1)}"


def _running(n: int) -> list[Need]:
    if not n:
        return []
    words = f"{formatting.count(n, 'incident')} {'are' if n > 1 else 'is'} running"
    where = address("incidents.index", {"state": "running"})
    return [Need("act", words, "each room says what comes next", href=where)]


def _undecided(n: int) -> list[Need]:
    if not n:
        return []
    words = f"{formatting.count(n, 'approval')} {'wait' if n > 1 else 'waits'} for you"
    where = address("approvals.index", {})
    return [Need("watch", words, "others can't go on before you decide", href=where)]


def _overdue(n: int) -> list[Need]:
    if not n:
        return []
    words = f"{formatting.count(n, 'action')} against risks {'are' if n > 1 else 'is'} overdue"
    where = address("actions.index", {"when": "overdue"})
    return [Need("act", words, "complete them, give them another day or say why not", href=where)]


def _alerts(mine: Mapping[str, int]) -> list[Need]:
    """Return what is said of open alerts that whoever looks may take on."""
    if not mine:
        return []
    told = ", ".join(f"{severity} {formatting.number(n)}" for severity, n in mine.items())
    n = sum(mine.values())
    words = f"{formatting.count(n, 'alert')} {'wait' if n > 1 else 'waits'} for you"
    where = address("alerts.index", {"state": "open"})
    return [Need("act" if "alarm" in mine else "watch", words, told, href=where)]


def _needs(failed: list[Run], batches: list[BatchRow], totals: Summary) -> list[Need]:
    found: list[Need | None] = [
        Need("act", f"{_title(run.job)} failed" + (f", {run.scope_key}" if run.scope_key else ""),
             run.error or "", formatting.short_day(run.queued_at.date()),
             address("jobs.show", {"run_id": run.id}))
        for run in failed
    ]  # fmt: skip
    for batch in batches:
        if batch.rows_aside and batch.published_at is not None and batch.undone_at is None:
            what = f"{formatting.count(batch.rows_aside, 'row')} of {batch.file_name} stand aside"
            where = address("imports.show", {"batch_id": batch.id}) if _has("imports.show") else ""
            found.append(Need("watch", what, "mend them and send them again", href=where))
    found += [
        _counted(totals.by_band.get("critical", 0), "act", "at critical supply risk",
                 "find a second source or stock up", {"band": "critical"}),
        _counted(totals.by_grade.get("D", 0), "watch", "with grade D",
                 "no new business, look for a second source", {"grade": "D"}),
    ]  # fmt: skip
    lacking = totals.by_grade.get(NOT_RATED, 0)
    found.append(
        _counted(lacking, "none", "not rated", "too little is known; each page says what to ask "
                 "for", {"grade": NOT_RATED})
    )  # fmt: skip
    return [need for need in found if need is not None]


def _late_jobs(session: Session) -> list[Need]:
    """Return what is said of jobs that should have gone well by now and have not."""
    found = standing.standings(
        session, job_table(), at=clock.now(), zone=current_app.config["SETTINGS"].zone
    )
    # One that was never noted has never been waited for: a house without a scheduler yet.
    late = [(each.late_from, each.job) for each in found if each.is_late and each.late_from]
    if not late:
        return []
    since, first = min(late, key=lambda each: each[0])
    what = f"{first.title} is late" if len(late) == 1 else f"{len(late)} jobs are late"
    why = "do scheduler and worker run? The page of jobs says since when"
    when = formatting.short_day(since.date())
    return [Need("act", what, why, when, address("jobs.index", {}))]


def _title(name: str) -> str:
    job = job_table().get(name)
    return name if job is None else job.title


def _counted(n: int, kind: str, what: str, why: str, query: dict[str, str]) -> Need | None:
    if not n:
        return None
    words = f"{formatting.count(n, 'supplier')} {what}"
    return Need(kind, words, why, href=address("overview.portfolio", query))


def _has(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
