"""An explanation in words: every step has a sentence in both languages, and an address is masked."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import UTC, datetime

import pytest

from afas_mailchimp import explanation
from afas_mailchimp.audience import MemberStatus
from afas_mailchimp.explanation import Step, Topic, masked
from afas_mailchimp.explanation_words import _STATUSES, SENTENCES, sentence
from afas_mailchimp.page_words import Language
from afas_mailchimp.rows import Consent


def test_every_step_has_a_sentence_and_no_sentence_is_left_over():
    """Whatever the rules say, the page can say it."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(explanation)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    starts = "row_|filter_|address_|consent_|winner_|member_|changed_|retry_|next_|when_"
    named = {text for text in texts if re.fullmatch(rf"(?:{starts})[a-z_]+", text)}

    assert named | {f"consent_{consent}" for consent in Consent} == set(SENTENCES) | {"member_id"} & named
    assert set(_STATUSES) == set(MemberStatus)


def test_languages_have_the_same_places():
    """A translation that forgets a key or a date would say something else."""
    differ = [name for name, (en, nl) in SENTENCES.items() if _places(en) != _places(nl)]

    assert differ == []


def _places(text):
    return sorted(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize(
    ("step", "language", "expected"),
    [
        (
            Step(Topic.MEMBER, "member_of_row", places={"status": MemberStatus.CLEANED, "whose": "debtors:7"}),
            Language.DUTCH,
            "Het lid op dit adres (onbestelbaar) hoort bij rij debtors:7.",
        ),
        (
            Step(Topic.NEXT, "next_nothing_because", reason="email_missing"),
            Language.ENGLISH,
            "A run would do nothing: no e-mail address in AFAS.",
        ),
        (
            Step(Topic.CHANGED, "changed_in_afas", places={"at": datetime(2026, 1, 1, tzinfo=UTC)}),
            Language.ENGLISH,
            "Last change in AFAS: then.",
        ),
    ],
)
def test_steps_in_words(step, language, expected):
    """Statuses, reasons and moments are words, too."""
    assert sentence(step, language, moment=lambda _: "then") == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("jan.de.bakker@korenaar.example", "j•••@k•••.example"),
        ("x@y.z.example", "x•••@y•••.example"),
        ("nonsense", "•••"),
        ("", "•••"),
    ],
)
def test_an_address_is_masked(address, expected):
    """Enough to recognise it beside AFAS, too little to use it."""
    assert masked(address) == expected
