"""No field about a person without an end date and a Sunshine tag."""

import re
from typing import Any

from django.apps import apps

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.notifications.models import Recipient
from backend.records import RECORDS

PERSONAL = re.compile(
    r"(^|_)(email|phone|address|password|reporter|receipt_index|answer|body|description|lat|lon)(_|$)"
)
# Fields with such a name that say where a public thing is, or what is said to everybody.
ABOUT_THINGS = {
    "events.Event.description",
    "events.Event.place_address",
    "events.Event.lat",
    "events.Event.lon",
    "events.OccurrenceOverride.place_address",
    "events.OccurrenceOverride.lat",
    "events.OccurrenceOverride.lon",
    "notifications.Reply.answer",
    "roster.AddressPoint.address",
    "roster.AddressPoint.lat",
    "roster.AddressPoint.lon",
    "roster.Station.address",
    "roster.Station.lat",
    "roster.Station.lon",
    "roster.Station.phone",
    "accounts.IdempotencyKey.body_hash",
}


def is_personal(field: Any) -> bool:
    """By its kind, by its name, or because it points at a person."""
    points_at_somebody = field.is_relation and field.related_model in (User, Recipient)
    return isinstance(field, EncryptedTextField) or bool(PERSONAL.search(field.name)) or points_at_somebody


def test_every_personal_field_has_a_line() -> None:
    fields = {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models()
        if model.__module__.startswith("backend.")
        for field in model._meta.fields
    }
    personal = {name for name, field in fields.items() if is_personal(field)}
    assert personal - ABOUT_THINGS - set(RECORDS) == set()
    assert set(RECORDS) | ABOUT_THINGS <= set(fields), "a line for a field that is gone"


def test_what_is_closed_names_its_basis() -> None:
    assert all(record.basis and record.ends for record in RECORDS.values())
