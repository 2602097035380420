"""Feeds over HTTP (RFC 9110): plain views, so that "nothing has changed" costs next to nothing."""

import re
import time
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import Public, checked, only, problem_response
from backend.errors import NotFound
from backend.events import feeds
from backend.events.models import Event
from backend.roster import editions
from backend.roster.models import Area
from backend.roster.views import reads
from backend.schema import problems

# Kept by anybody, but asked about each time: a cancellation shows in every feed within a second.
CACHE = {"Cache-Control": "public, max-age=0, must-revalidate"}
# A person's own is kept by their program alone, and named to nobody.
OWN = {
    "Cache-Control": "private, max-age=0, must-revalidate",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
_GZIP = re.compile(
    r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE
)


def feed_view(
    find: Callable[..., feeds.Feed], kept: dict[str, str] = CACHE
) -> Callable[..., HttpResponseBase]:
    """GET and HEAD of the feed that `find` returns for the address's words; `kept`: who may keep it, as headers."""

    @only("GET", "HEAD")
    @wraps(find)
    def view(request: HttpRequest, **words: Any) -> HttpResponseBase:
        try:
            return _answer(request, find(**words), kept)
        except NotFound as error:
            return problem_response(404, NotFound().detail, type=error.type)

    return view


def _answer(request: HttpRequest, feed: feeds.Feed, kept: dict[str, str]) -> HttpResponseBase:
    # META, not `headers`, which copies all of them first.
    zipped = bool(_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
    etag = f'"{feed.etag}-gz"' if zipped else f'"{feed.etag}"'
    headers = {
        "ETag": etag,
        "Last-Modified": feed.last_modified(time.time()),
        **kept,
        "Vary": "Accept-Encoding",
    }
    if request.META.get("HTTP_IF_NONE_MATCH") == etag:  # what nearly every client sends
        return HttpResponseNotModified(headers=headers)
    response = HttpResponse(content_type="text/calendar; charset=utf-8", headers=headers)
    answer = get_conditional_response(request, etag, int(feed.changed_at.timestamp()), response)
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
personal = feed_view(feeds.personal, OWN)


# --- how to subscribe ---------------------------------------------------------------------------------

HELP = (
    "Open `webcal` on an iPhone, a Mac or in Outlook; open `google` for Google Calendar; for everything else copy "
    "`url` into \u201csubscribe by address\u201d. A calendar that subscribes shows changes by itself; one that only "
    "imports the file never hears of them. Google looks again only every 8 to 24 hours: follow by text what must "
    "reach you the same day."
)
LISTED = (Area.Kind.PATROL_AREA, Area.Kind.DISTRICT, Area.Kind.PRECINCT)


class FeedOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.URLField()
    webcal = serializers.CharField()
    google = serializers.URLField()
    qr_png = serializers.URLField()
    qr_svg = serializers.URLField()


class FeedsOut(serializers.Serializer[Any]):
    """`help` is how to subscribe, in words to show."""

    help = serializers.CharField()
    feeds = FeedOut(many=True)


class FeedsQuery(serializers.Serializer[Any]):
    """One area's feed; without it those of everything, of each kind, and of districts and patrol areas."""

    area = serializers.SlugField(max_length=100, required=False)


@reads(editions.MAPS)
class FeedList(APIView):
    permission_classes = (Public,)
    authentication_classes = ()

    @extend_schema(
        operation_id="feeds_list",
        summary="Calendars to subscribe to, with every kind of link",
        parameters=[FeedsQuery],
        responses={200: FeedsOut, **problems(404)},
    )
    def get(self, request: Request) -> Response:
        query = checked(FeedsQuery, request.query_params)
        return Response({"help": HELP, "feeds": [_links(*feed) for feed in _feeds_of(query.get("area"))]})


def _feeds_of(area: str | None) -> list[tuple[str, str]]:
    """(name, path without its ending) of each. Raises NotFound for an area that does not exist."""
    if area is not None:
        found = Area.objects.select_related("agency").filter(slug=area).first()
        if found is None:
            raise NotFound()
        return [(str(found), f"areas/{area}")]
    mapped = Area.objects.mapped(timezone.localdate()).filter(kind__in=LISTED).select_related("agency")
    return [
        ("All events", "all"),
        *((kind.label, f"kinds/{kind}") for kind in Event.Kind),
        *((str(area), f"areas/{area.slug}") for area in mapped.order_by("slug")),
    ]


def subscribe_links(path: str) -> dict[str, str]:
    """The ways to subscribe to the feed of that path: to copy, for Apple and Outlook, and for Google."""
    url = f"{settings.PUBLIC_URL}/feeds/{path}.ics"
    webcal = "webcal://" + url.partition("://")[2]
    # Google refuses https there.
    google = f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}"
    return {"url": url, "webcal": webcal, "google": google}


def _links(name: str, path: str) -> dict[str, str]:
    return {
        "name": name,
        **subscribe_links(path),
        "qr_png": f"{settings.PUBLIC_URL}/feeds/qr.png?feed={quote(path)}",
        "qr_svg": f"{settings.PUBLIC_URL}/feeds/qr.svg?feed={quote(path)}",
    }


_PATH = re.compile(r"all|(kinds|areas|programs|working-groups|events)/[\w-]{1,100}", re.ASCII)
FORMS = {"png": "image/png", "svg": "image/svg+xml"}


@only("GET", "HEAD")
def qr_code(request: HttpRequest, form: str) -> HttpResponseBase:
    """For posters: the address of the feed named by `?feed=areas/slmpd-district-3`, as PNG or SVG."""
    path = request.GET.get("feed", "")
    if form not in FORMS:
        return problem_response(404, NotFound().detail)
    if not _PATH.fullmatch(path):
        return problem_response(400, "Name the feed, such as ?feed=all or ?feed=areas/slmpd-district-3.")
    picture = BytesIO()
    code = segno.make(f"{settings.PUBLIC_URL}/feeds/{path}.ics", error="m", micro=False)
    code.save(picture, kind=form, scale=8, border=4)
    return HttpResponse(
        picture.getvalue(), content_type=FORMS[form], headers={"Cache-Control": "public, max-age=86400"}
    )
