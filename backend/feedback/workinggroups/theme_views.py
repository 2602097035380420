"""A group's codebook and what is tagged with it, over HTTP: for its members."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.api import NO_STORE, checked
from backend.errors import NotFound
from backend.events.serializers.incoming import Line
from backend.events.views import who
from backend.feedback.workinggroups.finding import enter, reads_more
from backend.feedback.workinggroups.models import Comment, Testimony, Theme, WorkingGroup
from backend.feedback.workinggroups.services import access, themes
from backend.schema import IDEMPOTENCY_KEY, problems

MOST_THEMES = 20  # on one comment


class ThemeIn(serializers.Serializer[Any]):
    """`key`: made of the name where none is sent. `description`: what counts as it, and what does not."""

    key = serializers.SlugField(max_length=60, required=False)
    name = Line(max_length=80)
    description = Line(max_length=300, required=False, allow_blank=True)


class ThemeOut(serializers.Serializer[Any]):
    """`ended_at`: it stays on what it is on, and goes on nothing new."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class CodebookOut(serializers.Serializer[Any]):
    themes = ThemeOut(many=True)


class ThemeKeysIn(serializers.Serializer[Any]):
    """All of what it is about: keys of the codebook; an empty list takes them off."""

    themes = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=MOST_THEMES)


def theme_out(theme: Theme) -> dict[str, Any]:
    return {
        "key": theme.key,
        "name": theme.name,
        "description": theme.description,
        "ended_at": timezone.localtime(theme.ended_at).isoformat() if theme.ended_at else None,
    }


def _codebook(found: Any) -> Response:
    return Response({"themes": [theme_out(theme) for theme in found]}, headers=NO_STORE)


class ThemeList(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_themes_list",
        summary="A group's codebook; for its members",
        responses={200: CodebookOut},
    )
    def get(self, request: Request, slug: str) -> Response:
        found = enter(request, slug, "themes")
        if not reads_more(request, found, timezone.now()):
            raise NotFound()
        return _codebook(found.themes.order_by("key"))

    @extend_schema(
        operation_id="working_group_themes_create",
        summary="Add a theme to the codebook; for the group's coordinators",
        parameters=[IDEMPOTENCY_KEY],
        request=ThemeIn,
        responses={201: ThemeOut, **problems(409, 422)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        found = _members_group(slug, request)
        made = themes.add_theme(group=found, by=who(request), **checked(ThemeIn, request.data))
        return Response(theme_out(made), status=201, headers=NO_STORE)


def _members_group(slug: str, request: Request) -> WorkingGroup:
    """Found before the body is looked at: to others a wrong body is a 404, too."""
    found = enter(request, slug, "themes")
    access.only_members(found, who(request))
    return found


class ThemeEnd(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_themes_end",
        summary="End a theme: it goes on nothing new; for the group's coordinators",
        request=None,
        responses={200: ThemeOut, **problems(409)},
    )
    def post(self, request: Request, slug: str, key: str) -> Response:
        found = (
            Theme.objects.select_related("group").filter(group=_members_group(slug, request), key=key).first()
        )
        if found is None:
            raise NotFound()
        return Response(theme_out(themes.end_theme(theme=found, by=who(request))), headers=NO_STORE)


class CommentThemes(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_comment_themes",
        summary="Say what a comment is about; for the group's members",
        request=ThemeKeysIn,
        responses={200: CodebookOut},
    )
    def put(self, request: Request, slug: str, comment_id: UUID) -> Response:
        comments = Comment.objects.select_related("consultation__group")
        found = comments.filter(consultation__group=_members_group(slug, request), pk=comment_id).first()
        if found is None:
            raise NotFound()
        keys = checked(ThemeKeysIn, request.data)["themes"]
        return _codebook(themes.tag_comment(comment=found, keys=keys, by=who(request)))


class TestimonyThemes(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_testimony_themes",
        summary="Say what a testimony is about, from the day after it came; for the group's members",
        request=ThemeKeysIn,
        responses={200: CodebookOut, **problems(409)},
    )
    def put(self, request: Request, slug: str, consultation_id: UUID, testimony_id: UUID) -> Response:
        called = Testimony.objects.filter(
            consultation__group=_members_group(slug, request), consultation=consultation_id
        )
        found = called.select_related("consultation__group").filter(pk=testimony_id).first()
        if found is None:
            raise NotFound()
        keys = checked(ThemeKeysIn, request.data)["themes"]
        return _codebook(themes.tag_testimony(testimony=found, keys=keys, by=who(request)))
