"""What can be told, what is asked about it, and where it goes: data that staff keep, never constants in code."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.roster.models import Area


class CategoryQuerySet(models.QuerySet["Category"]):
    def offered(self) -> "CategoryQuerySet":
        """What can be chosen now; an ended one is still taken from phones that knew it."""
        return self.filter(ended_at=None)


class Category(models.Model):
    """A kind of concern with its policy. Never deleted, only ended: somebody may be typing under it."""

    class Anonymity(models.TextChoices):
        ANYONE = "anyone", "with or without a name"
        REACHABLE = "reachable", "only with an account or a number, for it cannot be dealt with otherwise"

    class Priority(models.IntegerChoices):
        URGENT = 1
        HIGH = 2
        NORMAL = 3
        LOW = 4

    slug = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=80)
    notice = models.CharField(max_length=400, blank=True, help_text="said before typing: what belongs here")
    who_reads = models.CharField(
        max_length=300, help_text="said before typing: who reads it, and who learns who told it"
    )
    anonymity = models.CharField(max_length=10, choices=Anonymity.choices, default=Anonymity.ANYONE)
    handler_may_know = models.BooleanField(
        default=True, help_text="an assigned officer learns who told it, where the reporter agrees"
    )
    is_sensitive = models.BooleanField(
        default=False, help_text="liaisons alone read it, and no text is ever sent about it"
    )
    is_about_police = models.BooleanField(
        default=False, help_text="walled until a civilian liaison has looked whom it is about"
    )
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    target_hours = models.PositiveSmallIntegerField(
        default=40, help_text="business hours until it should be closed"
    )
    close_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="without any change; empty: it is never closed by itself"
    )
    anonymise_after_days = models.PositiveSmallIntegerField(
        default=365, help_text="after closing: who told it is forgotten"
    )
    erase_after_days = models.PositiveSmallIntegerField(
        default=730,
        help_text="after closing: words, place and photos are erased; date, area and outcome stay",
    )
    position = models.PositiveSmallIntegerField(default=100)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(
                name="category_forgets_who_before_what",
                condition=Q(anonymise_after_days__lte=F("erase_after_days")),
            ),
            models.CheckConstraint(name="category_has_a_target", condition=Q(target_hours__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """Asked under a category. Changed by ending it and adding another, so that old answers keep their question."""

    class Kind(models.TextChoices):
        TEXT = "text"
        CHOICE = "choice"
        YES_NO = "yes_no"

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="questions")
    slug = models.SlugField(max_length=40)
    text = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True, help_text='["in the street", "in the alley"]')
    is_required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100)
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["category", "slug"], name="question_once"),
        ]

    def __str__(self) -> str:
        return self.text


class Office(models.Model):
    """Where a concern is handed to when it is not the police's: data with a source."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, help_text="how staff reach it")
    gives_reference = models.BooleanField(default=False, help_text="answers with a number to ask by")
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True, blank=True, help_text="empty: nobody has confirmed it")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """One cell of the routing table: a category's concerns in an area and below go to the desk of another.

    The route of the deepest area of a concern's chain wins; without any, the nearest liaison reads it.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="routes")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", help_text="whose liaison reads it"
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="where the liaison will most likely hand it to",
    )

    class Meta:
        ordering = ["area", "category"]
        constraints = [models.UniqueConstraint(fields=["category", "area"], name="route_once")]

    def __str__(self) -> str:
        return f"{self.category_id} in {self.area_id}"


class CannedAnswer(models.Model):
    """An answer that is often given, in one language."""

    title = models.CharField(max_length=80)
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="empty: any"
    )
    language = models.CharField(max_length=8, default="en")
    body = models.CharField(max_length=1000)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "language"]
        constraints = [models.UniqueConstraint(fields=["title", "language"], name="canned_answer_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class HelpLine(models.Model):
    """A number to show before anything is typed on, by what the words seem to be about. Data with a source."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency"
        CRISIS = "crisis"
        DOMESTIC_VIOLENCE = "domestic_violence"
        SEXUAL_VIOLENCE = "sexual_violence"
        CHILD = "child", "harm to a child"
        OVERSIGHT = "oversight", "misconduct of police"
        STAFF = "staff", "what staff have to report about their own department"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=120)
    call = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=80, blank=True, help_text="what to text to which number")
    web = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=80, default="24 hours, every day")
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True, blank=True, help_text="empty: nobody has confirmed it")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="help_line_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.call}"
