"""What the calendar holds about a resident: their places at dates, votes and ratings."""

from typing import Any

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.events.models import Ballot, CommitmentRating, PersonalFeed, Registration
from backend.events.services import cancel_registration, end_feed


def _export(user: User) -> dict[str, Any]:
    registrations = Registration.objects.visible_to(user).select_related("occurrence__event")
    ballots = Ballot.objects.filter(voter=user).select_related("area").prefetch_related("ranks__priority")
    ratings = CommitmentRating.objects.filter(user=user).select_related("commitment")
    feed = PersonalFeed.objects.filter(user=user).first()
    return {
        "personal_calendar_made_at": feed and feed.made_at.isoformat(),
        "registrations": [
            {
                "title": r.occurrence.event.title,
                "starts_at": r.occurrence.starts_at.isoformat(),
                "status": r.status,
                "party_size": r.party_size,
                "checked_in_at": r.checked_in_at and r.checked_in_at.isoformat(),
            }
            for r in registrations
        ],
        "ballots": [
            {
                "area": ballot.area.slug,
                "period": ballot.period,
                "ranking": [r.priority.title for r in sorted(ballot.ranks.all(), key=lambda r: r.rank)],
            }
            for ballot in ballots
        ],
        "ratings": [{"commitment": r.commitment.promise, "rating": r.rating} for r in ratings],
    }


def _erase(user: User) -> list[Ending]:
    """Places are given back first, so that whoever waits gets them."""
    registrations = Registration.objects.visible_to(user)
    held = registrations.standing().filter(checked_in_at=None)
    for registration in held.select_related("occurrence__event"):
        cancel_registration(registration=registration, by=user)
    said = (Ballot.objects.filter(voter=user), CommitmentRating.objects.filter(user=user))
    end_feed(by=user)
    if not sum(rows.delete()[0] for rows in (registrations, *said)):
        return []
    return [Ending("your places at events, your votes and ratings", "deleted", "nothing needs them")]


HOLDING = Holding(export=_export, erase=_erase)
