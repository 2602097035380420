"""Places at a date: lock it, count, then give the place or a turn in the line."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.models import Event, Occurrence, Registration
from backend.events.services import messages
from backend.events.services.derived import whole

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no two that are read as each other
CODE_LENGTH = 6
KEPT = timedelta(days=90)  # after the date; numbers of people stay with the meeting


@transaction.atomic
def register(
    *, occurrence: Occurrence, by: User, party_size: int = 1, remind_hours: Sequence[int] = (24,)
) -> Registration:
    """A place for so many people or, where they do not fit, a turn in the line: nobody overtakes.

    Raises Conflict (no registration, cancelled, over, or registered already) and Invalid (more than there
    are places at all).
    """
    occurrence = _locked(occurrence)
    _check_open(occurrence)
    standing = occurrence.registrations.standing()
    if standing.filter(user=by).exists():
        raise Conflict("You are registered for this date already.", type="already-registered")
    last = occurrence.registrations.aggregate(last=Max("number"))["last"] or 0
    given_back = occurrence.registrations.filter(user=by).order_by("number").last()
    registration = Registration(
        occurrence=occurrence,
        user=by,
        status=Registration.Status.WAITLISTED,
        party_size=party_size,
        number=last + 1,
        code=_new_code(occurrence),
        remind_hours=sorted(set(remind_hours), reverse=True),
    )
    _enter(registration, given_back)
    _check_party(occurrence, party_size)
    if not standing.waiting().exists() and _fits(occurrence, party_size):
        registration.status = Registration.Status.CONFIRMED
    registration.save()
    messages.follow(registration)
    return registration


@transaction.atomic
def change_registration(
    *,
    registration: Registration,
    by: User,
    party_size: int | None = None,
    remind_hours: Sequence[int] | None = None,
) -> Registration:
    """Another number of people, or other reminders. More people than there is room for are refused.

    Raises Conflict and Invalid.
    """
    registration, occurrence = _mine(registration, by)
    _check_open(occurrence)
    changed: dict[str, Any] = {}
    if remind_hours is not None:
        changed["remind_hours"] = sorted(set(remind_hours), reverse=True)
    if party_size is not None:
        more = party_size - registration.party_size
        _check_party(occurrence, party_size)
        if (
            registration.status == Registration.Status.CONFIRMED
            and more > 0
            and not _has_room(occurrence, more)
        ):
            raise Conflict("There is no room for more people on this date.", type="no-room")
        changed["party_size"] = party_size
    _change(registration, **changed)
    _promote(occurrence)
    registration.refresh_from_db(fields=["status"])
    return registration


@transaction.atomic
def cancel_registration(*, registration: Registration, by: User) -> Registration:
    """Gives the place or the turn back; whoever is next gets the place and is told. A repeat changes nothing."""
    registration, occurrence = _mine(registration, by)
    if registration.checked_in_at:
        raise Conflict("You were there.", type="already-checked-in")
    if registration.status != Registration.Status.CANCELLED:
        _change(registration, status=Registration.Status.CANCELLED)
        messages.unfollow(registration)
        _promote(occurrence)
    return registration


@transaction.atomic
def check_in(*, occurrence: Occurrence, code: str, by: User) -> Registration:
    """Notes at the door that the holder of a code is there; a repeat changes nothing.

    Raises NotAllowed, NotFound (no such code on this date) and Conflict (in the line, or cancelled).
    """
    occurrence = _locked(occurrence)
    if not Event.objects.changeable_by(by, timezone.localdate()).filter(pk=occurrence.event_id).exists():
        raise NotAllowed("You can check people in at events of the areas you serve.")
    found = occurrence.registrations.filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound("There is no such code for this date.")
    if found.status != Registration.Status.CONFIRMED:
        word = "is in the line without a place" if found.status == "waitlisted" else "was given back"
        raise Conflict(f"This registration {word}.", type="no-place")
    if found.checked_in_at is None:
        found.checked_in_at = timezone.now()
        found.save(update_fields=["checked_in_at"])
        audit.record("checked_in", found, by=by, fields=("checked_in_at",))
    return found


def promote_waiting(event: Event, now: datetime) -> None:
    """After a change of the series: gives places that there are now to those who wait for them."""
    waiting = Registration.objects.filter(status=Registration.Status.WAITLISTED)
    for occurrence in event.occurrences.filter(ends_at__gt=now, registrations__in=waiting).distinct():
        _promote(_locked(occurrence))


def erase_old(now: datetime) -> int:
    """Deletes who was registered for dates long over; returns how many rows."""
    return Registration.objects.filter(occurrence__ends_at__lt=now - KEPT).delete()[0]


# --- under the lock -----------------------------------------------------------------------------------


def _locked(occurrence: Occurrence) -> Occurrence:
    """The date with its series, locked until the transaction ends. Raises NotFound."""
    rows = Occurrence.objects.published().select_for_update(of=("self",)).select_related("event")
    found = rows.filter(pk=occurrence.pk).first()
    if found is None:
        raise NotFound()
    return found


def _mine(registration: Registration, by: User) -> tuple[Registration, Occurrence]:
    occurrence = _locked(registration.occurrence)
    found = Registration.objects.visible_to(by).filter(pk=registration.pk).first()
    if found is None:
        raise NotFound()
    return found, occurrence


def _check_open(occurrence: Occurrence) -> None:
    if not occurrence.event.takes_registrations:
        raise Conflict("Nobody needs to register for this; just come.", type="no-registration")
    if occurrence.status == Occurrence.Status.CANCELLED:
        raise Conflict("This date is cancelled.", type="already-cancelled")
    if occurrence.ends_at <= timezone.now():
        raise Conflict("This date is over.", type="already-over")


def _check_party(occurrence: Occurrence, party_size: int) -> None:
    capacity = occurrence.event.capacity
    if capacity is not None and party_size > capacity:
        raise Invalid(f"There are {capacity} places in all.", field="party_size")


def _has_room(occurrence: Occurrence, people: int) -> bool:
    return not occurrence.registrations.all().waiting().exists() and _fits(occurrence, people)


def _fits(occurrence: Occurrence, people: int) -> bool:
    capacity = occurrence.event.capacity
    return capacity is None or occurrence.registrations.all().taken() + people <= capacity


def _promote(occurrence: Occurrence) -> None:
    """Places for those who wait, in the order in which they came, until one does not fit."""
    if occurrence.status == Occurrence.Status.CANCELLED or occurrence.ends_at <= timezone.now():
        return
    for registration in occurrence.registrations.all().waiting():
        if not _fits(occurrence, registration.party_size):
            return
        _change(registration, status=Registration.Status.CONFIRMED)
        messages.tell_promoted(registration)


def _change(registration: Registration, **fields: Any) -> None:
    Registration.objects.filter(pk=registration.pk).revise(whole(timezone.now()), **fields)
    registration.refresh_from_db(fields=fields)


def _enter(registration: Registration, given_back: Registration | None) -> None:
    """Its entry in the person's own calendar: a new one, or that of the place which they gave back."""
    registration.revised_at = whole(timezone.now())
    registration.uid = (given_back or registration).entry_uid
    if given_back:
        registration.sequence = given_back.sequence + 1
        registration.revised_at = max(registration.revised_at, given_back.revised_at)


def _new_code(occurrence: Occurrence) -> str:
    taken = set(occurrence.registrations.values_list("code", flat=True))
    while (code := "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))) in taken:
        pass
    return code
