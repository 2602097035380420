"""What a reporter hears: in which channel and language, and of what never."""

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import telling
from backend.notifications.languages import LANGUAGES
from backend.notifications.models import LanguageReview, Message, Notice, Recipient
from tests.concerns.reporters import (
    NUMBER,
    OTHER_NUMBER,
    RECEIPT,
    agree,
    by_number,
    by_receipt,
    change,
    merged,
    reached,
    reasons,
    resident_with,
    sent,
    told,
)

pytestmark = pytest.mark.django_db
MAIL = "reporter@example.org"
DISCREET = r"Roll Call: there is an update\. https://rollcall\.example/m/\w+"


@pytest.fixture
def spanish(city: None) -> None:
    """The department vouches for its Spanish."""
    staff = User.objects.filter(kind="staff").first()
    LanguageReview.objects.create(
        language="es", catalogue=LANGUAGES["es"].digest, by=staff.pk if staff else None
    )


# --- in which channel -------------------------------------------------------------------------------------


def test_an_account_with_a_number_hears_by_text_and_not_by_mail() -> None:
    agree()
    change(told(reporter=resident_with(phone=NUMBER, email=MAIL)))
    ((to, words),) = sent()
    assert to == NUMBER
    assert re.fullmatch(DISCREET, words)


def test_an_account_with_an_address_alone_hears_by_mail() -> None:
    change(told(reporter=resident_with(email=MAIL)))
    ((to, words),) = sent()
    assert to == MAIL
    assert re.fullmatch(DISCREET, words)


def test_a_number_without_an_account_hears_by_text() -> None:
    agree()
    change(told(**by_number()))
    assert reached() == [NUMBER]


def test_a_receipt_alone_hears_nothing() -> None:
    change(told(**by_receipt()))
    assert not Message.objects.exists()


@pytest.mark.parametrize("fields", [{"tells_by_text": False}, {"is_sensitive": True}])
@pytest.mark.parametrize("who", ["text", "mail", "number"])
def test_nothing_is_queued_for_who_did_not_ask_or_of_what_is_sensitive(
    fields: dict[str, Any], who: str
) -> None:
    agree()
    reporters: dict[str, dict[str, Any]] = {
        "text": {"reporter": resident_with(phone=NUMBER)},
        "mail": {"reporter": resident_with(email=MAIL)},
        "number": by_number(),
    }
    change(told(**reporters[who], **fields))
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("fields", "reason"), [({"never_contact": True}, "never_contact"), ({"consent": "none"}, "no_consent")]
)
def test_who_is_not_to_be_written_to_is_not(fields: dict[str, Any], reason: str) -> None:
    agree()
    Recipient.objects.update(**fields)
    change(told(**by_number()))
    assert reached() == []
    assert reasons() == {reason}


def test_of_never_contact_an_address_is_no_exception() -> None:
    change(told(reporter=resident_with(email=MAIL)))
    Recipient.objects.update(never_contact=True)
    assert reached() == []
    assert reasons() == {"never_contact"}


def test_a_stop_is_not_taken_back_by_a_concern() -> None:
    change(told(reporter=resident_with(email=MAIL)))
    Recipient.objects.update(consent="stopped")
    change(told(reporter=User.objects.get()))
    assert reached() == []
    assert Recipient.objects.get().consent == "stopped"


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"is_sensitive": True},
        {"tells_by_text": False},
        {"phone": "", "phone_index": None},
    ],
)
def test_what_changed_in_the_meantime_counts_when_it_leaves(meanwhile: dict[str, Any]) -> None:
    agree()
    change(told(**by_number()))
    Concern.objects.update(**meanwhile)
    assert reached() == []
    assert reasons() == {"no_longer_true"}


def test_one_change_is_told_once_and_the_next_again() -> None:
    agree()
    concern = told(**by_number())
    made = change(concern)
    with transaction.atomic():
        telling.tell_reporter(concern, made)
    change(concern)
    assert reached() == [NUMBER, NUMBER]


# --- in which language ------------------------------------------------------------------------------------


def test_a_number_hears_in_the_language_in_which_it_told(spanish: None) -> None:
    agree()
    change(told(**by_number(), language="es"))
    ((_, words),) = sent()
    assert "hay una novedad" in words
    assert Recipient.objects.get(address_index=by_number()["phone_index"]).language == "es"


def test_a_chosen_language_stays(spanish: None) -> None:
    agree(language="vi")
    change(told(**by_number(), language="es"))
    assert Recipient.objects.get(address_index=by_number()["phone_index"]).language == "vi"


