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
        if winner is None or any(oracle.is_followed(contact, winner) for contact in members):
            continue
        contact, seen = places.get(place, ("", None))
        if seen is None:
            found += _absent(oracle, winner, rows)
        elif not seen.key or seen.row:
            found += [f"{winner.name}: {what}: {seen}" for what in _present(oracle, contact, seen, winner, rows)]
    for contact, seen in members.items():
        found += [f"{what}: {seen}" for what in _stays(oracle, contact, seen, rows)]
    return found


def held_back(oracle: Oracle) -> set[str]:
    """Rows that would have a member, were it not for the no of another row with their address."""
    rows, taken = rows_of(oracle.world.afas), {seen.place for seen in oracle.sight().values()}
    silent = [row for row in rows if row.takes_part and not row.says_no and row.place not in taken]
    return {row.name for row in silent if any(other.says_no and other.place == row.place for other in rows)}


def _says_no(oracle: Oracle, contact: str, row: Row) -> bool:
    since = oracle.signed_up.get(contact) or oracle.signed_up.get(row.place, "")
    return row.says_no and since < row.modified


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
        # An opt-out at a former address of the row came along.
        came_along = any(each.row == winner.name and each.status == "unsubscribed" for each in oracle.sight().values())
        free = free and not came_along and winner.place not in oracle.signed_up
        # Whom a person took out does not come in by way of another address, nor by that of somebody whom we took out.
        free = free and not _taken_out(oracle, winner.name)
        if seen.mark and free and not braked and not no:
            yield "archived by us, and not returned"
        return
    if seen.row != winner.name:
        followed = any(oracle.is_followed(contact, row) for row in rows if row.takes_part)
        if not followed and not _remembers(oracle, seen, rows):
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


def _taken_out(oracle: Oracle, name: str) -> bool:
    """Whether somebody else than we archived a member of a row; also who had come back from our own archiving."""
    return any(
        seen.row == name and seen.status == "archived" and (not seen.mark or contact in oracle.signed_up)
        for contact, seen in oracle.sight().items()
    )


def _remembers(oracle: Oracle, seen: Sight, rows: list[Row]) -> bool:
    """The opt-out of a row that went elsewhere and could have no member there: it would be forgotten with the key."""
    places = {row.place for row in rows if row.name == seen.row}
    followed = any(each.place in places and each.status != "archived" for each in oracle.sight().values())
    return seen.status in {"unsubscribed", "cleaned"} and bool(places - {seen.place}) and not followed


def _stays(oracle: Oracle, contact: str, seen: Sight, rows: list[Row]) -> Iterator[str]:
    """Whoever carries our key and gets mail stands for a row with that address."""
    if seen.row is None or seen.status not in {"subscribed", "transactional"}:
        return
    if any(oracle.is_followed(contact, row) for row in rows if row.takes_part):
        return
    if seen.place in oracle.barred:
        yield f"gets mail although {oracle.barred[seen.place]}"
    refused, taken = (
        oracle.world.mailchimp.service._audience.forgotten,
        {each.place for each in oracle.sight().values()},
    )
    if any(
        row.name == seen.row and (row.place in refused or (row.says_no and contact in oracle.signed_up)) for row in rows
    ):
        # Its new address was deleted for good, so nobody can follow it there; or a sign-up stands against AFAS's no.
        return
    if any(row.name == seen.row and row.takes_part and row.place not in taken for row in rows) and _taken_out(
        oracle, seen.row
    ):
        # Promise 1 keeps its row from coming in at the new address: another member of it was archived by a person.
        # Nobody said so of this member, so it stands for the row until the row is represented there.
        return
    if not any(row.name == seen.row and row.takes_part and row.place == seen.place for row in rows):
        yield "gets mail, and no row stands for it"
    if seen.mark:
        yield "carries the mark of an archived member"
