"""Where the vendor's behaviour is not known, or differs between accounts: one switch each, the default first."""

from __future__ import annotations

from typing import Final

CHOICES: Final[dict[str, tuple[object, ...]]] = {
    # Reading
    "archived_in_list": (False, True),
    "tie_order": ("shuffled", "stable"),
    "unsorted_order": ("stable", "shuffled"),
    "capital_true": ("refuse", "accept"),
    # Writing
    "identical_write_bumps": (False, True),
    "tag_readd_bumps": (True, False),
    "archived_opt_out": ("kept", "lost"),
    "role_addresses": (False, True),
    # What Mailchimp works out itself (rating, rates, a detected language) moves last_changed.
    "figures_bump": (False, True),
    # The activity feed shows who was unsubscribed by the API, too.
    "api_opt_out_in_feed": (True, False),
    "language": ("en", "de"),
    # Batch
    "batch_missing_status": ("keep", "refuse", "resurrect"),
    "batch_archived": ("resurrect", "exists"),
    "batch_compliance": ("error", "silent"),
    "batch_schema_errors": ("item", "request"),
    "batch_item_tags": ("honour", "ignore"),
    "batch_status_if_new": ("ignore", "honour"),
    # Asynchronous batches
    "operations": ("by_poll", "finalizing"),
    # Merge fields
    "long_text": ("cut", "error"),
    "long_tag": ("error", "cut"),
    "strip_text": (True, False),
    "address_incomplete": ("drop", "error"),
    "partial_address_when_skipping": (False, True),
    "incomplete_address_blocks": (False, True),
}


class Switches:
    """The position of every switch."""

    def __init__(self) -> None:
        self._values = {name: allowed[0] for name, allowed in CHOICES.items()}

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def turn(self, name: str, value: object) -> None:
        """Put a switch in a position; an unknown name or position is refused with the known ones."""
        if name not in CHOICES:
            message = f"no switch {name!r}; there are {', '.join(sorted(CHOICES))}"
            raise ValueError(message)
        allowed = CHOICES[name]
        # True == 1, so the type is compared as well.
        if not any(value == choice and type(value) is type(choice) for choice in allowed):
            message = f"switch {name!r} has no position {value!r}; it has {allowed!r}"
            raise ValueError(message)
        self._values[name] = value

    def positions(self) -> dict[str, object]:
        """Every switch as it is."""
        return dict(self._values)
