"""Versions, their sections, and calls for input, as they are sent and answered."""

from typing import Any

from rest_framework import serializers

from backend.feedback.workinggroups.models import Consultation, ConsultationQuestion, Draft, Section
from backend.feedback.workinggroups.sections import LONGEST_KEY, Difference
from backend.feedback.workinggroups.services.drafts import LONGEST_BODY


class SectionIn(serializers.Serializer[Any]):
    """Plain text. The same `key` is the same section in every version; comments hang on it."""

    key = serializers.SlugField(
        max_length=LONGEST_KEY, required=False, default="", help_text="that of the heading, if not given"
    )
    number = serializers.CharField(
        max_length=20, required=False, default="", help_text="as printed: 4, 4.2, IV; the place, if not given"
    )
    heading = serializers.CharField(max_length=200)
    body = serializers.CharField(
        max_length=LONGEST_BODY, required=False, default="", allow_blank=True, trim_whitespace=False
    )
    origins = serializers.ListField(
        child=serializers.SlugField(max_length=LONGEST_KEY),
        required=False,
        max_length=50,
        help_text="keys of the version before that it came from: one for a part of a split section, all for a merged "
        "one. Not given: the same key there, if there is one",
    )


class DraftIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    summary = serializers.CharField(
        max_length=5000, required=False, default="", allow_blank=True, help_text="what is new in it"
    )
    sections = serializers.ListField(child=SectionIn())


class DraftPut(DraftIn):
    changed_at = serializers.DateTimeField(help_text="of the version as you read it")


class SectionOut(serializers.ModelSerializer[Section]):
    class Meta:
        model = Section
        fields = ("key", "number", "heading", "body", "origins")
        read_only_fields = fields

    origins = serializers.ListField(child=serializers.CharField(), read_only=True)


class DraftRow(serializers.ModelSerializer[Draft]):
    """A version without its text."""

    number = serializers.IntegerField(read_only=True)
    is_published = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields: tuple[str, ...] = ("number", "title", "summary", "is_published", "published_at", "changed_at")
        read_only_fields = fields

    def get_is_published(self, draft: Draft) -> bool:
        return draft.published_at is not None


class DraftOut(DraftRow):
    sections = SectionOut(many=True, read_only=True)

    class Meta(DraftRow.Meta):
        fields = (*DraftRow.Meta.fields, "sections")
        read_only_fields = fields


class RunOut(serializers.Serializer[Any]):
    op = serializers.ChoiceField(choices=("same", "removed", "added"))
    text = serializers.CharField()


class DifferenceOut(serializers.Serializer[Difference]):
    """`successors`: where the matter of a section that is gone is now. `runs`: its words, with what went and came."""

    key = serializers.CharField()
    change = serializers.ChoiceField(choices=("same", "changed", "added", "removed", "split", "merged"))
    number = serializers.CharField()
    heading = serializers.CharField()
    origins = serializers.ListField(child=serializers.CharField())
    successors = serializers.ListField(child=serializers.CharField())
    runs = RunOut(many=True)


class DiffOut(serializers.Serializer[Any]):
    before = serializers.IntegerField(help_text="the number of the earlier version")
    after = serializers.IntegerField()
    sections = DifferenceOut(many=True)


# --- calls ----------------------------------------------------------------------------------------------


class QuestionIn(serializers.Serializer[Any]):
    key = serializers.SlugField(max_length=40)
    text = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(choices=ConsultationQuestion.Kind.choices)
    choices = serializers.ListField(child=serializers.CharField(max_length=120), required=False, default=list)


class ConsultationIn(serializers.Serializer[Any]):
    """A call on the newest published version (`draft`, its number), by questions, or for lived experience."""

    title = serializers.CharField(max_length=120)
    introduction = serializers.CharField(max_length=5000, required=False, default="", allow_blank=True)
    draft = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    audience = serializers.ChoiceField(
        choices=Consultation.Audience.choices, default=Consultation.Audience.EVERYBODY
    )
    takes_testimony = serializers.BooleanField(default=False)
    opens_at = serializers.DateTimeField(required=False, help_text="now, if not given")
    closes_at = serializers.DateTimeField()
    questions = serializers.ListField(child=QuestionIn(), required=False, default=list)


class ConsultationQuestionOut(serializers.Serializer[ConsultationQuestion]):
    key = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=ConsultationQuestion.Kind.choices)
    choices = serializers.ListField(child=serializers.CharField())


class ConsultationRow(serializers.ModelSerializer[Consultation]):
    """A call; what to read before writing is in `notices`."""

    draft = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Consultation
        fields: tuple[str, ...] = (
            *("id", "title", "introduction", "draft", "audience", "takes_testimony", "status"),
            *("opens_at", "closes_at", "closed_at", "published_at"),
        )
        read_only_fields = fields

    def get_draft(self, call: Consultation) -> int | None:
        """The number of the version that it is on."""
        return call.draft.number if call.draft else None

    def get_status(self, call: Consultation) -> str:
        """`announced`, `open`, `closed`, or `published` with what became of each comment."""
        if call.published_at:
            return "published"
        now = self.context["now"]
        return "open" if call.is_open(now) else "closed" if call.is_over(now) else "announced"


TELLING = ("before_telling", "help", "about_demographics")


class ConsultationOut(ConsultationRow):
    questions = ConsultationQuestionOut(many=True, read_only=True)
    notices = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="to be shown before anything is written"
    )
    moderation_policy = serializers.CharField(source="group.moderation_policy", read_only=True)
    before_telling = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="where it takes lived experience: to be shown before that is written",
    )
    help = serializers.CharField(read_only=True, help_text="where lines that listen are listed")
    about_demographics = serializers.CharField(read_only=True)
    my_support = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="keys of sections; empty text: the whole"
    )

    class Meta(ConsultationRow.Meta):
        fields = (
            *ConsultationRow.Meta.fields,
            "questions",
            "notices",
            "moderation_policy",
            *TELLING,
            "my_support",
        )
        read_only_fields = fields
