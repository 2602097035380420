"""Feeds over HTTP (RFC 9110): plain views, so that "nothing has changed" costs next to nothing."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from backend.api import only, problem_response
from backend.errors import NotFound
from backend.events import feeds

# Kept by anybody, but asked about each time: a cancellation shows in every feed within a second.
CACHE = "public, max-age=0, must-revalidate"
_GZIP = re.compile(
    r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE
)


def feed_view(find: Callable[..., feeds.Feed]) -> Callable[..., HttpResponseBase]:
    """GET and HEAD of the feed that `find` returns for the address's words."""

    @only("GET", "HEAD")
    @wraps(find)
    def view(request: HttpRequest, **words: Any) -> HttpResponseBase:
        try:
            return _answer(request, find(**words))
        except NotFound as error:
            return problem_response(404, NotFound().detail, type=error.type)

    return view


def _answer(request: HttpRequest, feed: feeds.Feed) -> HttpResponseBase:
    zipped = bool(_GZIP.search(request.headers.get("Accept-Encoding", "")))
    response = HttpResponse(content_type="text/calendar; charset=utf-8")
    # A change later in the same second must not look the same (RFC 9110, 8.8.2.2).
    shown = min(feed.changed_at, timezone.now() - timedelta(seconds=1))
    response["ETag"] = f'"{feed.etag}{"-gz" if zipped else ""}"'
    response["Last-Modified"] = http_date(shown.timestamp())
    response["Cache-Control"] = CACHE
    response["Vary"] = "Accept-Encoding"
    answer = get_conditional_response(request, response["ETag"], int(feed.changed_at.timestamp()), response)
    if answer is not None and answer is not response:
        return answer
    body = feed.gzipped if zipped else feed.body
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(body))
    if request.method == "GET":
        response.content = body
    return response


everything = feed_view(feeds.everything)
of_kind = feed_view(feeds.of_kind)
of_area = feed_view(feeds.of_area)
of_event = feed_view(feeds.of_event)
