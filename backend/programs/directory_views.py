"""The directory over HTTP: whom to turn to, by whose word, as of when. Crisis lines come first, always."""

import re
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.api import Pages, PublicToRead, checked
from backend.errors import NotFound
from backend.events import feeds
from backend.events.serializers.incoming import Line
from backend.events.services import LANGUAGES
from backend.events.views import who
from backend.programs.models import Entry
from backend.programs.services import community
from backend.roster import editions
from backend.roster.models import Area
from backend.roster.views import PublicRead, edition_etag, reads
from backend.schema import problems

TAG = r"^[a-z0-9-]{1,40}$"
STATUSES = ("confirmed", "unconfirmed")

state = edition_etag(editions.PROGRAMS, editions.ROSTER)


class FindsArea:
    """Of a serializer whose `area` is a slug, sent, and an area, taken in."""

    def validate_area(self, slug: str | None) -> Area | None:
        area = Area.objects.select_related("agency").filter(slug=slug).first()
        if slug is not None and area is None:
            raise serializers.ValidationError("There is no such area; see /api/v1/areas.", code="unknown")
        return area


class PageQuery(serializers.Serializer[Any]):
    cursor = serializers.CharField(required=False, help_text="of a `next` or `previous` link")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)


class DirectoryQuery(PageQuery):
    """`area` also finds what serves an area above or below it, and what serves all."""

    tag = serializers.RegexField(TAG, required=False)
    area = serializers.SlugField(max_length=100, required=False)
    kind = serializers.ChoiceField(choices=Entry.Kind.choices, required=False)
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), required=False)
    q = Line(required=False, max_length=80, help_text="words of the name, the description or the tags")

    def validate_area(self, slug: str) -> frozenset[int]:
        try:
            return feeds.area_scope(slug)
        except NotFound:
            raise serializers.ValidationError(
                "There is no such area; see /api/v1/areas.", code="unknown"
            ) from None


