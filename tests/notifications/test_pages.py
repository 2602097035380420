"""The page behind a message's link, and the e-mail headers that lead to it."""

from typing import Any

import pytest
from django.test import Client

from backend.notifications import links
from backend.notifications.email import EmailTransport
from backend.notifications.models import Message, Recipient, Subscription
from backend.notifications.worker import work_once
from tests.notifications.conftest import TOPIC, statuses, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(followers: Any, transport: Any) -> str:
    """The link of one text that went."""
    followers(1)
    tell(body="Friday's roll call is cancelled. {link}", path="/e/00000000-0000-4000-8000-000000000000")
    work_once(transport)
    link: str = transport.texts[0].body.split()[-1]
    assert link.startswith("https://rollcall.example/m/")
    return link.removeprefix("https://rollcall.example")


def test_it_says_what_was_said_and_leads_on(client: Client, page: str) -> None:
    answer = client.get(page)
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "roll call is cancelled." in words
    assert 'href="/e/00000000-0000-4000-8000-000000000000"' in words
    assert "314" not in words
    assert answer["X-Robots-Tag"] == "noindex"
    assert "private" in answer["Cache-Control"]


def test_looking_changes_nothing(client: Client, page: str) -> None:
    for path in (page, f"{page}/stop", f"{page}/start"):
        client.get(path)
    assert Recipient.objects.get().consent == "given"
    assert Subscription.objects.count() == 1


def test_one_topic_or_all_can_be_stopped_and_all_be_taken_back(client: Client, page: str) -> None:
    assert "no more about this" in client.post(f"{page}/stop", {"what": "topic"}).content.decode()
    assert (Subscription.objects.count(), Recipient.objects.get().consent) == (0, "given")
    assert tell("later") == 0
    assert "no more messages" in client.post(f"{page}/stop").content.decode()
    assert Recipient.objects.get().consent == "stopped"
    client.post(f"{page}/start")
    assert Recipient.objects.get().consent == "given"


def test_what_waits_is_withdrawn(client: Client, page: str) -> None:
    tell("later", body="More.")
    client.post(f"{page}/stop", {"List-Unsubscribe": "One-Click"})
    assert statuses()[1] == ("suppressed", "stopped")


def test_the_page_does_not_take_back_a_stop_by_text(client: Client, page: str, text_in: Any) -> None:
    text_in("STOP", Recipient.objects.get().address)
    assert "text START" in client.post(f"{page}/start").content.decode()
    assert Recipient.objects.get().consent == "stopped"


def test_of_a_discreet_message_the_page_shows_nothing(client: Client, page: str) -> None:
    Recipient.objects.update(is_discreet=True)
    words = client.get(page).content.decode()
    assert "cancelled" not in words
    assert "/e/" not in words


@pytest.mark.parametrize(
    "token", ["", "1", "x" * 40, "1" + "0" * 10, "../../etc", "é" * 12, "1abcdefghij%00"]
)
def test_other_tokens_are_not_found(client: Client, page: str, token: str) -> None:
    assert client.get(f"/m/{token}").status_code == 404
    assert client.post(f"/m/{token}/stop").status_code == 404
    assert Recipient.objects.get().consent == "given"


def test_a_token_is_of_its_message_alone(page: str) -> None:
    message = Message.objects.get()
    token = links.token_of(message.pk)
    assert links.message_of(token) == message
    other = links.token_of(message.pk + 1)
    assert links.message_of(other[:-10] + token[-10:]) is None
    assert len(links.of(message)) <= len(links.longest())


def test_mail_has_the_programs_own_button(settings: Any, mailoutbox: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    reader = Recipient.objects.create(
        channel="email", address="r@example.org", address_index="i", consent="given"
    )
    Subscription.objects.create(recipient=reader, topic=TOPIC)
    tell(body="Friday's roll call is cancelled. {link}")
    work_once(EmailTransport())
    (mail,) = mailoutbox
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail.body.split()[-1]
    assert mail.extra_headers["List-Unsubscribe"] == f"<{link}/stop>"
    assert mail.subject == "Roll Call"
