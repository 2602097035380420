"""What a person with any phone can ask by text, and that the phone then tells a stranger nothing."""

import re
from typing import Any

import pytest
from django.apps import apps

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern
from backend.notifications.models import Message, Recipient, Reply, Subscription
from backend.notifications.registry import COMMANDS, RESERVED, register_command
from backend.notifications.worker import work_once
from backend.receipts import receipt_index
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401
from tests.notifications.fakes import FakeTransport

ADDRESS = "1915 Olive St"
NUMBER = "+13142000000"


@pytest.fixture
def ask(city: None, text_in: Any) -> Any:  # noqa: F811
    """Sends a text; the words of the answer, "" for none."""

    def send(body: str, number: str = NUMBER, **form: str) -> str:
        found = re.search(r"<Message>(.*)</Message>", text_in(body, number, **form), re.DOTALL)
        return found[1] if found else ""

    return send


def test_no_command_has_a_reserved_name() -> None:
    assert not RESERVED & COMMANDS.keys()
    with pytest.raises(ValueError, match="carriers"):
        register_command("CANCEL", lambda *_: "", is_private=False)


def test_beat_says_who_serves_an_address_and_when_they_can_be_met(ask: Any) -> None:
    answer = ask(f"beat {ADDRESS}")
    assert re.match(r"Beat \d+, District \d: ", answer)
    assert "Next: " in answer
    assert "Emergency: 911." in answer


def test_the_address_is_kept_nowhere(ask: Any) -> None:
    assert "District" in ask("BEAT 1921 Olive St", MessageSid="SM" + "a" * 32)
    reply = Reply.objects.get()
    assert (reply.body, reply.answer) == ("BEAT", "")
    for model in apps.get_models():
        if model._meta.app_label != "roster":  # the city's streets are there, whoever asks
            assert "1921 olive" not in str(list(model._base_manager.values())).lower(), model


def test_a_repeat_gets_the_same_answer(ask: Any) -> None:
    once = ask(f"BEAT {ADDRESS}", MessageSid="SM" + "a" * 32)
    assert ask(f"BEAT {ADDRESS}", MessageSid="SM" + "a" * 32) == once != ""
    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", "Text BEAT and your address"),
        ("99999 Nowhere Blvd", "did not find"),
        ("&lt;script&gt;", "did not find"),
    ],
)
def test_what_is_not_understood_says_what_to_text(ask: Any, rest: str, said: str) -> None:
    assert said in ask(f"BEAT {rest}")


def test_next_names_the_meetings_of_a_place_or_of_what_is_followed(ask: Any) -> None:
    assert "Next: " in ask("NEXT District 4")
    assert "Text NEXT and your address" in ask("NEXT")
    ask("FOLLOW District 4")
    assert "Next: " in ask("NEXT")


def test_next_alone_does_not_tell_of_single_meetings(ask: Any) -> None:
    ask("FOLLOW District 4")
    Subscription.objects.update(topic="event:00000000-0000-4000-8000-000000000000")
    assert "Text NEXT" in ask("NEXT")


def test_follow_asks_for_the_yes_and_then_follows(ask: Any) -> None:
    answer = ask(f"FOLLOW {ADDRESS}")
    assert "reply YES" in answer
    assert ask(f"FOLLOW {ADDRESS}") == answer
    assert Recipient.objects.get().consent == "none"
    assert Subscription.objects.count() == 1
    ask("YES")
    assert Recipient.objects.get().consent == "given"
    assert "You get texts about District" in ask(f"FOLLOW {ADDRESS}")
    assert not Message.objects.exists()  # the answers were enough


def test_a_stop_is_a_stop_before_any_command_and_commands_are_silent_after_it(ask: Any) -> None:
    ask("FOLLOW District 4")
    ask("YES")
    ask("STOP FOLLOWING ME")
    assert Recipient.objects.get().consent == "given"  # somebody must read this one
    ask("STOP")
    assert ask(f"BEAT {ADDRESS}") == ""


