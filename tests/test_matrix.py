"""Every route of the URL configuration × every role × objects that are near, far, walled or not there.

A new route fails until it has a line here. `HIDDEN` is the very answer that an object which does not exist gets,
byte for byte. Lines of the staff pages are generated from the admin's own registry.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.events.models import Event, Occurrence, Registration
from backend.events.services import post_event, register
from backend.feedback.concerns.models import Concern
from backend.roster.models import Area, Assignment, StaffMember
from tests.conftest import forget_editions
from tests.factories import make_session, make_staff
from tests.matrix import (
    CONCERNS,
    DRAFTS,
    EVENTS,
    EXAMPLES,
    HIDDEN,
    MISSING,
    MORE_IDS,
    ON_DESK,
    OWN_PAGES,
    ROLES,
    SIGNING_IN,
    STAFF,
    TABLE,
    WITHOUT_FACTOR,
    Line,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class World(NamedTuple):
    clients: dict[str, Client]
    concerns: dict[str, Concern]
    events: dict[str, Event]
    sessions: dict[str, Session]
    dates: dict[str, Occurrence]
    registrations: dict[str, Registration]


@pytest.fixture
def world(city: None) -> World:
    """District 4 is near, District 2 far, a County precinct another department's."""
    people = {
        "officer": make_staff("officer@m.example", "slmpd-beat-402", "beat_officer"),
        "captain": make_staff("captain@m.example", "slmpd-district-4", "district_captain"),
        "liaison": make_staff("liaison@m.example", "slmpd-district-4", "liaison", is_sworn=False),
        "sworn_liaison": make_staff("sworn@m.example", "slmpd-district-4", "liaison"),
        "outsider": make_staff("outsider@m.example", "slcpd-precinct-1", "liaison", is_sworn=False),
        "former": make_staff("former@m.example", "slmpd-district-4", "liaison", is_sworn=False),
        "administrator": User.objects.create_user(
            kind=User.Kind.STAFF, email="admin@m.example", is_administrator=True
        ),
        "resident": User.objects.create_user(kind=User.Kind.RESIDENT, email="resident@m.example"),
        "neighbor": User.objects.create_user(kind=User.Kind.RESIDENT, email="neighbor@m.example"),
    }
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(staff_member__user=people["former"]).update(ends_on=yesterday)
    clients = {name: signed_in(user) for name, user in people.items()}
    clients |= {"stranger": plain(), **without_factor(people["liaison"])}
    posted = events(people["administrator"])
    dates = {name: event.occurrences.get() for name, event in posted.items()}
    return World(
        clients,
        concerns(people),
        posted,
        sessions(people),
        dates,
        registrations(people, posted["far_published"]),
    )


def plain() -> Client:
    return Client(raise_request_exception=False)


def signed_in(user: User) -> Client:
    client = plain()
    if user.kind == User.Kind.STAFF:
        client.cookies["sessionid"] = make_session(user).session_key
    else:
        client.defaults["HTTP_X_SESSION_TOKEN"] = make_session(user, client=Session.Client.APP).session_key
    return client


def without_factor(user: User) -> dict[str, Client]:
    by_cookie, by_header, in_cookie = plain(), plain(), plain()
    by_cookie.cookies["sessionid"] = make_session(user, factor="password").session_key
    password_only = make_session(user, client=Session.Client.APP, factor="password")
    by_header.defaults["HTTP_X_SESSION_TOKEN"] = password_only.session_key
    in_cookie.cookies["sessionid"] = make_session(user, client=Session.Client.APP).session_key
    return dict(zip(WITHOUT_FACTOR, (by_cookie, by_header, in_cookie), strict=True))


