"""What operators' machines ask: is it alive, is it ready, how is it doing."""

import hashlib
import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import condition
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from backend.api import only
from backend.notifications.metrics import gauges
from backend.roster.index import prepare

WORKER_SILENT_SECONDS = 60
MESSAGE_LATE_SECONDS = 600
NO_STORE = {"Cache-Control": "no-store"}


@only("GET", "HEAD")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "alive"}, headers=NO_STORE)


@only("GET", "HEAD")
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when a resident can be served, else 503; which of the checks failed is in the body.

    The first question to a process builds its maps and streets, and takes as long.
    """
    try:
        checks = _checks()
    except DatabaseError:
        checks = {"database": False}
    ready = all(checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503, headers=NO_STORE)


def _checks() -> dict[str, bool]:
    executor = MigrationExecutor(connection)
    migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not migrated:
        return {"database": True, "migrations": False}
    prepare(timezone.localdate())
    now = gauges()
    return {
        "database": True,
        "migrations": True,
        "worker": now["worker_heartbeat_age_seconds"] < WORKER_SILENT_SECONDS,
        "messages": now["oldest_due_message_seconds"] < MESSAGE_LATE_SECONDS,
    }


class _Gauges:
    """The outbox and the worker, read from the database when asked."""

    def collect(self) -> Any:
        for name, value in gauges().items():
            yield GaugeMetricFamily(f"rollcall_{name}", name.replace("_", " "), value=value)


@only("GET", "HEAD")
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. With PROMETHEUS_MULTIPROC_DIR set, requests are counted over all processes."""
    registry = CollectorRegistry()
    registry.register(_Gauges())
    requests = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)
    body = generate_latest(requests) + generate_latest(registry)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


@lru_cache
def _document() -> bytes:
    """As the tests hold it against the code; made anew for each asker it would cost a second of work."""
    return (settings.BASE_DIR / "openapi" / "openapi.yaml").read_bytes()


def _document_etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(_document()).hexdigest()[:32]}"'


@only("GET", "HEAD")
@condition(etag_func=_document_etag)
def document(request: HttpRequest) -> HttpResponse:
    """The API's own document, openapi/openapi.yaml."""
    return HttpResponse(_document(), content_type="application/vnd.oai.openapi; charset=utf-8")


@only("GET", "HEAD")
def robots(request: HttpRequest) -> HttpResponse:
    """Calendars may be fetched, personal ones too: Google's importer obeys this file. Their answers say noindex."""
    rules = "User-agent: *\nDisallow: /admin/\nAllow: /\n"
    return HttpResponse(rules, content_type="text/plain")
