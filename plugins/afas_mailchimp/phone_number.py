"""Dutch (and other) phone numbers in any spelling → E.164, by Google's libphonenumber."""

from __future__ import annotations

import functools

import phonenumbers


@functools.lru_cache(maxsize=4096)
def normal_number(text: str, *, region: str = "NL") -> str | None:
    """Read a number as people write it.

    :param region: ISO country whose numbers may be written without a country code.
    :return: such as ``+31332981234``; None when it is no possible number.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
