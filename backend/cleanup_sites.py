"""A clean-up's site from a concern: what needs the rooms of concerns and of programs, which do not know each other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import audit
from backend.accounts.holdings import Holding
from backend.accounts.models import User
from backend.api import Staff, checked
from backend.errors import Conflict, NotFound
from backend.events.views import who
from backend.feedback.concerns.models import Concern
from backend.programs.catalogue_views import NO_STORE, find_program
from backend.programs.models import Site
from backend.programs.services import sites
from backend.programs.site_views import SiteOut, site_out
from backend.schema import problems


@transaction.atomic
def pass_on(*, concern: Concern, slug: str, note: str, by: User) -> Site:
    """Suggests a concern's place to the program of that slug: the place alone, nobody's words or name.

    Raises Conflict for one that is walled or sensitive or has no address, NotFound, and as `sites.suggest_site` does.
    """
    if concern.is_walled or concern.is_sensitive or not concern.address:
        raise Conflict("This concern has no place that can be passed on.", type="no-place")
    site = sites.suggest_site(
        program=find_program(slug),
        place=concern.address,
        note=note,
        area=concern.area,
        concern=concern.pk,
        by=by,
    )
    audit.record("suggested its place for a clean-up", concern, by=by, fields=["address"])
    return site


class SiteFromConcernIn(serializers.Serializer[Any]):
    """For which program of clean-ups, and what is to be done, in staff's own words."""

    program = serializers.SlugField(max_length=80)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class SiteFromConcern(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_site",
        summary="Suggest the place of a concern on my desk for a clean-up: the place alone, nobody's words or name",
        request=SiteFromConcernIn,
        responses={201: SiteOut, **problems(404, 409)},
    )
    # Not idempotent by key: a replay would show the place without asking who may see the concern.
    def post(self, request: Request, concern_id: UUID) -> Response:
        by = who(request)
        concern = Concern.objects.visible_to(by).filter(pk=concern_id).select_related("area").first()
        if concern is None:
            raise NotFound()
        data = checked(SiteFromConcernIn, request.data)
        site = pass_on(concern=concern, slug=data["program"], note=data["note"], by=by)
        return Response(site_out(site), status=201, headers=NO_STORE)


# --- a place ends with its concern --------------------------------------------------------------------


def erase_old(now: datetime) -> int:
    """Empties the places of concerns that are erased, or whose address is hidden; returns how many."""
    open_places = Site.objects.exclude(place="").exclude(concern=None).values_list("concern", flat=True)
    gone = Concern.objects.filter(pk__in=list(open_places), address="")
    return sites.forget_places(list(gone.values_list("pk", flat=True)))


def _told_by(user: User) -> list[UUID]:
    return list(Concern.objects.told_by(user).values_list("pk", flat=True))


# For Safe at Home at once (RSMo 589.663); the person's concerns themselves are another room's.
HOLDING = Holding(
    export=lambda user: Site.objects.filter(concern__in=_told_by(user)).count(),
    erase=lambda user: [],
    hide_address=lambda user: sites.forget_places(_told_by(user)),
)
