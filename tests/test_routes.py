"""Every route of the URL configuration: public ones are listed here by name, all others are closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "",
    "api/docs",
    "api/schema",
    "api/v1/agencies",
    "api/v1/areas",
    "api/v1/areas/<slug:slug>",
    "api/v1/areas/<slug:slug>/boundary",
    "api/v1/areas/<slug:slug>/people",
    "api/v1/concerns",
    "api/v1/concerns/receipt",
    "api/v1/events",
    "api/v1/events/<uuid:event_id>",
    "api/v1/lookup",
    "api/v1/lookup/suggest",
    "api/v1/occurrences",
    "api/v1/stations",
    "api/v1/subscriptions",
    "feeds/all.ics",
    "feeds/areas/<slug:slug>.ics",
    "feeds/events/<uuid:event_id>.ics",
    "feeds/kinds/<slug:kind>.ics",
    "healthz",
    "metrics",
    "readyz",
    "robots.txt",
    "admin/login/",
}
EXAMPLES = {
    "<uuid:event_id>": "00000000-0000-4000-8000-000000000000",
    "<uuid:concern_id>": "00000000-0000-4000-8000-000000000000",
    "<uuid:attempt>": "00000000-0000-4000-8000-000000000000",
    "<slug:slug>": "slmpd-district-4",
    "<slug:kind>": "block_roll_call",
    "<slug:move>": "triage",
    "<path:object_id>": "1",
    "<path:content_type_id>": "1",
    "<id>": "1",
}
WRITES = ("POST", "PATCH", "PUT", "DELETE")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern)


def path_of(route: str) -> str:
    for name, example in EXAMPLES.items():
        route = route.replace(name, example)
    return "/" + route.replace("<str:recurrence_id>", "20261127T073000").replace(
        "<recurrence:recurrence_id>", ""
    )


CLOSED = sorted({route for route in routes() if not route.startswith("^") and "(?P" not in route} - PUBLIC)


def test_public_routes_exist() -> None:
    assert set(routes()) >= PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("route", CLOSED)
def test_closed_to_strangers(route: str) -> None:
    """The API asks who is there, webhooks for a signature, the staff pages send to their login."""
    client = Client(raise_request_exception=False)
    for method in ("GET", *WRITES):
        response = client.generic(method, path_of(route), b"{}", content_type="application/json")
        if route.startswith("admin/"):
            assert response.status_code == 302, (method, route, response.status_code)
            assert response["Location"].startswith(("/admin/login/", "/admin/")), (method, route)
        else:
            refusals = (403, 405) if route.startswith("webhooks/") else (401,)
            assert response.status_code in refusals, (method, route, response.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_public_reads_need_no_account_and_set_no_cookie(route: str) -> None:
    response = Client(raise_request_exception=False).get(path_of(route))
    assert response.status_code in (200, 302, 404, 405, 503), route
    if route not in ("admin/login/", "api/docs"):  # forms, which carry a CSRF token
        assert not response.cookies


@pytest.mark.django_db
def test_writes_to_public_reads_are_refused() -> None:
    """What is public to read is not public to write; a stranger's PATCH or DELETE is refused everywhere."""
    for route in PUBLIC - {"admin/login/", ""}:
        for method in ("PATCH", "PUT", "DELETE"):
            response = Client().generic(method, path_of(route), b"{}", content_type="application/json")
            assert response.status_code in (401, 403, 405), (method, route, response.status_code)
