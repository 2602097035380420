"""Sites of clean-ups over HTTP, for staff."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import Pages, Staff, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.programs.catalogue_views import NO_STORE, find_program
from backend.programs.fields import area_named
from backend.programs.models import Site
from backend.programs.services import sites
from backend.programs.services.access import check_manages
from backend.schema import IDEMPOTENCY_KEY, problems


class SiteIn(serializers.Serializer[Any]):
    """Where, in words or as an address, and what is to be done there."""

    place = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)
    area = serializers.SlugField(max_length=100, required=False)

    def validate_area(self, slug: str) -> Any:
        return area_named(slug)


class SiteCloseIn(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Site.Outcome.choices)


class SiteOut(serializers.Serializer[Any]):
    """`outcome` is empty as long as it is open."""

    id = serializers.UUIDField()
    place = serializers.CharField()
    note = serializers.CharField()
    area = serializers.CharField(allow_null=True)
    suggested_at = serializers.DateTimeField()
    outcome = serializers.CharField()


def site_out(site: Site) -> dict[str, Any]:
    names = ("id", "place", "note", "suggested_at", "outcome")
    return {**{name: getattr(site, name) for name in names}, "area": site.area and site.area.slug}


class Latest(Pages):
    ordering = ("-suggested_at", "id")


class SiteList(APIView):
    permission_classes = (Staff,)
    pagination_class = Latest

    @extend_schema(
        operation_id="programs_sites_list",
        summary="Where clean-ups are wanted (the program's staff)",
        responses={200: SiteOut(many=True), **problems(404)},
    )
    def get(self, request: Request, program: str) -> Response:
        found = find_program(program)
        check_manages(found, who(request))
        pages = self.pagination_class()
        rows = Site.objects.filter(program=found).select_related("area")
        page: list[Site] = pages.paginate_queryset(rows, request, self) or []
        answer = pages.get_paginated_response([site_out(site) for site in page])
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(
        operation_id="programs_sites_suggest",
        summary="Suggest a place for a clean-up (staff)",
        parameters=[IDEMPOTENCY_KEY],
        request=SiteIn,
        responses={201: SiteOut, **problems(404, 409, 422)},
    )
    @idempotent
    def post(self, request: Request, program: str) -> Response:
        found, data = find_program(program), checked(SiteIn, request.data)
        site = sites.suggest_site(
            program=found, place=data["place"], note=data["note"], area=data.get("area"), by=who(request)
        )
        return Response(site_out(site), status=201, headers=NO_STORE)


class SiteClose(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="programs_sites_close",
        summary="Say that a site is cleaned, or dropped (the program's staff)",
        request=SiteCloseIn,
        responses={200: SiteOut, **problems(404, 409)},
    )
    def post(self, request: Request, program: str, site_id: UUID) -> Response:
        found = find_program(program)
        check_manages(found, who(request))
        site = found.sites.select_related("program", "area").filter(pk=site_id).first()
        if site is None:
            raise NotFound()
        data = checked(SiteCloseIn, request.data)
        return Response(site_out(sites.close_site(site=site, by=who(request), **data)), headers=NO_STORE)
