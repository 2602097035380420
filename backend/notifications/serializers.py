from typing import Any

from rest_framework import serializers

from backend.notifications.phones import MAX_LENGTH
from backend.notifications.words import LANGUAGES


class SubscriptionRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=MAX_LENGTH, help_text="A US mobile number, as people write it")
    topics = serializers.ListField(
        child=serializers.CharField(max_length=100),
        min_length=1,
        max_length=10,
        help_text="Such as `area:slmpd-district-4`",
    )
    language = serializers.ChoiceField(choices=LANGUAGES, default="en", help_text="Of the texts")


class SubscriptionAnswer(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="The same whatever we know of the number")