def concerns(people: dict[str, User]) -> dict[str, Concern]:
    """By name; each description holds MARK-name."""
    officer = StaffMember.objects.get(user=people["officer"])
    beat, far, county = (
        Area.objects.get(slug=slug) for slug in ("slmpd-beat-402", "slmpd-district-2", "slcpd-precinct-1")
    )
    facts: dict[str, dict[str, Any]] = {
        "near": {"area": beat, "reporter": people["resident"]},
        "assigned": {"area": beat, "reporter": people["neighbor"], "assigned_to": officer},
        "walled": {"area": beat, "reporter": people["resident"], "is_walled": True, "assigned_to": officer},
        "far": {"area": far, "reporter": people["neighbor"]},
        "placeless": {"reporter": people["neighbor"]},
        "county": {"area": county, "reporter": people["neighbor"]},
    }
    return {
        name: Concern.objects.create(category_id="noise", description=f"MARK-{name}.", **fields)
        for name, fields in facts.items()
    }


def events(by: User) -> dict[str, Event]:
    soon = timezone.localdate() + timedelta(days=3)
    places = {"near": "slmpd-district-4", "far": "slmpd-district-2", "county": "slcpd-precinct-1"}
    return {
        f"{name}_{status}": post_event(
            by=by,
            areas=[Area.objects.get(slug=slug)],
            status=status,
            kind=Event.Kind.OTHER,
            title=f"MARK-{name}_{status}.",
            description="",
            first_on=soon,
            start_time=time(18, 0),
            duration_minutes=60,
            rrule="",
            place_name="Library",
            place_address="",
        )
        for name, slug in places.items()
        for status in ("draft", "published")
    }


def sessions(people: dict[str, User]) -> dict[str, Session]:
    made = {name: make_session(people[name], client=Session.Client.APP) for name in ("resident", "neighbor")}
    return {name: Session.objects.get(id=store.row.id) for name, store in made.items() if store.row}


def registrations(people: dict[str, User], event: Event) -> dict[str, Registration]:
    """Places at a date beside those of the table."""
    date = post_event(
        by=people["administrator"],
        areas=list(event.areas.all()),
        kind=Event.Kind.OTHER,
        title="With places",
        first_on=event.first_on,
        start_time=time(19, 0),
        place_name="Library",
        takes_registrations=True,
        capacity=1,
    ).occurrences.get()
    return {name: register(occurrence=date, by=people[name]) for name in ("resident", "neighbor")}


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def methods_of(view: Any) -> set[str]:
    """What a class of ours or the library's offers; a plain view says it by refusing."""
    known = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return {m for m in METHODS if known and hasattr(known, m.lower())}


def test_every_route_has_a_line() -> None:
    offered = {route: view for route, view in routes() if not route.startswith(("admin/", OWN_PAGES))}
    assert set(offered) == {route for _, route in TABLE}
    for route, view in offered.items():
        lines = {method for method, at in TABLE if at == route}
        if route and (methods := methods_of(view)):
            assert lines == methods, f"{route} offers {methods}"


def ask(client: Client, method: str, route: str, body: dict[str, Any], name: Any = None) -> Any:
    path, name = route, name or MISSING
    for parameter, example in EXAMPLES.items():
        path = path.replace(parameter, example)
    for parameter in ("<uuid:event_id>", "<uuid:concern_id>", "<uuid:session_id>", *MORE_IDS):
        path = path.replace(parameter, str(name))
    data = {} if method == "GET" else {"data": body, "content_type": "application/json"}
    return getattr(client, method.lower())("/" + path, **data)


def told(response: Any) -> tuple[Any, ...]:
    """All that an answer says, but the number of the request and what is new in each."""
    body = b"".join(response) if response.streaming else response.content
    quiet = {"x-request-id", "date", "expires", "last-modified", "set-cookie"}
    headers = {k.lower(): v for k, v in response.headers.items() if k.lower() not in quiet}
    return response.status_code, body, headers


def marks_in(response: Any) -> set[str]:
    body = b"".join(response) if response.streaming else response.content
    text = body.decode().replace("\r\n ", "")
    return {name for name in (*CONCERNS, *EVENTS) if f"MARK-{name}." in text}


def cells(world: World) -> Iterator[tuple[str, str, Line, str, Any]]:
    """(method, route, line, name of the object or "", its id) of the whole table."""
    for (method, route), line in TABLE.items():
        objects: dict[str, Any] = getattr(world, line.objects) if line.objects else {"": None}
        for name, thing in objects.items():
            yield method, route, line, name, getattr(thing, "id", None)


