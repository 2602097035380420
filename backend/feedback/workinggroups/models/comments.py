"""What people say of a text, and what became of it."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.feedback.workinggroups.models.drafts import Consultation, ConsultationQuestion, Draft, Section
from backend.feedback.workinggroups.models.groups import WorkingGroup


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> "CommentQuerySet":
        """To calls of public bodies for everybody, once they are published; never what moderators keep back."""
        return self.filter(
            consultation__published_at__isnull=False,
            consultation__audience=Consultation.Audience.EVERYBODY,
            consultation__group__is_public_body=True,
        ).exclude(disposition__outcome=Disposition.Outcome.MODERATED)

    def visible_to(self, user: User | AnonymousUser, now: datetime) -> "CommentQuerySet":
        """The wall: what is published to everybody, all of a group to who may read its unpublished input."""
        readable = WorkingGroup.objects.read_by(user, now).values("pk")
        published = Comment.objects.published().values("pk")
        return self.filter(Q(consultation__group__in=readable) | Q(pk__in=published))

    def undisposed(self) -> "CommentQuerySet":
        return self.filter(disposition=None)

    def with_orphans(self) -> "CommentQuerySet":
        """Adds `is_orphaned`: its section is in the newest published version no more."""
        newest = (
            Draft.objects.published()
            .filter(group=OuterRef(OuterRef("consultation__group")))
            .order_by("-number")
        )
        there = Section.objects.filter(
            draft=models.Subquery(newest.values("pk")[:1]), key=OuterRef("section__key")
        )
        return self.annotate(
            is_orphaned=models.Case(
                models.When(Q(section=None) | Q(section__draft__published_at=None), then=models.Value(False)),
                default=~Exists(there),
                output_field=models.BooleanField(),
            )
        )


class Comment(models.Model):
    """What one person said of a section, or of the whole; it stays with the section and version it was said of.

    Who wrote it is never shown: at most the name they chose to have shown, in `shown_name`.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment"
        WORDING = "wording", "a suggested wording"
        ANSWERS = "answers", "answers to the call's questions"

    class Identity(models.TextChoices):
        ACCOUNT = "account"
        RECEIPT = "receipt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="comments")
    section = models.ForeignKey(
        Section,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        help_text="empty: of the whole",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body = EncryptedTextField(blank=True, default="")
    wording = EncryptedTextField(blank=True, default="", help_text="how the section should read")
    shown_name = EncryptedTextField(blank=True, default="", help_text="what they chose to have shown")
    content_warnings = models.JSONField(default=list)
    words_index = models.CharField(max_length=64, help_text="the same where the words are the same")
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="group_comments"
    )
    receipt_index = models.CharField(max_length=64, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CommentQuerySet.as_manager()

    class Meta:
        # By a random key: whose comment is read first is no matter of when it came, and the order tells of no time.
        ordering = ["id"]
        indexes = [
            models.Index(fields=["consultation", "id"]),
            models.Index(fields=["consultation", "words_index"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "author", "words_index"],
                condition=Q(author__isnull=False),
                name="comment_once_an_account",
            ),
            models.CheckConstraint(
                name="comment_by_account_or_receipt", condition=Q(author=None) | Q(receipt_index=None)
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class CommentAnswer(models.Model):
    """One answer of a comment of the kind `answers`."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(ConsultationQuestion, on_delete=models.PROTECT, related_name="answers")
    choice = models.CharField(max_length=120, blank=True)
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "question"], name="comment_answer_once")]


class Support(models.Model):
    """Somebody with an account is for a section, or the whole, as it stands; no words needed."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="supports")
    section = models.ForeignKey(
        Section, on_delete=models.CASCADE, null=True, blank=True, related_name="supports"
    )
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="group_supports")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "section", "user"], name="support_once_a_section"
            ),
            models.UniqueConstraint(
                fields=["consultation", "user"], condition=Q(section=None), name="support_once_the_whole"
            ),
        ]


class Disposition(models.Model):
    """What became of a comment, why, and where it landed: the section and the version."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        PARTLY = "partly", "accepted in part"
        DECLINED = "declined"
        OUT_OF_SCOPE = "out_of_scope"
        MODERATED = "moderated", "kept back by the moderation policy"

    class Grounds(models.TextChoices):
        SPAM = "spam"
        ABUSE = "abuse"
        PRIVATE = "private", "somebody's private matters"
        THREAT = "threat"

    LANDING = (Outcome.ACCEPTED, Outcome.PARTLY)

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="disposition")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason = models.TextField(help_text="told to who wrote it, and published")
    grounds = models.CharField(max_length=10, choices=Grounds.choices, blank=True)
    landed_draft = models.ForeignKey(
        Draft, on_delete=models.PROTECT, null=True, blank=True, related_name="landed"
    )
    landed_key = models.CharField(max_length=60, blank=True, help_text="the section's key in that version")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["landed_draft", "landed_key"])]
        constraints = [
            models.CheckConstraint(name="disposition_with_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="disposition_landed_where_accepted",
                condition=Q(outcome__in=["accepted", "partly"], landed_draft__isnull=False)
                & ~Q(landed_key="")
                | Q(~Q(outcome__in=["accepted", "partly"]), landed_draft=None, landed_key=""),
            ),
            models.CheckConstraint(
                name="disposition_grounds_where_moderated",
                condition=Q(~Q(grounds=""), outcome="moderated") | Q(~Q(outcome="moderated"), grounds=""),
            ),
        ]


class Theme(models.Model):
    """One word of a group's codebook."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="themes")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    description = models.CharField(
        max_length=300, blank=True, help_text="what counts as it, and what does not"
    )
    ended_at = models.DateTimeField(null=True, blank=True, help_text="not used for new ones since")

    class Meta:
        ordering = ["group", "name"]
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="theme_once")]

    def __str__(self) -> str:
        return self.name


class CommentTheme(models.Model):
    """A member says that a comment is about a theme."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="tagged")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="tagged_comments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "theme"], name="comment_theme_once")]
