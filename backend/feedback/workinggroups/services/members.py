"""Who holds a group's seats: invited by name, joined with an account of their own, until the term ends."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import Conflict, Invalid, NotAllowed, NotFound, Unprocessable
from backend.feedback.workinggroups.models import BreakGlass, GroupSeat, Membership, WorkingGroup
from backend.feedback.workinggroups.models.groups import MembershipQuerySet
from backend.feedback.workinggroups.services import access
from backend.feedback.workinggroups.services.breaking import only_administrators
from backend.roster import editions
from backend.roster.models import StaffMember

INVITATION_LASTS = timedelta(days=30)
# What a rule asks of a person, in the words that they affirm when they join.
RULES: Mapping[str, str] = {
    GroupSeat.Rule.COMMUNITY: "You do not work for the police.",
    GroupSeat.Rule.PROVIDER: "You work for the service provider that is named with your seat, and not for the police.",
    GroupSeat.Rule.NON_SWORN: "You are a civilian employee of the police, and no sworn officer.",
    GroupSeat.Rule.INDEPENDENT: "You work neither for the City nor for the police.",
}


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Who is invited, and to what; `staff_member` for the seat of a civilian of the police, `ends_on`: the last day."""

    seat: str
    name: str
    organization: str = ""
    staff_member: UUID | None = None
    is_coordinator: bool = False
    starts_on: date | None = None
    ends_on: date | None = None


@transaction.atomic
def invite(*, group: WorkingGroup, by: User, invited: Invited) -> tuple[Membership, str]:
    """Keeps a place for somebody and returns it with the code that takes it, which is kept nowhere.

    Coordinators invite; of a group that has none with an account, an administrator invites the first one, on record.
    Raises NotFound, NotAllowed, Invalid, Conflict (no place left, invited already) and Unprocessable (a sworn officer).
    """
    now = timezone.now()
    WorkingGroup.objects.select_for_update().get(pk=group.pk)  # one at a time: places, and who begins it
    is_first = check_may_invite(group, by)
    if is_first and not invited.is_coordinator:
        raise Invalid("Invite a coordinator first; they invite the others.", field="is_coordinator")
    seat = _locked_seat(group, invited.seat)
    code = secrets.token_urlsafe(24)
    term = Membership(
        seat=seat,
        name=invited.name,
        organization=invited.organization,
        staff_member=_civilian(seat, invited.staff_member),
        is_coordinator=invited.is_coordinator,
        starts_on=invited.starts_on or timezone.localdate(now),
        ends_on=invited.ends_on,
        invitation_index=_index(code),
        invited_by=by,
    )
    _check_term(term, now)
    _check_once(term, now)
    _check_places(term, now)
    term.save()
    access.note("invited", group, term, by=by)
    if is_first:
        audit.record("invited_coordinator", term, by=by)
    return term, code


@transaction.atomic
def join(*, code: str, by: User, affirms: bool) -> Membership:
    """Takes the place that an invitation keeps. Raises NotFound, NotAllowed, Invalid, Conflict and Unprocessable."""
    now = timezone.now()
    found = _invitations(now).filter(invitation_index=_index(code)).select_related("seat__group").first()
    if found is None:
        raise NotFound(
            "No invitation goes with this code, or it has ended; ask the group's coordinator for another."
        )
    seat = GroupSeat.objects.select_for_update().get(pk=found.seat_id)
    term = Membership.objects.select_related("seat__group__area", "staff_member").get(pk=found.pk)
    if term.invitation_index is None:
        raise Conflict("This invitation was taken up or taken back a moment ago.", type="already-taken")
    if not affirms:
        raise Invalid(f"Affirm that it is so: {RULES[seat.rule]}", field="affirms", code="required")
    _check_person(term, by)
    if _beside(term, now).filter(seat__group=seat.group_id, user=by).exists():
        raise Conflict("You hold a seat of this group already.", type="already-member")
    _check_places(term, now)
    term.user, term.joined_at, term.invitation_index = by, now, None
    term.save(update_fields=["user", "joined_at", "invitation_index"])
    access.note("joined", term.seat.group, term, by=by)
    editions.bump(editions.WORKING_GROUPS)
    return term


