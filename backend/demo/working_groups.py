"""The demo's working groups: those of the catalogue, with members, a meeting to come, and a text in its second version.

Invented throughout; the members have resident accounts of the demo, with which nobody signs in by a password.
"""

from datetime import date, time, timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.demo.programs import as_of
from backend.feedback.workinggroups.models import WorkingGroup
from backend.feedback.workinggroups.sections import Part
from backend.feedback.workinggroups.services import calls, comments, dispositions, drafts, meetings, members
from backend.feedback.workinggroups.services.groups import import_groups
from backend.feedback.workinggroups.services.recommendations import load_outcomes
from backend.roster.models import Agency, StaffMember

# By group: (seat, name, organization), the coordinator first.
SEATS = {
    "use-of-force": [
        ("Advocate", "Amari Example", "Neighbors for Fair Policing (demo)"),
        ("Community group", "Blair Sample", "North Side Block Units (demo)"),
    ],
    "service-providers": [
        ("Service provider", "Casey Example", "Open Door Services (demo)"),
        ("Service provider", "Devon Sample", "River City Legal Help (demo)"),
    ],
    "public-safety-collaborative": [
        ("Trusted broker", "Emery Example", "Grand Center Community House (demo)"),
        ("Community member", "Finley Sample", ""),
    ],
}
CIVILIAN = "Policy Analyst Example"


@transaction.atomic
def load_working_groups(by: User) -> None:
    """Loads them beside the rest of the demo; `by` is its administrator, who invites the first of each."""
    import_groups(by=by)
    load_outcomes(by=by)
    for slug, seats in SEATS.items():
        group = WorkingGroup.objects.get(slug=slug)
        with as_of(timezone.now() - timedelta(days=90)):
            coordinator = _seat(group, seats, by)
        if slug == "use-of-force":
            _seat_a_civilian(group, coordinator)
            _announce_meeting(group, coordinator)
            _consult(group, coordinator)


def _seat(group: WorkingGroup, seats: list[tuple[str, str, str]], by: User) -> User:
    """Seats the first of them as coordinator, who invites the others; returns their account."""
    for n, (seat, name, organization) in enumerate(seats):
        invited = members.Invited(seat=seat, name=name, organization=organization, is_coordinator=n == 0)
        account = User.objects.create_user(kind=User.Kind.RESIDENT, email=f"{group.slug}{n}@demo.invalid")
        _, code = members.invite(group=group, by=by, invited=invited)
        members.join(code=code, by=account, affirms=True)
        by = account if n == 0 else by
    return by


def _seat_a_civilian(group: WorkingGroup, by: User) -> None:
    """The policy analyst of the police is invited, and has not joined yet."""
    analyst = StaffMember.objects.create(
        agency=Agency.objects.get(slug="slmpd"), name=CIVILIAN, rank="Civilian", is_sworn=False, is_demo=True
    )
    seat = "Police policy representative"
    members.invite(
        group=group, by=by, invited=members.Invited(seat=seat, name=CIVILIAN, staff_member=analyst.pk)
    )


def _announce_meeting(group: WorkingGroup, by: User) -> None:
    meetings.post_meeting(
        group=group,
        by=by,
        title="Use of Force working group",
        description="The group reads the policy in force. Anybody may listen.",
        agenda="1. What the policy says today\n2. What should change\n3. When the first draft is published",
        first_on=_wednesday(timezone.localdate() + timedelta(days=14)),
        start_time=time(18, 30),
        duration_minutes=90,
        place_name="Central Library",
        place_address="1301 Olive St",
    )


def _wednesday(day: date) -> date:
    return day + timedelta(days=(2 - day.weekday()) % 7)


FIRST = [
    Part(
        key="purpose",
        heading="Purpose",
        body="Force is used only where nothing else protects a life or the peace.",
    ),
    Part(
        key="force",
        heading="When force may be used",
        body="An officer first speaks, waits and calls for help.",
    ),
    Part(key="reports", heading="Reports", body="Each use of force is written down by the end of the shift."),
]
SECOND = [
    FIRST[0],
    Part(
        key="before-force",
        heading="Before force",
        body="Speak, step back, wait, call for help.",
        origins=["force"],
    ),
    Part(key="limits", heading="Limits of force", body="It ends when the danger ends.", origins=["force"]),
    Part(
        key="reports",
        heading="Reports",
        body="Each use of force is written down by the end of the shift, by all who saw it.",
    ),
]
# (section, words, outcome, reason, section of the second version)
HEARD = [
    (
        "reports",
        "Those who only watched should write a report, too.",
        "accepted",
        "All who saw it write now.",
        "reports",
    ),
    (
        "force",
        "Say that it must end when somebody is held.",
        "partly",
        "It says: when the danger ends.",
        "limits",
    ),
    (
        "",
        "Fewer police would be better.",
        "out_of_scope",
        "How many there are, the City decides, not this text.",
        "",
    ),
]


def _consult(group: WorkingGroup, by: User) -> None:
    """Two months ago a first version and what was said of it; a fortnight ago the second, with an open call."""
    now, title = timezone.now(), "Use of force"
    with as_of(now - timedelta(days=60)):
        first = drafts.begin_draft(group=group, title=title, summary="", sections=FIRST, by=by)
        drafts.publish_draft(draft=first, by=by)
        ends = now - timedelta(days=30)
        heard = calls.open_consultation(
            group=group, draft=first, title="The first version", closes_at=ends, by=by
        )
        said = [
            comments.submit_comment(
                consultation=heard,
                said=comments.Said(kind="comment", section=section, body=words),
                by=None,
                identity=comments.RECEIPT,
            )[0]
            for section, words, *_ in HEARD
        ]
    with as_of(now - timedelta(days=14)):
        summary = "When force may be used has become two sections."
        second = drafts.begin_draft(group=group, title=title, summary=summary, sections=SECOND, by=by)
        for comment, (*_, outcome, reason, landed) in zip(said, HEARD, strict=True):
            ruling = dispositions.Ruling(
                outcome=outcome,
                reason=reason,
                landed_version=second.number if landed else None,
                landed_section=landed,
            )
            dispositions.dispose(group=group, comment_ids=[comment.pk], ruling=ruling, by=by)
        drafts.publish_draft(draft=second, by=by)
        calls.open_consultation(
            group=group,
            draft=second,
            title="The second version",
            takes_testimony=True,
            closes_at=now + timedelta(days=30),
            by=by,
        )
