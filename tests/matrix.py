"""The table of tests/test_matrix.py: what each role gets at each address, and whose words may be in the answer."""

import uuid
from typing import Any, NamedTuple

HIDDEN = "hidden"
MISSING = uuid.UUID(int=4 << 76 | 8 << 62)

# Each sees what the table says; those of WITHOUT_FACTOR see no more than a stranger, anywhere.
ROLES = (
    *("stranger", "resident", "officer", "captain", "liaison", "sworn_liaison", "administrator"),
    *("outsider", "former"),
)
WITHOUT_FACTOR = ("password_by_cookie", "password_by_header", "app_token_in_cookie")
STAFF = ("officer", "captain", "liaison", "sworn_liaison", "administrator", "outsider", "former")


Expected = int | str | dict[str, int | str]


class Line(NamedTuple):
    """`expect[role]` is a status, or one by the name of the object; a role that is not named gets `others`.

    `marks[role]` are the objects whose words may, and must, be in the body.
    """

    expect: dict[str, Expected] = {}
    others: Expected = 401
    objects: str = ""
    body: dict[str, Any] = {}
    marks: dict[str, set[str]] | None = None


def to_all(status: int, **body: Any) -> Line:
    return Line(others=status, body=body)


def by_staff(status: int, **body: Any) -> Line:
    """For staff, who get this; residents are refused."""
    return Line(of(STAFF, status) | of("resident", 403), body=body)


def by_residents(status: int, **body: Any) -> Line:
    """For residents, who get this; staff are refused."""
    return Line(of("resident", status) | of(STAFF, 403), body=body)


def of(roles: tuple[str, ...] | str, expected: Expected) -> dict[str, Expected]:
    return dict.fromkeys((roles,) if isinstance(roles, str) else roles, expected)


def where(visible: dict[str, int | str], *, of_them: str) -> dict[str, int | str]:
    """What is not named is hidden."""
    names = CONCERNS if of_them == "concerns" else EVENTS
    return dict.fromkeys(names, HIDDEN) | visible


CONCERNS = ("near", "assigned", "walled", "far", "placeless", "county")
EVENTS = tuple(f"{p}_{s}" for p in ("near", "far", "county") for s in ("draft", "published"))
ON_DESK: dict[str, set[str]] = {
    "officer": {"assigned"},
    "captain": {"near", "assigned"},
    "liaison": {"near", "assigned", "placeless", "walled"},
    "sworn_liaison": {"near", "assigned", "placeless"},
    "outsider": {"county", "placeless"},
    "administrator": set(),
    "former": set(),
}
DRAFTS: dict[str, set[str]] = {
    **{role: {"near_draft"} for role in ("officer", "captain", "liaison", "sworn_liaison")},
    "administrator": {"near_draft", "far_draft", "county_draft"},
    "outsider": {"county_draft"},
}
PUBLISHED = {"near_published", "far_published", "county_published"}
REASON = {"reason": "The desk asked me to look."}


def desk(status: int) -> dict[str, Expected]:
    """What is on the desk answers `status`; all else is hidden."""
    return {
        role: where(dict.fromkeys(seen, status), of_them="concerns") for role, seen in ON_DESK.items()
    } | of("resident", 403)


def keeping(status: int) -> dict[str, Expected]:
    """Who keeps the record gets `status`, who only reads the concern 403; an administrator may keep each."""
    liaisons = ("liaison", "sworn_liaison", "outsider")
    kept = {role: where(dict.fromkeys(ON_DESK[role], status), of_them="concerns") for role in liaisons}
    return desk(403) | kept | of("administrator", where(dict.fromkeys(CONCERNS, status), of_them="concerns"))


def reading_requests(status: int) -> dict[str, Expected]:
    """What is said of our pages, which may name an employee, is for civilian liaisons and administrators."""
    readers = dict.fromkeys(("liaison", "outsider", "administrator"), status)
    return dict.fromkeys((*STAFF, "resident"), 403) | readers


def changing(status: int, *, draft: int | None = None) -> dict[str, Expected]:
    """Whoever may change an event gets `status` (or `draft`), who only sees it 403, others the answer of nothing."""
    changes = {
        role: where(
            dict.fromkeys(PUBLISHED, 403)
            | dict.fromkeys(drafts, draft or status)
            | {draft.replace("draft", "published"): status for draft in drafts},
            of_them="events",
        )
        for role, drafts in DRAFTS.items()
    }
    return {
        **changes,
        **of("former", where(dict.fromkeys(PUBLISHED, 403), of_them="events")),
        "resident": 403,
    }


def own_events(status: int) -> dict[str, Expected]:
    """Of what somebody may change; all else is hidden."""
    return {
        role: where(
            dict.fromkeys([*drafts, *(d.replace("draft", "published") for d in drafts)], status),
            of_them="events",
        )
        for role, drafts in DRAFTS.items()
    } | {"former": where({}, of_them="events"), "resident": 403}


def recording(status: int) -> dict[str, Expected]:
    """Whoever posts for the area records for it."""
    others = dict.fromkeys(("outsider", "former", "resident"), 403)
    return {**dict.fromkeys(STAFF, status), **others}


ROUTES = {"changes": [{"category": "noise", "area": "slmpd-beat-402", "desk": "slmpd-patrol-area-north"}]}


