"""A concern's shapes as its desk sees it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.accounts.models import User
from backend.feedback.concerns.intake_shapes import ConcernReplyOut, PhotoOut
from backend.feedback.concerns.models import (
    Category,
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernReply,
    ConcernSubject,
    DeskLook,
    Office,
    Referral,
)
from backend.feedback.concerns.paging import ORDERS
from backend.feedback.concerns.services import redaction
from backend.feedback.concerns.triage import UNTOLD
from backend.roster.models import Area, StaffMember

PRIORITIES = [choice.name.lower() for choice in Category.Priority]


class QueueIn(serializers.Serializer[Any]):
    """What the queue lists. By target: open concerns that have one. `walled`: about a police employee."""

    order = serializers.ChoiceField(choices=list(ORDERS), required=False, default="newest")
    status = serializers.ChoiceField(choices=Concern.Status.choices, required=False)
    category = serializers.CharField(max_length=30, required=False)
    priority = serializers.ChoiceField(choices=PRIORITIES, required=False)
    overdue = serializers.BooleanField(required=False)
    assigned = serializers.ChoiceField(choices=["me"], required=False)
    needs_reading = serializers.BooleanField(required=False)
    walled = serializers.BooleanField(required=False)


class HandlerOut(serializers.ModelSerializer[StaffMember]):
    """A member of staff."""

    class Meta:
        model = StaffMember
        fields = ["id", "name"]


class AnswerOut(serializers.Serializer[Any]):
    """What was answered to a question of the category: text, or yes or no as a boolean."""

    slug = serializers.CharField()
    question = serializers.CharField()
    value = serializers.JSONField()


def answers_out(concern: Concern, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers by slug with the questions as they were put."""
    texts = {q.slug: q.text for q in concern.category.questions.all()} if told else {}
    return [{"slug": slug, "question": texts.get(slug, slug), "value": value} for slug, value in told.items()]


class OpenReferralOut(serializers.ModelSerializer[Referral]):
    """The office that has a concern, with its number where it gave one."""

    office = serializers.SlugRelatedField[Office](slug_field="slug", read_only=True)

    class Meta:
        model = Referral
        fields = ["office", "reference", "referred_at", "acknowledged_at"]


class TriageOut(serializers.ModelSerializer[Concern]):
    """What the desk sees; never who the reporter is. `desk_views.shown` gives the context it needs.

    `is_new`: changed since the reader's last look. `duplicates`: how many were merged into it, and `merged_into`,
    as far as the reader sees them. `cleared`: a civilian liaison has said about whom a walled one is. What is
    masked in the words and answers reads █.
    """

    area = serializers.SlugRelatedField[Area](slug_field="slug", read_only=True, allow_null=True)
    desk = serializers.SlugRelatedField[Area](slug_field="slug", read_only=True, allow_null=True)
    assigned_to = HandlerOut(allow_null=True)
    priority = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    cleared = serializers.SerializerMethodField()
    is_overdue = serializers.SerializerMethodField()
    is_new = serializers.SerializerMethodField()
    referral = serializers.SerializerMethodField()
    duplicates = serializers.SerializerMethodField()
    merged_into = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    said_at = serializers.SerializerMethodField()
    replies = serializers.SerializerMethodField()
    photos = PhotoOut(many=True)

    class Meta:
        model = Concern
        fields = [
            "id",
            "category",
            "description",
            "answers",
            "said_at",
            "language",
            "address",
            "area",
            "is_near_border",
            "desk",
            "assigned_to",
            "status",
            "disposition",
            "priority",
            "target_at",
            "is_overdue",
            "escalated_to",
            "is_walled",
            "cleared",
            "is_sensitive",
            "needs_reading",
            "is_new",
            "submitted_at",
            "changed_at",
            "first_response_at",
            "closed_at",
            "dealt_with",
            "referral",
            "merged_into",
            "duplicates",
            "replies",
            "photos",
        ]

    def get_description(self, concern: Concern) -> str:
        return redaction.masked_description(concern)

    def get_said_at(self, concern: Concern) -> str:
        return redaction.masked_said_at(concern)

    @extend_schema_field(ConcernReplyOut(many=True))
    def get_replies(self, concern: Concern) -> list[dict[str, Any]]:
        masked = [
            ConcernReply(body=redaction.masked_body(concern, r), at=r.at) for r in concern.replies.all()
        ]
        return list(ConcernReplyOut(masked, many=True).data)

    @extend_schema_field(serializers.ChoiceField(choices=PRIORITIES))
    def get_priority(self, concern: Concern) -> str:
        return Category.Priority(concern.priority).name.lower()

    @extend_schema_field(AnswerOut(many=True))
    def get_answers(self, concern: Concern) -> list[dict[str, Any]]:
        return answers_out(concern, redaction.masked_answers(concern))

    def get_cleared(self, concern: Concern) -> bool:
        return concern.cleared_at is not None

    def get_is_overdue(self, concern: Concern) -> bool:
        is_open = concern.status != Concern.Status.CLOSED
        return bool(is_open and concern.target_at < timezone.now())

    def get_is_new(self, concern: Concern) -> bool:
        looked_at: datetime | None = self.context["looked_at"]
        return looked_at is None or looked_at < concern.changed_at

    @extend_schema_field(OpenReferralOut(allow_null=True))
    def get_referral(self, concern: Concern) -> dict[str, Any] | None:
        with_office = [r for r in concern.referrals.all() if r.returned_at is None]
        return OpenReferralOut(with_office[0]).data if with_office else None

    def get_duplicates(self, concern: Concern) -> int:
        return len(self.context["duplicates"].get(concern.pk, ()))

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_merged_into(self, concern: Concern) -> str | None:
        main = concern.merged_into_id
        return str(main) if main in self.context["seen"] else None


