"""A worker of the sample jobs as a program of its own, to be killed: python -m … URL."""

from __future__ import annotations

import sys

from app.base import acting, db
from app.base.db import Database
from app.platform.jobs.worker import Worker
from tests.jobs.sample_jobs import JOBS

if __name__ == "__main__":
    acting.act_for_process(acting.system("worker"))
    db.bind(Database(sys.argv[1], pool_size=2))
    Worker(JOBS, sys.argv[1]).run()
