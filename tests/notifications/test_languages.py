"""Catalogues that are whole and agree with the glossary; a text in the reader's language or in English, never half."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from backend.events.models import Event
from backend.feedback.concerns.services.telling import STATES
from backend.notifications import languages, services, words
from backend.notifications.languages import CATALOGUES, ENGLISH, LANGUAGES
from backend.notifications.models import LanguageReview, Recipient
from backend.notifications.segments import segments
from backend.notifications.worker import work_once
from tests.notifications.conftest import tell

CODES = [code for code in LANGUAGES if code != "en"]
BACKEND = Path(languages.__file__).resolve().parent.parent


@cache
def said() -> set[str]:
    """Every message that the code says."""
    found = extract_from_dir(str(BACKEND), method_map=[("**.py", "python")], keywords={"say": None})
    return {str(message) for _, _, message, _, _ in found} | {
        *(label.capitalize() for label in Event.Kind.labels),
        *STATES.values(),
    }


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_every_message_with_its_facts(code: str) -> None:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = {str(m.id): m for m in read_po(file) if m.id}
    assert set(catalogue) == said()
    for message, entry in catalogue.items():
        assert entry.string, message
        assert not entry.fuzzy, message
        assert sorted(re.findall(r"{\w+}", str(entry.string))) == sorted(re.findall(r"{\w+}", message))
        for word in ("YES", "STOP", "START", "HELP", "911"):
            assert (word in str(entry.string)) == (word in message), (word, entry.string)


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_uses_the_glossary(code: str) -> None:
    glossary = tomllib.loads((CATALOGUES / "glossary.toml").read_text("utf-8"))["terms"]
    for message, translated in LANGUAGES[code].pairs:
        for term, by_language in glossary.items():
            if re.search(rf"\b{re.escape(term.lower())}\b", message.lower()) and code in by_language:
                assert by_language[code].lower() in translated.lower(), (term, message)


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_says_how_it_was_made(code: str) -> None:
    assert LANGUAGES[code].origin == "machine"


def test_english_answers_are_one_segment() -> None:
    for render in (
        words.opt_in,
        words.welcome,
        words.stopped,
        words.help_,
        words.in_doubt,
        words.not_understood,
    ):
        assert segments(render(ENGLISH)) == 1, render(ENGLISH)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("č" * 70, 1), ("č" * 71, 2), ("👍" * 35, 1), ("👍" * 36, 2), ("", 1), ("ñé¿" * 53, 1), ("á" * 71, 2),
    ],
)  # fmt: skip
def test_segments_are_counted_as_billed(text: str, count: int) -> None:
    assert segments(text) == count


# --- which language a reader gets ------------------------------------------------------------------------


def vouch(code: str) -> None:
    services.review_language(language=code, reader="Ana, who speaks it", by=None)


@pytest.mark.django_db
def test_only_a_reviewed_language_is_sent_and_only_whole(followers: Any, transport: Any) -> None:
    spanish, vietnamese = followers(2)
    Recipient.objects.filter(pk=spanish.pk).update(language="es")
    Recipient.objects.filter(pk=vietnamese.pk).update(language="vi")
    vouch("es")
    tell(body=languages.in_each(words.reply_taken))
    while work_once(transport):
        pass
    got = {text.to: text.body for text in transport.texts}
    assert got[spanish.address] == words.reply_taken(LANGUAGES["es"])
    assert got[vietnamese.address] == words.reply_taken(ENGLISH)


@pytest.mark.django_db
def test_a_message_that_a_catalogue_lacks_goes_in_english_whole(monkeypatch: Any) -> None:
    vouch("es")
    whole = languages.in_each(lambda language: f"{words.welcome(language)} {words.discreet(language)}")
    assert set(whole) == {"en", "es"}
    lacking = dict(languages._words("es"))
    del lacking["Roll Call: there is an update. {link}"]
    monkeypatch.setattr(languages, "_words", lambda code: lacking)
    LanguageReview.objects.update(catalogue=LANGUAGES["es"].digest)
    half = languages.in_each(lambda language: f"{words.welcome(language)} {words.discreet(language)}")
    assert set(half) == {"en"}


@pytest.mark.django_db
def test_a_review_is_for_the_words_as_they_were(monkeypatch: Any) -> None:
    vouch("es")
    assert [language.code for language in languages.vouched_for()] == ["es"]
    changed = {**languages._words("es"), "closed": "otra cosa"}
    monkeypatch.setattr(languages, "_words", lambda code: changed)
    assert languages.vouched_for() == []


@pytest.mark.django_db
def test_lang_sets_the_language_of_the_answers(text_in: Any) -> None:
    assert "noted: Vietnamese" in text_in("LANG vi")
    vouch("es")
    assert words.language_set(LANGUAGES["es"]) in text_in("lang Spanish")
    assert "Somali" in text_in("LANG klingon")
    assert Recipient.objects.get().language == "es"
    assert words.help_(LANGUAGES["es"]).split(",")[0] in text_in("INFO please")
