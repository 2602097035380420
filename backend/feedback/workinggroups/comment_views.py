"""Comments over HTTP: said by anyone, read behind the wall until they are published, answered by coordinators."""

from dataclasses import fields
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.idempotency import idempotent
from backend.accounts.models import User
from backend.api import NO_STORE, Pages, Public, checked
from backend.errors import Invalid, NotFound
from backend.events.views import who
from backend.feedback.workinggroups.comment_shapes import (
    CommentIn,
    CommentOut,
    CommentQuery,
    CommentReceiptIn,
    DisposedOut,
    OwnCommentOut,
    RulingIn,
    RulingManyIn,
    SubmittedCommentOut,
    SupportIn,
)
from backend.feedback.workinggroups.finding import enter, headers_for, is_fresh, public_read, the_consultation
from backend.feedback.workinggroups.models import Comment, WorkingGroup
from backend.feedback.workinggroups.services import comments, dispositions
from backend.feedback.workinggroups.services.comments import Said
from backend.feedback.workinggroups.services.dispositions import Ruling
from backend.schema import IDEMPOTENCY_KEY, problems
from backend.throttles import throttle


class Scattered(Pages):
    """By a random key: whose comment is read first is no matter of when it came."""

    ordering = "id"


def shown(found: QuerySet[Comment]) -> QuerySet[Comment]:
    """With all that a shape needs, in as many statements for one as for a page."""
    rows = found.select_related("consultation__draft", "section", "disposition__landed_draft")
    return rows.prefetch_related("answers__question")


def the_comment(request: Request, group: WorkingGroup, comment_id: Any) -> Comment:
    """A comment the person may read. Raises NotFound."""
    found = Comment.objects.visible_to(request.user, timezone.now()).filter(consultation__group=group)
    comment = shown(found.with_orphans()).filter(pk=comment_id).first()
    if comment is None:
        raise NotFound()
    return comment


