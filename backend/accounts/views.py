"""One's own account over HTTP."""

import uuid
from typing import Any, cast

from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import codes, residents
from backend.accounts.codes import Address
from backend.accounts.models import Session, User
from backend.accounts.serializers import (
    EmailCodeIn,
    EmailIn,
    EndingOut,
    MeIn,
    MeOut,
    SentOut,
    SessionOut,
)
from backend.accounts.sessions import SessionStore
from backend.accounts.sign_in import CONFIRM, START
from backend.api import checked
from backend.errors import NotFound
from backend.schema import problems

NO_STORE = {"Cache-Control": "no-store"}


def who(request: Request) -> User:
    return cast("User", request.user)


class Me(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="me_retrieve", summary="My account", responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(MeOut(who(request)).data, headers=NO_STORE)

    @extend_schema(
        operation_id="me_change",
        summary="Change my account",
        description=(
            "`safe_at_home` is for participants of Missouri's address confidentiality program: it erases what "
            "told where you live and keeps it from being stored again. Nobody will ask why."
        ),
        request=MeIn,
        responses=MeOut,
    )
    def patch(self, request: Request) -> Response:
        residents.change_account(who(request), **checked(MeIn, request.data))
        return Response(MeOut(who(request)).data, headers=NO_STORE)

    @extend_schema(
        operation_id="me_delete",
        summary="Delete my account",
        description="Says what was deleted, what was made anonymous and what the law keeps.",
        responses={200: EndingOut(many=True)},
    )
    def delete(self, request: Request) -> Response:
        endings = residents.delete(who(request))
        return Response([ending._asdict() for ending in endings], headers=NO_STORE)


class Export(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="me_export",
        summary="Everything held about me, as one file",
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        name = 'attachment; filename="roll-call.json"'
        return Response(residents.export(who(request)), headers={"Content-Disposition": name, **NO_STORE})


class Email(APIView):
    permission_classes = (IsAuthenticated,)
    throttle_classes = (START,)

    @extend_schema(
        operation_id="me_email_start",
        summary="Add or change my e-mail address: send it a code",
        request=EmailIn,
        responses={202: SentOut},
    )
    def post(self, request: Request) -> Response:
        residents.only_residents(who(request))
        codes.request(Address("email", checked(EmailIn, request.data)["email"]))
        return Response({"detail": "A code was sent to this address; confirm with it."}, status=202)


class EmailConfirm(APIView):
    permission_classes = (IsAuthenticated,)
    throttle_classes = (CONFIRM,)

    @extend_schema(
        operation_id="me_email_confirm",
        summary="Confirm my e-mail address with the code",
        request=EmailCodeIn,
        responses={200: MeOut, **problems(409)},
    )
    def post(self, request: Request) -> Response:
        residents.change_email(who(request), **checked(EmailCodeIn, request.data))
        return Response(MeOut(who(request)).data, headers=NO_STORE)


class Sessions(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="me_sessions", summary="Where I am signed in", responses={200: SessionOut(many=True)}
    )
    def get(self, request: Request) -> Response:
        current = _current(request)
        sessions = [_shown(row, current) for row in who(request).sessions.order_by("-seen_at", "id")]
        return Response(sessions, headers=NO_STORE)


def _current(request: Request) -> uuid.UUID:
    store: Any = request.auth or request._request.session
    return cast("uuid.UUID", store.row.id)


def _shown(row: Session, current: uuid.UUID) -> dict[str, Any]:
    row.device = SessionStore().decode(row.session_data).get("device", "")  # type: ignore[attr-defined]
    row.is_current = row.id == current  # type: ignore[attr-defined]
    return SessionOut(row).data


class SessionEnd(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="me_session_end", summary="End one of my sessions", responses={204: None})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        ended, _ = who(request).sessions.filter(id=session_id).delete()
        if not ended:
            raise NotFound()
        return Response(status=204)
