"""The directory, public court dates and crime strategies: every write, who may make it, and who is told."""

import base64
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.holdings import Ending
from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.models import reach
from backend.events.services.checks import refuse_markup
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each
from backend.programs.models import CourtDate, Docket, Entry, Leader, Strategy
from backend.roster import editions
from backend.roster.models import Agency, Area, Assignment

DOCKET_UPDATE = "docket_update"
# Of a case its number, date and courtroom: words that could hold a name's or a charge's punctuation have no room.
CASE_NUMBER = r"^[0-9A-Za-z-]{3,40}$"
COURTROOM = r"^[0-9A-Za-z][0-9A-Za-z .,#-]{0,59}$"
MOST_DATES = 200


def _refuse_markup(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if isinstance(value, str):
            refuse_markup(value, name)


# --- the directory ------------------------------------------------------------------------------------


@transaction.atomic
def revise_entry(*, entry: Entry, by: User, confirm: bool = False, **facts: Any) -> Entry:
    """Changes facts of an entry; `confirm`: somebody asked today, and it is so. A repeat changes nothing.

    Raises NotAllowed and Invalid.
    """
    if not by.is_administrator:
        raise NotAllowed("Administrators change the directory; tell one of them what is wrong.")
    _refuse_markup(facts)
    found = Entry.objects.select_for_update().get(pk=entry.pk)
    if confirm:
        facts["verified_on"] = timezone.localdate()
    changed = [name for name, value in facts.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, facts[name])
    if changed:
        found.save(update_fields=changed)
        audit.record("entry_changed", found, by=by, fields=changed)
        editions.bump(editions.PROGRAMS)
    return found


# --- dockets ------------------------------------------------------------------------------------------


class NewDate(NamedTuple):
    """A case on a court's list."""

    case_number: str
    starts_at: datetime
    courtroom: str


def _check_posts(agency: Agency, area: Area | None, by: User) -> None:
    """Raises NotAllowed for who posts neither in the docket's area nor, where it has none, in its agency."""
    today = timezone.localdate()
    if area:
        is_theirs = area.pk in reach(by, today)
    else:
        posts = Assignment.objects.in_force(today).filter(staff_member__user=by, area__agency=agency)
        is_theirs = by.is_administrator or posts.exists()
    if not is_theirs:
        raise NotAllowed(
            "Court dates are posted by the staff who serve the docket's area or, without one, its agency."
        )


@transaction.atomic
def create_docket(*, slug: str, name: str, agency: Agency, area: Area | None, by: User) -> Docket:
    """Raises NotAllowed, Invalid and, where there is one of this slug, Conflict."""
    _check_posts(agency, area, by)
    refuse_markup(name, "name")
    if area and area.agency_id != agency.pk:
        raise Invalid("The area belongs to another agency.", field="area")
    docket, is_new = Docket.objects.get_or_create(
        slug=slug, defaults={"name": name, "agency": agency, "area": area}
    )
    if not is_new:
        raise Conflict("There is a docket of this slug; choose another.", type="slug-used")
    audit.record("docket_created", docket, by=by)
    editions.bump(editions.PROGRAMS)
    return docket


@transaction.atomic
def post_dates(*, docket: Docket, dates: Sequence[NewDate], by: User) -> list[CourtDate]:
    """Posts all or none, and tells followers once; a cancelled date that is posted again is on again.

    Raises NotAllowed, Invalid for what is past, sent twice or no bare fact, and Conflict for what is there already.
    """
    docket = _locked(docket, by)
    dates = [date._replace(case_number=date.case_number.upper()) for date in dates]
    _check_dates(dates)
    there = docket.dates.filter(case_number__in=[date.case_number for date in dates])
    known = {(row.case_number, row.starts_at): row for row in there}
    new, again = [], []
    for date in dates:
        row = known.get((date.case_number, date.starts_at))
        if row is None:
            new.append(CourtDate(docket=docket, **date._asdict()))
        elif row.cancelled_at:
            row.courtroom, row.cancelled_at = date.courtroom, None
            again.append(row)
        else:
            raise _there_already(date.case_number)
    CourtDate.objects.bulk_create(new)
    CourtDate.objects.bulk_update(again, ["courtroom", "cancelled_at"])
    posted = sorted([*new, *again], key=lambda row: (row.starts_at, row.case_number))
    audit.record("court_dates_posted", docket, by=by, fields=["dates"])
    _tell(docket, about=posted[-1], soonest=posted[0].starts_at)
    return posted


@transaction.atomic
def cancel_date(*, court_date: CourtDate, by: User) -> CourtDate:
    """The date stays on the list, marked. Raises NotAllowed, and Conflict for one that is cancelled or over."""
    docket, found = _standing(court_date, by)
    found.cancelled_at = timezone.now()
    found.save(update_fields=["cancelled_at"])
    audit.record("court_date_cancelled", found, by=by, fields=["cancelled_at"])
    _tell(docket, about=found, soonest=found.starts_at)
    return found


@transaction.atomic
def move_date(
    *, court_date: CourtDate, by: User, starts_at: datetime | None = None, courtroom: str | None = None
) -> CourtDate:
    """Another time or courtroom; None leaves it. What changes nothing tells nobody.

    Raises NotAllowed, Invalid for a time that is past, and Conflict for a date that is cancelled, over or there.
    """
    docket, found = _standing(court_date, by)
    before = found.starts_at
    moved = NewDate(found.case_number, starts_at or before, courtroom or found.courtroom)
    _check_facts(moved, "")
    changes = {name: value for name, value in moved._asdict().items() if getattr(found, name) != value}
    if not changes:
        return found
    same = docket.dates.exclude(pk=found.pk).filter(case_number=moved.case_number, starts_at=moved.starts_at)
    if same.exists():
        raise _there_already(moved.case_number)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=list(changes))
    audit.record("court_date_moved", found, by=by, fields=changes)
    _tell(docket, about=found, soonest=min(before, found.starts_at))
    return found


