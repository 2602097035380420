"""Who is asking: residents and staff; what staff did; the answers already given to phones."""

import uuid
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.encryption import EncryptedTextField, blind_index


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """The user who signs in with this e-mail address."""
        return self.get(email_index=blind_index("email", (username or "").strip().casefold()))

    def create_user(
        self, *, kind: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(kind=kind, **fields)
        user.set_email(email)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A resident (by phone or e-mail) or a member of staff (by e-mail); never both in one account.

    What staff may see follows from their assignments in force today (roster), not from anything kept
    here; `is_administrator` opens the staff pages' upkeep screens and nothing that residents wrote.
    """

    class Kind(models.TextChoices):
        RESIDENT = "resident"
        STAFF = "staff"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    email = EncryptedTextField(blank=True, default="")
    email_index = models.CharField(
        "e-mail", max_length=64, unique=True, null=True, blank=True, editable=False
    )
    phone = EncryptedTextField(blank=True, default="")
    phone_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    safe_at_home = models.BooleanField(
        default=False, db_default=False, help_text="hides the address everywhere; never ask why"
    )
    mailing_address = EncryptedTextField(
        blank=True, default="", db_default="", help_text="as written; under safe_at_home the substitute one"
    )
    code_word = EncryptedTextField(
        blank=True,
        default="",
        db_default="",
        help_text="what staff say first, so that the person may speak freely",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email_index"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_staff_by_email_only",
                condition=~Q(kind="staff") | Q(phone_index__isnull=True, email_index__isnull=False),
            ),
            models.CheckConstraint(
                name="user_email_with_its_index",
                condition=Q(email="", email_index=None) | ~Q(email="") & Q(email_index__isnull=False),
            ),
            models.CheckConstraint(
                name="user_phone_with_its_index",
                condition=Q(phone="", phone_index=None) | ~Q(phone="") & Q(phone_index__isnull=False),
            ),
            models.CheckConstraint(
                name="user_administrator_is_staff", condition=Q(is_administrator=False) | Q(kind="staff")
            ),
        ]

    def __str__(self) -> str:
        # Shown by the staff pages and kept in their log: never the address.
        return f"{self.kind} {self.pk}"

    def set_phone(self, phone: str) -> None:
        """Sets the number (E.164, or "" for none) and the index it is found by."""
        self.phone = phone
        self.phone_index = blind_index("phone", phone) if phone else None

    def set_email(self, email: str) -> None:
        """Sets the address and the index it is found by; both must change together."""
        self.email = email.strip()
        self.email_index = blind_index("email", self.email.casefold()) if self.email else None

    @property
    def is_staff(self) -> bool:
        """Django's name for "may open the staff pages"."""
        return self.is_active and self.kind == self.Kind.STAFF

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Upkeep screens of the staff pages; screens with residents' words have rules of their own."""
        return self.is_staff and self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class AppendOnlyError(Exception):
    """Somebody tried to change or remove a line of the audit trail."""

    def __init__(self, *args: object) -> None:
        super().__init__(
            "The audit trail is append-only: its rows and seals are neither changed nor deleted."
        )


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads and adds. Sealing and pruning (accounts.audit) go past it with a QuerySet of Django's own."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_create(self, *args: Any, update_conflicts: bool = False, **kwargs: Any) -> list[Any]:
        if update_conflicts:
            raise AppendOnlyError
        return super().bulk_create(*args, **kwargs)


class AppendOnly(models.Model):
    """What is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class AuditRow(AppendOnly):
    """What somebody of staff, or a command, did: written by `audit.record` in the transaction of the change.

    Names of fields, never their values. The actor is no foreign key: a deleted account leaves its rows.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.UUIDField(null=True, blank=True, help_text="id of the user; empty: a command")
    actor_kind = models.CharField(max_length=10, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60, help_text="such as concerns.Concern")
    object_id = models.CharField(max_length=40, blank=True, help_text="empty: the whole body of data")
    fields = models.JSONField(default=list, help_text="names of what was changed or read")
    reason = EncryptedTextField(blank=True, default="", help_text="as the person stated it")
    request_id = models.CharField(max_length=32, blank=True, help_text="as in the logs")
    # Without a constraint in the database: whoever takes a seal away could take the constraint, too.
    seal = models.ForeignKey(
        "AuditSeal",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="rows",
    )

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(name="audit_of_an_object", fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}".strip()


class AuditSeal(AppendOnly):
    """A batch of audit rows, counted and hashed, and chained to the seal before (accounts.audit).

    Stays when its rows are erased, so that the chain holds.
    """

    number = models.PositiveBigIntegerField(primary_key=True, help_text="1, 2, 3, without gaps")
    row_count = models.PositiveIntegerField()
    last_at = models.DateTimeField(help_text="of its newest row")
    sealed_at = models.DateTimeField()
    rows_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, help_text="of all of this, and of the hash of the seal before")
    erased_at = models.DateTimeField(null=True, blank=True, help_text="when its rows were erased")

    class Meta(AppendOnly.Meta):
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"


class IdempotencyKey(models.Model):
    """A phone's request and the answer it got, so that a repeat gets the same one. Erased after 8 days."""

    key_hash = models.CharField(max_length=64, unique=True, help_text="of the key, the address and who asked")
    body_hash = models.CharField(max_length=64)
    claim = models.UUIDField(default=uuid.uuid4, help_text="which attempt holds it")
    claimed_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty while running")
    answer = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="idempotency_answered_whole",
                condition=Q(status=None, answer="") | Q(status__isnull=False) & ~Q(answer=""),
            )
        ]


class StaffInvitation(models.Model):
    """The way into a staff account, by a link that is kept as its hash alone; one a person, for three days."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class Session(AbstractBaseSession):
    """A phone or a browser that is signed in, or on the way to it (backend/accounts/sessions.py).

    `session_key` holds the hash of the key, and the data is encrypted: what is stored here signs nobody in.
    """

    class Client(models.TextChoices):
        APP = "app", "a phone, by X-Session-Token"
        BROWSER = "browser", "the staff pages, by cookie"

    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    client = models.CharField(max_length=10, choices=Client.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"session {self.id}"


class SignInCode(models.Model):
    """A code that was sent to a number or an e-mail address; one is alive at a time. Erased after a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address_index = models.CharField(max_length=64, help_text="blind index of the number or e-mail address")
    code = EncryptedTextField()
    is_alive = models.BooleanField(default=True, help_text="neither used, replaced nor guessed at too often")
    guesses = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_live_code_an_address", fields=["address_index"], condition=Q(is_alive=True)
            )
        ]
        indexes = [models.Index(fields=["address_index", "sent_at"])]

    def __str__(self) -> str:
        return f"code {self.pk}"


class CodeBudget(models.Model):
    """How many codes went, in one hour or day, to strangers or to accounts: in all, or to one block of numbers."""

    scope = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    spent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_budget_a_time", fields=["scope", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.scope} from {self.starts_at}"
