"""The renderer: contents in, PDF out, in long-lived child processes that may die.

A document that runs wild is stopped or ends its child; the others are printed all the same.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import tempfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from app.base.pdf import child
from app.base.pdf.fonts import check_environment, write_configuration
from app.base.pdf.printable import Limits, Printable, RenderError, check_size

Job = tuple[str, Printable]
Outcome = bytes | RenderError

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "pdf"
# Jobs handed over ahead of time per child: enough to keep it busy, few enough to hold little.
JOBS_AHEAD = 2

_OBJECT_STREAM = re.compile(rb"/ObjStm\b[^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL)
_PAGE_TREE = re.compile(rb"<<[^<>]*/Type /Pages\b[^<>]*>>")
_COUNT = re.compile(rb"/Count (\d+)")


class Renderer:
    """Prints contents through the templates; to be closed, or used in a `with`.

    processes: children, one per core by default; they start with the first job.
    """

    def __init__(
        self,
        *,
        processes: int | None = None,
        limits: Limits | None = None,
        templates: Path = TEMPLATES,
        assets: Mapping[str, Path] | None = None,
    ) -> None:
        self.processes = processes or os.cpu_count() or 1
        self.limits = limits or Limits()
        self._templates = templates
        self._assets = dict(assets or {})
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._solo: ProcessPoolExecutor | None = None

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children and remove the temporary font configuration."""
        for pool in (self._pool, self._solo):
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._solo = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def end_now(self) -> None:
        """End the children at once, for a process that is about to end itself.

        Leaving, a process waits for those that it has started, and these wait for work.
        """
        for pool in (self._pool, self._solo):
            for process_id in [] if pool is None else list(pool._processes or ()):
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
        self.close()

    def process_ids(self) -> list[int]:
        """Return the ids of the children that are alive, for measuring them."""
        return [] if self._pool is None else sorted(self._pool._processes)

    def render_one(self, template: str, content: Printable) -> bytes:
        """Return one document as PDF; raises RenderError when it can't be printed."""
        outcome = next(self.render_many([(template, content)]))
        if isinstance(outcome, RenderError):
            raise outcome
        return outcome

    def render_many(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each job, in their order; jobs are taken as they are needed."""
        waiting: deque[tuple[Job, Future[Outcome] | RenderError]] = deque()
        for job in jobs:
            waiting.append((job, check_size(job[1], self.limits) or self._submitted(job)))
            if len(waiting) >= self.processes * JOBS_AHEAD:
                yield self._outcome(*waiting.popleft())
        while waiting:
            yield self._outcome(*waiting.popleft())

    def _outcome(self, job: Job, given: Future[Outcome] | RenderError) -> Outcome:
        if isinstance(given, RenderError):
            return given
        try:
            return given.result()
        except BrokenProcessPool:
            self._drop_pool()
            return self._alone(job)

    def _alone(self, job: Job) -> Outcome:
        """Print a job whose child died in a child of its own: only the guilty one fails."""
        if self._solo is None:
            self._solo = self._new_pool(1)
        has_begun = False
        try:
            has_begun = self._solo.submit(child.is_ready).result()
            return self._solo.submit(child.render, *job).result()
        except BrokenProcessPool:
            self._solo.shutdown(wait=False)
            self._solo = None
        if not has_begun:
            return RenderError(
                "E-PDF-05",
                "The printing process does not start, whatever is to be printed: the program's "
                "log says why. Mend that, then print again.",
            )
        return RenderError(
            "E-PDF-03",
            "ended the printing process: too much memory, or over "
            f"{self.limits.wall_seconds:g} s. Print a shorter period.",
        )

    def _submitted(self, job: Job) -> Future[Outcome]:
        if self._pool is None:
            self._pool = self._new_pool(self.processes)
        try:
            return self._pool.submit(child.render, *job)
        except BrokenProcessPool:
            self._drop_pool()
            return self._submitted(job)

    def _drop_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        if self._folder is None:
            problems = check_environment()
            if problems:
                raise RenderError("E-PDF-05", " ".join(problems))
            self._folder = tempfile.TemporaryDirectory(prefix="mainstay-print-")
            write_configuration(Path(self._folder.name))
        setup = child.Setup(
            templates=self._templates,
            font_configuration=Path(self._folder.name) / "fonts.conf",
            limits=self.limits,
            assets=self._assets,
        )
        return ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=child.prepare,
            initargs=(setup,),
        )


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a document that this renderer printed."""
    for found in _OBJECT_STREAM.finditer(pdf):
        tree = _PAGE_TREE.search(zlib.decompressobj().decompress(found[1]))
        if tree is not None:
            counted = _COUNT.search(tree[0])
            return int(counted[1]) if counted else 0
    return 0
