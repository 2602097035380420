from typing import Any

from rest_framework import serializers

from backend.notifications.languages import LANGUAGES
from backend.notifications.models import Subscription
from backend.notifications.phones import MAX_LENGTH
from backend.notifications.services import Told
from backend.notifications.services.following import FARTHEST_REMINDER, MAX_REMINDERS


class SubscriptionRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=MAX_LENGTH, help_text="A US mobile number, as people write it")
    topics = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=10,
        help_text="Such as `area:slmpd-district-4`",
    )
    delivery = serializers.ChoiceField(choices=Subscription.Delivery.choices, default="instant")
    reminders = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=FARTHEST_REMINDER),
        default=list,
        max_length=MAX_REMINDERS,
        help_text="hours before each date",
    )
    language = serializers.ChoiceField(choices=list(LANGUAGES), default="en", help_text="Of the texts")


class TextsOut(serializers.Serializer[Any]):
    """What followers are told, in each language; `by_status` adds up to `copies`. Cost in USD, estimated."""

    words = serializers.DictField(child=serializers.CharField())
    segments = serializers.DictField(
        child=serializers.IntegerField(), help_text="of one copy, as it is billed"
    )
    copies = serializers.IntegerField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    cost = serializers.DecimalField(max_digits=10, decimal_places=2)
    goes_at = serializers.DateTimeField(allow_null=True, help_text="the next copy; null where none waits")
    is_urgent = serializers.BooleanField(help_text="staff chose not to wait for the morning")


def texts_out(told: Told | None) -> dict[str, Any] | None:
    """`TextsOut`; None where nothing was to be told."""
    return dict(TextsOut(told).data) if told else None


class SubscriptionAnswer(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="The same whatever we know of the number")
