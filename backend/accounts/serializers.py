"""One's own account, as the phone shows it."""

from typing import Any

from rest_framework import serializers

from backend.accounts.models import Session, User
from backend.accounts.sign_in import EMAIL_MAX_LENGTH


class MeOut(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = [
            "id",
            "kind",
            "phone",
            "email",
            "safe_at_home",
            "mailing_address",
            "code_word",
            "created_at",
        ]


class MeIn(serializers.Serializer[Any]):
    """`safe_at_home` hides the address everywhere; the substitute address goes into `mailing_address`."""

    safe_at_home = serializers.BooleanField(required=False)
    mailing_address = serializers.CharField(required=False, allow_blank=True, max_length=300)
    code_word = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text="what staff say first when they call, so that you know them and can say whether it is safe to talk",
    )


class EmailIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=EMAIL_MAX_LENGTH)


class EmailCodeIn(EmailIn):
    code = serializers.CharField(max_length=40)


class SentOut(serializers.Serializer[Any]):
    detail = serializers.CharField()


class SessionOut(serializers.ModelSerializer[Session]):
    """`device` is what the phone or browser called itself when it signed in."""

    device = serializers.CharField()
    is_current = serializers.BooleanField()

    class Meta:
        model = Session
        fields = ["id", "client", "device", "created_at", "seen_at", "is_current"]


class EndingOut(serializers.Serializer[Any]):
    what = serializers.CharField()
    fate = serializers.ChoiceField(choices=["deleted", "anonymised", "kept"])
    why = serializers.CharField()
