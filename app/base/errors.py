"""The kinds of error that services raise and faces translate.

Knows no HTTP: `app.base.web.errors` maps a kind to a status, the command line
to an exit status.
"""

from __future__ import annotations


class AppError(Exception):
    """A refusal with a stable code and one sentence that says what to do.

    `code` is stable and documented (`E-IMP-07`), `message` names place, value and
    remedy, and nothing was stored when it is raised.
    """

    kind = "error"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[AppError], tuple[str, str]]:
        """Survive the way back from a worker process."""
        return type(self), (self.code, self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class InvalidInput(AppError):
    """What was given can't be accepted as it is."""

    kind = "invalid"


class NotFound(AppError):
    """No such object, or none that the actor may see."""

    kind = "not_found"


class Conflict(AppError):
    """The state of things forbids it now: already done, changed by somebody else."""

    kind = "conflict"


class Forbidden(AppError):
    """The actor may see the object but not do this with it."""

    kind = "forbidden"


class TooLarge(AppError):
    """The input is over a stated limit."""

    kind = "too_large"


class Unavailable(AppError):
    """Something outside is missing now: database locked, disk full, a library absent."""

    kind = "unavailable"
