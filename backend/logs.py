"""Logs: one JSON line a record, a request id in each, and nothing personal in any.

Requests are logged by their route's pattern, never by the path or query asked for. Of an exception
only the class and the places in the code are written: messages of exceptions quote their input.
"""

import json
import logging
import sys
import time
import traceback
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

log = structlog.get_logger("rollcall.http")

REQUESTS = Counter("rollcall_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("rollcall_request_seconds", "Time to answer", ["route"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLog:
    """Outermost middleware: gives each request an id, writes one line and two metrics about it.

    None of a view class that says `leaves_no_line = True`: of some requests not even the time may be kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            self._record(request, response, time.perf_counter() - started)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response

    def _record(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        if match and getattr(getattr(match.func, "view_class", None), "leaves_no_line", False):
            return
        route = f"/{match.route}" if match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        log.info(
            "request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1)
        )


def _without_message(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces an exception by its class and the lines it passed through."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    if exc_info and exc_info[0] is not None:
        event["exception"] = exc_info[0].__name__
        event["at"] = [
            f"{frame.filename.rpartition('/backend/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(exc_info[2])[-12:]
        ]
    return event


def formatter() -> logging.Formatter:
    """The formatter of every handler (settings.LOGGING), for our own records and libraries' alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at_utc"),
            structlog.stdlib.ExtraAdder(allow=()),
            _without_message,
            structlog.processors.JSONRenderer(serializer=json.dumps, default=str),
        ],
    )
