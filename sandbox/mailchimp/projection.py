"""``fields`` and ``exclude_fields``: which parts of an answer are sent, by paths such as ``members.id``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Tree = dict[str, "Tree"]
"""Names below a name; an empty tree means: all of it."""


def tree_of(paths: Iterable[str]) -> Tree:
    """Build a tree of dotted paths."""
    root: Tree = {}
    whole: set[str] = set()
    for path in paths:
        node = root
        walked = ""
        for name in path.split("."):
            walked = f"{walked}.{name}"
            if walked in whole:
                break
            node = node.setdefault(name, {})
        else:
            node.clear()
            whole.add(walked)
    return root


@dataclass(frozen=True, slots=True)
class Projection:
    """What to send. ``only`` is None when everything is wanted."""

    only: Tree | None = None
    without: Tree | None = None

    def wants(self, name: str) -> bool:
        """Tell whether a key is sent, at least in part."""
        if self.only is not None and name not in self.only:
            return False
        return self.without is None or self.without.get(name) != {}

    def below(self, name: str) -> Projection:
        """The projection of what is under a key."""
        only = self.only.get(name) if self.only is not None else None
        without = self.without.get(name) if self.without is not None else None
        return Projection(only=only or None, without=without or None)

    def whole(self) -> bool:
        """Tell whether nothing is left out."""
        return self.only is None and self.without is None

    def applied_to(self, answer: dict[str, object]) -> dict[str, object]:
        """Leave out of an answer what is not wanted."""
        return {name: self.below(name).applied(value) for name, value in answer.items() if self.wants(name)}

    def applied(self, value: object) -> object:
        """Leave out of a JSON value what is not wanted."""
        if self.whole():
            return value
        if isinstance(value, list):
            return [self.applied(item) for item in value]
        if isinstance(value, dict):
            return {name: self.below(name).applied(item) for name, item in value.items() if self.wants(name)}
        return value
