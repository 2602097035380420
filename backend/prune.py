"""The end of personal data, room by room; each room says in its models how long it keeps what."""

from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry

from backend import cleanup_sites
from backend.accounts import audit, codes, idempotency, residents, staff
from backend.accounts.models import Session
from backend.events.services import registrations
from backend.feedback.concerns.services import erasing as concerns
from backend.feedback.concerns.services import requests
from backend.feedback.workinggroups.services import erasing as working_groups
from backend.notifications import erasure as notifications
from backend.programs.services import erasing as programs
from backend.programs.services import nominations

LOG_KEPT = timedelta(days=365)


def prune(now: datetime) -> dict[str, int]:
    """Erases what is past its end date at `now`; returns how many rows of each."""
    return {
        "accounts unused for two years": residents.erase_dormant(now),
        "invitations": staff.erase_old(now),
        "sign-in codes": codes.erase_old(now),
        "rows of the audit trail": audit.erase_old(now),
        "idempotency keys": idempotency.erase_old(now),
        "registrations": registrations.erase_old(now),
        "applications, signatures and sites": programs.erase_old(now),
        "nominations": nominations.erase_old(now),
        "concerns": concerns.erase_old(now),
        "what people told working groups": working_groups.erase_old(now),
        "what was said of our pages": requests.erase_old(now),
        "places of clean-ups": cleanup_sites.erase_old(now),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "lines of the staff pages' log": LogEntry.objects.filter(action_time__lt=now - LOG_KEPT).delete()[0],
        "messages, recipients and replies": notifications.erase_old(now),
    }
