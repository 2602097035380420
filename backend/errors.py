"""What can be refused, in words a person can act on. Knows no HTTP: backend/api.py gives each a status."""

from typing import Any


class DomainError(Exception):
    """A rule said no. `type` is stable and machine-readable, `detail` says what to do about it."""

    def __init__(self, detail: str, *, type: str = "", title: str = "", **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.type = type  # empty: the kind's own name will do
        self.title = title
        self.extra = extra


class Invalid(DomainError):
    """Input of the right shape that a rule refuses. `errors` names the fields: [{pointer, code, detail}]."""

    def __init__(
        self, detail: str, *, field: str | None = None, code: str = "invalid", **kwargs: Any
    ) -> None:
        if field is not None:
            kwargs["errors"] = [{"pointer": f"/{field}", "code": code, "detail": detail}]
        super().__init__(detail, **kwargs)


class NotFound(DomainError):
    """Nothing there, or nothing that this person may see: the two are the same answer."""

    def __init__(self, detail: str = "There is nothing here, or nothing you may see.", **kwargs: Any) -> None:
        super().__init__(detail, **kwargs)


class Conflict(DomainError):
    """Somebody or something else was first; read again and decide anew."""


class NotAllowed(DomainError):
    """Known, and visible, but not this person's to do."""


class Unprocessable(DomainError):
    """Understood, and impossible as asked: ambiguous, or contrary to an earlier request."""
