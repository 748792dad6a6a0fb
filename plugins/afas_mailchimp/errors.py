"""Errors named for what to do next. Their texts go to logs and to the Airflow UI: never a value of a person in them.

A message says which system, what was being done, and what to do. Vendor texts are not quoted: both APIs repeat
addresses in them (``jan@… looks fake``), so the hooks translate them into the sentences used here.
"""

from __future__ import annotations


class SyncError(Exception):
    """Anything that ends a task of a sync. Raise one of the subclasses.

    Airflow pickles what a task raises; those with keyword-only arguments say in ``__reduce__`` how they are made again.
    """


class ConfigurationError(SyncError):
    """A person must change something first (file, connection, right, field): trying again cannot help."""


class SafetyStop(SyncError):  # noqa: N818 - it is not an error of the code, it is a brake
    """A protection stopped the run (a limit, a missing key field, a status that went up): a person must look."""


class TemporaryError(SyncError):
    """The other side cannot answer now: the same call may succeed later.

    :param retry_after: seconds that the other side asked to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after)
        self.message = message
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_temporary, (self.message, self.retry_after))


class WaitedTooLong(SyncError):  # noqa: N818 - it says what happened
    """The other side asked for one long wait after the other: this run gives up, the next one begins anew."""


class TakenOverError(SyncError):
    """Airflow took this attempt for dead and began another one: this one writes nothing any more."""


class RefusedError(SyncError):
    """One call was refused for what it contained (HTTP 400, 404, 405); other calls can go on.

    :param status: HTTP status.
    :param refusal: what kind of refusal it was, as far as it could be told.
    """

    def __init__(self, message: str, *, status: int, refusal: str) -> None:
        super().__init__(message, status, refusal)
        self.message = message
        self.status = status
        self.refusal = refusal

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_refused, (self.message, self.status, self.refusal))


def _temporary(message: str, retry_after: float | None) -> TemporaryError:
    return TemporaryError(message, retry_after=retry_after)


def _refused(message: str, status: int, refusal: str) -> RefusedError:
    return RefusedError(message, status=status, refusal=refusal)
