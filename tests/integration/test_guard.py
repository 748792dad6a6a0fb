"""What a task tells when something unexpected happens in it: the kind and the places, never a value."""

from __future__ import annotations

import logging
import traceback
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException

from afas_mailchimp.errors import ConfigurationError, SyncError, TemporaryError
from operators import afas_mailchimp_retention
from operators.afas_mailchimp_guard import GuardedOperator, UnexpectedError
from tests.integration.leaks import copied, everything_said

ADDRESS = "jan@korenaar.example"
NAME = "Jan de Vries"
TOLD = (SyncError, AirflowException)


def fail(text: str) -> None:
    """Raise an error with a person in it."""
    raise ValueError(text)


class Task(GuardedOperator):
    """A task that does what a test says."""

    def __init__(self, *, does, **kwargs):
        super().__init__(**kwargs)
        self.does = does

    def work(self, context):
        return self.does()


def raised(does, caplog) -> tuple[BaseException, str]:
    """Run a task that fails; answers the error and everything that was said."""
    with caplog.at_level(logging.DEBUG), pytest.raises(TOLD) as caught:
        Task(task_id="task", does=does).execute({})
    return caught.value, everything_said(caught.value, caplog)


def test_a_mistake_in_the_code(caplog):
    """A KeyError with an address, caused by a ValueError with a name: neither is told."""

    def does():
        try:
            int(NAME)
        except ValueError as error:
            raise KeyError(ADDRESS) from error

    error, said = raised(does, caplog)

    assert isinstance(copied(error), UnexpectedError)
    assert "KeyError" in str(error)
    assert NAME not in said
    assert ADDRESS not in said


def test_the_places_in_our_code_are_told(monkeypatch, caplog):
    """The makers need file, line and function."""
    monkeypatch.setattr(afas_mailchimp_retention, "SYNC_DAG", None)
    conf = SimpleNamespace(conf={}, dag_id="x", run_id="y")
    task = afas_mailchimp_retention.CleanUpOperator(task_id="x", settings={"x": None})
    error, _ = raised(lambda: task.work({"dag_run": conf, "params": {}}), caplog)

    assert "An unexpected AttributeError at" in str(error)
    assert "> afas_mailchimp_retention.py:" in str(error)
    assert "(work)" in str(error)


@pytest.mark.parametrize("kind", [ConfigurationError, TemporaryError, AirflowException])
def test_our_own_sentences_stay(kind, caplog):
    """They are what the operator reads; only what they were caused by is cut off."""

    def does():
        try:
            fail(ADDRESS)
        except ValueError:
            raise kind("AFAS does not answer.")  # noqa: B904 - the cause is what must be cut off

    error, said = raised(does, caplog)

    assert type(error) is kind
    assert str(error) == "AFAS does not answer."
    assert ADDRESS not in said
    assert "does" in "".join(traceback.format_tb(error.__traceback__))


def test_log_lines_pass_a_net(caplog):
    """Whoever logs: the package, a library, with an exception or without; afterwards everything is as before."""
    ours, theirs = logging.getLogger("operators.x"), logging.getLogger("some.library")

    def does():
        ours.info("row of %s", ADDRESS)
        theirs.debug("GET /members/%s?email=%s", "0123456789abcdef0123456789abcdef", ADDRESS)
        logging.getLogger("urllib3.connectionpool").debug("GET /x?filtervalues=%s", NAME)
        try:
            fail(ADDRESS)
        except ValueError:
            theirs.exception("it failed")

    with caplog.at_level(logging.DEBUG):
        Task(task_id="task", does=does).execute({})
        factory = logging.getLogRecordFactory()
        ours.info("after %s", ADDRESS)

    said = [record.getMessage() for record in caplog.records]
    assert said[:3] == ["row of [removed]", "GET /members/[removed]?[removed]", "it failed (ValueError)"]
    assert said[-1] == f"after {ADDRESS}"
    assert factory is logging.LogRecord
    assert not any(record.exc_info for record in caplog.records)


def test_every_task_of_the_package_is_guarded():
    """A task that is not would be the hole."""
    from airflow.dag_processing.dagbag import DagBag  # noqa: PLC0415 - heavy

    from demo.embedded_airflow import ROOT  # noqa: PLC0415

    tasks = [task for dag in DagBag(dag_folder=str(ROOT / "dags")).dags.values() for task in dag.tasks]

    assert len(tasks) >= 4
    assert {type(task).__mro__[1].__name__ for task in tasks if type(task).__name__ != "EmptyOperator"} == {
        "GuardedOperator"
    }