@pytest.mark.parametrize("role", ROLES)
def test_what_each_role_gets(world: World, role: str) -> None:
    client = world.clients[role]
    for method, route, line, name, key in cells(world):
        with undone():
            expected = line.expect.get(role, line.others)
            wanted = expected[name] if isinstance(expected, dict) else expected
            answer = ask(client, method, route, line.body, key)
            where = f"{role} {method} {route} {name}"
            if wanted == HIDDEN:
                nothing = ask(client, method, route, line.body, MISSING)
                assert told(answer) == told(nothing), where
                assert answer.status_code == 404, where
            else:
                assert answer.status_code == wanted, f"{where}: {answer.content[:300]!r}"
            if line.marks is not None:
                assert marks_in(answer) == line.marks.get(role, set()), where
            elif name and wanted != 200:
                assert not marks_in(answer), where


@pytest.mark.parametrize("role", WITHOUT_FACTOR)
def test_without_a_second_factor_staff_get_what_strangers_get(world: World, role: str) -> None:
    for method, route, line, name, key in cells(world):
        where = f"{role} {method} {route} {name}"
        with undone():
            answer = ask(world.clients[role], method, route, line.body, key)
        if role == "password_by_header" and route.startswith(SIGNING_IN):
            assert answer.status_code in (200, 400, 401, 403, 409), where  # the way to the second factor
            assert not marks_in(answer), where
            continue
        with undone():
            stranger = ask(world.clients["stranger"], method, route, line.body, key)
        # A token that does not count is said to be none, also where strangers may write.
        assert answer.status_code in (401, stranger.status_code), where
        assert marks_in(answer) <= marks_in(stranger), where


