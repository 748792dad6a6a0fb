"""Takes out of the audience whom AFAS no longer has: after a full run that read every source to its end, never else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afas_mailchimp.audience import Member, Refusal
from afas_mailchimp.errors import RefusedError
from afas_mailchimp.leaving import Leave, Leaver, find_leavers, too_many_leave
from afas_mailchimp.outcomes import Notice
from operators.afas_mailchimp_reading import read_by_key

if TYPE_CHECKING:
    from afas_mailchimp.audience_index import AudienceIndex
    from afas_mailchimp.report import Report
    from afas_mailchimp.rows import RowReader
    from afas_mailchimp.settings import SyncFile
    from afas_mailchimp.survey import Survey
    from hooks.afas import AfasHook
    from hooks.mailchimp import MailchimpHook

ForEach = Callable[[Callable[[Leaver], bool], Sequence[Leaver]], list[bool]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """The last step of a full run."""

    afas: AfasHook
    mailchimp: MailchimpHook
    sync: SyncFile
    readers: Mapping[str, RowReader]
    index: AudienceIndex
    survey: Survey
    report: Report

    def carry_out(self, *, override: float | None, dry_run: bool, for_each: ForEach) -> None:
        """Archive members of ours without a row, and release adopted ones.

        :param override: the run parameter ``max_archive_percent``, where given.
        :param for_each: makes a call for many at once.
        """
        leavers = self._of_living_sources(find_leavers(self.index, self.survey))
        gone = [leaver for leaver in leavers if leaver.how == Leave.ARCHIVE]
        if too_many_leave(len(gone), self.index, self.sync.limits, override=override):
            self._say_too_many(len(gone))
            leavers = [leaver for leaver in leavers if leaver.how == Leave.RELEASE]
        still_there = self._still_in_afas(leavers)
        for name in sorted(still_there):
            self.report.notice(Notice.REAPPEARED, name)
        leavers = [leaver for leaver in leavers if leaver.name not in still_there]
        done = [True] * len(leavers) if dry_run else for_each(self._take_out, leavers)
        for leaver, left in zip(leavers, done, strict=True):
            self.report.archived += left and leaver.how == Leave.ARCHIVE
            self.report.released += left and leaver.how == Leave.RELEASE

    def _say_too_many(self, count: int) -> None:
        ours = self.index.mailable_ours()
        share = 100 * count / ours
        self.report.problems.append(
            f"{count} of {ours} members ({share:.1f} %) would be archived because AFAS has no row for them any more, "
            "which is above max_archive_percent. None of them is; all other changes are made. If AFAS is right, run "
            f"again with full_reload and max_archive_percent = {int(share) + 1}."
        )

    def _of_living_sources(self, leavers: Sequence[Leaver]) -> list[Leaver]:
        """A source without a single row is a lost right or a wrong connector, not a company without customers."""
        silent = {name for name in self.readers if not self.survey.rows_of(name)}
        kept = [leaver for leaver in leavers if leaver.name.partition(":")[0] not in silent]
        if len(kept) < len(leavers):
            self.report.problems.append(
                f"AFAS returned no row at all for source {', '.join(sorted(silent))}, and {len(leavers) - len(kept)} "
                "members come from there. None of them is archived. Check the rights of the app connector and the "
                "filter of its user in AFAS; if the source really ended, remove it from the sync file."
            )
        return kept

    def _still_in_afas(self, leavers: Sequence[Leaver]) -> set[str]:
        """Rows that the survey missed (pages shift while others write) are asked once more by key."""
        found: set[str] = set()
        for name, reader in self.readers.items():
            ours = [leaver.member.key for leaver in leavers if leaver.member.key]
            keys = [key.key for key in ours if key.source == name]
            unseen = [key for key in keys if self.survey.kept_out(f"{name}:{key}") is None]
            if unseen:
                found |= {facts.name for facts in read_by_key(self.afas, reader, unseen) if not facts.reason}
        return found

    def _take_out(self, leaver: Leaver) -> bool:
        """Mark, confirm, archive: a kill in between leaves a mark that the next full run finishes or undoes."""
        member, audience = leaver.member, self.sync.audience
        if member.key is None:
            return False
        try:
            if leaver.how == Leave.RELEASE:
                self._write(member.id, {audience.key_field: "", audience.base_field: ""})
                return True
            mark = str(member.key.marked(member.status))
            answer = self._write(member.id, {audience.key_field: mark})
            if answer.status != member.status or answer.merge_fields.get(audience.key_field) != mark:
                # The person opted out meanwhile: that state stays, and our mark goes again.
                self._write(member.id, {audience.key_field: str(replace(member.key, archived_from=None))})
                return False
            self.mailchimp.archive(audience.list_id, member.id)
        except RefusedError as error:
            if error.refusal not in {Refusal.NOT_FOUND, Refusal.CANNOT_ARCHIVE}:
                raise
            return False
        return True

    def _write(self, member_id: str, values: Mapping[str, str]) -> Member:
        return self.mailchimp.write_merge_fields(self.sync.audience.list_id, member_id, values)
