"""Who gets texts: who asked, confirmed from the phone itself, and has not said STOP since."""

import pytest
import time_machine

from backend.notifications import words
from backend.notifications.languages import ENGLISH
from backend.notifications.models import Consent, Message, Notice, Recipient, Reply, Subscription
from backend.notifications.words import Meaning, meaning
from backend.notifications.worker import work_once
from tests.notifications.conftest import TOPIC, statuses, tell

pytestmark = pytest.mark.django_db
PHONE = "+13142000000"
EMPTY = "<Response></Response>"


@pytest.fixture
def ask(client):
    def post(phone="(314) 200-0000", topics=(TOPIC,), **extra):
        body = {"phone": phone, "topics": list(topics), **extra}
        return client.post("/api/v1/subscriptions", body, content_type="application/json")

    return post


def ledger() -> list[str]:
    return list(Consent.objects.order_by("pk").values_list("action", flat=True))


# --- asking ---------------------------------------------------------------------------------------------


def test_who_asks_is_asked_back_in_the_carriers_words(ask, transport):
    assert ask().status_code == 202
    assert work_once(transport)
    (text,) = transport.texts
    assert text.to == PHONE
    for word in ("Roll Call", "YES", "msgs/month", "Msg & data rates may apply", "HELP", "STOP"):
        assert word in text.body
    assert len(text.body) <= 160
    assert (ledger(), tell()) == (["asked"], 0)


def test_nobody_is_asked_twice_a_day(ask):
    with time_machine.travel("2026-11-22T18:00:00Z", tick=False) as clock:
        ask()
        ask()
        assert Message.objects.count() == 1
        clock.shift(24 * 3600 + 1)
        ask()
        assert Message.objects.count() == 2


def test_the_answer_tells_nothing_of_the_number(ask, followers, text_in):
    (agreed,) = followers(1)
    Recipient.objects.create(address=PHONE, address_index="x", consent="stopped")
    text_in("STOP", "+13142000099")
    answers = [ask(number) for number in (agreed.address, "+13142000099", "+13142000098", "+13142000098")]
    assert {(a.status_code, a.content) for a in answers} == {(202, answers[0].content)}


def test_a_stopped_number_gets_no_text(ask, text_in):
    text_in("STOP")
    ask()
    assert statuses() == []


def test_yes_from_the_phone_itself_is_agreement(ask, text_in, transport):
    ask()
    work_once(transport)
    assert "you will get texts" in text_in("Yes")
    assert (ledger(), tell()) == (["asked", "given"], 1)


def test_yes_before_the_question_went_out_withdraws_it(ask, text_in, transport):
    ask()
    text_in("YES")
    work_once(transport)
    assert (statuses(), transport.texts) == ([("suppressed", "no_longer_true")], [])


def test_yes_to_nothing_is_not_agreement(text_in):
    text_in("YES")
    assert (ledger(), Recipient.objects.get().consent) == ([], "none")


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("314-200-0000 x12", "extension"),
        ("+1 876 555 0123", "not-us"),
        ("+44 20 7946 0958", "not-us"),
        ("1-900-234-5678", "not-textable"),
        ("1 800 234 5678", "not-textable"),
        ("200-0000", "invalid"),
        ("call me", "invalid"),
    ],
)
def test_numbers_that_texts_cannot_reach_are_refused(ask, phone, code):
    response = ask(phone)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [(e["pointer"], e["code"]) for e in response.json()["errors"]] == [("/phone", code)]
    assert not Recipient.objects.exists()


def test_a_topic_that_nobody_knows_is_refused(ask):
    for topic in ("area:nowhere", "weather:today", "area:", "area"):
        assert ask(topics=[topic]).json()["errors"][0]["code"] == "unknown-topic"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("extra", [{"topics": []}, {"language": "xx"}, {"phone": "3" * 50}, {"topics": "a"}])
def test_a_misshapen_request_is_refused(client, extra):
    body = {"phone": PHONE, "topics": [TOPIC], **extra}
    assert client.post("/api/v1/subscriptions", body, content_type="application/json").status_code == 400


def test_the_number_is_not_readable_in_the_database(ask, django_db_blocker):
    from django.db import connection

    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_recipient")
        assert "2000000" not in str(cursor.fetchall())
        cursor.execute("SELECT * FROM notifications_notice")
        assert words.opt_in(ENGLISH) not in str(cursor.fetchall())