@transaction.atomic
def end_term(*, group: WorkingGroup, membership_id: UUID, by: User, reason: str = "") -> Membership:
    """Ends a term or takes an invitation back, at once: by a coordinator, or by whose it is.

    Raises NotFound, NotAllowed and Conflict.
    """
    access.only_members(group, by)
    term = Membership.objects.select_for_update().filter(seat__group=group, pk=membership_id).first()
    if term is None or (term.joined_at is None and not is_coordinator(group, by)):
        raise NotFound()
    if term.user_id != by.pk:
        access.only_coordinators(group, by)
    now = timezone.now()
    if not _standing(now).filter(pk=term.pk).exists():
        raise Conflict("This term has ended already.", type="already-ended")
    term.ended_at, term.invitation_index = now, None
    term.save(update_fields=["ended_at", "invitation_index"])
    access.note("term_ended", group, term, by=by, reason=reason)
    if term.joined_at:
        _take_back_invitations_of(term, now)
        editions.bump(editions.WORKING_GROUPS)
    return term


def _take_back_invitations_of(term: Membership, now: datetime) -> None:
    """Whoever leaves could come back by one."""
    mine = _invitations(now).filter(seat__group=term.seat.group_id, invited_by=term.user_id)
    mine.update(ended_at=now, invitation_index=None)


def check_may_invite(group: WorkingGroup, by: User) -> bool:
    """Whether it is an administrator who begins the group; raises NotFound or NotAllowed for who may not invite."""
    if not by.is_administrator:
        access.only_coordinators(group, by)
        return False
    only_administrators(by)
    now = timezone.now()
    terms = Membership.objects.in_force(now).filter(seat__group=group, is_coordinator=True)
    holders = User.objects.filter(pk__in=terms.values("user_id"))
    if any(is_coordinator(group, user) for user in holders):
        raise NotFound()
    # A group that has begun learns by the broken glass that somebody is seated in it from outside.
    has_begun = Membership.objects.filter(seat__group=group, joined_at__isnull=False).exists()
    if has_begun and not BreakGlass.objects.open_for(by, now).filter(group=group).exists():
        raise NotFound()
    return True


def is_coordinator(group: WorkingGroup, user: User) -> bool:
    return WorkingGroup.objects.of_coordinator(user, timezone.now()).filter(pk=group.pk).exists()


def held(group: WorkingGroup, now: datetime) -> MembershipQuerySet:
    """The terms of the group that people hold, those who come later not yet."""
    terms = Membership.objects.in_force(now).filter(seat__group=group, joined_at__isnull=False)
    return terms.select_related("seat")


def of_members(group: WorkingGroup, now: datetime) -> MembershipQuerySet:
    """What members see: terms that run or are to come."""
    return _standing(now).filter(seat__group=group, joined_at__isnull=False).select_related("seat")


def invitations(group: WorkingGroup, now: datetime) -> MembershipQuerySet:
    """Invitations that nobody has taken up, for coordinators."""
    return _invitations(now).filter(seat__group=group).select_related("seat")


# --- terms and places -----------------------------------------------------------------------------------


def _standing(now: datetime) -> MembershipQuerySet:
    """Terms that run or are to come, and invitations that may still be taken up."""
    taken = Q(joined_at__isnull=False) | Q(created_at__gt=now - INVITATION_LASTS)
    last_day = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate(now))
    return Membership.objects.filter(taken, last_day, Q(ended_at=None) | Q(ended_at__gt=now))


def _beside(term: Membership, now: datetime) -> MembershipQuerySet:
    """Other terms and invitations that share a day with this one."""
    others = _standing(now).exclude(pk=term.pk).filter(Q(ends_on=None) | Q(ends_on__gte=term.starts_on))
    return others.filter(starts_on__lte=term.ends_on) if term.ends_on else others


