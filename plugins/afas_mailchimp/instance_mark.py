"""Which Airflow feeds an audience: a mark in the help text of the key field, which only administrators see.

Two Airflows on one audience do no harm as long as they agree, but nobody wants that. Each run that finds the mark of
another one warns and puts its own there: two that both live warn each time, one that moved to a new home warns once.
"""

from __future__ import annotations

import re

MARKS = re.compile(r"\s*\[Airflow ([^\]]*)\]\s*$")
MARK = re.compile(r"^([a-z][a-z0-9_]*)=([0-9a-f]+)$")

LONGEST = 255
"""Characters of a help text. Mailchimp documents none; what is longer is not written (unconfirmed)."""


def marks_of(help_text: str) -> dict[str, str]:
    """Read the instance by owner; what a person wrote around them does not matter."""
    found = MARKS.search(help_text)
    parts = (MARK.match(part) for part in found[1].split()) if found else ()
    return {part[1]: part[2] for part in parts if part}


def with_mark(help_text: str, owner: str, instance: str) -> str:
    """Return the help text with the mark of an owner put in, or put in the place of another one.

    The latest mark stands last; the oldest go when the text becomes too long.
    """
    marks = {name: mark for name, mark in marks_of(help_text).items() if name != owner} | {owner: instance}
    text = MARKS.sub("", help_text)
    while True:
        written = f"{text} [Airflow {' '.join(f'{name}={mark}' for name, mark in marks.items())}]".lstrip()
        if len(written) <= LONGEST or len(marks) == 1:
            return written
        marks.pop(next(iter(marks)))


def warning(help_text: str, owner: str, instance: str | None, *, sync: str) -> str | None:
    """Say that another Airflow has fed this audience since the last run here, if one has.

    :param instance: mark of this one; None when it has never run anything.
    """
    other = marks_of(help_text).get(owner)
    if other is None or other == instance:
        return None
    return (
        f"Another Airflow (mark {other}) feeds this audience as owner {owner}, or did before sync {sync} ran here. If "
        "this Airflow took its place, this is said once. If both live, nobody is signed up again who opted out, but "
        "two sync files that differ overwrite each other: switch one off, or give each an owner of its own "
        "(audience.owner)."
    )
