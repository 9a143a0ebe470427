"""A recompute that kills its own process in the middle of its third transaction."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.db import Database
from app.platform.jobs.handle import Run
from app.platform.jobs.ledger import Claim
from app.platform.jobs.models import JobRun
from app.recompute import recompute_job
from tests.executors.houses import AS_OF

LAST = 3


def main(run_id: int) -> None:
    """Work on a run that somebody claimed for us."""
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(os.environ["DATABASE_URL"], pool_size=2))
    with db.reading() as session:
        row = session.get_one(JobRun, run_id)
        held = Claim(row.id, row.job, row.scope_key, dict(row.arguments), row.fence, row.attempt)
    real, numbers = db.transaction, count(1)

    @contextmanager
    def deadly() -> Iterator[Session]:
        own = next(numbers)
        with real() as session:
            yield session
            if own == LAST:
                os.kill(os.getpid(), signal.SIGKILL)

    db.transaction = deadly  # type: ignore[assignment] # the process is about to end
    recompute_job({"as_of": AS_OF.isoformat()}, Run(held, slice_size=2))


if __name__ == "__main__":
    main(int(sys.argv[1]))
