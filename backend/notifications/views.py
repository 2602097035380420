"""Asking for texts, and Twilio's two webhooks."""

import functools
import re
import uuid
from collections.abc import Callable
from xml.sax.saxutils import escape

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from twilio.request_validator import HMAC_SHA1, RequestValidator

from backend.api import Public, checked, only, problem_response
from backend.notifications import services
from backend.notifications.serializers import SubscriptionAnswer, SubscriptionRequest
from backend.throttles import throttle

log = structlog.get_logger("rollcall.notifications")

MAX_FORM = 64 * 1024  # bytes
FORM = "application/x-www-form-urlencoded"
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
NUMBER = re.compile(r"\+?[0-9]{3,15}")  # short codes write to us too

ANSWER = {
    "detail": (
        "If this number can get texts from us, it will get one that asks to confirm, unless it has agreed "
        "before or has had one today. Nothing else is sent until someone replies YES to it."
    )
}


class Subscriptions(APIView):
    permission_classes = [Public]
    authentication_classes = ()
    throttle_classes = [throttle("subscriptions", per_minute=30)]

    @extend_schema(
        operation_id="subscribe",
        summary="Ask for texts about what changes in an area or an event",
        request=SubscriptionRequest,
        responses={202: SubscriptionAnswer},
    )
    def post(self, request: Request) -> Response:
        services.subscribe(**checked(SubscriptionRequest, request.data))
        return Response(ANSWER, status=status.HTTP_202_ACCEPTED)


# --- webhooks -----------------------------------------------------------------------------------------

Webhook = Callable[..., HttpResponseBase]


def from_twilio(view: Webhook) -> Webhook:
    """Lets only Twilio's own POSTs of our account through, as `view(form, **path)`; all others get a 4xx."""

    @csrf_exempt
    @only("POST")
    @functools.wraps(view)
    def wrapper(request: HttpRequest, **path: object) -> HttpResponseBase:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FORM:
            return problem_response(413, f"Send at most {MAX_FORM:,} bytes.")
        form = _signed_form(request)
        if form is None:
            log.warning("webhook refused")
            return problem_response(403, "This address is for our texting provider.")
        return view(form, **path)

    return wrapper


def _signed_form(request: HttpRequest) -> QueryDict | None:
    """The form, if its signature is ours; None in every odd case.

    The address signed is the public one, whatever the proxies in front made of it. The algorithm is
    fixed: a header that names another one is the sender's word.
    """
    signature = request.headers.get("X-Twilio-Signature", "")
    tokens = [t for t in (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_OLD) if t]
    if not (signature and settings.TWILIO_AUTH_TOKEN and request.content_type == FORM):
        return None
    try:
        form = request.POST
    except (SuspiciousOperation, UnreadablePostError, ValueError, LookupError):
        return None
    url = settings.PUBLIC_URL + request.get_full_path()
    if not any(RequestValidator(t).validate(url, form, signature, HMAC_SHA1) for t in tokens):
        return None
    return form if form.get("AccountSid") == settings.TWILIO_ACCOUNT_SID else None


@from_twilio
def inbound(form: QueryDict) -> HttpResponse:
    """A text from a resident. Answered at once, in TwiML, without asking Twilio anything."""
    sid, number = form.get("MessageSid", ""), form.get("From", "")
    if not (MESSAGE_SID.fullmatch(sid) and NUMBER.fullmatch(number)):
        log.info("inbound text without a usable sender")
        return _twiml("")
    answer = services.record_reply(
        provider_id=sid,
        number=number,
        body=form.get("Body", "")[:1600],
        provider_answers="OptOutType" in form,
    )
    return _twiml(answer)


@from_twilio
def receipt(form: QueryDict, attempt: uuid.UUID) -> HttpResponse:
    """What became of a text. News that mean nothing to us are answered like all others, not retried."""
    sid, error_code = form.get("MessageSid", ""), form.get("ErrorCode", "")
    if MESSAGE_SID.fullmatch(sid) and re.fullmatch(r"[0-9]{0,10}", error_code):
        services.record_receipt(
            attempt_id=attempt,
            provider_id=sid,
            status=form.get("MessageStatus", ""),
            error_code="" if error_code == "0" else error_code,
        )
    return _twiml("")


def _twiml(answer: str) -> HttpResponse:
    message = f"<Message>{escape(answer)}</Message>" if answer else ""
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return HttpResponse(document, content_type="text/xml")
