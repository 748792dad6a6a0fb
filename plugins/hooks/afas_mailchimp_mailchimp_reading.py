"""Reading members in bulk: all with one status, or those that changed, for write-back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from afas_mailchimp.audience import Member, MemberStatus
from afas_mailchimp.member_news import Detail, MemberNews
from hooks.afas_mailchimp_mailchimp_client import SafeClient
from hooks.afas_mailchimp_mailchimp_paging import Ask, MemberPages
from hooks.afas_mailchimp_mailchimp_values import MEMBER_FIELDS, Json, list_path, read_member

_NEWS_FIELDS = ("id", "email_address", "status", "timestamp_opt", "last_changed")

_PLACES: dict[Detail, tuple[str, ...]] = {
    Detail.LANGUAGE: ("language",),
    Detail.RATING: ("member_rating",),
    Detail.OPEN_RATE: ("stats", "avg_open_rate"),
    Detail.CLICK_RATE: ("stats", "avg_click_rate"),
    Detail.REASON: ("unsubscribe_reason",),
}

_ORDER = (
    # The way that people go while statuses are read one after another: who moves on is met again, not missed.
    MemberStatus.PENDING,
    MemberStatus.TRANSACTIONAL,
    MemberStatus.SUBSCRIBED,
    MemberStatus.UNSUBSCRIBED,
    MemberStatus.CLEANED,
)


class Readings:
    """Readings of an audience.

    :param client: returns the client, made at first use.
    :param clock: Mailchimp's own time at its latest answer.
    """

    def __init__(self, client: Callable[[], SafeClient], clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock

    def members(
        self, list_id: str, *, status: MemberStatus | None, tags: Sequence[str], size: int, threads: int
    ) -> Iterator[tuple[Member, ...]]:
        """Yield all members with a status, each once.

        :param status: None yields all but the archived ones (whether Mailchimp adds those is not confirmed).
        :param tags: merge fields to keep.
        :param size: members in a page.
        :param threads: calls at once.
        """
        kept = frozenset(tags)

        def read(found: Json) -> Member:
            return read_member(found, tags=kept)

        pages = MemberPages(self._pages(list_id, MEMBER_FIELDS, size=size, status=status), read)
        return pages.at_once(threads, clock=self._clock)

    def news(
        self,
        list_id: str,
        *,
        since: datetime | None,
        statuses: Collection[MemberStatus],
        tags: Sequence[str],
        details: Collection[Detail],
        size: int,
        threads: int,
    ) -> Iterator[tuple[MemberNews, ...]]:
        """Yield members that changed after a moment, each once, archived ones never.

        :param since: None yields all of them.
        :param tags: merge fields to ask for.
        :param size: members in a page.
        :param threads: calls at once, where all members are read.
        """
        wanted = [status for status in _ORDER if status in statuses]
        start = None if since is None else _whole_seconds(since)
        # Several statuses at once are not a filter of Mailchimp; what changed is little, so it is sifted here.
        readings: Sequence[MemberStatus | None] = [None] if start is not None and len(wanted) > 1 else wanted
        names = [*_NEWS_FIELDS, *(("merge_fields",) if tags else ())]
        names += dict.fromkeys(place[0] for detail, place in _PLACES.items() if detail in details)
        kept = frozenset(tags)

        def read(found: Json) -> MemberNews:
            return _news(found, tags=kept, details=details)

        handed_out: set[bytes] = set()
        for status in readings:
            ask = self._pages(list_id, names, size=size, status=status)
            pages = MemberPages(ask, read, start)
            for page in pages.each_once() if start else pages.at_once(threads, clock=self._clock):
                fresh = []
                for each in page:
                    name = bytes.fromhex(each.id)
                    # Mailchimp leaves out the second itself; should it ever not, nothing would ever be quiet.
                    again = start is not None and each.last_changed is not None and each.last_changed <= start
                    if each.status in wanted and name not in handed_out and not again:
                        handed_out.add(name)
                        fresh.append(each)
                if fresh:
                    yield tuple(fresh)

    def _pages(self, list_id: str, names: Sequence[str], *, size: int, status: MemberStatus | None) -> Ask:
        asked: dict[str, Any] = {
            "count": size,
            "sort_field": "last_changed",
            "sort_dir": "ASC",
            "fields": ["total_items", *(f"members.{name}" for name in names)],
            "doing": "reading members",
        }
        if status is not None:
            asked["status"] = status.value

        def ask(narrowed: dict[str, Any]) -> Json:
            return self._client().lists("get_list_members_info", list_path(list_id), **asked, **narrowed)

        return ask


def _whole_seconds(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("since is a moment with a zone.")
    return moment.astimezone(UTC).replace(microsecond=0)


def _news(found: Json, *, tags: Collection[str], details: Collection[Detail]) -> MemberNews:
    member = read_member(found, tags=tags)
    given = ((detail, _detail(found, _PLACES[detail])) for detail in details)
    return MemberNews(
        id=member.id,
        address=str(found.get("email_address") or ""),
        status=member.status,
        merge_fields=member.merge_fields,
        opted_in_at=member.opted_in_at,
        last_changed=member.last_changed,
        details={detail: value for detail, value in given if value is not None},
    )


def _detail(found: Json, place: Sequence[str]) -> str | int | float | None:
    value: object = found
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value.strip() or None if isinstance(value, str) else value