def test_who_follows_something_in_english_goes_on_in_english(spanish: None) -> None:
    recipient = agree()
    recipient.subscriptions.create(topic="area:slmpd-district-4")
    change(told(**by_number(), language="es"))
    ((_, words),) = sent()
    assert re.fullmatch(DISCREET, words)


def test_the_question_for_agreement_comes_in_it_too(spanish: None) -> None:
    with transaction.atomic():
        telling.ask_reporter(told(**by_number(), language="es"))
    ((_, words),) = sent()
    assert "responda" in words.lower()


def test_who_is_told_nothing_is_asked_nothing() -> None:
    with transaction.atomic():
        telling.ask_reporter(told(**by_number(), is_sensitive=True))
        telling.ask_reporter(told(**by_receipt()))
    assert not Message.objects.exists()


# --- what was merged --------------------------------------------------------------------------------------


def test_who_told_what_was_merged_hears_too_each_about_their_own() -> None:
    agree()
    agree(OTHER_NUMBER)
    main = told(**by_number())
    first = merged(main, reporter=resident_with(email=MAIL))
    second = merged(first, **by_number(OTHER_NUMBER))
    change(main)
    assert reached() == sorted([NUMBER, OTHER_NUMBER, MAIL])
    assert set(Notice.objects.values_list("subject_id", flat=True)) == {
        str(c.pk) for c in (main, first, second)
    }


def test_a_sensitive_one_that_was_merged_is_not_told_of() -> None:
    agree()
    agree(OTHER_NUMBER)
    main = told(**by_number())
    merged(main, **by_number(OTHER_NUMBER), is_sensitive=True)
    change(main)
    assert reached() == [NUMBER]


def test_who_told_both_hears_once() -> None:
    agree()
    main = told(**by_number())
    merged(main, **by_number())
    change(main)
    assert reached() == [NUMBER]


def test_what_happens_to_a_merged_one_is_told_to_its_own_reporter_alone() -> None:
    agree()
    agree(OTHER_NUMBER)
    main = told(**by_number())
    change(merged(main, **by_number(OTHER_NUMBER)))
    assert reached() == [OTHER_NUMBER]


def test_two_that_were_merged_into_each_other_come_to_an_end() -> None:
    agree()
    one = merged(told(), **by_number())
    Concern.objects.filter(pk=one.merged_into_id).update(
        status="closed", disposition="duplicate", closed_at=one.closed_at, merged_into=one
    )
    change(one)
    assert reached() == [NUMBER]


# --- the page behind it -----------------------------------------------------------------------------------


def test_the_link_leads_to_a_page_that_is_the_same_for_everybody(client: Client) -> None:
    agree()
    concern = told(**by_number())
    change(concern)
    ((_, words),) = sent()
    page = client.get(re.search(r"/m/\w+", words)[0])  # type: ignore[index]
    assert 'href="/updates"' in page.content.decode()
    behind = client.get("/updates")
    assert behind.status_code == 200
    assert "NOT FIXED" in behind.content.decode()
    for shown in (page, behind):
        for secret in (str(concern.pk), "Loud", "noise", "concern", "police", NUMBER):
            assert secret not in shown.content.decode()


# --- a number that is somebody else's now -----------------------------------------------------------------


def test_a_wrong_number_leads_to_no_concern_any_more(ask: Any) -> None:
    agree()
    concern = told(**by_number())
    other = told(**by_number(OTHER_NUMBER))
    ask("Wrong number")
    concern.refresh_from_db()
    assert (concern.phone, concern.phone_index) == ("", None)
    other.refresh_from_db()
    assert other.phone == OTHER_NUMBER


# --- the command STATUS -----------------------------------------------------------------------------------


def test_status_of_a_merged_one_is_that_of_what_it_went_into(ask: Any) -> None:
    main = told(status="in_progress")
    merged(merged(main), **by_receipt())
    assert ask(f"STATUS {RECEIPT}") == "Your report: being worked on."


@pytest.mark.parametrize("fields", [{"passphrase": "a slow hash"}, {"is_sensitive": True}])
def test_status_says_the_same_of_what_it_must_not_tell_as_of_nothing(
    ask: Any, fields: dict[str, Any]
) -> None:
    concern = told(**by_receipt(), **fields)
    hidden = ask(f"STATUS {RECEIPT}")
    Concern.objects.filter(pk=concern.pk).delete()
    assert ask(f"STATUS {RECEIPT}") == hidden
    assert "Nothing can be told by text" in hidden
