"""One call as a handler sees it: identifiers of the path, checked query, parsed body."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sandbox.mailchimp import clock, problem
from sandbox.mailchimp.audience import Audience
from sandbox.mailchimp.body import kind_of
from sandbox.mailchimp.projection import Projection, tree_of

LARGEST_PAGE = 1000
DEFAULT_PAGE = 10


class Query:
    """Query parameters, of which a route knows some; another one is refused."""

    def __init__(self, pairs: Sequence[tuple[str, str]], *, allowed: frozenset[str], capital_true: bool) -> None:
        self._values = dict(pairs)
        self._capital_true = capital_true
        unknown = sorted(set(self._values) - allowed)
        if unknown:
            raise problem.bad_request(f"This route has no query parameter {', '.join(unknown)}.")

    def text(self, name: str) -> str | None:
        """A parameter as it was sent; an empty one is none."""
        return self._values.get(name) or None

    def flag(self, name: str) -> bool:
        """A yes or no, written ``true`` or ``false``."""
        value = self._values.get(name, "false")
        known = {"true": True, "false": False}
        if self._capital_true:
            known |= {"True": True, "False": False}
        if value not in known:
            raise problem.not_validated((name, "Schema describes boolean, string found instead"))
        return known[value]

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """One of a closed set."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise problem.not_validated((name, f"Value must be one of: {', '.join(allowed)}"))
        return value

    def moment(self, name: str) -> float | None:
        """A moment; one that cannot be read is ignored, as the vendor was seen to do."""
        value = self.text(name)
        return None if value is None else clock.read(value)

    def page(self) -> tuple[int, int]:
        """Offset and count, the latter at most 1,000."""
        return self._whole("offset", 0), min(self._whole("count", DEFAULT_PAGE), LARGEST_PAGE)

    def projection(self) -> Projection:
        """What of the answer is wanted."""
        only, without = self.text("fields"), self.text("exclude_fields")
        return Projection(
            only=None if only is None else tree_of(only.split(",")),
            without=None if without is None else tree_of(without.split(",")),
        )

    def _whole(self, name: str, default: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit():
            raise problem.not_validated((name, "Schema describes integer, string found instead"))
        return int(value)


Run = Callable[[str, str, Sequence[tuple[str, str]], bytes], tuple[int, str]]


@dataclass(slots=True)
class Call:
    """A call to one route.

    :param ids: the variable parts of the path after the list's id.
    :param root_url: address of the stand-in as the caller knows it.
    :param run: carries out one operation of an asynchronous batch: method, path, parameters, body.
    """

    audience: Audience
    ids: Sequence[str]
    query: Query
    raw_body: bytes
    root_url: str
    run: Run
    units: int = 0

    def body(self) -> dict[str, object]:
        """The body as a JSON object."""
        try:
            value = json.loads(self.raw_body, parse_constant=_no_constant)
        except ValueError:
            raise problem.ProblemError(
                400, "JSON Parse Error", "We encountered an unspecified JSON parsing error."
            ) from None
        if not isinstance(value, dict):
            raise problem.not_validated(("", f"Schema describes object, {kind_of(value)} found instead"))
        return value


def _no_constant(name: str) -> object:
    # Python's parser takes NaN and Infinity, JSON has neither.
    raise ValueError(name)