def is_to_come(subject_id: str, now: datetime) -> bool:
    """The re-check of a docket's update: the date that it is about is still there and to come."""
    return CourtDate.objects.filter(pk=UUID(subject_id), starts_at__gt=now).exists()


def _locked(docket: Docket, by: User) -> Docket:
    """The docket, locked until the transaction ends: what it holds is decided by whoever has it."""
    found = Docket.objects.select_for_update().get(pk=docket.pk)
    _check_posts(found.agency, found.area, by)
    return found


def _standing(court_date: CourtDate, by: User) -> tuple[Docket, CourtDate]:
    docket = _locked(court_date.docket, by)
    found = docket.dates.get(pk=court_date.pk)
    if found.cancelled_at:
        raise Conflict("This date is cancelled; post it again if it is on.", type="already-cancelled")
    if found.starts_at <= timezone.now():
        raise Conflict("This date is over and stays as it was.", type="already-begun")
    return docket, found


def _check_dates(dates: Sequence[NewDate]) -> None:
    seen = set()
    for n, date in enumerate(dates):
        _check_facts(date, f"dates/{n}/")
        if (key := (date.case_number, date.starts_at)) in seen:
            raise Invalid("This date is in the list twice.", field=f"dates/{n}", code="twice")
        seen.add(key)


def _check_facts(date: NewDate, where: str) -> None:
    if not re.fullmatch(CASE_NUMBER, date.case_number):
        raise Invalid(
            "Send the case's number alone: 3 to 40 letters, digits and hyphens.", field=f"{where}case_number"
        )
    if not re.fullmatch(COURTROOM, date.courtroom):
        raise Invalid("Name the courtroom in a few letters and digits.", field=f"{where}courtroom")
    if date.starts_at <= timezone.now():
        raise Invalid("A court date lies ahead.", field=f"{where}starts_at", code="past")


def _there_already(case_number: str) -> Conflict:
    return Conflict(f"{case_number} is on this docket at that time already.", type="already-there")


def _tell(docket: Docket, *, about: CourtDate, soonest: datetime) -> None:
    """One text to each follower, whatever changes in the same minute: a clerk enters a day's list date by date."""
    editions.bump(editions.PROGRAMS)
    notifications.queue_notice(
        kind=DOCKET_UPDATE,
        key=f"{DOCKET_UPDATE}:{docket.slug}:{timezone.now():%Y%m%dT%H%M}",
        topics=[f"docket:{docket.slug}"],
        subject_id=str(about.pk),
        body=in_each(words.discreet),
        expires_at=about.starts_at,
        matters_by=soonest,
    )


