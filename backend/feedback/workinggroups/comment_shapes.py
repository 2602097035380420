"""Comments as they are sent, and as their writer, the group and the public see them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.feedback.workinggroups.content_warnings import CONTENT_WARNINGS
from backend.feedback.workinggroups.models import Comment, Disposition
from backend.feedback.workinggroups.notices import shown_of
from backend.feedback.workinggroups.sections import LONGEST_KEY
from backend.feedback.workinggroups.services.comments import IDENTITIES
from backend.feedback.workinggroups.services.dispositions import MOST

LONGEST, LONGEST_WORDING = 5000, 20_000


class AnswersIn(serializers.DictField):
    """At most 20: no call asks more."""

    child = serializers.CharField(max_length=2000)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and len(data) > 20:
            raise serializers.ValidationError("No call asks so many questions.", code="too-many")
        answers: dict[str, str] = super().to_internal_value(data)
        return answers


class CommentIn(serializers.Serializer[Any]):
    """Of a section by its `key`, or of the whole without one. `version`: the number of the draft that was read."""

    consultation = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Comment.Kind.choices, default=Comment.Kind.COMMENT)
    section = serializers.SlugField(max_length=LONGEST_KEY, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    body = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)
    wording = serializers.CharField(
        max_length=LONGEST_WORDING,
        required=False,
        default="",
        allow_blank=True,
        help_text="with the kind `wording`: how the section should read",
    )
    answers = AnswersIn(
        required=False, default=dict, help_text="with the kind `answers`: by the questions' keys"
    )
    identity = serializers.ChoiceField(
        choices=IDENTITIES,
        required=False,
        help_text="an account's where a resident is signed in, else a receipt; with `receipt` nothing ties it to one",
    )
    shown_name = serializers.CharField(
        max_length=80,
        required=False,
        default="",
        allow_blank=True,
        help_text="to be shown with it; none, if empty",
    )
    content_warnings = serializers.ListField(
        child=serializers.ChoiceField(choices=CONTENT_WARNINGS), required=False, default=list, max_length=20
    )


class DispositionOut(serializers.ModelSerializer[Disposition]):
    """What became of it. `landed_version` and `landed_section`: where in the text it is."""

    grounds = serializers.CharField(read_only=True, help_text="of the moderation policy; else empty")
    landed_version = serializers.SerializerMethodField()
    landed_section = serializers.CharField(source="landed_key", read_only=True)

    class Meta:
        model = Disposition
        fields = ("outcome", "reason", "grounds", "landed_version", "landed_section", "at")
        read_only_fields = fields

    def get_landed_version(self, disposition: Disposition) -> int | None:
        return disposition.landed_draft.number if disposition.landed_draft else None


class CommentBase(serializers.ModelSerializer[Comment]):
    section = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    content_warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    disposition = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields: tuple[str, ...] = (
            *("id", "consultation", "kind", "section", "version", "body", "wording", "answers"),
            *("shown_name", "content_warnings", "disposition"),
        )

    def get_section(self, comment: Comment) -> str:
        """The section's key, "" for the whole."""
        return comment.section.key if comment.section else ""

    def get_version(self, comment: Comment) -> int | None:
        draft = comment.consultation.draft
        return draft.number if draft else None

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_answers(self, comment: Comment) -> dict[str, str]:
        return {answer.question.key: answer.choice or answer.words for answer in comment.answers.all()}

    @extend_schema_field(DispositionOut(allow_null=True))
    def get_disposition(self, comment: Comment) -> Any:
        found = getattr(comment, "disposition", None)
        return DispositionOut(found).data if found else None


class CommentOut(CommentBase):
    """As the group and, once published, the public reads it: never by whom but for the name they chose."""

    on = serializers.SerializerMethodField()
    is_orphaned = serializers.SerializerMethodField()

    class Meta(CommentBase.Meta):
        fields = (*CommentBase.Meta.fields, "on", "is_orphaned")
        read_only_fields = fields

    def get_on(self, comment: Comment) -> str:
        """The day on which it came."""
        return timezone.localdate(comment.created_at).isoformat()

    def get_is_orphaned(self, comment: Comment) -> bool:
        """Its section is in the newest published version no more."""
        return bool(getattr(comment, "is_orphaned", False))