class EntryOut(serializers.Serializer[Any]):
    """`notice` is to be shown with the entry; empty where somebody confirmed it within a year."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    what = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    area = serializers.CharField(allow_null=True)
    who_for = serializers.CharField()
    hours = serializers.CharField()
    phone = serializers.CharField()
    url = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    crisis_rank = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    source_year = serializers.IntegerField(allow_null=True)
    verified_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=STATUSES)
    notice = serializers.CharField()


class DirectoryOut(serializers.Serializer[Any]):
    """`crisis` is complete and in order on every page, whatever was asked for; `results` are the others."""

    crisis = EntryOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EntryOut(many=True)


class EntryPatch(FindsArea, serializers.Serializer[Any]):
    """What is left out stays. `confirm`: somebody asked today, and it is so; `ended_on`: from then on it is gone."""

    name = Line(max_length=120)
    kind = serializers.ChoiceField(choices=Entry.Kind.choices)
    what = serializers.CharField(max_length=1000)
    tags = serializers.ListField(child=serializers.RegexField(TAG), max_length=20)
    area = serializers.SlugField(max_length=100, allow_null=True)
    who_for = Line(max_length=200, allow_blank=True)
    hours = Line(max_length=120, allow_blank=True)
    phone = Line(max_length=60, allow_blank=True)
    url = serializers.URLField(max_length=200, allow_blank=True)
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LANGUAGES.items())), max_length=len(LANGUAGES)
    )
    crisis_rank = serializers.IntegerField(min_value=1, max_value=100, allow_null=True)
    source = Line(max_length=200)  # type: ignore[assignment]
    source_year = serializers.IntegerField(min_value=1900, max_value=2199, allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    confirm = serializers.BooleanField()


def _notice(entry: Entry, today: date) -> str:
    """What to say beside an entry that nobody has confirmed within a year; empty for one that somebody has.

    Nothing beside a crisis line: whoever needs it must not hesitate.
    """
    if entry.crisis_rank is not None or entry.status(today) == "confirmed":
        return ""
    since = (
        f"{entry.verified_on:%B} {entry.verified_on.day}, {entry.verified_on.year}"
        if entry.verified_on
        else ""
    )
    since = since or str(entry.source_year or "")
    return f"Nobody has confirmed this{f' since {since}' if since else ''}; ask before you go."


def entry_out(entry: Entry, today: date) -> dict[str, Any]:
    return {
        **{name: getattr(entry, name) for name in ("slug", "name", "kind", "what", "tags")},
        "area": entry.area.slug if entry.area else None,
        **{name: getattr(entry, name) for name in ("who_for", "hours", "phone", "url", "languages")},
        **{name: getattr(entry, name) for name in ("crisis_rank", "source", "source_year")},
        "verified_on": entry.verified_on and entry.verified_on.isoformat(),
        "ended_on": entry.ended_on and entry.ended_on.isoformat(),
        "status": "confirmed" if entry.status(today) == "confirmed" else "unconfirmed",
        "notice": _notice(entry, today),
    }


def _wanted(query: dict[str, Any]) -> Q:
    # A tag within the list's JSON as text: SQLite has no other way to ask.
    wanted = Q()
    if "kind" in query:
        wanted &= Q(kind=query["kind"])
    if "area" in query:
        wanted &= Q(area__in=query["area"]) | Q(area=None)
    if "tag" in query:
        wanted &= Q(tags__icontains=f'"{query["tag"]}"')
    if "language" in query:
        wanted &= Q(languages__icontains=f'"{query["language"]}"')
    for word in query.get("q", "").split():
        told = [Q(name__icontains=word), Q(what__icontains=word)]
        if re.fullmatch(TAG, word.lower()):  # and no comma or quotation mark, of which every list has some
            told.append(Q(tags__icontains=word))
        wanted &= reduce(or_, told)
    return wanted


class BySlug(Pages):
    ordering = "slug"


@reads(editions.PROGRAMS, editions.ROSTER)
class Directory(PublicRead):
    @extend_schema(
        operation_id="directory_list",
        summary="Services, partners, contacts and bulletins; crisis lines first, whatever is asked for",
        parameters=[DirectoryQuery],
        responses={200: DirectoryOut},
    )
    def get(self, request: Request) -> Response:
        query, today, pages = checked(DirectoryQuery, request.query_params), timezone.localdate(), BySlug()
        there = Entry.objects.current(today).select_related("area")
        others = there.filter(_wanted(query), crisis_rank=None)
        page = pages.paginate_queryset(others, request, view=self) or []
        crisis = there.exclude(crisis_rank=None).order_by("crisis_rank", "slug")
        return Response(
            {
                "crisis": [entry_out(entry, today) for entry in crisis],
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "results": [entry_out(entry, today) for entry in page],
            }
        )


def _entry_etag(request: HttpRequest, entry: str) -> str | None:
    """What is not there has no tag that could match."""
    return state(request) if Entry.objects.current(timezone.localdate()).filter(slug=entry).exists() else None


class DirectoryEntry(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="directory_retrieve", summary="One entry of the directory", responses={200: EntryOut}
    )
    @method_decorator(condition(etag_func=_entry_etag))
    def get(self, request: Request, entry: str) -> Response:
        today = timezone.localdate()
        found = Entry.objects.current(today).select_related("area").filter(slug=entry).first()
        if found is None:
            raise NotFound()
        return Response(entry_out(found, today))

    @extend_schema(
        operation_id="directory_change",
        summary="Change, confirm or end an entry; for administrators",
        request=EntryPatch,
        responses={200: EntryOut, **problems(403)},
    )
    def patch(self, request: Request, entry: str) -> Response:
        found = Entry.objects.filter(slug=entry).first()
        if found is None:
            raise NotFound()
        data = checked(EntryPatch, request.data, partial=True)
        changed = community.revise_entry(entry=found, by=who(request), **data)
        return Response(entry_out(changed, timezone.localdate()))
