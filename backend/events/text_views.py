"""What followers of a series were told, how far the texts are, and the button that stops them."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.errors import NotFound
from backend.events.models import Event
from backend.events.views import OneEvent, who
from backend.notifications import services as notifications
from backend.notifications.models import Notice
from backend.notifications.serializers import TextsOut
from backend.schema import problems

SHOWN = 20  # the latest
MOVES = {"halt": notifications.halt, "resend": notifications.resend}


class ToldOut(TextsOut):
    """One text to the followers of the series."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    created_at = serializers.DateTimeField()
    halted_at = serializers.DateTimeField(allow_null=True)


class MovedTextsOut(serializers.Serializer[Any]):
    copies = serializers.IntegerField(help_text="that were stopped, or are queued again")


class OwnEvent(OneEvent):
    def event(self, event_id: UUID) -> Event:
        """The series, if the person who asks may change it: how many follow is their concern alone."""
        own = Event.objects.changeable_by(self.request.user, timezone.localdate())
        return get_object_or_404(own, pk=event_id)


class EventTexts(OwnEvent):
    @extend_schema(
        operation_id="events_texts",
        summary="What followers of a series were told, and how many have it",
        responses={200: ToldOut(many=True)},
    )
    def get(self, request: Request, event_id: UUID) -> Response:
        notices = _notices(self.event(event_id).id).order_by("-pk")[:SHOWN]
        return Response([_told_out(notice) for notice in notices], headers={"Cache-Control": "no-store"})


class EventTextsMove(OwnEvent):
    @extend_schema(
        operation_id="events_texts_move",
        summary="Stop a text that is going out (halt), or send it to those who did not get it (resend)",
        description="Copies that are being handed over end by themselves; what may have gone is not sent again.",
        request=None,
        responses={200: MovedTextsOut, **problems(409)},
    )
    def post(self, request: Request, event_id: UUID, notice_id: int, move: str) -> Response:
        notice = get_object_or_404(_notices(self.event(event_id).id), pk=notice_id)
        if move not in MOVES:
            raise NotFound()
        return Response({"copies": MOVES[move](notice=notice, by=who(request))})


def _notices(event_id: UUID) -> Any:
    return Notice.objects.filter(subject_id__startswith=f"{event_id}:").exclude(topics=[])


def _told_out(notice: Notice) -> dict[str, Any]:
    return {
        **TextsOut(notifications.summary(notice)).data,
        "id": notice.pk,
        "kind": notice.kind,
        "created_at": notice.created_at.isoformat(),
        "halted_at": notice.halted_at.isoformat() if notice.halted_at else None,
    }
