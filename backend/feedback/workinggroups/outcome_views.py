"""Recommendations and bulletins, over HTTP: everybody reads them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import OpenToRead, Pages, PublicToRead, checked
from backend.errors import NotFound
from backend.events.views import who
from backend.feedback.workinggroups.finding import headers_for, public_read
from backend.feedback.workinggroups.models import Bulletin, Recommendation
from backend.feedback.workinggroups.outcome_shapes import (
    BulletinIn,
    BulletinOut,
    BulletinQuery,
    RecommendationDetailOut,
    RecommendationIn,
    RecommendationOut,
    RecommendationQuery,
    StandingIn,
    bulletin_out,
    recommendation_detail_out,
    recommendation_out,
)
from backend.feedback.workinggroups.services import bulletins, recommendations
from backend.schema import IDEMPOTENCY_KEY, problems


class BySlugOfOutcome(Pages):
    ordering = ("slug",)


class ByPublication(Pages):
    ordering = ("-published_at", "slug")


def _standing(data: dict[str, Any]) -> recommendations.Standing:
    """Takes where it stands out of the data; today where no day is sent."""
    return recommendations.Standing(
        status=data.pop("status", Recommendation.Status.OPEN),
        status_on=data.pop("status_on", None) or timezone.localdate(),
        evidence=data.pop("evidence", ""),
        evidence_url=data.pop("evidence_url", ""),
    )


@public_read
class RecommendationList(ListAPIView[Recommendation]):
    permission_classes = (OpenToRead,)
    serializer_class = RecommendationOut
    pagination_class = BySlugOfOutcome

    @extend_schema(
        operation_id="recommendations_list",
        summary="What was recommended, and where it stands",
        parameters=[RecommendationQuery],
        responses={200: RecommendationOut(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        query = checked(RecommendationQuery, request.query_params)
        names = {"status": "status", "group": "group__slug"}
        wanted = {names[name]: value for name, value in query.items()}
        page = self.paginate_queryset(Recommendation.objects.select_related("group").filter(**wanted))
        rows = self.get_paginated_response([recommendation_out(row) for row in page or ()])
        return Response(rows.data, headers=headers_for(request))

    @extend_schema(
        operation_id="recommendations_create",
        summary="Enter a recommendation; for its group's coordinators, or administrators where it has none",
        parameters=[IDEMPOTENCY_KEY],
        request=RecommendationIn,
        responses={201: RecommendationDetailOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        data = dict(checked(RecommendationIn, request.data))
        made = recommendations.recommend(standing=_standing(data), by=who(request), **data)
        where = {"Location": f"/api/v1/recommendations/{made.slug}"}
        return Response(recommendation_detail_out(made), status=201, headers=where)


def _recommendation(slug: str) -> Recommendation:
    found = Recommendation.objects.select_related("group").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


@public_read
class RecommendationDetail(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(
        operation_id="recommendations_retrieve",
        summary="One recommendation, with where it stood before",
        responses={200: RecommendationDetailOut},
    )
    def get(self, request: Request, recommendation: str) -> Response:
        return Response(
            recommendation_detail_out(_recommendation(recommendation)), headers=headers_for(request)
        )


class RecommendationStatus(APIView):
    permission_classes = (OpenToRead,)

    @extend_schema(
        operation_id="recommendations_set_status",
        summary="Say where a recommendation stands, since when, and by what one can see it",
        parameters=[IDEMPOTENCY_KEY],
        request=StandingIn,
        responses={200: RecommendationDetailOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, recommendation: str) -> Response:
        found, data = _recommendation(recommendation), dict(checked(StandingIn, request.data))
        moved = recommendations.set_standing(recommendation=found, standing=_standing(data), by=who(request))
        return Response(recommendation_detail_out(moved))


@public_read
class BulletinList(ListAPIView[Bulletin]):
    permission_classes = (PublicToRead,)
    serializer_class = BulletinOut
    pagination_class = ByPublication

    @extend_schema(
        operation_id="bulletins_list",
        summary="Policies that changed and review panels' final reports, the latest first",
        parameters=[BulletinQuery],
        responses={200: BulletinOut(many=True)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        query = checked(BulletinQuery, request.query_params)
        page = self.paginate_queryset(Bulletin.objects.filter(**query))
        rows = self.get_paginated_response([bulletin_out(row) for row in page or ()])
        return Response(rows.data, headers=headers_for(request))

    @extend_schema(
        operation_id="bulletins_create",
        summary="Publish a bulletin and text those who follow its topic; for administrators",
        parameters=[IDEMPOTENCY_KEY],
        request=BulletinIn,
        responses={201: BulletinOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        made = bulletins.publish_bulletin(by=who(request), **checked(BulletinIn, request.data))
        where = {"Location": f"/api/v1/bulletins/{made.slug}"}
        return Response(bulletin_out(made), status=201, headers=where)


@public_read
class BulletinDetail(APIView):
    permission_classes = (PublicToRead,)

    @extend_schema(operation_id="bulletins_retrieve", summary="One bulletin", responses={200: BulletinOut})
    def get(self, request: Request, bulletin: str) -> Response:
        found = Bulletin.objects.filter(slug=bulletin).first()
        if found is None:
            raise NotFound()
        return Response(bulletin_out(found), headers=headers_for(request))
