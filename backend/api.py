"""House rules of HTTP, once for all rooms: problem+json, closed by default, cursors.

The API's document is backend/schema.py's, the throttles backend/throttles.py's.
"""

import json
import math
from collections.abc import Callable
from functools import cache as once_each
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.utils.urls import replace_query_param

from backend.encryption import blind_index
from backend.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unprocessable

log = structlog.get_logger("rollcall.http")

PROBLEM = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}
STATUS: dict[type[DomainError], int] = {
    Invalid: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Unprocessable: 422,
}
TITLES = {
    400: ("invalid-request", "Some of what was sent cannot be accepted"),
    401: ("not-signed-in", "Sign in first"),
    403: ("not-allowed", "Not yours to do"),
    404: ("not-found", "Not found"),
    411: ("length-required", "Say how long the body is"),
    412: ("precondition-failed", "This has changed in the meantime"),
    405: ("method-not-allowed", "This address does not do that"),
    409: ("conflict", "This has changed in the meantime"),
    413: ("too-large", "Too much was sent at once"),
    415: ("unsupported-media-type", "Send application/json"),
    422: ("unprocessable", "This cannot be done as asked"),
    429: ("too-many-requests", "Too many requests"),
    500: ("server-error", "Our fault, not yours"),
}


# --- problem+json (RFC 9457) ------------------------------------------------------------------------


def problem(status: int, detail: str, *, type: str = "", title: str = "", **extra: Any) -> dict[str, Any]:
    """The body of an error: `type` is a stable slug, `detail` says what to do, `errors` names fields."""
    default_type, default_title = TITLES[status]
    return {
        "type": type or default_type,
        "title": title or default_title,
        "status": status,
        "detail": detail,
        **extra,
    }


def problem_response(status: int, detail: str, **kwargs: Any) -> HttpResponse:
    """A plain Django response with a problem in it, for where DRF is not in charge."""
    return HttpResponse(json.dumps(problem(status, detail, **kwargs)), status=status, content_type=PROBLEM)


