"""What the audience must hold once everything is settled, as far as the rules alone determine it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.integration.importing.history_oracle import MAILABLE, Oracle, Sight
from tests.integration.importing.history_rows import Row, rows_of, winner_at


def differences(oracle: Oracle) -> list[str]:
    """Everything in which the audience is not what AFAS and the people in it said."""
    rows = rows_of(oracle.world.afas)
    members = oracle.sight()
    places = {seen.place: (contact, seen) for contact, seen in members.items()}
    found = []
    for place in dict.fromkeys(row.place for row in rows if row.takes_part):
        winner = winner_at(rows, place)
        if winner is None or _wandered(oracle, winner):
            continue
        contact, seen = places.get(place, ("", None))
        if seen is None:
            found += _absent(oracle, winner, rows)
        elif not seen.key or seen.row:
            found += [f"{winner.name}: {what}: {seen}" for what in _present(oracle, contact, seen, winner, rows)]
    for contact, seen in members.items():
        found += [f"{what}: {seen}" for what in _stays(oracle, contact, seen, rows)]
    return found


def _wandered(oracle: Oracle, winner: Row) -> bool:
    """The person behind a row changed the address in Mailchimp; that is reported and left alone."""
    return any(contact in oracle.wandered and seen.row == winner.name for contact, seen in oracle.sight().items())


def _says_no(oracle: Oracle, contact: str, row: Row) -> bool:
    since = oracle.signed_up.get(contact) or oracle.signed_up.get(row.place, "")
    # The dates of AFAS are Amsterdam's, the other ones UTC: an hour or two decide nothing here.
    return row.says_no and since[:16] < row.modified[:16]


def _absent(oracle: Oracle, winner: Row, rows: list[Row]) -> Iterator[str]:
    """Nobody at an address of AFAS: because of a no, a refusal, or what became of the row's member elsewhere."""
    if any(row.says_no and row.place == winner.place for row in rows) or winner.place in oracle.barred:
        return
    if winner.place in oracle.world.mailchimp.service._audience.many_lists:
        return
    elsewhere = [seen for seen in oracle.sight().values() if seen.row == winner.name]
    if any(seen.status == "archived" for seen in elsewhere):
        return
    yield f"{winner.name}: has no member; elsewhere {elsewhere}"


def _present(oracle: Oracle, contact: str, seen: Sight, winner: Row, rows: list[Row]) -> Iterator[str]:
    if seen.status == "archived":
        free = winner.place not in oracle.barred and contact not in oracle.signed_up
        braked = winner.place in oracle.world.mailchimp.service._audience.many_lists
        no = any(row.says_no and row.place == winner.place for row in rows)
        if seen.mark and free and not braked and not no and winner.place not in oracle.signed_up:
            yield "archived by us, and not returned"
        return
    if seen.row != winner.name:
        yield "carries the key of another row than the winner"
        return
    for tag, wanted in winner.values.items():
        has = seen.fields.get(tag, "")
        if has != wanted and (wanted or not seen.adopted):
            yield f"{tag} is {has!r} and not {wanted!r}"
    if seen.status in MAILABLE and any(
        row.takes_part and row.place == winner.place and _says_no(oracle, contact, row) for row in rows
    ):
        yield "still gets mail although AFAS says no"


def _stays(oracle: Oracle, contact: str, seen: Sight, rows: list[Row]) -> Iterator[str]:
    """Whoever carries our key and gets mail stands for a row with that address."""
    if seen.row is None or seen.status not in {"subscribed", "transactional"} or contact in oracle.wandered:
        return
    if seen.place in oracle.barred:
        yield f"gets mail although {oracle.barred[seen.place]}"
    if not any(row.name == seen.row and row.takes_part and row.place == seen.place for row in rows):
        yield "gets mail, and no row stands for it"
    if seen.mark:
        yield "carries the mark of an archived member"
