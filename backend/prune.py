"""The end of personal data, room by room; each room says in its models how long it keeps what."""

from datetime import datetime

from backend.accounts import idempotency
from backend.feedback.concerns import services as concerns
from backend.notifications import erasure as notifications


def prune(now: datetime) -> dict[str, int]:
    """Erases what is past its end date at `now`; returns how many rows of each."""
    return {
        "idempotency keys": idempotency.erase_old(now),
        "concerns": concerns.erase_old(now),
        "messages, recipients and replies": notifications.erase_old(now),
    }