class OwnCommentOut(CommentBase):
    """As who wrote it sees it, with what others see of who they are."""

    group = serializers.SlugField(source="consultation.group.slug", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    is_orphaned = serializers.BooleanField(
        read_only=True, default=False, help_text="its section is in the newest published version no more"
    )
    identity = serializers.SerializerMethodField()
    what_is_shown = serializers.SerializerMethodField()

    class Meta(CommentBase.Meta):
        fields = (*CommentBase.Meta.fields, "group", "created_at", "is_orphaned", "identity", "what_is_shown")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=IDENTITIES))
    def get_identity(self, comment: Comment) -> str:
        return "account" if comment.author_id else "receipt"

    def get_what_is_shown(self, comment: Comment) -> str:
        """What becomes public of it, in words."""
        return shown_of(comment.shown_name, comment.consultation)

    @extend_schema_field(DispositionOut(allow_null=True))
    def get_disposition(self, comment: Comment) -> Any:
        """Without where it landed while that version is in work."""
        found = super().get_disposition(comment)
        landed = comment.disposition.landed_draft if found else None
        return (
            {**found, "landed_version": None, "landed_section": ""}
            if landed and not landed.published_at
            else found
        )


class SubmittedCommentOut(OwnCommentOut):
    """`receipt` is shown this once; keep it to ask what became of the comment."""

    receipt = serializers.CharField(allow_null=True, read_only=True)

    class Meta(OwnCommentOut.Meta):
        fields = (*OwnCommentOut.Meta.fields, "receipt")
        read_only_fields = fields


class CommentReceiptIn(serializers.Serializer[Any]):
    receipt = serializers.CharField(max_length=40, help_text="dashes and case do not matter")


class CommentQuery(serializers.Serializer[Any]):
    consultation = serializers.UUIDField(required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    section = serializers.SlugField(max_length=LONGEST_KEY, required=False)
    kind = serializers.ChoiceField(choices=Comment.Kind.choices, required=False)
    outcome = serializers.ChoiceField(
        choices=("none", *Disposition.Outcome.values), required=False, help_text="none: nobody has said yet"
    )
    theme = serializers.SlugField(max_length=60, required=False)
    orphaned = serializers.BooleanField(required=False, allow_null=True, default=None)
    alike = serializers.UUIDField(required=False, help_text="in the same words as this comment, it included")


class RulingIn(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Disposition.Outcome.choices)
    reason = serializers.CharField(max_length=2000, help_text="who wrote it reads this, and it is published")
    grounds = serializers.ChoiceField(
        choices=Disposition.Grounds.choices,
        required=False,
        default="",
        allow_blank=True,
        help_text="with `moderated`: what of the policy",
    )
    landed_version = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    landed_section = serializers.SlugField(
        max_length=LONGEST_KEY, required=False, default="", allow_blank=True, help_text="the section's key"
    )
    replaces = serializers.ChoiceField(
        choices=Disposition.Outcome.choices,
        required=False,
        default="",
        allow_blank=True,
        help_text="the outcome that it takes the place of",
    )


class RulingManyIn(RulingIn):
    """For many together: by their ids, or `alike`: a comment and all in the same words that have no outcome yet."""

    comments = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST
    )
    alike = serializers.UUIDField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("comments" in data) == ("alike" in data):
            raise serializers.ValidationError("Send either `comments` or `alike`.", code="one-of")
        return data


class DisposedOut(serializers.Serializer[Any]):
    disposed = serializers.IntegerField(help_text="how many comments")


class SupportIn(serializers.Serializer[Any]):
    section = serializers.SlugField(
        max_length=LONGEST_KEY,
        required=False,
        default="",
        allow_blank=True,
        help_text="its key; empty: the whole",
    )