# --- strategies and the leaders to whom they are shown ---------------------------------------------------


def check_serves(area: Area, by: User) -> None:
    """Raises NotAllowed where the person does not post for the area today."""
    if area.pk not in reach(by, timezone.localdate()):
        raise NotAllowed(
            "This is for the staff of the area: those who serve it, an area inside it or the one above."
        )


@transaction.atomic
def publish_strategy(*, area: Area, title: str, text: str, by: User) -> Strategy:
    """Raises NotAllowed and Invalid."""
    check_serves(area, by)
    _refuse_markup({"title": title, "text": text})
    strategy = Strategy.objects.create(area=area, title=title, text=text, published_by=by)
    audit.record("strategy_published", strategy, by=by)
    return strategy


@transaction.atomic
def withdraw_strategy(*, strategy: Strategy, by: User) -> Strategy:
    """From now on only staff see it. Raises NotAllowed, and Conflict where it is withdrawn."""
    check_serves(strategy.area, by)
    now = timezone.now()
    if not Strategy.objects.filter(pk=strategy.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Conflict("This strategy was withdrawn before.", type="already-withdrawn")
    audit.record("strategy_withdrawn", strategy, by=by, fields=["withdrawn_at"])
    strategy.refresh_from_db()
    return strategy


@transaction.atomic
def invite_leader(*, area: Area, organisation: str, by: User) -> tuple[Leader, str]:
    """A place on the area's leaders' list, and the code by which one person takes it, kept as its hash alone.

    Raises NotAllowed and Invalid.
    """
    check_serves(area, by)
    refuse_markup(organisation, "organisation")
    letters = base64.b32encode(secrets.token_bytes(10)).decode()  # 80 bits
    leader = Leader.objects.create(
        area=area, organisation=organisation, code_hash=_code_hash(letters), invited_by=by
    )
    audit.record("leader_invited", leader, by=by)
    return leader, "-".join(letters[n : n + 4] for n in range(0, 16, 4))


@transaction.atomic
def join_leaders(*, code: str, by: User) -> Leader:
    """Takes the place that the code is for. Raises the same NotFound for one that is wrong, used or ended."""
    open_places = Leader.objects.filter(user=None, ended_at=None)
    leader = open_places.select_for_update().filter(code_hash=_code_hash(code)).first()
    if leader is None:
        raise NotFound("This code opens no list; ask the officer who gave it to you for a new one.")
    leader.user, leader.code_hash = by, ""
    leader.save(update_fields=["user", "code_hash"])
    return leader


@transaction.atomic
def end_leader(*, leader: Leader, by: User) -> Leader:
    """The area's strategies are shown to them no more; an unused code dies. Raises NotAllowed and Conflict."""
    check_serves(leader.area, by)
    changes = {"ended_at": timezone.now(), "code_hash": ""}
    if not Leader.objects.filter(pk=leader.pk, ended_at=None).update(**changes):
        raise Conflict("This place was ended before.", type="already-ended")
    audit.record("leader_ended", leader, by=by, fields=["ended_at"])
    leader.refresh_from_db()
    return leader


def _code_hash(code: str) -> str:
    """In any case, with or without dashes, 0 for O, 1 for I, 8 for B."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return blind_index("leader", letters.translate(str.maketrans("018", "OIB")))


# --- what is known of one person ------------------------------------------------------------------------


def export_of(user: User) -> list[dict[str, Any]]:
    """Whose leaders' lists somebody is on, for their export."""
    rows = Leader.objects.filter(user=user).select_related("area").order_by("invited_at")
    return [
        {
            "area": row.area.slug,
            "organisation": row.organisation,
            "invited_at": row.invited_at.isoformat(),
            "ended_at": row.ended_at and row.ended_at.isoformat(),
        }
        for row in rows
    ]


def part_from(user: User) -> list[Ending]:
    """Takes somebody off the lists, in the last transaction of their account."""
    if not Leader.objects.filter(user=user).delete()[0]:
        return []
    return [Ending("your places on leaders' lists", "deleted", "nothing needs them")]
