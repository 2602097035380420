"""A bare view: what any answer costs. The same server, method, middleware, throttle (none) and authentication
(none) as the lookup, the same body parsed, an answer of the same size, and nothing else.

`BARE_ANSWER` names a file that holds the answer, a JSON object; it is read at the first request. `bare` encodes that
object each time, as views do; `bare-text` an object with one text in it, of the same size, which is next to nothing.
`BARE_FEED` names a calendar that `bare-feed` answers, or 304 to whoever names a tag.
"""

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend import urls
from backend.api import only
from backend.events.feed_views import CACHE
from backend.lookup import Lookup


@cache
def _answer(*, is_text: bool) -> dict[str, Any]:
    raw = Path(os.environ["BARE_ANSWER"]).read_bytes()
    answer: dict[str, Any] = (
        {"answer": "x" * (len(raw) - len('{"answer":""}'))} if is_text else json.loads(raw)
    )
    return answer


class Bare(APIView):
    permission_classes = Lookup.permission_classes
    authentication_classes = Lookup.authentication_classes
    throttle_classes = Lookup.throttle_classes
    is_text = False

    def post(self, request: Request) -> Response:
        assert request.data
        return Response(_answer(is_text=self.is_text), headers={"Cache-Control": "no-store"})


@cache
def _feed(*, zipped: bool) -> bytes:
    body = Path(os.environ["BARE_FEED"]).read_bytes()
    return gzip.compress(body, compresslevel=5) if zipped else body


@only("GET", "HEAD")
def bare_feed(request: HttpRequest) -> HttpResponse:
    zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    headers = {"ETag": '"bare"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT", "Cache-Control": CACHE}
    headers["Vary"] = "Accept-Encoding"
    if "HTTP_IF_NONE_MATCH" in request.META:
        return HttpResponseNotModified(headers=headers)
    body = _feed(zipped=zipped)
    headers |= {"Content-Length": str(len(body)), **({"Content-Encoding": "gzip"} if zipped else {})}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


bare = [
    path("bare", Bare.as_view()),
    path("bare-text", Bare.as_view(is_text=True)),
    *urls.api_urls,
]
# Beside the feeds, so that finding it costs the same.
_feeds = next(n for n, entry in enumerate(urls.urlpatterns) if str(entry.pattern) == "feeds/")
urlpatterns = [
    path("api/v1/", include(bare)),
    *urls.urlpatterns[:_feeds],
    path("bare-feed", bare_feed),
    *urls.urlpatterns[_feeds:],
]