@public_read
class CommentList(ListAPIView[Comment]):
    permission_classes = (Public,)
    throttle_classes = (throttle("group-comments", per_minute=1000),)
    serializer_class = CommentOut
    pagination_class = Scattered

    @extend_schema(
        operation_id="working_group_comments_list",
        summary="Published comments, and the group's own to its members",
        parameters=[CommentQuery],
        responses={200: CommentOut(many=True), **problems(401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        for header, value in headers_for(request).items():
            response[header] = value
        return response

    def get_queryset(self) -> QuerySet[Comment]:
        group = enter(self.request, self.kwargs["slug"], "comments")
        query = checked(CommentQuery, self.request.query_params)
        found = Comment.objects.visible_to(self.request.user, timezone.now()).filter(
            consultation__group=group
        )
        return shown(_narrowed(found.with_orphans(), query))

    @extend_schema(
        operation_id="working_group_comments_create",
        summary="Say something of a group's text, with or without an account",
        parameters=[IDEMPOTENCY_KEY],
        request=CommentIn,
        responses={201: SubmittedCommentOut, **problems(401, 404, 409)},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        group, data = enter(request, slug, "comments"), checked(CommentIn, request.data)
        try:
            call = the_consultation(request, group, data["consultation"])
        except NotFound:
            raise Invalid("The group has no such call.", field="consultation", code="unknown") from None
        by = request.user if request.user.is_authenticated else None
        comment, receipt = comments.submit_comment(
            consultation=call, said=_said(data), by=by, identity=data.get("identity") or _usual(by)
        )
        comment.receipt = receipt  # type: ignore[attr-defined]
        return Response(SubmittedCommentOut(comment).data, status=201, headers=NO_STORE)


def _narrowed(found: Any, query: dict[str, Any]) -> Any:
    """By what the query says, of what the person may read alone."""
    columns = {
        "consultation": "consultation",
        "version": "consultation__draft__number",
        "section": "section__key",
        "kind": "kind",
        "theme": "tagged__theme__key",
        "outcome": "disposition__outcome",
    }
    if query.get("outcome") == "none":
        found, query = found.undisposed(), {**query, "outcome": None}
    given = {column: query[name] for name, column in columns.items() if query.get(name) is not None}
    if query["orphaned"] is not None:
        given["is_orphaned"] = query["orphaned"]
    if "alike" in query:
        same = found.filter(pk=query["alike"])
        given["words_index__in"] = same.values("words_index")
        given["consultation__in"] = same.values("consultation")
    return found.filter(**given)


def _said(data: dict[str, Any]) -> Said:
    return Said(**{f.name: data[f.name] for f in fields(Said) if f.name in data})


def _usual(by: User | None) -> str:
    is_resident = by is not None and by.kind == User.Kind.RESIDENT
    return comments.ACCOUNT if is_resident else comments.RECEIPT


@public_read
class CommentDetail(APIView):
    permission_classes = (Public,)

    @extend_schema(
        operation_id="working_group_comments_retrieve",
        summary="A comment, if it is published or of a group of one's own",
        responses={200: CommentOut, **problems(401, 404)},
    )
    def get(self, request: Request, slug: str, comment_id: Any) -> Response:
        comment = the_comment(request, enter(request, slug, "comments"), comment_id)
        return Response(CommentOut(comment).data, headers=headers_for(request))


class CommentByReceipt(APIView):
    permission_classes = (Public,)
    authentication_classes = ()
    throttle_classes = (throttle("receipts", per_minute=120),)

    @extend_schema(
        operation_id="working_group_comments_by_receipt",
        summary="What became of a comment that was made without an account",
        request=CommentReceiptIn,
        responses={200: OwnCommentOut, **problems(404)},
    )
    def post(self, request: Request) -> Response:
        comment = comments.with_receipt(checked(CommentReceiptIn, request.data)["receipt"])
        if comment is None:
            raise NotFound("No comment goes with this receipt. Check each letter.")
        return Response(OwnCommentOut(comment).data, headers=NO_STORE)


class OwnComments(ListAPIView[Comment]):
    permission_classes = (IsAuthenticated,)
    serializer_class = OwnCommentOut
    pagination_class = Scattered

    @extend_schema(
        operation_id="me_working_group_comments",
        summary="What I said to working groups with this account, and what became of it",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        response["Cache-Control"] = NO_STORE["Cache-Control"]
        return response

    def get_queryset(self) -> QuerySet[Comment]:
        mine = Comment.objects.with_orphans().filter(author=who(self.request))
        if not is_fresh(self.request):
            mine = mine.filter(consultation__group__is_discreet=False)
        return shown(mine).select_related("consultation__group")


# --- what becomes of them ---------------------------------------------------------------------------------


class CommentDispose(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_comments_dispose",
        summary="Say what became of a comment, and why",
        request=RulingIn,
        responses={200: CommentOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str, comment_id: Any) -> Response:
        group = enter(request, slug, "comments")
        comment = the_comment(request, group, comment_id)
        ruling = Ruling(**checked(RulingIn, request.data))
        dispositions.dispose(group=group, comment_ids=[comment.pk], ruling=ruling, by=who(request))
        return Response(CommentOut(the_comment(request, group, comment_id)).data, headers=NO_STORE)


class CommentsDispose(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_comments_dispose_many",
        summary="Say what became of many comments together, all or none",
        request=RulingManyIn,
        responses={200: DisposedOut, **problems(404, 409)},
    )
    def post(self, request: Request, slug: str) -> Response:
        group, data = enter(request, slug, "comments"), checked(RulingManyIn, request.data)
        ids, alike, by = data.pop("comments", None), data.pop("alike", None), who(request)
        ruling = Ruling(**data)
        if ids is not None:
            count = dispositions.dispose(group=group, comment_ids=ids, ruling=ruling, by=by)
        else:
            comment = the_comment(request, group, alike)
            count = dispositions.dispose_alike(group=group, comment=comment, ruling=ruling, by=by)
        return Response({"disposed": count}, headers=NO_STORE)


class ConsultationSupport(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="working_group_support_give",
        summary="Be for a section, or the whole, as it stands",
        request=SupportIn,
        responses={204: None, **problems(404, 409)},
    )
    def put(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, enter(request, slug, "comments"), consultation_id)
        comments.support(
            consultation=call, section=checked(SupportIn, request.data)["section"], by=who(request)
        )
        return Response(status=204, headers=NO_STORE)

    @extend_schema(
        operation_id="working_group_support_take_back",
        summary="Take one's support back while the call is open",
        parameters=[SupportIn],
        request=None,
        responses={204: None, **problems(404, 409)},
    )
    def delete(self, request: Request, slug: str, consultation_id: Any) -> Response:
        call = the_consultation(request, enter(request, slug, "comments"), consultation_id)
        section = checked(SupportIn, request.query_params)["section"]
        comments.withdraw_support(consultation=call, section=section, by=who(request))
        return Response(status=204, headers=NO_STORE)