@contextmanager
def undone() -> Iterator[None]:
    """Takes back what happens inside, so that every cell begins with the same city."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget_editions()


# --- the staff pages ------------------------------------------------------------------------------------

MODELS = {model._meta.label_lower: model for model in admin.site._registry}
FOR_ALL_STAFF = {
    *("events.event", "concerns.concern"),
    *("programs.application", "programs.cohort", "programs.entry", "programs.program"),
}
FOR_LIAISONS = {
    *("concerns.category", "concerns.question", "concerns.office", "concerns.helpline"),
    *("concerns.cannedanswer", "concerns.figuretable", "concerns.pagefeedback"),
}
LIAISONS = ("liaison", "sworn_liaison", "outsider")


def pages(label: str, key: Any) -> list[tuple[str, str]]:
    base = f"/admin/{label.replace('.', '/')}/"
    one = [("GET", f"{base}{key}/{page}/") for page in ("change", "delete", "history")]
    writes = [("POST", f"{base}{key}/change/"), ("POST", f"{base}{key}/delete/"), ("POST", f"{base}add/")]
    return [("GET", base), ("POST", base), ("GET", f"{base}add/"), *one, *writes]


def keys_of(world: World, label: str) -> list[Any]:
    if label == "concerns.concern":
        return [world.concerns[name].pk for name in ("near", "walled", "far")]
    if label == "events.event":
        return [world.events[name].pk for name in ("near_draft", "far_draft")]
    first = MODELS[label].objects.first()
    return [first.pk if first else 1]


@pytest.mark.parametrize("role", [*ROLES, *WITHOUT_FACTOR])
def test_staff_pages(world: World, role: str) -> None:
    """Strangers, residents and staff without a second factor are sent to sign in; upkeep is for administrators."""
    for label in sorted(MODELS):
        allowed = ON_DESK.get(role, set()) if label == "concerns.concern" else in_reach(role)
        for method, path in dict.fromkeys(p for key in keys_of(world, label) for p in pages(label, key)):
            with undone():
                answer = getattr(world.clients[role], method.lower())(path)
            where = f"{role} {method} {path}"
            assert answer.status_code in (200, 302, 403), where
            sent_to = answer.get("Location", "")
            if role in ("stranger", "resident", *WITHOUT_FACTOR):
                assert sent_to.startswith("/admin/login/"), where
            elif role != "administrator" and not may_read(role, label):
                # The history of what is not there sends to the first page, whoever asks.
                assert answer.status_code == 403 or sent_to == "/admin/", where
            assert marks_in(answer) <= allowed, where
            for address in (b"resident@", b"neighbor@"):
                assert address not in answer.content, where


def may_read(role: str, label: str) -> bool:
    return label in FOR_ALL_STAFF or (label in FOR_LIAISONS and role in LIAISONS)


def in_reach(role: str) -> set[str]:
    drafts = DRAFTS.get(role, set())
    return drafts | {draft.replace("draft", "published") for draft in drafts}


def test_what_lists_of_the_staff_pages_show(world: World) -> None:
    for role in STAFF:
        concerns = world.clients[role].get("/admin/concerns/concern/")
        shown = {c for c in CONCERNS if str(world.concerns[c].pk) in concerns.content.decode()}
        assert shown == ON_DESK[role], role
        assert marks_in(world.clients[role].get("/admin/events/event/")) == in_reach(role), role


def test_the_other_staff_pages_send_strangers_away(world: World) -> None:
    for route, _ in routes():
        if route.startswith("admin/") and "<" not in route and "(?P" not in route and route != "admin/login/":
            for role in ("stranger", "resident", *WITHOUT_FACTOR):
                answer = world.clients[role].get("/" + route)
                assert answer.status_code == 302, (role, route)
                assert answer["Location"].startswith(("/admin/login/", "/admin/")), (role, route)


def test_every_page_of_a_table_for_administrators_is_for_them_alone(world: World) -> None:
    """Pages that a table adds to the library's own (stop all texts, vouch for a language) ask who is there too."""
    refused = set()
    for route, _ in routes():
        label = ".".join(route.split("/")[1:3])
        if "<" in route or not route.startswith("admin/") or label not in set(MODELS) - FOR_ALL_STAFF:
            continue
        for role in set(STAFF) - {"administrator", *(LIAISONS if label in FOR_LIAISONS else ())}:
            for method in ("get", "post"):
                with undone():
                    answer = getattr(world.clients[role], method)("/" + route)
                assert answer.status_code == 403, (role, method, route)
        refused.add(route)
    assert "admin/notifications/notice/stop-sending" in {route.removesuffix("/") for route in refused}


# --- reach ends -----------------------------------------------------------------------------------------


def test_an_ended_assignment_ends_reach_with_the_next_request(world: World) -> None:
    client, concern = world.clients["liaison"], world.concerns["near"]
    path = f"/api/v1/triage/concerns/{concern.pk}/triage"
    assert marks_in(client.get("/api/v1/triage/concerns")) == ON_DESK["liaison"]
    yesterday = timezone.localdate() - timedelta(days=1)
    Assignment.objects.filter(staff_member__user__email_index__isnull=False).update(ends_on=yesterday)
    assert marks_in(client.get("/api/v1/triage/concerns")) == set()
    nothing = client.post(path.replace(str(concern.pk), str(MISSING)), content_type="application/json")
    assert told(client.post(path, content_type="application/json")) == told(nothing)


# --- what is public -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_public_reads_set_no_cookie(world: World) -> None:
    for (method, route), line in TABLE.items():
        if method == "GET" and line.others == 200 and route != "api/docs":  # a form, with a CSRF token
            assert not ask(plain(), method, route, {}).cookies, route


@pytest.mark.django_db
def test_a_method_that_is_not_in_the_table_is_refused(world: World) -> None:
    for route in {route for _, route in TABLE} - {""}:
        for method in METHODS:
            if (method, route) not in TABLE:
                answer = ask(plain(), method, route, {}, MISSING)
                # The library reads the body first.
                refusals = (400, 401, 409) if route.startswith(SIGNING_IN) else (401, 403, 404)
                assert answer.status_code in (405, *refusals), (method, route, answer.status_code)
