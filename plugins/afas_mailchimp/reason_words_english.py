"""Each reason and notice of a report in English: what it means, and what to do. As docs/report.md says it."""

from __future__ import annotations

from afas_mailchimp.reason_words import Words

ENGLISH: dict[str, Words] = {
    "filtered_out": Words(
        "the row does not pass filter in the sync file",
        "nothing",
    ),
    "erased_on_request": Words(
        "the person was erased, here or in Mailchimp (permanently deleted); the row is not imported",
        "nothing; the person can sign up by a form",
    ),
    "another_row_has_this_address": Words(
        "several rows share an address, and another one won it",
        "nothing, or tidy up AFAS",
    ),
    "no_consent": Words(
        "AFAS says no: not signed up, or not brought back",
        "nothing",
    ),
    "member_not_ours": Words(
        "the key field of that member holds something else, or adopt: false",
        "look at the member; empty the field if it may be taken over",
    ),
    "member_of_another_sync": Words(
        "another sync keeps that member",
        "give each sync its own rows, or its own audience",
    ),
    "archived_by_a_person": Words(
        "somebody archived that member in Mailchimp: it stays archived",
        "un-archive it by hand, if the person agrees",
    ),
    "opted_out_at_former_address": Words(
        "the person opted out at one address and would come back at another",
        "nothing",
    ),
    "address_held_by_a_row_that_moved": Words(
        "the member there is the memory of an opt-out of a row that could not come in at its new address",
        "look at that row's own reason",
    ),
    "address_chosen_by_another_subscriber": Words(
        "the member there belongs to a subscriber who changed his own address to it",
        "ask which of the two is right, and mend AFAS",
    ),
    "limit_max_write_back": Words(
        "more AFAS records would be written than limits.max_write_back: none was",
        "look at a dry run, then run once with max_write_back",
    ),
    "no_afas_record_for_this_row": Words(
        "the row's type has no record in write_back, or the columns that name the record are empty",
        "complete the GetConnector or the file",
    ),
    "refused_by_afas": Words(
        "AFAS refused the record; its sentence stands under refused; tried again after 5 minutes, 1, 2 and 7 days",
        "mend what AFAS says",
    ),
    "value_does_not_fit_in_afas": Words(
        "too long for the AFAS field, or not of its type; nothing is cut off",
        "choose another field, or list values",
    ),
    "changed_while_reading": Words(
        "row or member changed during the run; tried again by itself",
        "nothing",
    ),
    "limit_max_created": Words(
        "more would be created than limits.max_created",
        "check, then raise the limit",
    ),
    "limit_max_unsubscribed_percent": Words(
        "more would be opted out than the limit",
        "check the consent column, then raise the limit",
    ),
    "email_missing": Words(
        "no e-mail address in AFAS",
        "nothing, or fill it",
    ),
    "email_invalid": Words(
        "what is in the e-mail field is no address",
        "mend it in AFAS",
    ),
    "key_missing": Words(
        "the key column is empty",
        "mend the connector",
    ),
    "key_not_unique": Words(
        "several rows have one key: a join in the connector",
        "choose a unique column as key",
    ),
    "exists": Words(
        "somebody signed up in that very second; the next run sees it",
        "nothing",
    ),
    "compliance_state": Words(
        "opted out or bounced, says Mailchimp: cannot be signed up by us",
        "nothing; the person can sign up by a form",
    ),
    "permanently_deleted": Words(
        "erased in Mailchimp for good: cannot be imported. A row is counted as erased_on_request",
        "nothing; the person can sign up by a form",
    ),
    "looks_fake": Words(
        "Mailchimp takes the address for a fake",
        "mend it in AFAS",
    ),
    "signed_up_to_many_lists": Words(
        "Mailchimp's brake on one person; tried again after 5 minutes, 1, 2 and 7 days",
        "nothing",
    ),
    "address_not_accepted": Words(
        "Mailchimp does not take the address (role addresses, for one)",
        "another address in AFAS",
    ),
    "merge_field_not_accepted": Words(
        "a value does not suit its merge field",
        "compare type and choices in Mailchimp",
    ),
    "status_required": Words(
        "Mailchimp wanted a status with an update, and refused each way without one",
        "report it to us",
    ),
    "duplicate_in_request": Words(
        "Mailchimp saw the address twice; tried again",
        "nothing",
    ),
    "not_found": Words(
        "the member went away in that very second; tried again",
        "nothing",
    ),
    "cannot_be_archived": Words(
        "the member is pending or bounced by now",
        "nothing",
    ),
    "not_subscribed": Words(
        "only a subscribed member's address can be changed, and it is that no longer",
        "nothing",
    ),
    "too_large": Words(
        "Mailchimp refused the size of the request",
        "report it to us",
    ),
    "refused_by_mailchimp": Words(
        "refused in words that we do not know; tried again",
        "look at the member in Mailchimp",
    ),
    "consent_differs": Words(
        "AFAS and Mailchimp disagree, and the rule leaves it: opted out here and yes there, or signed up by the "
        "person after AFAS's no",
    ),
    "address_changed_by_subscriber": Words(
        "the subscriber changed the address in Mailchimp; it is not changed back. AFAS still has the old one",
    ),
    "phone_left_out": Words(
        "not a telephone number",
    ),
    "address_left_out": Words(
        "street, postcode or place is missing",
    ),
    "date_left_out": Words(
        "not a date",
    ),
    "number_left_out": Words(
        "not a number",
    ),
    "yes_no_left_out": Words(
        "neither yes nor no",
    ),
    "choice_left_out": Words(
        "not among the choices of the merge field",
    ),
    "column_without_definition_in_afas": Words(
        'AFAS answers "(replaced)": the column\'s definition came from another environment',
    ),
    "text_cut_to_255": Words(
        "longer than a merge field takes",
    ),
    "opted_out_while_writing": Words(
        "the person opted out during the run: that stays",
    ),
    "came_back_and_was_archived_again": Words(
        "a write woke up a member that somebody had archived; taken back at once",
    ),
    "value_not_taken_by_mailchimp": Words(
        "Mailchimp answered with success and kept another value",
    ),
    "missing_in_survey_but_still_in_afas": Words(
        "a row moved under the reading; it was asked for by key and stays",
    ),
    "changed_in_afas_and_by_subscriber": Words(
        "one value changed on both sides: AFAS's stays",
    ),
    "row_without_modified_date": Words(
        "seen by full reloads only",
    ),
}
"""By reason, refusal or notice; the words of the page for operators."""