def _field_errors(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [e for key, value in detail.items() for e in _field_errors(value, pointer + _member(str(key)))]
    if isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        return [e for n, item in enumerate(detail) for e in _field_errors(item, f"{pointer}/{n}")]
    items = detail if isinstance(detail, list) else [detail]
    return [
        {"pointer": pointer, "code": getattr(item, "code", "invalid"), "detail": str(item)} for item in items
    ]


def _member(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901); errors of the whole body point at the body."""
    return "" if key == "non_field_errors" else "/" + key.replace("~", "~0").replace("/", "~1")


def _of_domain(error: DomainError) -> dict[str, Any]:
    return problem(STATUS[type(error)], error.detail, type=error.type, title=error.title, **error.extra)


def _of_drf(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        errors = _field_errors(error.detail)
        where = ", ".join(sorted({e["pointer"].strip("/") for e in errors} - {""}))
        return problem(400, f"Correct and send again: {where or errors[0]['detail']}.", errors=errors)
    status = error.status_code if error.status_code in TITLES else 400
    return problem(
        status, str(error.detail), type=getattr(error, "type", ""), title=getattr(error, "title", "")
    )


def _as_problem(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, exceptions.APIException):
        return _of_drf(error)
    if isinstance(error, Http404):
        return _of_domain(NotFound())
    if isinstance(error, PermissionDenied):
        return problem(403, "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return problem(413, f"Send at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return problem(400, "The request could not be read; send it again.")
    return None


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: every refusal as problem+json; what is not a refusal goes on to handler500."""
    body = _as_problem(error)
    if body is None:
        return None
    # Rendered here: a view of another format (the API's document) must not put it into YAML or HTML.
    response = HttpResponse(json.dumps(body), status=body["status"], content_type=PROBLEM)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    body = _as_problem(exception or SuspiciousOperation())
    return HttpResponse(json.dumps(body), status=body["status"] if body else 400, content_type=PROBLEM)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return problem_response(403, "You may not do this. If you were signed in, load the page again and retry.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_response(404, NotFound().detail)


def server_error(request: HttpRequest) -> HttpResponse:
    log.error("server error", exc_info=True)
    return problem_response(500, "Nothing was saved. Try again; if it goes on, tell us the X-Request-ID.")


# --- who may come in ----------------------------------------------------------------------------------


View = Callable[..., HttpResponseBase]


def only(*methods: str) -> Callable[[View], View]:
    """A plain Django view of these methods; others get the same 405 as everywhere."""

    def decorator(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                return view(request, *args, **kwargs)
            refusal = problem_response(405, f"Use {' or '.join(methods)}.")
            refusal["Allow"] = ", ".join(methods)
            return refusal

        wrapper.csrf_exempt = True  # type: ignore[attr-defined]  # a read, or signed by its sender
        return wrapper

    return decorator


class Closed(BasePermission):
    """The default: nobody. A view says itself who may come in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class Public(BasePermission):
    """Everybody, signed in or not; tests/test_matrix.py says so by name."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return True


class Staff(BasePermission):
    """Members of an agency; what each may see and do is decided by `visible_to` and the services."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user.is_authenticated and request.user.is_staff)


class PublicToRead(Staff):
    """Anybody reads; only staff write."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)


class OpenToRead(IsAuthenticated):
    """Anybody reads what is public; who is signed in writes, as far as the services let them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)


class Readable:
    """Refuses what would be read as something else: a body of unknown length, and NUL in a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return problem_response(
                411, "Send the body with its Content-Length; in chunks it cannot be read here."
            )
        if "%00" in request.META.get("QUERY_STRING", ""):
            return problem_response(400, "The address holds a NUL character; leave it out.")
        response = self.get_response(request)
        if response.status_code == 412:
            return problem_response(412, "What is stored is not what you have; read it again.")
        return response


class TrustedProxies:
    """REMOTE_ADDR becomes the client's address, as far as our own proxies (TRUSTED_PROXY_COUNT) vouch for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops = [h.strip() for h in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if h.strip()]
        if settings.TRUSTED_PROXY_COUNT and len(hops) >= settings.TRUSTED_PROXY_COUNT:
            request.META["REMOTE_ADDR"] = hops[-settings.TRUSTED_PROXY_COUNT]
        return self.get_response(request)


@once_each
def _reader(shape: type[Serializer[Any]], partial: bool) -> Serializer[Any]:
    """One serializer a shape for all requests: making one copies every field, which costs more than reading."""
    return shape(partial=partial)


def checked(shape: type[Serializer[Any]], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """The data in the serializer's shape. Raises ValidationError."""
    values: dict[str, Any] = _reader(shape, partial).run_validation(data)
    return values


# --- shapes -------------------------------------------------------------------------------------------


class JSON(JSONRenderer):
    """Errors keep their own media type; everything else is application/json."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return super().render(data, None, renderer_context)


class JSONBody(JSONParser):
    """JSON within the size limit, which DRF's own parser reads past."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return _json(parser_context["request"]._request.body)


def json_of(request: Request) -> Any:
    """The JSON that was sent, without DRF's way to it; {} for nothing. Raises UnsupportedMediaType and ParseError."""
    if not (body := request._request.body):
        return {}
    if AlwaysJSON().select_parser(request, (JSONBody,)) is None:
        raise exceptions.UnsupportedMediaType(request.content_type)
    return _json(body)


def _json(body: bytes) -> Any:
    try:
        data = json.loads(body.decode(), parse_constant=_no_constant, parse_float=_finite)
        if b"\\u" in body:
            json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text, and ends here
        return data
    except (ValueError, RecursionError):
        raise exceptions.ParseError("The body is not JSON; send one JSON object in UTF-8.") from None


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError("the number is too large")
    return number


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def etag_of(state: str) -> str:
    """The entity tag of an answer that changes with this text and with nothing else (RFC 9110, 8.8.3)."""
    return f'"{blind_index("etag", state)[:32]}"'


class AlwaysJSON(BaseContentNegotiation):
    """Whatever the Accept header says, the API speaks JSON (RFC 9110, 12.5.1 allows it)."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        media_type = request.content_type.partition(";")[0].strip().lower()
        return next((p for p in parsers if p.media_type == media_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Pages(CursorPagination):
    """`next` and `previous` are links, `results` a page; there is no count, which would cost a scan."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def encode_cursor(self, cursor: Cursor) -> str:
        """Signed: a made-up position, or another list's, would reach the database as a value of the wrong type."""
        token = signing.dumps([cursor.offset, cursor.reverse, cursor.position], salt=self._salt())
        return replace_query_param(self.base_url or "", self.cursor_query_param, token)

    def _salt(self) -> str:
        return f"cursor by {self.ordering}"

    def decode_cursor(self, request: Request) -> Cursor | None:
        token = request.query_params.get(self.cursor_query_param)
        if token is None:
            return None
        try:
            offset, reverse, position = signing.loads(token, salt=self._salt())
        except signing.BadSignature:
            raise exceptions.ValidationError({"cursor": ["Follow a `next` or `previous` link."]}) from None
        return Cursor(offset=offset, reverse=reverse, position=position)
