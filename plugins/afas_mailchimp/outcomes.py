"""How a row can end, and why: closed sets, used by decisions and by the report."""

from __future__ import annotations

from afas_mailchimp.values import Word


class Outcome(Word):
    """Every row that was read ends in exactly one of these."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    UNSUBSCRIBED = "unsubscribed"
    SKIPPED = "skipped"
    INVALID = "invalid"
    REJECTED = "rejected"


class Reason(Word):
    """Why a row was skipped or stopped by us; refusals of Mailchimp have their own set (``Refusal``)."""

    FILTERED_OUT = "filtered_out"
    ERASED = "erased_on_request"
    SHARED_ADDRESS = "another_row_has_this_address"
    NO_CONSENT = "no_consent"
    NOT_OURS = "member_not_ours"
    OTHER_SYNC = "member_of_another_sync"
    ARCHIVED_BY_PERSON = "archived_by_a_person"
    OPTED_OUT_BEFORE = "opted_out_at_former_address"
    HELD_BY_MOVED_ROW = "address_held_by_a_row_that_moved"
    HELD_BY_SUBSCRIBER = "address_chosen_by_another_subscriber"
    LIMIT_WRITE_BACK = "limit_max_write_back"
    NO_RECORD = "no_afas_record_for_this_row"
    REFUSED_BY_AFAS = "refused_by_afas"
    DOES_NOT_FIT = "value_does_not_fit_in_afas"
    CHANGED_WHILE_READING = "changed_while_reading"
    LIMIT_CREATED = "limit_max_created"
    LIMIT_UNSUBSCRIBED = "limit_max_unsubscribed_percent"
    EMAIL_MISSING = "email_missing"
    EMAIL_INVALID = "email_invalid"
    KEY_MISSING = "key_missing"
    KEY_NOT_UNIQUE = "key_not_unique"


INVALID = frozenset({
    Reason.EMAIL_INVALID,
    Reason.EMAIL_MISSING,
    Reason.KEY_MISSING,
    Reason.KEY_NOT_UNIQUE,
    Reason.DOES_NOT_FIT,
})
"""Reasons for which a row is invalid rather than skipped."""


class Notice(Word):
    """What the report lists beside the outcomes: things a person may want to look at."""

    CONSENT_DIFFERS = "consent_differs"
    PHONE_LEFT_OUT = "phone_left_out"
    ADDRESS_LEFT_OUT = "address_left_out"
    DATE_LEFT_OUT = "date_left_out"
    NUMBER_LEFT_OUT = "number_left_out"
    YES_NO_LEFT_OUT = "yes_no_left_out"
    CHOICE_LEFT_OUT = "choice_left_out"
    COLUMN_UNKNOWN = "column_without_definition_in_afas"
    TEXT_CUT = "text_cut_to_255"
    LOWERED_MEANWHILE = "opted_out_while_writing"
    ARCHIVED_AGAIN = "came_back_and_was_archived_again"
    NOT_TAKEN = "value_not_taken_by_mailchimp"
    ADDRESS_OF_SUBSCRIBER = "address_changed_by_subscriber"
    REAPPEARED = "missing_in_survey_but_still_in_afas"
    CHANGED_ON_BOTH_SIDES = "changed_in_afas_and_by_subscriber"
    NO_MODIFIED_DATE = "row_without_modified_date"
