"""What runs in a printing child process: its setting up, its limits, one job after another.

Imports the layout engine inside functions, after the font configuration is named in the
environment; the parent imports this module and stays light.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from jinja2 import TemplateError

from app.base.pdf.printable import Limits, Printable, RenderError

if TYPE_CHECKING:
    from app.base.pdf.press import Press

# A document leaves circular garbage behind; collecting it after each would cost a tenth.
DOCUMENTS_PER_COLLECTION = 8
# What a library call deaf to signals gets on top of the limit before the process is ended.
GRACE_SECONDS = 5.0


class _OutOfTime(BaseException):
    """Raised by a timer in the middle of a document; no `except Exception` stops it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a child needs to know: where the templates and fonts are, and its limits."""

    templates: Path
    font_configuration: Path
    limits: Limits
    assets: dict[str, Path] = field(default_factory=dict)


_setup: Setup | None = None
_press: Press | None = None
_printed = 0


def prepare(setup: Setup) -> None:
    """Make this process ready to print; the pool's initializer.

    1. Name the font configuration, before any library reads it.
    2. End with the parent, whatever ends it.
    3. Load the engine, the fonts and the styles, then bound the memory.
    """
    global _setup  # a child is set up once and lives for many documents
    _setup = setup
    os.environ["FONTCONFIG_FILE"] = str(setup.font_configuration)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _ready_press()
    gc.collect()
    gc.freeze()
    _bound_memory(setup.limits.memory_bytes)


def is_ready() -> bool:
    """Return whether this process was made ready: it would not have come this far otherwise."""
    return _setup is not None


def render(template: str, content: Printable) -> bytes | RenderError:
    """Print one document within the limits; a refusal is returned, not raised."""
    assert _setup is not None, "a child is prepared before it prints"  # noqa: S101 # see `prepare`
    limits = _setup.limits
    try:
        with _watched(limits), _garbage_kept():
            return _ready_press().print(template, content)
    except _OutOfTime:
        _forget_press()
        return RenderError(
            "E-PDF-02", f"took longer than {limits.wall_seconds:g} s and was stopped."
        )
    except (MemoryError, RecursionError):
        _forget_press()
        return RenderError("E-PDF-03", "needs more memory than a document may take.")
    except (TemplateError, TypeError, AttributeError) as error:
        return RenderError("E-PDF-04", f"{template} and its content do not fit: {error}")


def _ready_press() -> Press:
    global _press  # made anew after a document that was stopped midway
    if _press is None:
        assert _setup is not None  # noqa: S101 # see `prepare`
        from app.base.pdf.press import Press

        _press = Press(_setup.templates, _setup.assets)
    return _press


def _forget_press() -> None:
    global _press  # see `_ready_press`
    _press = None
    gc.collect()


@contextmanager
def _watched(limits: Limits) -> Iterator[None]:
    """Stop the work at the limit: by wall clock, by CPU time, and at last by force."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_limit = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1
    hard_limit = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit, hard_limit))
    signal.signal(signal.SIGXCPU, _stop)
    signal.signal(signal.SIGALRM, _stop)
    with Path(os.devnull).open("wb") as nowhere:
        faulthandler.dump_traceback_later(
            limits.wall_seconds + GRACE_SECONDS, exit=True, file=nowhere
        )
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Let no collection interrupt the layout; collect between documents, now and then."""
    global _printed  # counts the documents of this process
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        _printed += 1
        if _printed % DOCUMENTS_PER_COLLECTION == 0:
            gc.collect()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _OutOfTime


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _bound_memory(limit: int) -> None:
    hard_limit = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard_limit in (resource.RLIM_INFINITY, -1) or limit < hard_limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard_limit))
    # Freed pages go back to the system at once instead of staying with the child.
    ctypes.CDLL(None).malloc_trim(0) if hasattr(ctypes.CDLL(None), "malloc_trim") else None