def keeping_routes(status: int) -> dict[str, Expected]:
    """Liaisons, each for areas of their own, and administrators."""
    others = dict.fromkeys(("officer", "captain", "former", "resident"), 403)
    return {**dict.fromkeys(STAFF, status), **others}


def checking_in(status: int = 404) -> dict[str, Expected]:
    """No code is known: whoever may change the series learns that, who only sees it that it is not theirs."""
    changes = changing(status)
    drafts = {role: set(DRAFTS.get(role, ())) for role in STAFF}
    return {
        role: expected
        if role == "resident"
        # Of a draft there is no date to be at.
        else {name: HIDDEN if name in drafts[role] else status for name, status in expected.items()}
        for role, expected in changes.items()
        if isinstance(expected, dict) or role == "resident"
    }


def registered(status: int) -> dict[str, Expected]:
    """One's own alone; nobody of staff sees who comes."""
    return {"resident": {"resident": status, "neighbor": HIDDEN}, **of(STAFF, 403)}


def reading() -> dict[str, Expected]:
    seen: dict[str, Expected] = {
        role: where(dict.fromkeys(PUBLISHED | DRAFTS.get(role, set()), 200), of_them="events")
        for role in ROLES
    }
    return seen


def listed() -> dict[str, set[str]]:
    return dict.fromkeys(ROLES, PUBLISHED)


