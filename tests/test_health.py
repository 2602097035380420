"""What operators' machines ask."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.notifications.models import Heartbeat
from backend.roster import editions
from tests.document import DOCUMENT
from tests.test_lookup import look_up


def test_alive_without_a_database() -> None:
    assert Client().get("/healthz").json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_once_a_worker_was_seen(client: Client) -> None:
    silent = client.get("/readyz")
    assert (silent.status_code, silent.json()["checks"]["worker"]) == (503, False)
    Heartbeat.objects.create(worker="one", at=timezone.now())
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


@pytest.mark.django_db
def test_a_process_that_is_ready_has_its_maps_and_streets(client: Client, city: None) -> None:
    editions.bump(editions.MAPS, editions.ROSTER, editions.STREETS)
    editions.forget()
    client.get("/readyz")
    with CaptureQueriesContext(connection) as queries:
        assert look_up(client, address="1915 Olive St").status_code == 200
    assert [q["sql"] for q in queries if "boundary" in q["sql"] or "street" in q["sql"]] == []


@pytest.mark.parametrize("path", ["healthz", "readyz", "metrics", "robots.txt"])
def test_only_read(client: Client, path: str) -> None:
    answer = client.post(f"/{path}")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_metrics_name_routes_and_queue_and_nothing_personal(client: Client, city: None) -> None:
    client.get("/api/v1/areas/slmpd-district-4")
    text = client.get("/metrics").content.decode()
    assert 'route="/api/v1/areas/<slug:slug>"' in text
    assert "slmpd-district-4" not in text
    assert "rollcall_messages_queued" in text
    assert "rollcall_worker_heartbeat_age_seconds" in text


@pytest.mark.django_db
def test_the_document_is_served_and_needs_no_other_host(client: Client) -> None:
    document = client.get("/api/schema")
    assert (document.status_code, document.content) == (200, DOCUMENT.read_bytes())
    again = client.get("/api/schema", headers={"If-None-Match": document["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    page = client.get("/api/docs").content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 3
    assert all(link.startswith("/static/") for link in loaded)


def test_robots_may_fetch_calendars(client: Client) -> None:
    assert "Disallow: /feeds" not in client.get("/robots.txt").content.decode()  # Google's importer obeys it
