"""Takes out of the audience whom no row of AFAS stands for: planned only from what was read to its end."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, Protocol

from afas_mailchimp.audience import Member, Refusal
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.leaving import Leave, Leaver, find_leavers, too_many_leave
from afas_mailchimp.member_key import Base, address_digest
from afas_mailchimp.outcomes import Notice
from afas_mailchimp.values import replace
from operators.afas_mailchimp_reading import read_by_key

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import KnownMember
    from operators.afas_mailchimp_scene import Scene

AT_A_TIME = 200
"""Members taken out between two looks at how far that is."""

ForEach = Callable[[Callable[[Leaver], bool], Sequence[Leaver]], list[bool]]


class Tell(Protocol):
    """Says how far the leaving is."""

    def __call__(self, *, rows: int, of: int) -> None:
        """Say it, if it is time."""


class Leaving:
    """The last step of a run, and one before it: who is superseded leaves before somebody else gets the row's key.

    A kill in between then leaves a mark in the audience, and never two mailable members for one row.

    :param for_each: makes a call for many at once.
    :param mailable: how many members of this sync can get mail.
    :param override: the run parameter ``max_archive_percent``, where given.
    :param tell: told how many of how many are out.
    :param whole: every source was read to its end, so that a row that is not there has gone.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        for_each: ForEach,
        mailable: Callable[[], int],
        tell: Tell,
        override: float | None = None,
        whole: bool = True,
    ) -> None:
        self.scene, self.sync, self.report, self.whole = scene, scene.sync, scene.report, whole
        self.for_each, self.mailable, self.tell, self.override = for_each, mailable, tell, override
        self.gone: list[Leaver] = []
        self._tried: set[str] = set()
        self._changed: list[Member] = []
        self._braked = False

    def before_writing(self, lowered: Container[str]) -> None:
        """Archive members whose row has another member at another address already.

        :param lowered: members that this run has opted out.
        """
        leavers = self._leavers((), lowered)
        count = sum(leaver.how == Leave.ARCHIVE for leaver in leavers)
        if count and too_many_leave(count, self.mailable(), self.sync.limits, override=self.override):
            self._braked = True
            self._say_too_many(count)
        self._carry_out([leaver for leaver in leavers if leaver.superseded and leaver.how == Leave.ARCHIVE])

    def after_writing(self, arrived: Container[str], lowered: Container[str]) -> None:
        """Archive members of ours without a row, and release adopted and superseded ones.

        :param arrived: addresses where a row with members elsewhere came in during this run.
        :param lowered: members that this run has opted out.
        """
        for _ in range(2):  # The second time for those who opted out under the first.
            leavers = self._leavers(arrived, lowered)
            if not leavers:
                break
            still_there = self._still_in_afas(leavers) if self.whole else set()
            for name in sorted(still_there):
                self.report.notice(Notice.REAPPEARED, name)
            self._carry_out([leaver for leaver in leavers if leaver.name not in still_there])
            self._tried |= {leaver.member.id for leaver in leavers if leaver.name in still_there}

    def _leavers(self, arrived: Container[str], lowered: Container[str]) -> list[Leaver]:
        found = find_leavers(
            self.scene.index, self.scene.survey, arrived=arrived, lowered=lowered, seen_only=not self.whole
        )
        found = [leaver for leaver in found if leaver.member.id not in self._tried]
        return self._of_living_sources(found) if self.whole else found

    def _carry_out(self, leavers: Sequence[Leaver]) -> None:
        if self._braked:
            leavers = [leaver for leaver in leavers if leaver.how == Leave.RELEASE]
        self._tried |= {leaver.member.id for leaver in leavers}
        done = [True] * len(leavers) if self.scene.dry_run else self._take_all_out(leavers)
        while self._changed:
            # What follows must know, so that an opt-out goes along and its memory is released.
            member = self._changed.pop()
            self.scene.index.add(member)
            self._tried.discard(member.id)
        for leaver, left in zip(leavers, done, strict=True):
            self.report.archived += left and leaver.how == Leave.ARCHIVE
            self.report.released += left and leaver.how == Leave.RELEASE
            if left:
                self.gone.append(leaver)

    def _take_all_out(self, leavers: Sequence[Leaver]) -> list[bool]:
        done: list[bool] = []
        while len(done) < len(leavers):
            done += self.for_each(self._take_out, leavers[len(done) : len(done) + AT_A_TIME])
            self.tell(rows=len(done), of=len(leavers))
        return done

    def _say_too_many(self, count: int) -> None:
        ours = self.mailable()
        share = 100 * count / ours
        self.report.problems.append(
            f"{count} of {ours} members ({share:.1f} %) would be archived because AFAS has no row for them any more, "
            "which is above max_archive_percent. None of them is; all other changes are made. If AFAS is right, run "
            f"again with full_reload and max_archive_percent = {int(share) + 1}."
        )

    def _of_living_sources(self, leavers: Sequence[Leaver]) -> list[Leaver]:
        """A source without a single row is a lost right or a wrong connector, not a company without customers."""
        silent = {name for name in self.scene.readers if not self.scene.survey.rows_of(name)}
        kept = [leaver for leaver in leavers if leaver.name.partition(":")[0] not in silent]
        if len(kept) < len(leavers):
            sentence = (
                f"AFAS returned no row at all for source {', '.join(sorted(silent))}, and {len(leavers) - len(kept)} "
                "members come from there. None of them is archived. Check the rights of the app connector and the "
                "filter of its user in AFAS; if the source really ended, remove it from the sync file."
            )
            if sentence not in self.report.problems:
                self.report.problems.append(sentence)
        return kept

    def _still_in_afas(self, leavers: Sequence[Leaver]) -> set[str]:
        """Rows that the survey missed (pages shift while others write) are asked once more by key."""
        found: set[str] = set()
        for name, reader in self.scene.readers.items():
            ours = [leaver.member.key for leaver in leavers if leaver.member.key and not leaver.superseded]
            keys = [key.key for key in ours if key.source == name]
            unseen = [key for key in keys if self.scene.survey.kept_out(f"{name}:{key}") is None]
            if unseen:
                found |= {facts.name for _, facts in read_by_key(self.scene.afas, reader, unseen) if not facts.reason}
        return found

    def _take_out(self, leaver: Leaver) -> bool:
        try:
            return self._release(leaver.member) if leaver.how == Leave.RELEASE else self._archive(leaver.member)
        except RefusedError as error:
            if error.refusal not in {Refusal.NOT_FOUND, Refusal.CANNOT_ARCHIVE}:
                raise
            return False

    def _release(self, member: KnownMember) -> bool:
        """Take our key and our tags away; the member itself stays as it is."""
        source = self.sync.sources.get(member.key.source) if member.key else None
        if source and source.tags and member.base and member.base.tags:
            self.scene.mailchimp.remove_tags(self.sync.audience.list_id, member.id, source.tags)
        self._write(member.id, "", "")
        return True

    def _archive(self, member: KnownMember) -> bool:
        """Mark, confirm, archive: a kill in between leaves a mark that the next full run finishes or undoes."""
        if member.key is None:
            return False
        base = member.base or Base(address=address_digest(member.id))
        mark = str(member.key.marked(member.status))
        answer = self._write(member.id, mark, str(replace(base, left_with=member.opted_in_at)))
        same_state = (answer.status, answer.opted_in_at) == (member.status, member.opted_in_at)
        if not same_state or answer.merge_fields.get(self.sync.audience.key_field) != mark:
            # The person opted out or signed up meanwhile: that state stays, and our mark goes again.
            self._changed.append(self._write(member.id, str(replace(member.key, archived_from=None)), str(base)))
            return False
        self.scene.mailchimp.archive(self.sync.audience.list_id, member.id)
        return True

    def _write(self, member_id: str, key: str, base: str) -> Member:
        audience = self.sync.audience
        return self.scene.mailchimp.write_merge_fields(
            audience.list_id, member_id, {audience.key_field: key, audience.base_field: base}
        )
