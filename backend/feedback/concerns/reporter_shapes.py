"""What a reporter sends after telling, and what else anybody says of our pages."""

from typing import Any

from rest_framework import serializers

from backend.feedback.concerns.intake_shapes import ReceiptIn, WarningOut
from backend.feedback.concerns.models import AboutMeRequest, Concern, PageFeedback

MOST = 2000  # characters of a reply or request


class AboutPoliceIn(serializers.Serializer[Any]):
    """As when it was told: what is about a police employee is read by civilian liaisons alone, whom it names or not."""

    about_police_employee = serializers.BooleanField(required=False, default=False)


class ReplyIn(AboutPoliceIn):
    body = serializers.CharField(max_length=MOST)


class ReceiptReplyIn(ReceiptIn, ReplyIn):
    """The same by receipt."""


class ReplyTakenOut(serializers.Serializer[Any]):
    """When it was kept; the words are in the concern. `warnings`: what in them cannot wait until staff read it.

    `notice`: that no message will come any more, where these words have ended them; else empty.
    """

    at = serializers.DateTimeField()
    warnings = WarningOut(many=True)
    notice = serializers.CharField(allow_blank=True)


class VerdictIn(AboutPoliceIn):
    """Whether a closed concern was dealt with; `words` are kept as a reply."""

    dealt_with = serializers.BooleanField()
    words = serializers.CharField(max_length=MOST, required=False, default="", allow_blank=True)


class ReceiptVerdictIn(ReceiptIn, VerdictIn):
    """The same by receipt."""


class VerdictOut(serializers.Serializer[Any]):
    """How the concern stands by it: "no" makes it `triaged` again. `warnings`, `notice`: as of a reply."""

    status = serializers.ChoiceField(choices=Concern.Status.choices)
    dealt_with = serializers.BooleanField(allow_null=True)
    warnings = WarningOut(many=True)
    notice = serializers.CharField(allow_blank=True)


class PageField(serializers.RegexField):
    """A path or slug, without a query."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[A-Za-z0-9/_.~%-]+$", max_length=200, **kwargs)


class PageFeedbackIn(serializers.Serializer[Any]):
    page = PageField(help_text="its path or slug, without a query; what names one person's thing is left out")
    is_helpful = serializers.BooleanField()
    comment = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class PageFeedbackOut(serializers.ModelSerializer[PageFeedback]):
    """`on` is a day, and nobody knows more."""

    class Meta:
        model = PageFeedback
        fields = ["page", "is_helpful", "comment", "on"]


class AboutMeIn(serializers.Serializer[Any]):
    page = PageField(help_text="where it is shown: a path or slug, without a query")
    words = serializers.CharField(
        max_length=MOST, help_text="what is shown of you, and what is wrong with it"
    )


class AboutMeReceiptIn(serializers.Serializer[Any]):
    receipt = serializers.CharField(max_length=40)


class AboutMeReceiptOut(serializers.Serializer[Any]):
    """`receipt` is shown here and never again; the answer is asked for by it."""

    receipt = serializers.CharField()


class AboutMeAnswerOut(serializers.ModelSerializer[AboutMeRequest]):
    """What became of a request; `answer` is empty until it is decided."""

    class Meta:
        model = AboutMeRequest
        fields = ["status", "answer", "asked_at", "decided_at"]


class AboutMeOut(serializers.ModelSerializer[AboutMeRequest]):
    """A request as staff see it."""

    class Meta:
        model = AboutMeRequest
        fields = ["id", "page", "words", "status", "answer", "asked_at", "decided_at"]


class AboutMeDecisionIn(serializers.Serializer[Any]):
    granted = serializers.BooleanField()
    answer = serializers.CharField(max_length=1000, help_text="what whoever asked reads")