def test_status_tells_the_state_and_ties_the_number_to_nothing(ask: Any, liaison: User) -> None:
    receipt = "ABCD-EFGH-IJKL-MNOP"
    Concern.objects.create(category_id="noise", description="Loud.", receipt_index=receipt_index(receipt))
    assert ask(f"STATUS {receipt}") == "Your report: received."
    assert ask("status abcdefghijklmnop") == "Your report: received."
    wrong = ask("STATUS AAAA-BBBB-CCCC-DDDD")
    Concern.objects.update(receipt_index=None)
    assert ask(f"STATUS {receipt}") == wrong != ""
    assert set(Reply.objects.values_list("body", flat=True)) == {"STATUS"}
    assert set(Reply.objects.values_list("answer", flat=True)) == {""}


@pytest.mark.parametrize(
    "body",
    [
        "ABCD-EFGH-IJKL-MNOP",
        "abcd-efgh-ijkl-mnop",
        "abcdefghijklmnop",
        "ABCD EFGH IJKL MNOP.",
        "What became of ABCD-EFGH-IJKL-MNOP?",
    ],
)
def test_a_receipt_without_the_word_is_status_too_and_not_kept(ask: Any, body: str) -> None:
    receipt = receipt_index("ABCD-EFGH-IJKL-MNOP")
    Concern.objects.create(category_id="noise", description="Loud.", receipt_index=receipt)
    assert ask(body) == "Your report: received."
    assert (Reply.objects.get().body, Reply.objects.get().answer) == ("STATUS", "")


@pytest.mark.parametrize("body", ["They came home late", "On 4 July they were loud"])
def test_four_short_words_are_no_receipt(ask: Any, body: str) -> None:
    ask(body)
    assert Reply.objects.get().body == body


def test_a_slip_from_a_meeting_works_like_a_receipt(ask: Any, liaison: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    (slip,) = desk.post("/api/v1/triage/slips", {"count": 1}, "application/json").json()["receipts"]
    told = {"category": "noise", "description": "As told at the roll call.", "paper_receipt": slip}
    assert desk.post("/api/v1/concerns", told, "application/json").status_code == 201
    assert ask(f"STATUS {slip}") == "Your report: received."
    assert desk.post("/api/v1/concerns", told, "application/json").status_code == 409
    assert Concern.objects.get(receipt_index=receipt_index(slip)).reporter is None


def test_a_slip_is_entered_by_staff_alone(city: None, client: Any) -> None:
    told = {"category": "noise", "description": "Loud.", "paper_receipt": "ABCD-EFGH-IJKL-MNOP"}
    answer = client.post("/api/v1/concerns", told, "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "staff-only")


def test_two_machines_that_answer_each_other_come_to_an_end(ask: Any) -> None:
    answers = [ask("NEXT District 4") for _ in range(25)]
    assert answers[19] != ""
    assert answers[-1] == ""


# --- a concern's texts ------------------------------------------------------------------------------------


@pytest.fixture
def reporter(city: None) -> User:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(NUMBER)
    user.save()
    return user


def test_an_update_says_nothing_and_the_answer_lands_on_the_concern(
    ask: Any, reporter: User, liaison: User, sign_in: Any
) -> None:
    told = {"category": "noise", "description": "Loud.", "address": ADDRESS, "tells_by_text": True}
    concern = sign_in(reporter).post("/api/v1/concerns", told, "application/json").json()["id"]
    transport = FakeTransport()
    while work_once(transport):
        pass
    assert "reply YES" in transport.texts[0].body
    ask("YES")
    desk = sign_in(liaison)
    assert desk.post(f"/api/v1/triage/concerns/{concern}/triage", {}, "application/json").status_code == 200
    while work_once(transport):
        pass
    assert re.fullmatch(
        r"Roll Call: there is an update\. https://rollcall\.example/m/\w+", transport.texts[1].body
    )
    assert "passed on" in ask("It is every night after two.")
    seen = next(c for c in desk.get("/api/v1/triage/concerns").json()["results"] if c["id"] == concern)
    assert [reply["body"] for reply in seen["replies"]] == ["It is every night after two."]
    own = sign_in(reporter).get(f"/api/v1/concerns/{concern}").json()
    assert own["replies"][0]["body"] == "It is every night after two."


def test_nobody_is_texted_who_did_not_ask(reporter: User, liaison: User, sign_in: Any) -> None:
    told = {"category": "noise", "description": "Loud.", "address": ADDRESS}
    concern = sign_in(reporter).post("/api/v1/concerns", told, "application/json").json()["id"]
    sign_in(liaison).post(f"/api/v1/triage/concerns/{concern}/triage", {}, "application/json")
    assert not Message.objects.exists()
