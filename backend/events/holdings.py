"""What the calendar holds about a resident: their places at dates."""

from typing import Any

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.events.models import Registration
from backend.events.services import cancel_registration


def _export(user: User) -> list[dict[str, Any]]:
    registrations = Registration.objects.visible_to(user).select_related("occurrence__event")
    return [
        {
            "title": r.occurrence.event.title,
            "starts_at": r.occurrence.starts_at.isoformat(),
            "status": r.status,
            "party_size": r.party_size,
            "checked_in_at": r.checked_in_at and r.checked_in_at.isoformat(),
        }
        for r in registrations
    ]


def _erase(user: User) -> list[Ending]:
    """Places are given back first, so that whoever waits gets them."""
    registrations = Registration.objects.visible_to(user)
    held = registrations.standing().filter(checked_in_at=None)
    for registration in held.select_related("occurrence__event"):
        cancel_registration(registration=registration, by=user)
    if not registrations.delete()[0]:
        return []
    return [Ending("your places at events", "deleted", "nothing needs them")]


HOLDING = Holding(export=_export, erase=_erase)
