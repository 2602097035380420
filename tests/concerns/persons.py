"""The persons of the wall, and a concern in each state that it can be in: who is about whom, cleared or not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.feedback.concerns.models import (
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernReply,
    ConcernSubject,
    FatalityReview,
    LegalHold,
    Office,
    Photo,
    Redaction,
    Referral,
)
from backend.feedback.concerns.services import walls
from backend.roster import editions
from backend.roster.models import Agency, Area, StaffMember
from tests.factories import make_session, make_staff

BEAT, DISTRICT, MAJORS = "slmpd-beat-402", "slmpd-district-4", "slmpd-patrol-area-central"
FAR_BEAT, FAR_DISTRICT, PRECINCT = "slmpd-beat-101", "slmpd-district-1", "slcpd-precinct-1"

# name: (post, role, is_sworn). District 1 is of another Major.
POSTS: dict[str, tuple[str, str, bool]] = {
    "officer": (BEAT, "beat_officer", True),
    "partner": (BEAT, "beat_officer", True),
    "sergeant": (DISTRICT, "sergeant", True),
    "captain": (DISTRICT, "district_captain", True),
    "civilian_captain": (DISTRICT, "district_captain", False),
    "sworn_liaison": (DISTRICT, "liaison", True),
    "liaison": (DISTRICT, "liaison", False),
    "liaison_subject": (DISTRICT, "liaison", False),
    "major": (MAJORS, "major", True),
    "major_subject": (MAJORS, "major", True),
    "nso": ("slmpd-neighborhood-36", "nso", False),
    "far_officer": (FAR_BEAT, "beat_officer", True),
    "far_captain": (FAR_DISTRICT, "district_captain", True),
    "county_commander": (PRECINCT, "precinct_commander", True),
    "county_liaison": (PRECINCT, "liaison", False),
}
STAFF = (*POSTS, "administrator", "administrator_subject")
PERSONS = (*STAFF, "reporter", "resident", "anonymous")


@dataclass
class Town:
    """The persons with a session each, and the concerns that were told."""

    users: dict[str, User]
    keys: dict[str, str]
    concerns: dict[str, Concern] = field(default_factory=dict)

    def client(self, name: str) -> Client:
        """A new one, which remembers nothing of the request before."""
        client = Client(raise_request_exception=False)
        if name in STAFF:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.keys[name]
        elif name != "anonymous":
            client.defaults["HTTP_X_SESSION_TOKEN"] = self.keys[name]
        return client

    def member(self, name: str) -> StaffMember:
        return self.users[name].staff_member

    def tell(self, name: str) -> Concern:
        """The concern of that state, whose words hold MARK-name, with a row in every table about concerns."""
        at = timezone.now() - timedelta(hours=1 + list(STATES).index(name))
        concern = STATES[name](self, f"MARK-{name}. Loud.")
        Concern.objects.filter(pk=concern.pk).update(submitted_at=at, changed_at=at)
        concern.refresh_from_db()
        self.concerns[name] = concern
        return concern


def make_town() -> Town:
    users = {
        name: make_staff(f"{name.replace('_', '.')}@wall.example", area, role, is_sworn=is_sworn)
        for name, (area, role, is_sworn) in POSTS.items()
    }
    for name in ("administrator", "administrator_subject"):
        users[name] = User.objects.create_user(
            kind=User.Kind.STAFF, email=f"{name.replace('_', '.')}@wall.example", is_administrator=True
        )
    StaffMember.objects.create(
        agency=Agency.objects.get(slug="slmpd"),
        user=users["administrator_subject"],
        name="Administrator Subject",
        is_sworn=False,
    )
    for name in ("reporter", "resident"):
        users[name] = User.objects.create_user(kind=User.Kind.RESIDENT, email=f"{name}@wall.example")
    editions.bump(editions.ROSTER)
    keys = {name: _key(user) for name, user in users.items()}
    return Town(users, keys)


def _key(user: User) -> str:
    client = Session.Client.BROWSER if user.kind == User.Kind.STAFF else Session.Client.APP
    return str(make_session(user, client=client).session_key)


# --- the states ------------------------------------------------------------------------------------------

State = Callable[[Town, str], Concern]


def _state(
    area: str | None = BEAT,
    *,
    desk: str | None = DISTRICT,
    about: tuple[str, ...] = (),
    is_described: bool = False,
    cleared: bool = False,
    cleared_about: tuple[str, ...] | None = None,
    assigned: str = "",
    assigned_after: str = "",
    is_sensitive: bool = False,
) -> State:
    """A concern as it came in, then walled where it is about somebody, then cleared, each by its service.

    `assigned_after` is written past the services, as a race would leave it.
    """

    def made(town: Town, words: str) -> Concern:
        concern = Concern.objects.create(
            category_id="noise",
            description=words,
            area=Area.objects.get(slug=area) if area else None,
            desk=Area.objects.get(slug=desk) if desk else None,
            assigned_to=town.member(assigned) if assigned else None,
            reporter=town.users["reporter"],
            is_sensitive=is_sensitive,
            target_at=timezone.now() - timedelta(hours=2),
            needs_reading=bool(about or is_described) and not cleared,  # what is unread is not moved
        )
        ConcernChange.objects.create(concern=concern, move="submit", status=concern.status)
        if about or is_described:
            source = ConcernSubject.Source.MATCHED if about else ConcernSubject.Source.ASKED
            members = [town.member(name) for name in about]
            walls.wall(concern, about=members, is_described=is_described, source=source)
        if cleared:
            members = [town.member(name) for name in (about if cleared_about is None else cleared_about)]
            walls.clear(
                concern=concern,
                about=members,
                is_described=is_described and cleared_about is None,
                reason="Read.",
                by=town.users["liaison"],
            )
        if assigned_after:
            Concern.objects.filter(pk=concern.pk).update(assigned_to=town.member(assigned_after))
        if desk == FAR_DISTRICT and area == BEAT:
            Concern.objects.filter(pk=concern.pk).update(desk=Area.objects.get(slug=desk))
        _with_a_row_in_every_table(concern, town)
        return concern

    return made


def _merged(*, about: tuple[str, ...] = (), into: str = "") -> State:
    """Closed as a duplicate; without `into` the main one is not there, as after its erasure."""

    def made(town: Town, words: str) -> Concern:
        concern = _state(about=about)(town, words)
        main = town.concerns[into] if into else None
        closed = {"status": "closed", "disposition": "duplicate", "closed_at": timezone.now()}
        Concern.objects.filter(pk=concern.pk).update(**closed, merged_into=main)
        return concern

    return made


def _walled_main(town: Town, words: str) -> Concern:
    """That into which `duplicate`, told before, was merged."""
    concern = _state(about=("officer",))(town, words)
    Concern.objects.filter(pk=town.concerns["duplicate"].pk).update(merged_into=concern)
    return concern


STATES: dict[str, State] = {
    "open": _state(),
    "assigned": _state(assigned="officer"),
    "sensitive": _state(is_sensitive=True),
    "sensitive_assigned": _state(is_sensitive=True, assigned="partner"),
    "placeless": _state(None, desk=None),
    "county": _state(PRECINCT, desk=PRECINCT),
    "far_assigned": _state(FAR_BEAT, desk=FAR_DISTRICT, assigned="far_officer"),
    # --- about a police employee, and not cleared
    "asked": _state(is_described=True),
    "asked_placeless": _state(None, desk=None, is_described=True),
    "matched": _state(about=("officer",)),
    "matched_major": _state(about=("major_subject",)),
    "matched_liaison": _state(about=("liaison_subject",)),
    "matched_nso": _state(about=("nso",)),
    "matched_administrator": _state(about=("administrator_subject",)),
    "walled_while_assigned": _state(assigned="partner", about=("officer",)),
    "assigned_while_walled": _state(about=("officer",), assigned_after="captain"),
    "walled_while_theirs": _state(assigned="officer", about=("officer",)),
    "walled_while_a_civilian_has_it": _state(assigned="civilian_captain", about=("officer",)),
    "far_matched": _state(FAR_BEAT, desk=FAR_DISTRICT, about=("officer",)),
    # --- cleared, and still about one
    "cleared": _state(about=("officer",), cleared=True),
    "cleared_major": _state(about=("major_subject",), cleared=True),
    "cleared_liaison": _state(about=("liaison_subject",), cleared=True),
    "cleared_nso": _state(about=("nso",), cleared=True),
    "cleared_administrator": _state(about=("administrator_subject",), cleared=True),
    "cleared_two": _state(about=("officer", "far_officer"), cleared=True),
    "cleared_described": _state(is_described=True, cleared=True),
    "cleared_placeless": _state(None, desk=None, is_described=True, cleared=True),
    "cleared_sensitive": _state(about=("officer",), cleared=True, is_sensitive=True),
    "cleared_assigned": _state(about=("officer",), cleared=True, assigned_after="partner"),
    "cleared_elsewhere": _state(FAR_BEAT, desk=FAR_DISTRICT, about=("officer",), cleared=True),
    "cleared_far_desk": _state(desk=FAR_DISTRICT, about=("officer",), cleared=True),
    "cleared_far_assigned": _state(about=("officer",), cleared=True, assigned_after="far_officer"),
    "cleared_theirs": _state(assigned="officer", about=("officer",), cleared=True, assigned_after="officer"),
    # --- merged, and one of the two walled afterwards
    "duplicate": _merged(),
    "walled_main": _walled_main,
    "walled_duplicate": _merged(about=("officer",), into="open"),
    # --- cleared as not about police
    "not_about": _state(about=("officer",), cleared=True, cleared_about=(), is_described=True),
}


def _with_a_row_in_every_table(concern: Concern, town: Town) -> None:
    """Notes, letters, photos and the like, whose words hold the concern's own mark."""
    words, by = concern.description, town.users["liaison"]
    reply = ConcernReply.objects.create(concern=concern, body=words)
    ConcernLetter.objects.create(concern=concern, body=words, by=by)
    ConcernNote.objects.create(concern=concern, body=words, by=by)
    office, _ = Office.objects.get_or_create(
        slug="citizens-service-bureau", defaults={"name": "Bureau", "contact": "314", "source": "tests"}
    )
    Referral.objects.create(concern=concern, office=office, note=words, by=by, returned_at=timezone.now())
    Photo.objects.create(concern=concern, digest="0" * 64, status=Photo.Status.REFUSED)
    Redaction.objects.create(
        concern=concern,
        part=Redaction.Part.REPLY,
        reply=reply,
        start=0,
        end=1,
        provision="RSMo 610.021",
        by=by,
    )
    LegalHold.objects.create(concern=concern, reason=words, by=by, ended_at=timezone.now())
    FatalityReview.objects.create(concern=concern, work_product=words, final_report=words, by=by)


def ids_of(concern: Concern) -> dict[str, Any]:
    """By the name of a path parameter: the concern's id, and its rows' in other tables."""
    rows = {
        "change_id": ConcernChange,
        "subject_id": ConcernSubject,
        "reply_id": ConcernReply,
        "letter_id": ConcernLetter,
        "note_id": ConcernNote,
        "referral_id": Referral,
        "photo_id": Photo,
        "redaction_id": Redaction,
        "hold_id": LegalHold,
    }
    found = {name: model.objects.filter(concern=concern).first() for name, model in rows.items()}
    return {"concern_id": concern.pk, **{name: row.pk for name, row in found.items() if row}}
