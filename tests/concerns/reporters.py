"""Concerns as their reporters left them, and what then reaches a phone or a mailbox."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.services.telling import tell_reporter
from backend.notifications import services as notifications
from backend.notifications.models import Channel, Message, Recipient
from backend.notifications.phones import phone_index
from backend.notifications.worker import work_once
from backend.receipts import receipt_index
from backend.roster.models import Area
from tests.notifications.fakes import FakeTransport

JSON = "application/json"
RECEIPT = "ABCD-EFGH-IJKL-MNOP"
NUMBER = "+13142000000"
OTHER_NUMBER = "+13142000001"


def told(place: str = "", **fields: Any) -> Concern:
    """A concern about noise, of nobody and without a place unless `place`, an area's slug, and `fields` say so."""
    words = {"category_id": "noise", "description": "Loud.", "tells_by_text": True}
    area = Area.objects.get(slug=place) if place else None
    return Concern.objects.create(**words | {"area": area} | fields)


def closed(place: str = "", **fields: Any) -> Concern:
    """One that was closed just now, with the question whether it was dealt with."""
    now = timezone.now()
    ended = {"status": "closed", "disposition": "resolved", "closed_at": now, "asked_at": now}
    return told(place, **ended | fields)


def by_number(number: str = NUMBER) -> dict[str, str]:
    return {"phone": number, "phone_index": phone_index(number)}


def by_receipt(receipt: str = RECEIPT) -> dict[str, str]:
    return {"receipt_index": receipt_index(receipt)}


def merged(into: Concern, **fields: Any) -> Concern:
    now = timezone.now()
    ended = {"status": "closed", "disposition": "duplicate", "closed_at": now, "merged_into": into}
    return told(**ended | fields)


def bodies(concern: Concern) -> list[str]:
    """What was added to it."""
    return [kept.body for kept in concern.replies.all()]


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def state(concern: Concern) -> tuple[Any, ...]:
    now = fresh(concern)
    return now.status, now.dealt_with, now.needs_reading


def verdict_by_receipt(client: Any, dealt_with: bool, headers: Any = None, **sent: str) -> Any:
    data = {"receipt": RECEIPT, "dealt_with": dealt_with, **sent}
    return client.post("/api/v1/concerns/receipt/verdict", data, JSON, headers=headers)


def resident_with(*, phone: str = "", email: str = "") -> User:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(phone)
    user.set_email(email)
    user.save()
    return user


@transaction.atomic
def agree(number: str = NUMBER, **fields: Any) -> Recipient:
    """This number has said YES."""
    recipient = notifications.recipient_of(number)
    Recipient.objects.filter(pk=recipient.pk).update(consent="given", **fields)
    return recipient


@transaction.atomic
def change(concern: Concern) -> ConcernChange:
    """Staff did something with it."""
    made = ConcernChange.objects.create(concern=concern, move="triage", status=concern.status)
    tell_reporter(concern, made)
    return made


def sent() -> list[tuple[str, str]]:
    """Lets the workers run; what went, as (to, words)."""
    texts, mails = FakeTransport(), FakeTransport(channel=Channel.EMAIL)
    while work_once(texts) or work_once(mails):
        pass
    return [(text.to, text.body) for text in [*texts.texts, *mails.texts]]


def reached() -> list[str]:
    """Who got something: numbers and addresses, in order."""
    return sorted(to for to, _ in sent())


def reasons() -> set[str]:
    return set(Message.objects.values_list("reason", flat=True))
