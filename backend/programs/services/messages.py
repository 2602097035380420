"""What people are told by text: that there is an update, and no word of what; the app says the rest."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from backend.accounts.models import User
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each
from backend.notifications.models import Notice
from backend.programs.models import Application, RegisteredItem

UPDATE = "program_update"
OF_USE = timedelta(days=3)
# Whose matter an update is about, by the word before the id in its subject.
SUBJECTS = {
    "application": lambda pk: Application.objects.filter(pk=pk, applicant__isnull=False),
    "item": lambda pk: RegisteredItem.objects.filter(pk=pk),
}


def ask_to_text(user: User, source: str) -> None:
    """The person's number is asked once whether it wants texts; without a number nothing happens."""
    if user.phone:
        notifications.ask_once(recipient=notifications.recipient_of(user.phone), source=source)


def tell(user: User | None, subject: str, key: str, until: datetime | None = None) -> None:
    """Queues "there is an update" for somebody who agreed to texts; `subject` is such as "application:<id>".

    Once for each key. Belongs into the transaction of the change; `until`: when it is of no use any more.
    """
    if user is None or not user.phone:
        return
    notifications.send_to(
        kind=UPDATE,
        key=f"{UPDATE}:{subject}:{key}",
        recipient=notifications.recipient_of(user.phone),
        subject_id=subject,
        body=in_each(words.discreet),
        expires_at=until or timezone.now() + OF_USE,
        urgency=Notice.Urgency.CHANGE,
    )


def is_theirs_still(subject: str, now: datetime) -> bool:
    """The re-check of an update: the matter still has its person."""
    what, _, key = subject.partition(":")
    return SUBJECTS[what](UUID(key)).exists()
