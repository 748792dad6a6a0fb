"""What every task of the package runs in: no line of a log and no error of it may hold a person.

Errors of the package are written without values. Anything else that is raised (a mistake in the code, a library) may
carry a row in its text or in its cause, so only its kind and the places in our code are told.
"""

from __future__ import annotations

import logging
import traceback
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError

from afas_mailchimp.errors import SyncError, TemporaryError
from operators.afas_mailchimp_metrics import send_end
from operators.afas_mailchimp_waiting import or_wait

_OURS = Path(__file__).resolve().parents[1]
_MOST_PLACES = 6
_LOUD = ("urllib3", "requests", "http.client", "airflow.providers.http", "mailchimp_marketing", "sqlalchemy")


class UnexpectedError(SyncError):
    """Something that should not happen; its own text is not shown, because it could hold a person's data."""


class GuardedOperator(BaseOperator):
    """A task of the package. Its work is in :meth:`work`."""

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Work, and let nothing out but counts, keys and the sentences of our own errors.

        :raises UnexpectedError: instead of whatever is neither ours nor Airflow's.
        :raises AirflowRescheduleException: the other side asked for a long wait.
        """
        problem: BaseException
        with redacted_logs():
            try:
                done = self.work(context)
            except (SyncError, AirflowException, AirflowRuntimeError) as error:
                problem = error
            except Exception as error:  # noqa: BLE001 - whatever it is, its text must not get out
                problem = UnexpectedError(_told(error))
            else:
                send_end(self)
                return done
            if isinstance(problem, TemporaryError):
                problem = or_wait(problem, context)
            send_end(self, problem)
        # Out here no other error is being handled, so none is printed along.
        problem.__cause__ = problem.__context__ = None
        raise problem

    @abstractmethod
    def work(self, context: Mapping[str, Any]) -> Any:
        """Do the work of this task."""


@contextmanager
def redacted_logs() -> Iterator[None]:
    """Pass every line that this process logs through the net, and keep libraries from telling URLs."""
    from afas_mailchimp.redaction import redact  # noqa: PLC0415 - patterns to compile: only where a task runs

    factory = logging.getLogRecordFactory()

    def careful(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = factory(*arguments, **more)
        text = redact(record.getMessage())
        if record.exc_info:
            # The text of an exception, and of those that caused it, would be printed below the line.
            text = f"{text} ({getattr(record.exc_info[0], '__name__', 'error')})"
        record.msg, record.args, record.exc_info = text, None, None
        return record

    levels = {name: logging.getLogger(name).level for name in _LOUD}
    logging.setLogRecordFactory(careful)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield
    finally:
        logging.setLogRecordFactory(factory)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _told(error: Exception) -> str:
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} ({frame.name})"
        for frame in traceback.extract_tb(error.__traceback__)
        if _OURS in Path(frame.filename).parents
    ]
    return (
        f"An unexpected {type(error).__name__} at {' > '.join(places[-_MOST_PLACES:])}. Its text is not shown, because "
        "it could hold data of a person. This is a mistake in the package: tell its makers these places; trying again "
        "may help."
    )