# --- STOP -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!!", "stopp", "Stop please", "please stop texting me", "STOPALL",
        "unsubscribe", "cancel", "End", "QUIT", "revoke", "opt out", "opt-out", "optout", "Stop all messages",
        "take me off this list", "remove me from the list", "don't text me again", "DO NOT CONTACT ME",
        "no mas", "No más", "no más mensajes", "ALTO", "parar", "por favor no me mande textos", "stop now",
        "Sotp", "I want to stop", "wrong number", "leave me alone", "STOP\n", "“stop”",
    ],
)  # fmt: skip
def test_stop_is_understood_in_any_words(text):
    assert meaning(text) in (Meaning.STOP, Meaning.WRONG_NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        "the stop sign is down", "Someone ran the stop sign at Olive", "When does it end?",
        "is the meeting cancelled", "cancel the parade", "bus stop", "", "👍", "...", "where is it",
        "Necesito ayuda con mi calle", "the traffic stop on Gravois took an hour",
    ],
)  # fmt: skip
def test_other_words_are_not_a_stop(text):
    assert meaning(text) is Meaning.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "don't stop", "stop the speeding on Arsenal", "is this spam?", "who is this", "enough of this already",
        "I asked you to stop that three times", "You have the wrong number on the house, it is 4521",
        "Officer talked to the wrong person about the noise",
        "The neighbors still will not leave me alone at night",
        "He said do not contact me again or else he would",
        "ya basta con esto por dios", "go away", "why are you texting me",
    ],
)  # fmt: skip
def test_what_may_be_a_stop_is_for_a_person_to_read(text):
    assert meaning(text) is Meaning.UNSURE


def test_a_stop_is_in_force_when_it_is_answered(followers, text_in):
    people = followers(3)
    tell("one")
    tell("two")
    text_in("Stop.", people[1].address)
    assert [s for s, _ in statuses()].count("suppressed") == 2
    assert tell("three") == 2
    assert ledger()[-1] == "stopped"


@pytest.mark.parametrize("text", ["STOP", " stop ", "Unsubscribe"])
def test_twilio_confirms_the_words_it_knows(text_in, text):
    assert text_in(text) == EMPTY


def test_we_confirm_the_words_it_does_not_know_once(text_in):
    assert "no more texts" in text_in("take me off this list")
    assert text_in("take me off this list!") == EMPTY


def test_what_twilio_says_it_answered_is_not_answered_again(text_in):
    assert text_in("no mas", OptOutType="STOP") == EMPTY


def test_start_takes_a_stop_back(ask, text_in):
    ask()
    text_in("yes")
    text_in("stop")
    assert text_in("START") == EMPTY
    assert (ledger(), tell()) == (["asked", "given", "stopped", "given"], 1)


def test_start_from_a_number_never_asked_only_takes_the_stop_back(ask, text_in):
    text_in("stop")
    text_in("start")
    assert (ledger(), Recipient.objects.get().consent) == (["stopped", "reopened"], "none")
    ask()
    assert ledger()[-1] == "asked"


# --- other texts ----------------------------------------------------------------------------------------


def test_help_says_who_and_how_to_stop(text_in):
    assert "STOP" in text_in("help")
    assert "Roll Call" in text_in("AYUDA")


def test_what_is_not_understood_is_answered_once_an_hour(text_in):
    with time_machine.travel("2026-11-22T18:00:00Z", tick=False) as clock:
        assert "HELP" in text_in("where is it?")
        assert text_in("hello?") == EMPTY
        clock.shift(3601)
        assert "HELP" in text_in("anybody?")


def test_a_repeat_has_no_second_effect_and_the_same_answer(text_in):
    sid = "SM" + "a" * 32
    first = text_in("where is it?", MessageSid=sid)
    assert text_in("where is it?", MessageSid=sid) == first != EMPTY
    assert Reply.objects.count() == 1


def test_residents_words_are_never_markup(text_in):
    assert text_in("<Message>hi</Message>&amp;").count("<Message>") == 1


def test_a_short_code_may_write_too(text_in):
    text_in("hello", "22395")
    assert Notice.objects.filter(kind="opt_in").count() == 0
