"""Calls that take what people lived through, and people who tell it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.feedback.workinggroups.models import Consultation, Testimony
from tests.workinggroups.conftest import Group

WORDS = "They stopped my son at the corner, and nobody said why."
TOMORROW = "2026-11-24T10:00:00-06:00"


def make_call(group: Group, **fields: Any) -> Consultation:
    """Open since an hour, for a week."""
    now = timezone.now()
    facts = {"title": "What happened to you", "takes_testimony": True}
    times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=7)}
    return Consultation.objects.create(group=group.group, **{**facts, **times, **fields})


def at(group: Group, call: Consultation, what: str = "testimonies") -> str:
    return f"{group.at}/consultations/{call.pk}/{what}"


def make_testimony(call: Consultation, body: str = WORDS, **fields: Any) -> Testimony:
    """Of yesterday: what is of a past day can be read."""
    day = timezone.localdate() - timedelta(days=1)
    return Testimony.objects.create(consultation=call, body=body, **{"on": day, **fields})
