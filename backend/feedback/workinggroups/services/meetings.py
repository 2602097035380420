"""A group's meetings are events of the calendar, posted and changed by its coordinators."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Unpack

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Invalid, NotFound, Unprocessable
from backend.events import services as events
from backend.events.models import Event, Meeting, Occurrence
from backend.events.services.series import SeriesFields, begin
from backend.feedback.workinggroups.models import Membership, WorkingGroup
from backend.feedback.workinggroups.services import access
from backend.notifications.sensitive import is_sensitive


def coordinated_by(user: User, on: date) -> Iterable[str]:
    """Slugs of the groups whose events somebody may change (events.models.COORDINATED_GROUPS)."""
    return WorkingGroup.objects.of_coordinator(user, timezone.now()).values_list("slug", flat=True)


def refuse_telling(slug: str, said: Mapping[str, str]) -> None:
    """Whoever sees a discreet group's event learns neither what it is about nor who is in it.

    events.models.GROUP_WORDS: whatever way an event is changed. Raises Unprocessable on the field at fault.
    """
    group = WorkingGroup.objects.filter(slug=slug, is_discreet=True).first()
    if group is None:
        return
    if said.get("title", group.neutral_name) != group.neutral_name:
        raise _tells(
            "title", f"In the calendar the group is called {group.neutral_name!r}, and nothing else."
        )
    names = Membership.objects.filter(seat__group=group).values_list("name", flat=True)
    known = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names if name) or "$^", re.IGNORECASE)
    for field, words in said.items():
        if is_sensitive(words):
            raise _tells(field, "A word in this tells what the group is about; say it without.")
        if known.search(words):
            raise _tells(field, "This names a member; the calendar names nobody of this group.")


def _tells(field: str, detail: str) -> Unprocessable:
    errors = [{"pointer": f"/{field}", "code": "not-neutral", "detail": detail}]
    return Unprocessable(detail, type="not-neutral", errors=errors)


@transaction.atomic
def post_meeting(*, group: WorkingGroup, by: User, **fields: Unpack[SeriesFields]) -> Event:
    """Announces a meeting, or a series of them. Raises NotFound, NotAllowed, Invalid and Unprocessable (short notice).

    A discreet group's has its neutral name for a title, whatever is given.
    """
    access.only_coordinators(group, by)
    event = Event(
        kind=Event.Kind.WORKING_GROUP_MEETING,
        status=Event.Status.PUBLISHED,
        working_group=group.slug,
        **{**fields, "title": _title(group, fields.get("title", ""))},
    )
    event = begin(event, [group.area], action="posted", by=by)
    access.note("meeting_posted", group, event, by=by)
    return event


@transaction.atomic
def revise_meeting(*, group: WorkingGroup, event: Event, by: User, **fields: Unpack[SeriesFields]) -> Event:
    """Changes what is given. Raises what events.services.revise_event does."""
    access.only_coordinators(group, by)
    if group.is_discreet or "title" in fields:
        fields["title"] = _title(group, fields.get("title", ""))
    event = events.revise_event(event=event, by=by, **fields)
    access.note("meeting_revised", group, event, by=by)
    return event


@transaction.atomic
def cancel_meeting(
    *, group: WorkingGroup, event: Event, by: User, reason: str = "", starts_at: datetime | None = None
) -> Event:
    """Cancels a meeting, of a series all that are to come or the one of that first start, and tells followers."""
    access.only_coordinators(group, by)
    if starts_at is None:
        event = events.cancel_event(event=event, by=by, reason=reason)
    else:
        event = events.cancel_occurrence(event=event, recurrence_id=starts_at, by=by, reason=reason).event
    access.note("meeting_cancelled", group, event, by=by, reason=reason)
    return event


@transaction.atomic
def record_minutes(
    *, group: WorkingGroup, event: Event, starts_at: datetime, by: User, minutes: str, attendance: int | None
) -> Meeting:
    """The minutes of one date, which are public. Raises NotFound, NotAllowed, Invalid and Conflict (not begun)."""
    access.only_coordinators(group, by)
    found = Occurrence.objects.published().filter(event=event, recurrence_id=starts_at)
    occurrence = found.select_related("event").first()
    if occurrence is None:
        raise NotFound("The meeting has no date with this start.")
    meeting = events.record_meeting(occurrence=occurrence, by=by, minutes=minutes, attendance=attendance)
    access.note("minutes_recorded", group, event, by=by)
    return meeting


def _title(group: WorkingGroup, given: str) -> str:
    title = group.neutral_name if group.is_discreet else given
    if not title:
        raise Invalid("Say what the meeting is called.", field="title", code="required")
    return title
