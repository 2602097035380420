"""Groups, their members and their record, as they are sent and answered."""

from collections import Counter
from datetime import datetime
from typing import Any

from rest_framework import serializers

from backend.events.serializers import Line
from backend.feedback.workinggroups import notices
from backend.feedback.workinggroups.finding import SESSION_LASTS
from backend.feedback.workinggroups.models import BreakGlass, GroupSeat, Membership, WorkingGroup
from backend.feedback.workinggroups.services.members import INVITATION_LASTS, RULES

ELSEWHERE = "https://www.weather.gov"  # a page that anybody might be looking at


class GroupSeatOut(serializers.Serializer[Any]):
    """`rule_in_words` is what a person affirms who takes the seat; `held`: how many hold it today."""

    name = serializers.CharField()
    rule = serializers.ChoiceField(choices=GroupSeat.Rule.choices)
    rule_in_words = serializers.CharField()
    places = serializers.IntegerField()
    held = serializers.IntegerField()


class QuickExitOut(serializers.Serializer[Any]):
    """How an app lets somebody leave at once, when somebody else comes in."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.URLField()
    replaces_history = serializers.BooleanField(help_text="back does not lead here again")
    asks_first = serializers.BooleanField()


class SafetyOut(serializers.Serializer[Any]):
    """Of a discreet group: call it by its `name` alone, keep a way out in sight, sign in again when time is over."""

    is_discreet = serializers.BooleanField()
    quick_exit = QuickExitOut(allow_null=True)
    session_minutes = serializers.IntegerField(allow_null=True)


class GroupRow(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    agency = serializers.CharField()
    is_public_body = serializers.BooleanField()


class GroupOut(GroupRow):
    """A group, who may be in it, and, before anybody writes to it, who reads that and what becomes public."""

    charter = serializers.CharField()
    moderation_policy = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    seats = GroupSeatOut(many=True)
    safety = SafetyOut()
    who_reads = serializers.CharField()
    public_record = serializers.CharField()
    feed = serializers.CharField()


def group_row(group: WorkingGroup) -> dict[str, Any]:
    return {
        "slug": group.slug,
        "name": group.shown_name,
        "agency": group.area.agency.slug,
        "is_public_body": group.is_public_body,
    }


def group_out(group: WorkingGroup, terms: list[Membership]) -> dict[str, Any]:
    """`GroupOut`; `terms` are those that people hold."""
    seats = list(group.seats.all())
    return {
        **group_row(group),
        "charter": group.charter,
        "moderation_policy": group.moderation_policy,
        "source": group.source,
        "seats": seats_out(seats, terms),
        "safety": _safety(group),
        "who_reads": notices.who_reads(group),
        "public_record": notices.what_is_public(group),
        "feed": f"/feeds/working-groups/{group.slug}.ics",
    }


def seats_out(seats: list[GroupSeat], terms: list[Membership]) -> list[dict[str, Any]]:
    held = Counter(term.seat_id for term in terms)
    return [
        {
            "name": seat.name,
            "rule": seat.rule,
            "rule_in_words": RULES[seat.rule],
            "places": seat.places,
            "held": held[seat.pk],
        }
        for seat in seats
    ]


def _safety(group: WorkingGroup) -> dict[str, Any]:
    leave = {"label": "Leave now", "url": ELSEWHERE, "replaces_history": True, "asks_first": False}
    return {
        "is_discreet": group.is_discreet,
        "quick_exit": leave if group.is_discreet else None,
        "session_minutes": int(SESSION_LASTS.total_seconds()) // 60 if group.is_discreet else None,
    }


# --- members --------------------------------------------------------------------------------------------


class InvitedIn(serializers.Serializer[Any]):
    """Who is invited to which seat; a provider's needs `organization`, a civilian's of the police `staff_member`."""

    seat = Line(max_length=80)
    name = Line(max_length=120)
    organization = Line(max_length=120, required=False, allow_blank=True)
    staff_member = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="of a seat for a civilian of the police: their id in the roster",
    )
    is_coordinator = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True, help_text="today, if not given")
    ends_on = serializers.DateField(required=False, allow_null=True, help_text="the last day; empty: open")


class TakeUpIn(serializers.Serializer[Any]):
    """`affirms`: that the rule of the seat, in its words, holds for you."""

    code = serializers.CharField(max_length=100)
    affirms = serializers.BooleanField()


class TermEndIn(serializers.Serializer[Any]):
    reason = Line(max_length=300, required=False, allow_blank=True, default="")


class TermOut(serializers.Serializer[Any]):
    """A term, for members. Not taken up yet: `joined_at` is null, and until `expires_at` it may be."""

    id = serializers.UUIDField()
    group = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    seat = serializers.CharField()
    organization = serializers.CharField(allow_blank=True)
    is_coordinator = serializers.BooleanField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    joined_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class InvitationOut(TermOut):
    """`code` is shown this once; give it to the person by a way that is safe for them."""

    code = serializers.CharField()


class MemberOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    seat = serializers.CharField()
    organization = serializers.CharField(allow_blank=True)


class MembersOut(serializers.Serializer[Any]):
    """Who holds the seats; of a discreet group the public sees how many.

    `terms` are for members and `invitations` for coordinators, and empty for others.
    """

    seats = GroupSeatOut(many=True)
    members = MemberOut(many=True)
    terms = TermOut(many=True)
    invitations = TermOut(many=True)


def term_out(term: Membership, group: WorkingGroup) -> dict[str, Any]:
    is_open = term.joined_at is None and term.ended_at is None
    return {
        "id": str(term.pk),
        "group": group.slug,
        "name": term.name,
        "seat": term.seat.name,
        "organization": term.organization,
        "is_coordinator": term.is_coordinator,
        "starts_on": term.starts_on.isoformat(),
        "ends_on": term.ends_on and term.ends_on.isoformat(),
        "joined_at": _moment(term.joined_at),
        "ended_at": _moment(term.ended_at),
        "expires_at": _moment(term.created_at + INVITATION_LASTS) if is_open else None,
    }


def member_out(term: Membership) -> dict[str, str]:
    return {"name": term.name, "seat": term.seat.name, "organization": term.organization}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# --- the group's record ---------------------------------------------------------------------------------


class GlassIn(serializers.Serializer[Any]):
    """The reason is told to the group."""

    reason = Line(max_length=500, min_length=10)


class GlassOut(serializers.Serializer[Any]):
    group = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField()


class GroupChangeOut(serializers.Serializer[Any]):
    """A line of the group's record. `until`: of a broken glass, when the look past the wall ends."""

    action = serializers.CharField()
    object = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


def glass_out(glass: BreakGlass, group: WorkingGroup) -> dict[str, Any]:
    return {
        "group": group.slug,
        "reason": glass.reason,
        "at": glass.at.isoformat(),
        "until": glass.ends_at.isoformat(),
    }
