"""A concern's shapes as it is told and as its reporter sees it."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.feedback.concerns.models import Concern, ConcernChange, ConcernLetter, ConcernReply, Photo
from backend.feedback.concerns.services.intake import IDENTITIES, SHORTEST_PASSPHRASE
from backend.feedback.concerns.services.telling import standing
from backend.feedback.concerns.triage import TOLD
from backend.feedback.concerns.warnings import KINDS
from backend.notifications.languages import LANGUAGES
from backend.notifications.phones import MAX_LENGTH
from backend.roster.models import Area
from backend.schema import Problem

NOTICE = (
    "This is not read around the clock; in an emergency call 911. The department and, under Missouri's Sunshine "
    "Law, the public may be able to ask for what you wrote."
)


class LanguageField(serializers.ChoiceField):
    """The reader's language (BCP 47); English where nothing is said."""

    def __init__(self) -> None:
        super().__init__(choices=sorted(LANGUAGES), default="en", help_text="the reader's (BCP 47)")


def in_words(text: str) -> None:
    """Refuses what has no letter or digit of any script."""
    if not any(character.isalnum() for character in text):
        raise serializers.ValidationError(
            "Say it in words: a few are enough. Pictures alone cannot be dealt with.", code="no-words"
        )


@extend_schema_field({"oneOf": [{"type": "string", "maxLength": 1000}, {"type": "boolean"}]})
class AnswerField(serializers.JSONField):
    """Words, one of the choices, or yes and no; what fits is the question's to say."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or (isinstance(data, str) and len(data) <= 1000):
            return data
        raise serializers.ValidationError(
            "Send text of at most 1,000 characters, true or false.", code="invalid"
        )


class AnswersField(serializers.DictField):
    """At most 50: no category asks more."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and len(data) > 50:
            raise serializers.ValidationError("No category has so many questions.", code="too-many")
        answers: dict[str, Any] = super().to_internal_value(data)
        return answers