SIGNING_IN = "_allauth/app/v1/"
TABLE: dict[tuple[str, str], Line] = {
    ("GET", ""): to_all(302),
    ("GET", "api/docs"): to_all(200),
    ("GET", "api/schema"): to_all(200),
    ("GET", "healthz"): to_all(200),
    ("GET", "readyz"): Line(others=503),  # no worker beats in a test
    ("GET", "metrics"): to_all(200),
    ("GET", "robots.txt"): to_all(200),
    ("POST", "api/v1/lookup"): to_all(200, address="1915 Olive St"),
    ("POST", "api/v1/lookup/suggest"): to_all(200, q="1915 Ol"),
    ("GET", "api/v1/agencies"): to_all(200),
    ("GET", "api/v1/areas"): to_all(200),
    ("GET", "api/v1/areas/<slug:slug>"): to_all(200),
    ("GET", "api/v1/areas/<slug:slug>/boundary"): to_all(200),
    ("GET", "api/v1/areas/<slug:slug>/people"): to_all(200),
    ("GET", "api/v1/stations"): to_all(200),
    ("POST", "api/v1/subscriptions"): to_all(202, phone="314-555-0142", topics=["area:slmpd-district-4"]),
    # --- events
    ("GET", "api/v1/occurrences"): Line(others=200, marks=listed()),
    ("GET", "api/v1/events"): Line(others=200, marks=listed()),
    ("POST", "api/v1/events"): Line(of(STAFF, 400) | of("resident", 403)),
    ("GET", "api/v1/events/<uuid:event_id>"): Line(reading(), objects="events"),
    ("PATCH", "api/v1/events/<uuid:event_id>"): Line(changing(200), objects="events"),
    ("POST", "api/v1/events/<uuid:event_id>/cancel"): Line(
        changing(200, draft=409), objects="events", body={"reason": "Rain"}
    ),
    # 20261127 is no date of theirs, which only who may change them learns.
    ("POST", "api/v1/events/<uuid:event_id>/occurrences/<str:recurrence_id>/cancel"): Line(
        changing(404), objects="events", body={"reason": "Rain"}
    ),
    ("POST", "api/v1/events/<uuid:event_id>/occurrences/<str:recurrence_id>/reschedule"): Line(
        changing(404), objects="events", body={"starts_at": "2026-12-24T18:00:00-06:00"}
    ),
    ("POST", "api/v1/events/quarter"): Line(of(STAFF, 400) | of("resident", 403)),
    ("POST", "api/v1/events/copy"): Line(of(STAFF, 400) | of("resident", 403)),
    ("POST", "api/v1/events/import"): Line(of(STAFF, 400) | of("resident", 403)),
    ("POST", "api/v1/events/propose"): Line(
        of(STAFF, 200) | of("resident", 403), body={"text": "1st Mon. at 6pm"}
    ),
    ("POST", "api/v1/events/cancel-today"): Line(of(STAFF, 409) | of("resident", 403)),
    ("GET", "api/v1/events/<uuid:event_id>/texts"): Line(own_events(200), objects="events"),
    ("POST", "api/v1/events/<uuid:event_id>/texts/<int:notice_id>/<slug:move>"): Line(
        own_events(404), objects="events"
    ),
    ("POST", "api/v1/events/<uuid:event_id>/confirm"): Line(changing(200, draft=409), objects="events"),
    ("POST", "api/v1/events/<uuid:event_id>/occurrences/<str:recurrence_id>/restore"): Line(
        changing(404), objects="events"
    ),
    ("POST", "api/v1/events/<uuid:event_id>/occurrences/<str:recurrence_id>/split"): Line(
        changing(404), objects="events"
    ),
    ("POST", "api/v1/events/<uuid:event_id>/occurrences/<str:recurrence_id>/make-up"): Line(
        {**dict.fromkeys(STAFF, where(dict.fromkeys(PUBLISHED, 404), of_them="events")), "resident": 403}
        | {
            role: where(dict.fromkeys(PUBLISHED | drafts, 404), of_them="events")
            for role, drafts in DRAFTS.items()
        },
        objects="events",
        body={"starts_at": "2026-12-24T18:00:00-06:00"},
    ),
    # --- what came of meetings; of those here none has begun, and nobody's words are there
    ("GET", "api/v1/occurrences/<uuid:occurrence_id>/meeting"): to_all(404),
    ("PUT", "api/v1/occurrences/<uuid:occurrence_id>/meeting"): Line(checking_in(409), objects="dates"),
    ("GET", "api/v1/areas/<slug:slug>/priorities"): to_all(200),
    ("POST", "api/v1/areas/<slug:slug>/priorities"): Line(
        recording(201), body={"title": "Speeding on the avenue"}
    ),
    ("PUT", "api/v1/areas/<slug:slug>/priorities/ballot"): Line(of(STAFF, 403) | of("resident", 400)),
    ("PUT", "api/v1/areas/<slug:slug>/priorities/paper-ballots"): Line(of(STAFF, 400) | of("resident", 403)),
    ("GET", "api/v1/areas/<slug:slug>/commitments"): to_all(200),
    ("POST", "api/v1/areas/<slug:slug>/commitments"): Line(
        recording(201), body={"promise": "We will ask.", "promised_by": "The captain", "due_on": "2099-01-01"}
    ),
    ("PATCH", "api/v1/priorities/<uuid:priority_id>"): by_staff(404),
    ("POST", "api/v1/commitments/<uuid:commitment_id>/close"): by_staff(404),
    ("PUT", "api/v1/commitments/<uuid:commitment_id>/rating"): by_residents(404),
    # --- places at dates: MISSING is nobody's
    ("POST", "api/v1/occurrences/<uuid:occurrence_id>/registration"): Line(
        {
            "resident": {name: 409 if name in PUBLISHED else HIDDEN for name in EVENTS},
            **of(STAFF, 403),
        },
        objects="dates",
    ),
    ("POST", "api/v1/occurrences/<uuid:occurrence_id>/check-in"): Line(
        checking_in(), objects="dates", body={"code": "ABCDEF"}
    ),
    ("GET", "api/v1/registrations"): by_residents(200),
    ("GET", "api/v1/registrations/<uuid:registration_id>"): Line(registered(200), objects="registrations"),
    ("PATCH", "api/v1/registrations/<uuid:registration_id>"): Line(registered(200), objects="registrations"),
    ("DELETE", "api/v1/registrations/<uuid:registration_id>"): Line(registered(200), objects="registrations"),
    ("GET", "api/v1/feeds"): to_all(200),
    ("GET", "e/<uuid:event_id>"): Line(
        dict.fromkeys(ROLES, where(dict.fromkeys(PUBLISHED, 200), of_them="events")), objects="events"
    ),
    ("GET", "api/v1/registrations/<uuid:registration_id>/qr"): Line(registered(200), objects="registrations"),
    ("GET", "a/<slug:slug>"): to_all(200),
    ("GET", "api/v1/me/feed"): by_residents(200),
    ("POST", "api/v1/me/feed"): Line(of(STAFF, 403) | of("resident", 201)),
    ("DELETE", "api/v1/me/feed"): Line(of(STAFF, 403) | of("resident", 204)),
    ("GET", "feeds/personal/<str:token>.ics"): to_all(404),
    ("GET", "feeds/qr.<slug:form>"): to_all(200),
    ("GET", "feeds/programs/<slug:slug>.ics"): to_all(404),
    ("GET", "feeds/all.ics"): Line(others=200, marks=listed()),
    ("GET", "feeds/kinds/<slug:kind>.ics"): Line(others=200, marks=listed()),
    ("GET", "feeds/areas/<slug:slug>.ics"): Line(
        others=200, marks={role: {"near_published"} for role in ROLES}
    ),
    ("GET", "feeds/events/<uuid:event_id>.ics"): Line(
        dict.fromkeys(ROLES, where(dict.fromkeys(PUBLISHED, 200), of_them="events")), objects="events"
    ),
    # --- concerns
    ("POST", "api/v1/concerns"): to_all(201, category="noise", description="Loud"),
    ("GET", "api/v1/concern-categories"): to_all(200),
    ("POST", "api/v1/concerns/check"): to_all(200, description="Loud"),
    ("POST", "api/v1/concerns/receipt/sheet"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD"),
    ("POST", "api/v1/concerns/receipt"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD"),
    ("POST", "api/v1/concerns/receipt/replies"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD", body="More."),
    ("POST", "api/v1/concerns/receipt/verdict"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD", dealt_with=True),
    ("POST", "api/v1/concerns/<uuid:concern_id>/replies"): Line(
        of("resident", where({"near": 201, "walled": 201}, of_them="concerns"))
        | of(STAFF, where({}, of_them="concerns")),
        objects="concerns",
        body={"body": "More."},
    ),
    ("POST", "api/v1/concerns/<uuid:concern_id>/verdict"): Line(
        of("resident", where({"near": 409, "walled": 409}, of_them="concerns"))
        | of(STAFF, where({}, of_them="concerns")),
        objects="concerns",
        body={"dealt_with": True},
    ),
    ("GET", "api/v1/concerns/<uuid:concern_id>"): Line(
        of("resident", where({"near": 200, "walled": 200}, of_them="concerns"))
        | of(STAFF, where({}, of_them="concerns")),
        objects="concerns",
    ),
    ("GET", "api/v1/triage/concerns"): Line(of(STAFF, 200) | of("resident", 403), marks=ON_DESK),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/<slug:move>"): Line(desk(200), objects="concerns"),
    ("POST", "api/v1/triage/concerns/moves"): by_staff(200, ids=[str(MISSING)], move="triage"),
    ("GET", "api/v1/triage/concerns/<uuid:concern_id>"): Line(desk(200), objects="concerns"),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/notes"): Line(
        desk(201), objects="concerns", body={"body": "Seen."}
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/letters"): Line(
        desk(201), objects="concerns", body={"body": "Thank you."}
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/acknowledge"): Line(desk(409), objects="concerns"),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/priority"): Line(
        desk(200), objects="concerns", body={"priority": "urgent"}
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/sensitive"): Line(
        desk(403)
        | {
            role: where(dict.fromkeys(ON_DESK[role], 409), of_them="concerns")
            for role in ("liaison", "outsider", "sworn_liaison")
        },
        objects="concerns",
        body={
            "is_sensitive": True,
            **REASON,
            "changed_at": "2026-01-01T00:00:00Z",
        },  # as it was read long ago
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/subjects"): Line(
        desk(403)
        | {
            role: where(dict.fromkeys(ON_DESK[role], status), of_them="concerns")
            for role, status in (("liaison", 200), ("outsider", 200), ("sworn_liaison", 204))
        },
        objects="concerns",
        body={"is_described": True},
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/clear"): Line(
        desk(403)
        | {
            role: where(dict.fromkeys(ON_DESK[role], 409) | walled, of_them="concerns")
            for role, walled in (("liaison", {"walled": 409}), ("outsider", {}))
        },
        objects="concerns",
        body={**REASON, "changed_at": "2026-01-01T00:00:00Z"},  # as it was read long ago
    ),
    ("POST", "api/v1/triage/look"): by_staff(200),
    ("GET", "api/v1/triage/offices"): by_staff(200),
    ("GET", "api/v1/triage/canned-answers"): by_staff(200),
    ("POST", "api/v1/triage/canned-answers"): Line(
        of(STAFF, 403) | of(("liaison", "sworn_liaison", "outsider"), 201) | of("resident", 403),
        body={"title": "Thanks", "body": "Thank you."},
    ),
    ("PATCH", "api/v1/triage/canned-answers/<int:answer_id>"): Line(
        of(STAFF, 403) | of(("liaison", "sworn_liaison", "outsider"), 404) | of("resident", 403)
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/reporter"): Line(
        desk(403)
        | {
            role: where(dict.fromkeys(ON_DESK[role], 200), of_them="concerns")
            for role in ("liaison", "sworn_liaison", "outsider")
        }
        | of("administrator", where(dict.fromkeys(CONCERNS, 200), of_them="concerns")),
        objects="concerns",
        body=REASON,
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/open"): Line(
        desk(403) | of("administrator", where(dict.fromkeys(CONCERNS, 200), of_them="concerns")),
        objects="concerns",
        body=REASON,
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/record"): Line(
        keeping(200), objects="concerns", body={"request": "2026-14"}
    ),
    # There is none yet, and nothing to end: who keeps the record learns that.
    ("GET", "api/v1/triage/concerns/<uuid:concern_id>/holds"): Line(
        keeping(200) | of("administrator", where({}, of_them="concerns")), objects="concerns"
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/holds"): Line(
        keeping(201), objects="concerns", body=REASON
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/holds/<uuid:hold_id>/end"): Line(
        keeping(404), objects="concerns", body=REASON
    ),
    ("GET", "api/v1/triage/concerns/<uuid:concern_id>/fatality-review"): Line(desk(404), objects="concerns"),
    ("PUT", "api/v1/triage/concerns/<uuid:concern_id>/fatality-review"): Line(
        desk(403)
        | {
            role: where(dict.fromkeys(ON_DESK[role], 200), of_them="concerns")
            for role in ("liaison", "outsider")
        },
        objects="concerns",
        body={"final_report": "What should change."},
    ),
    # --- photos and masks: of these concerns none has any
    ("POST", "api/v1/concerns/photos"): to_all(403),
    ("POST", "api/v1/concerns/receipt/photos/<uuid:photo_id>"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD"),
    ("GET", "api/v1/concerns/<uuid:concern_id>/photos/<uuid:photo_id>"): Line(
        dict.fromkeys(("resident", *STAFF), where({}, of_them="concerns")), objects="concerns"
    ),
    ("GET", "api/v1/triage/concerns/<uuid:concern_id>/photos/<uuid:photo_id>"): Line(
        of(STAFF, where({}, of_them="concerns")) | of("resident", 403), objects="concerns"
    ),
    ("GET", "api/v1/triage/concerns/<uuid:concern_id>/redactions"): Line(
        keeping(200) | of("administrator", where({}, of_them="concerns")), objects="concerns"
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/redactions"): Line(
        keeping(201) | of("administrator", where({}, of_them="concerns")),
        objects="concerns",
        body={"part": "description", "start": 0, "end": 4, "provision": "RSMo 610.021"},
    ),
    ("DELETE", "api/v1/triage/concerns/<uuid:concern_id>/redactions/<uuid:redaction_id>"): Line(
        keeping(404) | of("administrator", where({}, of_them="concerns")), objects="concerns"
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/original"): Line(
        keeping(200) | of("administrator", where({}, of_them="concerns")), objects="concerns", body=REASON
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/original/photos/<uuid:photo_id>"): Line(
        keeping(404) | of("administrator", where({}, of_them="concerns")), objects="concerns", body=REASON
    ),
    ("POST", "api/v1/triage/concerns/<uuid:concern_id>/site"): Line(
        {role: where(dict.fromkeys(seen, 409), of_them="concerns") for role, seen in ON_DESK.items()}
        | of("resident", 403),
        objects="concerns",
        body={"program": "no-such-program"},
    ),
    ("GET", "api/v1/triage/routes"): Line(keeping_routes(200)),
    ("POST", "api/v1/triage/routes/dry-run"): Line(keeping_routes(200) | of("outsider", 403), body=ROUTES),
    ("POST", "api/v1/triage/routes"): Line(
        keeping_routes(409) | of("outsider", 403), body={**ROUTES, "version": "none"}
    ),
    ("GET", "api/v1/triage/figures"): Line(of(STAFF, 200) | of("resident", 403), marks={}),
    ("GET", "api/v1/concern-figures"): to_all(200),
    ("GET", "api/v1/concern-figures/<slug:quarter>"): to_all(404),
    ("POST", "api/v1/triage/slips"): Line(of(STAFF, 200) | of("resident", 403), body={"count": 1}),
    ("POST", "api/v1/opt-outs"): Line(
        of(STAFF, 204) | of("resident", 403), body={"phone": "314-555-0142", "reason": "They called."}
    ),
    ("POST", "api/v1/page-feedback"): to_all(204, page="/updates", is_helpful=True),
    ("POST", "api/v1/about-me"): to_all(201, page="/updates", words="That is me."),
    ("POST", "api/v1/about-me/receipt"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD"),
    ("GET", "api/v1/triage/page-feedback"): Line(reading_requests(200)),
    ("GET", "api/v1/triage/about-me"): Line(reading_requests(200)),
    ("POST", "api/v1/triage/about-me/<uuid:request_id>/decide"): Line(
        reading_requests(404), body={"granted": True, "answer": "It is gone."}
    ),
    ("GET", "updates"): to_all(200),
    ("GET", "m/<str:token>"): to_all(404),
    ("GET", "m/<str:token>/stop"): to_all(302),
    ("POST", "m/<str:token>/stop"): to_all(404),
    ("POST", "m/<str:token>/start"): to_all(404),
    # --- one's own account
    ("GET", "api/v1/me/messages/<slug:channel>"): by_residents(200),
    ("PATCH", "api/v1/me/messages/<slug:channel>"): by_residents(200),
    ("PUT", "api/v1/me/messages/<slug:channel>/follows"): Line(
        of(STAFF, 403) | of("resident", 200), body={"follows": [{"topic": "area:slmpd-district-4"}]}
    ),
    ("GET", "api/v1/me"): Line(of((*STAFF, "resident"), 200)),
    ("PATCH", "api/v1/me"): by_residents(200),
    ("DELETE", "api/v1/me"): by_residents(200),
    ("GET", "api/v1/me/export"): Line(
        of(STAFF, 403) | of("resident", 200), marks={"resident": {"near", "walled"}}
    ),
    ("POST", "api/v1/me/email"): Line(of(STAFF, 403) | of("resident", 202), body={"email": "new@m.example"}),
    ("POST", "api/v1/me/email/confirm"): Line(
        of(STAFF, 403) | of("resident", 400), body={"email": "new@m.example", "code": "1"}
    ),
    ("GET", "api/v1/me/sessions"): Line(of((*STAFF, "resident"), 200)),
    ("DELETE", "api/v1/me/sessions/<uuid:session_id>"): Line(
        of("resident", {"resident": 204, "neighbor": HIDDEN})
        | of(STAFF, {"resident": HIDDEN, "neighbor": HIDDEN}),
        objects="sessions",
    ),
    # --- signing in; of a browser's session these know nothing
    ("GET", SIGNING_IN + "config"): to_all(200),
    ("GET", SIGNING_IN + "auth/session"): Line(of("resident", 200)),
    ("DELETE", SIGNING_IN + "auth/session"): to_all(401),
    ("POST", SIGNING_IN + "auth/signup"): Line(of("resident", 409), body={"phone": "314-555-0142"}),
    ("POST", SIGNING_IN + "auth/code/request"): Line(of("resident", 409), body={"phone": "314-555-0142"}),
    ("POST", SIGNING_IN + "auth/code/confirm"): to_all(409, code="1"),
    ("POST", SIGNING_IN + "auth/phone/verify"): to_all(409, code="1"),
    ("GET", SIGNING_IN + "account/phone"): Line(of("resident", 200)),
    ("POST", SIGNING_IN + "account/phone"): Line(
        of("resident", 202), others=409, body={"phone": "314-555-0142"}
    ),
    ("POST", SIGNING_IN + "auth/login"): to_all(400, email="x@m.example", password="x"),
    ("POST", SIGNING_IN + "auth/2fa/authenticate"): to_all(401, code="1"),
    ("GET", SIGNING_IN + "auth/webauthn/authenticate"): to_all(401),
    ("POST", SIGNING_IN + "auth/webauthn/authenticate"): to_all(401),
    # --- the bike and scooter registry; nobody of the table has anything in it
    ("GET", "api/v1/registry/items"): by_residents(200),
    ("POST", "api/v1/registry/items"): Line(
        of(STAFF, 403) | of("resident", 201),
        body={"kind": "bike", "decal": 4512, "serial": "WTU 123", "make": "Trek", "color": "blue"},
    ),
    ("GET", "api/v1/registry/items/<uuid:item_id>"): by_residents(404),
    ("DELETE", "api/v1/registry/items/<uuid:item_id>"): by_residents(404),
    ("POST", "api/v1/registry/items/<uuid:item_id>/stolen"): by_residents(404),
    ("POST", "api/v1/registry/items/<uuid:item_id>/recovered"): by_residents(404),
    ("POST", "api/v1/registry/items/<uuid:item_id>/transfer"): by_residents(404),
    ("POST", "api/v1/registry/items/<uuid:item_id>/found"): Line(
        of(STAFF, 404) | of(("former", "resident"), 403), body={"words": "At the front desk."}
    ),
    ("POST", "api/v1/registry/items/<uuid:item_id>/strike"): Line(
        of(STAFF, 403) | {"administrator": 404, "resident": 403}, body=REASON
    ),
    ("POST", "api/v1/registry/claim"): Line(
        of(STAFF, 403) | of("resident", 404), body={"code": "AAAAA-AAAAA"}
    ),
    ("POST", "api/v1/registry/lookup"): Line(
        of(STAFF, 404) | of(("former", "resident"), 403), body={"decal": 4512, **REASON}
    ),
    # --- programs; no program here is one, tests/programs/test_walls.py has them with people in them
    ("GET", "api/v1/programs"): to_all(200),
    ("GET", "api/v1/programs/<slug:program>"): to_all(404),
    ("PATCH", "api/v1/programs/<slug:program>"): by_staff(404),
    ("POST", "api/v1/programs/<slug:program>/eligibility"): to_all(404),
    ("POST", "api/v1/programs/<slug:program>/forms"): Line(
        of(STAFF, 404) | of("resident", 403), body={"schema": {}, "accept_former_until": None}
    ),
    ("POST", "api/v1/programs/<slug:program>/waivers"): by_staff(404, text="x"),
    ("PUT", "api/v1/programs/<slug:program>/rules/<str:kind>"): by_staff(404, words="x", low=None, high=None),
    ("GET", "api/v1/programs/<slug:program>/seats"): by_staff(404),
    ("PUT", "api/v1/programs/<slug:program>/seats"): by_staff(
        404, email="x@m.example", role="judge", since="2026-01-01"
    ),
    ("GET", "api/v1/programs/<slug:program>/cohorts"): to_all(404),
    ("POST", "api/v1/programs/<slug:program>/cohorts"): by_staff(404),
    ("PATCH", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/cancel"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/draw"): to_all(404),
    ("POST", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/draw"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/rides"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:program>/applications"): by_staff(404),
    ("GET", "api/v1/programs/<slug:program>/applications/<uuid:application_id>"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("PUT", "api/v1/programs/<slug:program>/applications/<uuid:application_id>/screening"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:program>/applications/<uuid:application_id>/signatures"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:program>/applications/<uuid:application_id>/closed-answers"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:program>/applications/<uuid:application_id>/<slug:move>"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:program>/sites"): by_staff(404),
    ("POST", "api/v1/programs/<slug:program>/sites"): by_staff(404),
    ("POST", "api/v1/programs/<slug:program>/sites/<uuid:site_id>/close"): by_staff(404),
    ("PUT", "api/v1/supplies/<uuid:supply_id>/stock"): by_staff(404, stock=1),
    ("GET", "api/v1/rides"): Line(of(STAFF, 200) | of("resident", 403)),
    ("POST", "api/v1/rides/<uuid:slot_id>/cancel"): Line(of(STAFF, 404) | of("resident", 403), body=REASON),
    ("GET", "api/v1/applications"): by_residents(200),
    ("POST", "api/v1/applications"): Line(of(STAFF, 403) | of("resident", 400)),
    ("GET", "api/v1/applications/<uuid:application_id>"): by_residents(404),
    ("POST", "api/v1/applications/<uuid:application_id>/withdraw"): Line(
        of(STAFF, 403) | of("resident", 404)
    ),
    ("POST", "api/v1/applications/<uuid:application_id>/answer"): by_residents(404),
    ("POST", "api/v1/applications/<uuid:application_id>/signatures"): Line(
        of(STAFF, 403) | of("resident", 404)
    ),
    ("GET", "api/v1/applications/<uuid:application_id>/signatures/<int:version>/<slug:role>"): Line(
        of(STAFF, 403) | of("resident", 404)
    ),
    ("POST", "api/v1/applications/<uuid:application_id>/rebook"): by_residents(404),
    ("POST", "api/v1/applications/<uuid:application_id>/feedback"): Line(
        of(STAFF, 403) | of("resident", 404)
    ),
    # --- nominations for an award; no program here is one, and nobody named a child
    ("POST", "api/v1/programs/<slug:slug>/nominations"): to_all(404),
    ("GET", "api/v1/programs/<slug:slug>/honorees"): to_all(404),
    ("GET", "api/v1/programs/<slug:slug>/cohorts/<uuid:cohort_id>/nominations"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:slug>/cohorts/<uuid:cohort_id>/nominations/named"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/programs/<slug:slug>/cohorts/<uuid:cohort_id>/choose"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/nominations"): by_residents(200),
    ("POST", "api/v1/nominations/<uuid:nomination_id>/withdraw"): by_residents(404),
    ("PUT", "api/v1/nominations/<uuid:nomination_id>/score"): by_staff(404),
    ("POST", "api/v1/nominations/<uuid:nomination_id>/guardian"): by_staff(404),
    # --- the directory, court dates and strategies; of the last two there are none
    ("GET", "api/v1/directory"): to_all(200),
    ("GET", "api/v1/directory/<slug:entry>"): to_all(404),
    ("PATCH", "api/v1/directory/<slug:entry>"): by_staff(404),
    ("GET", "api/v1/dockets"): to_all(200),
    ("POST", "api/v1/dockets"): Line(
        recording(201), body={"slug": "division-99", "name": "Division 99", "agency": "slmpd"}
    ),
    ("GET", "api/v1/dockets/<slug:docket>"): to_all(404),
    ("POST", "api/v1/dockets/<slug:docket>/dates"): by_staff(404),
    ("POST", "api/v1/court-dates/<uuid:court_date_id>/cancel"): by_staff(404),
    ("POST", "api/v1/court-dates/<uuid:court_date_id>/move"): by_staff(404),
    ("GET", "api/v1/strategies"): Line(of((*STAFF, "resident"), 200)),
    ("POST", "api/v1/strategies"): Line(
        recording(201), body={"area": "slmpd-district-4", "title": "Break-ins", "text": "More light."}
    ),
    ("GET", "api/v1/strategies/<uuid:strategy_id>"): Line(of((*STAFF, "resident"), 404)),
    ("POST", "api/v1/strategies/<uuid:strategy_id>/withdraw"): by_staff(404),
    ("GET", "api/v1/leaders"): Line(of(STAFF, 400) | of("resident", 403)),  # of which area?
    ("POST", "api/v1/leaders"): Line(
        recording(201), body={"area": "slmpd-district-4", "organisation": "Block captains"}
    ),
    ("POST", "api/v1/leaders/join"): Line(
        of(STAFF, 403) | of("resident", 404), body={"code": "AAAA-BBBB-CCCC-DDDD"}
    ),
    ("POST", "api/v1/leaders/<uuid:leader_id>/end"): by_staff(404),
    # --- courses; no program here has one
    ("GET", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/sessions"): to_all(404),
    ("POST", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/sessions"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("PUT", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/attendance"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/standing"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("GET", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/graduate"): by_staff(404),
    ("POST", "api/v1/programs/<slug:program>/cohorts/<uuid:cohort_id>/graduate"): Line(
        of(STAFF, 404) | of("resident", 403)
    ),
    ("POST", "api/v1/sessions/<uuid:session_id>/move"): by_staff(404),
    ("POST", "api/v1/sessions/<uuid:session_id>/cancel"): by_staff(404),
    ("GET", "api/v1/sessions/<uuid:session_id>/code"): by_staff(404),
    ("POST", "api/v1/applications/<uuid:application_id>/attendance"): Line(
        of(STAFF, 403) | of("resident", 404), body={"code": "ABCDEF"}
    ),
    ("GET", "api/v1/applications/<uuid:application_id>/standing"): by_residents(404),
    ("GET", "api/v1/applications/<uuid:application_id>/certificate"): Line(
        of(STAFF, 403) | of("resident", 404)
    ),
    # --- signed by the provider
    ("POST", "webhooks/twilio/inbound"): to_all(403),
    ("POST", "webhooks/twilio/status/<uuid:attempt>"): to_all(403),
}
# Pages of signing in, each for whoever is on the way in or in; tests/accounts/test_staff_sign_in.py walks them.
RECOMMENDED = {"title": "Say why", "source": "The report", "status": "open", "status_on": "2026-11-01"}
BULLETIN = {"kind": "policy", "title": "A policy changed", "source": "The City"}

# There is no group of this slug in the matrix's city: whoever may come in gets the 404 of nothing. What each gets of a
# group that is there, and of what it hides, tests/workinggroups/test_wall.py asks.
_GROUP = "api/v1/working-groups/<slug:slug>"
_CALL = f"{_GROUP}/consultations/<uuid:consultation_id>"
_DRAFT = f"{_GROUP}/drafts/<int:number>"
_COMMENT = f"{_GROUP}/comments/<uuid:comment_id>"
_TESTIMONY = f"{_CALL}/testimonies/<uuid:testimony_id>"
_MEETING = f"{_GROUP}/meetings/<uuid:event_id>"
BY_ANYBODY = (
    *(("GET", path) for path in (_GROUP, f"{_GROUP}/members", f"{_GROUP}/drafts", _DRAFT, f"{_DRAFT}/diff")),
    *(("GET", path) for path in (f"{_GROUP}/consultations", _CALL, f"{_GROUP}/comments", _COMMENT)),
    *(("GET", f"{_CALL}/report{form}") for form in ("", ".md", ".csv")),
    *(("POST", path) for path in (f"{_GROUP}/comments", f"{_CALL}/testimonies", f"{_CALL}/demographics")),
    ("GET", "feeds/working-groups/<slug:slug>.ics"),
)
BY_WHO_SIGNED_IN = (
    *(("GET", path) for path in (f"{_GROUP}/record", f"{_GROUP}/themes", f"{_CALL}/testimonies")),
    *(
        ("POST", f"{_GROUP}/{name}")
        for name in ("break-glass", "members", "meetings", "drafts", "consultations")
    ),
    *(("POST", f"{_GROUP}/{name}") for name in ("themes", "themes/<slug:key>/end", "comments/dispose")),
    ("POST", f"{_GROUP}/members/<uuid:membership_id>/end"),
    *(("PATCH", _MEETING), ("POST", f"{_MEETING}/cancel")),
    ("POST", f"{_MEETING}/occurrences/<str:recurrence_id>/minutes"),
    *(
        ("PUT", _DRAFT),
        ("POST", f"{_DRAFT}/publish"),
        ("POST", f"{_CALL}/close"),
        ("POST", f"{_CALL}/publish"),
    ),
    *(("PUT", f"{_CALL}/support"), ("DELETE", f"{_CALL}/support")),
    *(("POST", f"{_COMMENT}/disposition"), ("PUT", f"{_COMMENT}/themes")),
    *(("POST", f"{_TESTIMONY}/moderate"), ("PUT", f"{_TESTIMONY}/themes")),
)
SIGNED_IN = (*STAFF, "resident")
TABLE |= {key: to_all(404) for key in BY_ANYBODY}
TABLE |= {key: Line(of(SIGNED_IN, 404)) for key in BY_WHO_SIGNED_IN}
TABLE |= {
    ("GET", "api/v1/working-groups"): to_all(200),
    ("GET", "api/v1/me/working-group-comments"): Line(of(SIGNED_IN, 200)),
    ("POST", "api/v1/working-groups/comments/receipt"): to_all(404, receipt="AAAA-BBBB-CCCC-DDDD"),
    ("POST", "api/v1/working-groups/invitations"): Line(
        of(SIGNED_IN, 404), body={"code": "A" * 26, "affirms": True}
    ),
    ("GET", "api/v1/recommendations"): to_all(200),
    ("GET", "api/v1/recommendations/<slug:recommendation>"): to_all(404),
    ("POST", "api/v1/recommendations"): Line(of(SIGNED_IN, 403) | of("administrator", 201), body=RECOMMENDED),
    ("POST", "api/v1/recommendations/<slug:recommendation>/status"): Line(of(SIGNED_IN, 404)),
    ("GET", "api/v1/bulletins"): to_all(200),
    ("GET", "api/v1/bulletins/<slug:bulletin>"): to_all(404),
    ("POST", "api/v1/bulletins"): Line(of(SIGNED_IN, 403) | of("administrator", 201), body=BULLETIN),
}

OWN_PAGES = "staff/"

MORE_IDS = (
    *("<uuid:occurrence_id>", "<uuid:registration_id>"),
    *("<uuid:priority_id>", "<uuid:commitment_id>"),
    *("<uuid:court_date_id>", "<uuid:strategy_id>", "<uuid:leader_id>"),
    *("<uuid:item_id>", "<uuid:request_id>"),
    *("<uuid:photo_id>", "<uuid:redaction_id>"),
    *("<uuid:cohort_id>", "<uuid:nomination_id>"),
    *("<uuid:consultation_id>", "<uuid:comment_id>", "<uuid:testimony_id>", "<uuid:membership_id>"),
    *("<uuid:application_id>", "<uuid:supply_id>", "<uuid:slot_id>", "<uuid:site_id>"),
)
EXAMPLES = {
    "<slug:recommendation>": "no-such-recommendation",
    "<slug:bulletin>": "no-such-bulletin",
    "<slug:key>": "no-such-theme",
    "<int:number>": "1",
    "<int:answer_id>": "999999",
    "<slug:quarter>": "2026-Q3",
    "<slug:entry>": "no-such-entry",
    "<slug:program>": "no-such-program",
    "<slug:docket>": "no-such-docket",
    "<slug:form>": "svg?feed=all",
    "<uuid:attempt>": str(MISSING),
    "<slug:slug>": "slmpd-district-4",
    "<slug:kind>": "other",
    "<slug:move>": "triage",
    "<slug:channel>": "email",
    "<int:notice_id>": "1",
    "<uuid:hold_id>": "00000000-0000-4000-8000-000000000000",
    "<int:version>": "1",
    "<slug:role>": "participant",
    "<str:kind>": "age",
    "<str:recurrence_id>": "20261127T073000",
    "<recurrence:recurrence_id>": "20261127T073000",
}
