"""A concern's shapes: as it is told, as its reporter sees it, as its desk sees it."""

from typing import Any

from rest_framework import serializers

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernReply
from backend.roster.models import Area

NOTICE = (
    "This is not read around the clock; in an emergency call 911. The department and, under Missouri's Sunshine "
    "Law, the public may be able to ask for what you wrote."
)


class ConcernIn(serializers.Serializer[Any]):
    """Where it is: one of `address`, `lat` with `lon`, or `area`; or none of them.

    With `safe_at_home` the place finds the desk and is then forgotten; the substitute address will do.
    An account that hides its address need not say so again.
    """

    category = serializers.ChoiceField(
        choices=[*Concern.Category.choices, ("misconduct", "misconduct of police")]
    )
    description = serializers.CharField(max_length=5000)
    address = serializers.CharField(max_length=300, required=False)
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90)
    lon = serializers.FloatField(required=False, min_value=-180, max_value=180)
    area = serializers.SlugField(max_length=100, required=False)
    about_police_employee = serializers.BooleanField(default=False)
    safe_at_home = serializers.BooleanField(default=False)
    tells_by_text = serializers.BooleanField(
        default=False, help_text="text me at each change; the text says that there is an update, and no more"
    )
    paper_receipt = serializers.RegexField(
        r"^[A-Za-z0-9]{4}(-?[A-Za-z0-9]{4}){3}$",
        required=False,
        default="",
        help_text="staff alone: the slip that the person was given at a meeting",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("lat" in data) != ("lon" in data):
            raise serializers.ValidationError("Send `lat` and `lon` together.")
        if sum(name in data for name in ("address", "lat", "area")) > 1:
            raise serializers.ValidationError("Send one of `address`, `lat` with `lon`, or `area`.")
        return data


class DeskOut(serializers.ModelSerializer[Area]):
    """The area whose liaison reads the concern."""

    class Meta:
        model = Area
        fields = ["slug", "name"]


class ConcernChangeOut(serializers.ModelSerializer[ConcernChange]):
    class Meta:
        model = ConcernChange
        fields = ["move", "status", "at"]


class ConcernReplyOut(serializers.ModelSerializer[ConcernReply]):
    """What the reporter added by answering a text."""

    class Meta:
        model = ConcernReply
        fields = ["body", "at"]


class ConcernOut(serializers.ModelSerializer[Concern]):
    """What its reporter sees."""

    desk = DeskOut(allow_null=True)
    changes = ConcernChangeOut(many=True)
    replies = ConcernReplyOut(many=True)

    class Meta:
        model = Concern
        fields = [
            "id",
            "category",
            "status",
            "disposition",
            "desk",
            "submitted_at",
            "closed_at",
            "changes",
            "replies",
        ]


class SubmittedOut(ConcernOut):
    """`receipt` is shown here and never again; it is the only key to an anonymous concern."""

    receipt = serializers.CharField(allow_null=True)
    notice = serializers.CharField(default=NOTICE)

    class Meta(ConcernOut.Meta):
        fields = [*ConcernOut.Meta.fields, "receipt", "notice"]


class ReceiptIn(serializers.Serializer[Any]):
    receipt = serializers.CharField(max_length=40)


class TriageOut(serializers.ModelSerializer[Concern]):
    """What the desk sees; never who the reporter is."""

    area = serializers.SlugRelatedField[Area](slug_field="slug", read_only=True, allow_null=True)
    desk = serializers.SlugRelatedField[Area](slug_field="slug", read_only=True, allow_null=True)
    replies = ConcernReplyOut(many=True)

    class Meta:
        model = Concern
        fields = [
            "id",
            "category",
            "description",
            "address",
            "area",
            "desk",
            "status",
            "disposition",
            "is_walled",
            "submitted_at",
            "closed_at",
            "replies",
        ]


class SlipsIn(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=60)


class SlipsOut(serializers.Serializer[Any]):
    """To print and cut: each works as a receipt once a concern was entered under it."""

    receipts = serializers.ListField(child=serializers.CharField())


class ReasonIn(serializers.Serializer[Any]):
    """Why it is needed; kept in the audit trail with who asked and when."""

    reason = serializers.CharField(max_length=500)


class ReporterOut(serializers.ModelSerializer[User]):
    """By which the reporter signs in; empty where the account has none. Say the `code_word` first."""

    class Meta:
        model = User
        fields = ["phone", "email", "code_word"]


class MoveIn(serializers.Serializer[Any]):
    """`disposition` says how it ended; it goes with `close` alone."""

    disposition = serializers.ChoiceField(choices=Concern.Disposition.choices, required=False)