def _invitations(now: datetime) -> MembershipQuerySet:
    return _standing(now).filter(joined_at=None)


def _index(code: str) -> str:
    return blind_index("group invitation", code.strip())


def _locked_seat(group: WorkingGroup, name: str) -> GroupSeat:
    """Locked, so that places are counted by one at a time. Raises Invalid."""
    seat = GroupSeat.objects.select_for_update().filter(group=group, name=name).first()
    if seat is None:
        names = ", ".join(group.seats.values_list("name", flat=True))
        raise Invalid(f"The group has no such seat; it has: {names}.", field="seat", code="unknown")
    return seat


def _check_term(term: Membership, now: datetime) -> None:
    if term.ends_on and term.ends_on < max(term.starts_on, timezone.localdate(now)):
        raise Invalid("The term's last day lies ahead, and not before its first.", field="ends_on")
    if term.seat.rule == GroupSeat.Rule.PROVIDER and not term.organization:
        raise Invalid("Name the service provider they work for.", field="organization", code="required")
    if term.seat.rule == GroupSeat.Rule.NON_SWORN and term.is_coordinator:
        raise Invalid("Whoever works for the police does not coordinate the group.", field="is_coordinator")


def _check_once(term: Membership, now: datetime) -> None:
    """One place a person; whoever joins with a second account is the coordinators' to notice."""
    others = _beside(term, now).filter(seat__group=term.seat.group_id)
    same = Q(name__iexact=term.name, organization__iexact=term.organization)
    if term.staff_member:
        same |= Q(staff_member=term.staff_member)
    if others.filter(same).exists():
        raise Conflict(
            "They hold a seat of this group or are invited to one; end that first.", type="already-member"
        )


def _check_places(term: Membership, now: datetime) -> None:
    """Raises Conflict where others hold all of the seat's places during any of the term."""
    if _beside(term, now).filter(seat=term.seat_id).count() >= term.seat.places:
        raise Conflict("All places of this seat are taken in that time; end a term first.", type="seat-full")


# --- who may hold a seat --------------------------------------------------------------------------------


def _civilian(seat: GroupSeat, staff_id: UUID | None) -> StaffMember | None:
    """Whom the seat of a civilian of the police is for; other seats have none. Raises Invalid and Unprocessable."""
    if seat.rule != GroupSeat.Rule.NON_SWORN:
        if staff_id:
            raise Invalid("This seat is for nobody of the police; leave it out.", field="staff_member")
        return None
    member = StaffMember.objects.filter(pk=staff_id, agency__is_police=True).first() if staff_id else None
    if member is None:
        raise Invalid(
            "Name the employee of the police by their id in the roster.",
            field="staff_member",
            code="required",
        )
    _refuse_sworn(member)
    return member


def _refuse_sworn(member: StaffMember) -> None:
    if member.is_sworn:
        raise Unprocessable(
            "This seat is for a civilian employee; a sworn officer cannot hold it. Name somebody who is not sworn. If "
            "the roster is wrong, ask the department to correct it.",
            type="sworn-officer",
        )


def _check_person(term: Membership, user: User) -> None:
    """Whether the seat's rule allows this account; the same that MembershipQuerySet.held_by reads by."""
    if user.is_administrator:
        raise NotAllowed("Administrators hold no seat; join with an account of your own that is not one.")
    member = StaffMember.objects.select_related("agency").filter(user=user).first()
    if term.seat.rule == GroupSeat.Rule.NON_SWORN:
        if member is None or term.staff_member_id != member.pk:
            raise NotAllowed("This seat is for the person that was named; sign in with their staff account.")
        _refuse_sworn(member)
        return
    if user.kind == User.Kind.RESIDENT:
        return
    if member is None:
        raise NotAllowed(
            "Nobody knows whose staff account this is; join with a resident's account of your own."
        )
    is_own = member.agency_id == term.seat.group.area.agency_id
    if not is_own or member.is_sworn or member.agency.is_police:
        raise NotAllowed(
            "This seat is for nobody of the police or of another office; join with a resident's account of your own."
        )
