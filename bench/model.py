"""The model of both APIs that the bench injects, and the lower bounds that follow from it. Pure.

AFAS advises at most five reads at once on one set of data, Mailchimp allows ten connections (their documentation);
the times of an answer are assumptions, the same for everything that is compared.
"""

from __future__ import annotations

from math import ceil

AFAS_CALL, AFAS_ROW = 0.15, 0.00002
MAILCHIMP_CALL, MAILCHIMP_MEMBER = 0.15, 0.004
"""Seconds of an answer: for the call, and for each row read or member written in it. Reading members costs the call."""

PAGE, MEMBERS_PAGE, BATCH = 5_000, 1_000, 500
AFAS_AT_ONCE, CONNECTIONS = 5, 10


def full_load(rows: int, *, connections: int = CONNECTIONS) -> float:
    """Least seconds to write so many new members: the first page of rows, then batches on every connection."""
    first = AFAS_CALL + AFAS_ROW * min(rows, PAGE)
    rounds = ceil(rows / (BATCH * connections))
    return first + rounds * MAILCHIMP_CALL + MAILCHIMP_MEMBER * rows / connections


def survey(rows: int) -> float:
    """Least seconds to read all rows once."""
    pages = ceil(rows / PAGE)
    return ceil(pages / AFAS_AT_ONCE) * (AFAS_CALL + AFAS_ROW * min(rows, PAGE))


def members(count: int, *, connections: int = CONNECTIONS) -> float:
    """Least seconds to read all members once."""
    return ceil(count / (MEMBERS_PAGE * connections)) * MAILCHIMP_CALL


def calls(afas: int, mailchimp: int) -> float:
    """Seconds of calls that follow one another and carry nothing."""
    return afas * AFAS_CALL + mailchimp * MAILCHIMP_CALL


def incremental(rows: int, single_looks: int, member_pages: int, batches: int, *, connections: int) -> float:
    """Least seconds of an incremental run behind its preflight.

    The window and the empty page behind it; then looks at single members or pages of all, as many at once as there are
    connections; then the batches.

    :param rows: rows in the window.
    :param single_looks: members looked up one by one.
    :param member_pages: pages of members.
    """
    window = AFAS_CALL + AFAS_ROW * rows + AFAS_CALL
    looks = (ceil(single_looks / connections) + ceil(member_pages / connections)) * MAILCHIMP_CALL
    writing = batches * MAILCHIMP_CALL + MAILCHIMP_MEMBER * min(rows, BATCH) if batches else 0.0
    return window + looks + writing