# --- one concern with all that belongs to it --------------------------------------------------------------


class ByStaff(serializers.Field[Any, Any, str, Any]):
    """The name of the member of staff who did it; "" where it was no member of staff, or one who is gone."""

    def to_representation(self, user: User) -> str:
        member = getattr(user, "staff_member", None)
        return member.name if member else ""


def _by() -> Any:
    return extend_schema_field(serializers.CharField(allow_null=True))(ByStaff)(read_only=True)


def reason_of(change: ConcernChange, *, tells_of_wall: bool) -> str:
    """Why something was done, as far as the reader is told."""
    return change.reason if tells_of_wall or change.move not in UNTOLD else ""


class DeskChangeOut(serializers.ModelSerializer[ConcernChange]):
    """A line of the history as staff see it; `by` is null for what no member of staff did.

    Why it was walled, cleared or made sensitive is told to those alone who are told about whom it is.
    """

    by = _by()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = ConcernChange
        fields = ["move", "status", "reason", "by", "at"]

    def get_reason(self, change: ConcernChange) -> str:
        return reason_of(change, tells_of_wall=self.context["shows_subjects"])


class NoteOut(serializers.ModelSerializer[ConcernNote]):
    by = _by()

    class Meta:
        model = ConcernNote
        fields = ["id", "body", "by", "at"]


class LetterOut(serializers.ModelSerializer[ConcernLetter]):
    by = _by()

    class Meta:
        model = ConcernLetter
        fields = ["id", "body", "language", "by", "at"]


class ReferralOut(serializers.ModelSerializer[Referral]):
    """A concern with another office: since when, until when, and what the office did."""

    office = serializers.SlugRelatedField[Office](slug_field="slug", read_only=True)
    by = _by()

    class Meta:
        model = Referral
        fields = [
            "office",
            "reference",
            "note",
            "by",
            "referred_at",
            "acknowledged_at",
            "returned_at",
            "outcome",
        ]


class SubjectOut(serializers.ModelSerializer[ConcernSubject]):
    """Whom it is about (null: described, not identified) and in which command (null: of no place)."""

    staff_member = HandlerOut(allow_null=True)
    command = serializers.SlugRelatedField[Area](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = ConcernSubject
        fields = ["staff_member", "command", "source"]


class TriageDetailOut(TriageOut):
    """All that the desk has of one concern. `subjects` is null but for civilian liaisons."""

    changes = DeskChangeOut(many=True)
    notes = NoteOut(many=True)
    letters = LetterOut(many=True)
    referrals = ReferralOut(many=True)
    subjects = serializers.SerializerMethodField()
    duplicate_ids = serializers.SerializerMethodField()

    class Meta(TriageOut.Meta):
        fields = [
            *TriageOut.Meta.fields,
            "changes",
            "notes",
            "letters",
            "referrals",
            "subjects",
            "duplicate_ids",
        ]

    @extend_schema_field(SubjectOut(many=True, allow_null=True))
    def get_subjects(self, concern: Concern) -> list[dict[str, Any]] | None:
        if not self.context["shows_subjects"]:
            return None
        return list(SubjectOut(concern.subjects.select_related("staff_member", "command"), many=True).data)

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_duplicate_ids(self, concern: Concern) -> list[str]:
        return [str(pk) for pk in self.context["duplicates"].get(concern.pk, ())]


class ReasonIn(serializers.Serializer[Any]):
    """Why it is needed; kept in the audit trail with who asked and when."""

    reason = serializers.CharField(max_length=500)


class ReporterOut(serializers.Serializer[Any]):
    """How the reporter is reached; empty where they have none. Say the `code_word` first, mind the `contact_note`."""

    phone = serializers.CharField()
    email = serializers.CharField()
    code_word = serializers.CharField()
    contact_note = serializers.CharField()


class LookIn(serializers.Serializer[Any]):
    """`at`: when the page was read; now, if not given."""

    at = serializers.DateTimeField(required=False)


class LookOut(serializers.ModelSerializer[DeskLook]):
    """The last look; what changed later is new."""

    class Meta:
        model = DeskLook
        fields = ["at"]
