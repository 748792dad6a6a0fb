"""Tags of Mailchimp in bulk. A tag is a static segment, which takes 500 members in a call; names go one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from afas_mailchimp.audience import BATCH_SIZE
from afas_mailchimp.errors import RefusedError
from hooks.afas_mailchimp_mailchimp_client import SafeClient

PAGE = 1_000


class Tags:
    """Tags of all audiences that a hook meets, each looked up once."""

    def __init__(self, client: Callable[[], SafeClient]) -> None:
        self._client = client
        self._ids: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def id_of(self, list_id: str, name: str) -> int:
        """Return the id of a tag, made where missing. Mailchimp does not tell capitals from small letters."""
        key = (list_id, name.strip().casefold())
        with self._lock:
            if key not in self._ids:
                found = self._find(*key)
                self._ids[key] = self._make(list_id, name.strip()) if found is None else found
            return self._ids[key]

    def add(self, list_id: str, tag_id: int, addresses: Sequence[str]) -> None:
        """Give members a tag; an address without a member is left out by Mailchimp."""
        for start in range(0, len(addresses), BATCH_SIZE):
            body = {"members_to_add": list(addresses[start : start + BATCH_SIZE])}
            self._client().lists("batch_segment_members", body, list_id, int(tag_id), doing="adding a tag")

    def _find(self, list_id: str, folded: str) -> int | None:
        offset, total = 0, 1
        while offset < total:
            found = self._client().lists(
                "list_segments",
                list_id,
                type="static",
                count=PAGE,
                offset=offset,
                fields=["segments.id", "segments.name", "total_items"],
                doing="reading tags",
            )
            for each in found.get("segments") or ():
                if str(each.get("name") or "").strip().casefold() == folded:
                    return int(each["id"])
            offset, total = offset + PAGE, int(found.get("total_items") or 0)
        return None

    def _make(self, list_id: str, name: str) -> int:
        body = {"name": name, "static_segment": []}
        try:
            return int(self._client().lists("create_segment", list_id, body, doing="creating a tag")["id"])
        except RefusedError:
            # The first try may have had its effect, its answer lost.
            there = self._find(list_id, name.casefold())
            if there is None:
                raise
            return there
