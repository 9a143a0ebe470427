"""The whole timetable in one table, and jobs that compose siblings.

`JOBS` says what can be run by name and when the clock asks for it. Three doors, one
function: the web button, the command line and the scheduler all call these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.base import db
from app.platform.jobs.calendar import Daily
from app.platform.jobs.handle import Run
from app.platform.jobs.table import Job, JobTable, table_of
from app.recompute import default_as_of, recompute, recompute_job
from app.reviews.packs.printing import print_packs_job

__all__ = ["JOBS", "default_as_of", "recompute"]

Arguments = dict[str, Any]  # Any: JSON
Progress = Callable[[int, int | None], None]

RECOMPUTE_HOUR = 2


def load_demo_job(arguments: Arguments, run: Run) -> Arguments:
    """Load the demo company as a job, with its figures as of its last review and of today.

    Arguments: `by` (who asked). Refused beside real users or their data.
    """
    from app.faces.demo import generator
    from app.faces.demo import services as demo

    steps, by = _Steps(run.progress, total=4), arguments.get("by", "job")
    with db.reading() as session:
        demo.check_loadable(session, by=by)
    rows = generator.build()
    steps.done()
    with db.transaction() as session:
        demo.load(session, by=by, rows=rows)
    steps.done()
    recompute(demo.LAST_REVIEW_ON)
    steps.done()
    result = recompute()
    steps.done()
    return {"summary": result.summary, "links": [{"href": "/", "label": "Look around"}]}


JOBS: JobTable = table_of(
    Job(
        "recompute",
        "Recompute everything",
        recompute_job,
        when=Daily(RECOMPUTE_HOUR),
        is_offered=True,
    ),
    Job("packs", "Print packs", print_packs_job),
    Job("load_demo", "Load the demo company", load_demo_job, attempts=1),
)


class _Steps:
    """Counts finished steps for whoever watches."""

    def __init__(self, progress: Progress | None, *, total: int) -> None:
        self._progress, self._total, self._count = progress, total, 0

    def done(self) -> None:
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total)
