"""What the process tells its operator: one line per event, as JSON, without secrets.

Every line has the moment in UTC, the level, what happened, the request and who acted. A
field whose name speaks of a secret is never written, and what looks like one inside a
text is blacked out. Line breaks in values are escaped, so that nobody can write a line
of their own. Knows no files: lines go to standard error, where the service manager or a
log shipper takes them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TextIO
from uuid import UUID

from app.base import acting

REDACTED = "[redacted]"
LONGEST_TEXT = 8_000
DEEPEST = 6
SECRET_NAMES = re.compile(
    r"pass(word|phrase|wd)?$|password|secret|token|cookie|authori[sz]ation|credential|api_?key"
    r"|private_?key|csrf|otp|recovery_?code|session_?id|\bkey$|_key$|^code$",
    re.IGNORECASE,
)
# Names that only sound like secrets.
PLAIN_NAMES = frozenset({"period_key", "scope_key", "dedupe_key", "error_code"})
# A name and its value in running text: password=x, "token": "x", Authorization: Bearer x.
SECRET_IN_TEXT = re.compile(
    r"""(?ix)
    (?P<name>\b[\w-]*(?:password|passphrase|passwd|secret|token|cookie|authori[sz]ation|api_?key
      |csrf)[\w-]*["']?\s*[=:]\s*)
    (?P<value>(?:bearer|basic)\s+\S+|"[^"]*"|'[^']*'|[^\s,;&)}\]]+)
    """
)
BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
# What PostgreSQL adds to a refused row: the row itself.
ROW_IN_TEXT = re.compile(r"DETAIL:[^\n]*")
USERINFO = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+@")
STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
OTHER_LINE_ENDS = re.compile(r"[\x7f\x85\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class LogForm(StrEnum):
    """How lines are written: for machines, for a developer's terminal, not at all."""

    JSON = "json"
    TEXT = "text"
    OFF = "off"


_facts: ContextVar[Mapping[str, object] | None] = ContextVar("log_facts", default=None)


@contextmanager
def telling(**facts: object) -> Iterator[None]:
    """Add facts to every line that is written inside (the run of a job, say)."""
    token = _facts.set({**(_facts.get() or {}), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def event(log: logging.Logger, name: str, /, *, level: int = logging.INFO, **facts: object) -> None:
    """Write one line: what happened (`sign_in.failed`) and its facts by name."""
    log.log(level, "%s", name, extra={"facts": facts})


def configure(form: LogForm, *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Let every logger of this process write lines of one form; the last call counts."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Lines)]:
        root.removeHandler(handler)
    if form is LogForm.OFF:
        return
    handler = _Lines(stream)
    handler.setFormatter(JsonLine() if form is LogForm.JSON else TextLine())
    if form is LogForm.TEXT:
        # Somebody watches a terminal: what libraries tell step by step hides what we say.
        handler.addFilter(_is_ours_or_grave)
    root.addHandler(handler)
    if root.level == logging.NOTSET or root.level > level:
        root.setLevel(level)


def _is_ours_or_grave(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.startswith("app")


class JsonLine(logging.Formatter):
    """One record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = json.dumps(line_of(record), ensure_ascii=False, separators=(",", ":"))
        # JSON itself leaves these as they are; some readers end a line at them.
        return OTHER_LINE_ENDS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


class TextLine(logging.Formatter):
    """One record as words for a terminal; a trace follows, its lines indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = line_of(record)
        trace = str(line.pop("trace", ""))
        at, level, message = (line.pop(name) for name in ("at", "level", "event"))
        rest = " ".join(f"{name}={_one_line(str(value))}" for name, value in line.items())
        text = f"{at} {level} {_one_line(str(message))} {rest}".rstrip()
        return text + "".join(f"\n    {each}" for each in trace.splitlines())


def line_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what one record tells, secrets left out."""
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    line: dict[str, object] = {
        "at": moment,
        "level": record.levelname.lower(),
        "event": cleared(record.getMessage()),
        "log": record.name,
        **_who(),
    }
    given = getattr(record, "facts", {})
    extra = {name: each for name, each in vars(record).items() if name not in STANDARD_FIELDS}
    extra.pop("facts", None)
    facts = given if isinstance(given, Mapping) else {"facts": given}
    told = {**(_facts.get() or {}), **extra, **facts}
    for name, value in told.items():
        line.setdefault(name, redacted(name, value))
    if record.exc_info and record.exc_info[1] is not None:
        line["trace"] = cleared("".join(traceback.format_exception(record.exc_info[1])))
    return line


def redacted(name: str, value: object, depth: int = 0) -> object:
    """Return a value as a line may hold it: nothing under a secret's name, texts cleared."""
    if name not in PLAIN_NAMES and SECRET_NAMES.search(name):
        return None if value is None else REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth < DEEPEST and isinstance(value, Mapping):
        return {str(key): redacted(str(key), each, depth + 1) for key, each in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [redacted("", each, depth + 1) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return cleared(str(value) if isinstance(value, str | Decimal | UUID | StrEnum) else repr(value))


def cleared(text: str) -> str:
    """Return a text with what looks like a secret blacked out, cut where it is endless."""
    text = ROW_IN_TEXT.sub(f"DETAIL: {REDACTED}", text)
    text = USERINFO.sub(f"{REDACTED}@", text)
    text = SECRET_IN_TEXT.sub(lambda found: found["name"] + REDACTED, text)
    text = BEARER.sub(lambda found: f"{found[1]} {REDACTED}", text)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "… [cut]"


def _who() -> dict[str, object]:
    try:
        actor = acting.present()
    except acting.NoActor:
        return {}
    said: dict[str, object] = {"actor": actor.name, "source": str(actor.source)}
    if actor.user_id is not None:
        said["actor_id"] = actor.user_id
    if actor.request_id is not None:
        said["request_id"] = actor.request_id
    if actor.behind is not None:
        said["behind"] = actor.behind
    return said


def _one_line(text: str) -> str:
    return CONTROLS.sub(lambda sign: repr(sign[0])[1:-1], text)


class _Lines(logging.StreamHandler[Any]):  # Any: the stream is looked up anew for each line
    """Writes to a given stream, else to whatever standard error is at that moment."""

    def __init__(self, stream: TextIO | None) -> None:
        self._given = stream
        super().__init__(stream or sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = self._given or sys.stderr
        super().emit(record)