class ConcernIn(serializers.Serializer[Any]):
    """Where it is: one of `address`, `lat` with `lon`, or `area`; or none of them.

    With `safe_at_home` the place finds the desk and is then forgotten; the substitute address will do.
    An account that hides its address need not say so again.
    """

    category = serializers.CharField(
        max_length=30,
        help_text="a slug of GET /concern-categories; what is not taken here is refused with where to go",
    )
    description = serializers.CharField(max_length=5000, validators=[in_words])
    answers = AnswersField(
        child=AnswerField(),
        required=False,
        help_text="to the category's questions, by their slugs: text, one of the choices, or true and false",
    )
    as_of = serializers.DateTimeField(
        required=False, help_text="of the GET /concern-categories that the phone had: its questions count"
    )
    language = LanguageField()
    goes_on = serializers.BooleanField(
        default=False,
        help_text="true: the warnings of the 422 `may-be-urgent` were seen; send it all the same",
    )
    said_at = serializers.CharField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="where it was said, if at a meeting",
    )
    occurrence = serializers.UUIDField(required=False, help_text="the meeting, if it is in the calendar")
    address = serializers.CharField(max_length=300, required=False)
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90)
    lon = serializers.FloatField(required=False, min_value=-180, max_value=180)
    area = serializers.SlugField(max_length=100, required=False)
    about_police_employee = serializers.BooleanField(default=False)
    safe_at_home = serializers.BooleanField(default=False)
    identity = serializers.ChoiceField(
        choices=IDENTITIES,
        required=False,
        help_text="an account's where signed in, else a receipt. With `none` and `receipt` nothing ties it to an "
        "account; `phone` gives a receipt too",
    )
    phone = serializers.CharField(
        max_length=MAX_LENGTH,
        required=False,
        default="",
        help_text="with the identity `phone`: a US mobile number",
    )
    passphrase = serializers.CharField(
        min_length=SHORTEST_PASSPHRASE,
        max_length=200,
        required=False,
        default="",
        help_text="with a receipt: it opens nothing without this. Nobody can find it again",
    )
    contact_note = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, help_text="what is safe when we call"
    )
    handler_may_know = serializers.BooleanField(
        default=False,
        help_text="the officer who works on it may learn who told it, where the category has that",
    )
    tells_by_text = serializers.BooleanField(
        required=False,
        help_text="tell me at each change; the message says that there is an update, and no more. "
        "With the identity `phone` it is true if not given",
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
    """What the reporter added, in the app or by answering a text."""

    class Meta:
        model = ConcernReply
        fields = ["body", "at"]


class ConcernLetterOut(serializers.ModelSerializer[ConcernLetter]):
    """What staff wrote to the reporter."""

    class Meta:
        model = ConcernLetter
        fields = ["body", "at"]


class PhotoOut(serializers.ModelSerializer[Photo]):
    """`width` and `height` in pixels, 0 until it is `ready`; `refused` is what could not be read."""

    class Meta:
        model = Photo
        fields = ["id", "status", "width", "height"]
        read_only_fields = fields


class ConcernOut(serializers.ModelSerializer[Concern]):
    """What its reporter sees. While `asked`, they may say whether it was dealt with; `dealt_with` is what they said.

    `merged_status` is how far that concern is which this one was merged into.
    """

    desk = DeskOut(allow_null=True)
    changes = serializers.SerializerMethodField()
    replies = serializers.SerializerMethodField()
    letters = ConcernLetterOut(many=True)
    photos = PhotoOut(many=True)
    answers = serializers.SerializerMethodField()
    asked = serializers.SerializerMethodField()
    merged_status = serializers.SerializerMethodField()

    class Meta:
        model = Concern
        fields = [
            "id",
            "category",
            "status",
            "disposition",
            "desk",
            "said_at",
            "answers",
            "is_near_border",
            "tells_by_text",
            "submitted_at",
            "target_at",
            "closed_at",
            "changes",
            "replies",
            "letters",
            "photos",
            "asked",
            "dealt_with",
            "merged_status",
        ]

    @extend_schema_field({"type": "object", "additionalProperties": {"type": ["string", "boolean"]}})
    def get_answers(self, concern: Concern) -> dict[str, str | bool]:
        answers: dict[str, str | bool] = json.loads(concern.answers or "{}")
        return answers

    @extend_schema_field(ConcernReplyOut(many=True))
    def get_replies(self, concern: Concern) -> Any:
        """Without an account, not what came by text: whose number it is need not be who holds the receipt."""
        is_an_accounts = concern.reporter_id is not None
        return ConcernReplyOut(
            [r for r in concern.replies.all() if is_an_accounts or not r.by_text], many=True
        ).data

    @extend_schema_field(ConcernChangeOut(many=True))
    def get_changes(self, concern: Concern) -> Any:
        return ConcernChangeOut([c for c in concern.changes.all() if c.move in TOLD], many=True).data

    def get_asked(self, concern: Concern) -> bool:
        return concern.status == Concern.Status.CLOSED and concern.asked_at is not None

    @extend_schema_field(serializers.ChoiceField(Concern.Status.choices, allow_null=True))
    def get_merged_status(self, concern: Concern) -> str | None:
        return standing(concern).value if concern.merged_into_id else None


class SubmittedOut(ConcernOut):
    """`receipt` is the only key to an anonymous concern: shown here, and once more to print (`receipt_sheet`).

    A repeat with the same Idempotency-Key shows it again too.
    """

    receipt = serializers.CharField(allow_null=True)
    receipt_sheet = serializers.CharField(
        allow_null=True, help_text="where to POST the receipt for a page to print, as often as wanted"
    )
    notice = serializers.CharField(default=NOTICE)
    upload_token = serializers.CharField(help_text="for POST /concerns/photos, for seven days")

    class Meta(ConcernOut.Meta):
        fields = [*ConcernOut.Meta.fields, "receipt", "receipt_sheet", "notice", "upload_token"]


class ReceiptIn(serializers.Serializer[Any]):
    """`passphrase`: where one was chosen."""

    receipt = serializers.CharField(max_length=40)
    passphrase = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class SheetIn(ReceiptIn):
    language = LanguageField()


# --- what stands before it --------------------------------------------------------------------------------


class SaidOut(serializers.Serializer[Any]):
    """`words` in the reader's language, `is_reviewed` where the department vouches for them; the English beside."""

    words = serializers.CharField()
    words_en = serializers.CharField()
    is_reviewed = serializers.BooleanField()


class HelpLineOut(serializers.Serializer[Any]):
    """Whom to call or text. `verified_on` null: nobody has confirmed it."""

    kind = serializers.CharField()
    name = serializers.CharField()
    call = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    web = serializers.CharField(allow_blank=True)
    hours = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    verified_on = serializers.DateField(allow_null=True)


class WarningOut(SaidOut):
    """What the words seem to be about: a hint to whom to turn first."""

    kind = serializers.ChoiceField(choices=KINDS)
    lines = HelpLineOut(many=True)


class NotKept(Problem):
    """422, with nothing kept: `may-be-urgent` with `warnings` (send again with `goes_on`), `must-be-reachable`, or

    `civilian-oversight-board` and `staff-channels` with `facts` and `lines`; the former gives `your_words` back.
    """

    warnings = WarningOut(many=True, required=False)
    go_on = SaidOut(required=False)
    facts = serializers.ListField(child=serializers.CharField(), required=False)
    lines = HelpLineOut(many=True, required=False)
    your_words = serializers.CharField(required=False)


class CheckIn(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=5000, allow_blank=True)
    language = LanguageField()


class CheckOut(serializers.Serializer[Any]):
    """`names_an_employee`: it would be read by civilians alone until one has looked; never who is meant."""

    warnings = WarningOut(many=True)
    names_an_employee = serializers.BooleanField()


class SlipsIn(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=60)


class SlipsOut(serializers.Serializer[Any]):
    """To print and cut: each works as a receipt once a concern was entered under it."""

    receipts = serializers.ListField(child=serializers.CharField())
