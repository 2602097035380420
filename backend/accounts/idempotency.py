"""A create that a phone may repeat is done once (draft-ietf-httpapi-idempotency-key-header).

The claim on a key is committed first; the work and its answer are then one transaction. A crash in
between leaves a claim without an answer, which expires; two attempts can never both commit.
"""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import IdempotencyKey
from backend.encryption import blind_index
from backend.errors import Conflict, Invalid, Unprocessable

CLAIM_LASTS = timedelta(seconds=60)
KEPT_FOR = timedelta(days=8)
KEPT_HEADERS = ("Location", "Cache-Control")
View = Callable[..., Response]


def idempotent(method: View) -> View:
    """Makes an APIView method honour the `Idempotency-Key` header, where one is sent.

    Same key and body: the first answer again, with `Idempotency-Replayed: true`. Same key, other
    body: 422. Still running: 409. A refused attempt leaves no trace, so that it can be corrected.
    """

    @wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(view, request, *args, **kwargs)
        row = _claim(_scope(request), _checked(key), _fingerprint(request.data))
        if row.status is not None:
            return _replay(row)
        return _run(row, lambda: method(view, request, *args, **kwargs))

    return wrapper


def erase_old(now: datetime) -> int:
    """Deletes answers whose time to be repeated is over; returns how many."""
    return IdempotencyKey.objects.filter(claimed_at__lt=now - KEPT_FOR).delete()[0]


def _checked(key: str) -> str:
    if not (8 <= len(key) <= 200 and key.isascii() and key.isprintable()):
        raise Invalid("Idempotency-Key must be 8 to 200 printable ASCII characters, such as a random UUID.")
    return key


def _scope(request: Request) -> str:
    return f"{request.method} {request.path} {request.user.pk or 'anonymous'}"


def _fingerprint(data: Any) -> str:
    return blind_index("body", json.dumps(data, sort_keys=True))


def _claim(scope: str, key: str, body_hash: str) -> IdempotencyKey:
    """The row of this key, claimed for us or already answered. Raises Conflict or Unprocessable."""
    key_hash, claim = blind_index("idempotency", f"{scope} {key}"), uuid.uuid4()
    row, created = IdempotencyKey.objects.get_or_create(
        key_hash=key_hash, defaults={"body_hash": body_hash, "claim": claim}
    )
    if created:
        return row
    if row.body_hash != body_hash:
        raise Unprocessable(
            "This Idempotency-Key was used for a different request; use a new key for a new request.",
            type="idempotency-key-reused",
        )
    if row.status is None:
        _take_over(row, claim)
    return row


def _take_over(row: IdempotencyKey, claim: uuid.UUID) -> None:
    now = timezone.now()
    expired = Q(pk=row.pk, claim=row.claim, status=None, claimed_at__lte=now - CLAIM_LASTS)
    if not IdempotencyKey.objects.filter(expired).update(claim=claim, claimed_at=now):
        raise Conflict(
            "The same request is still being worked on; ask again in a few seconds.", type="in-flight"
        )
    row.claim = claim


def _run(row: IdempotencyKey, work: Callable[[], Response]) -> Response:
    mine = IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim, status=None)
    try:
        with transaction.atomic():
            response = work()
            kept = {"data": response.data, "headers": {n: response[n] for n in KEPT_HEADERS if n in response}}
            answer = JSONRenderer().render(kept).decode()
            if not mine.update(status=response.status_code, answer=answer):
                raise Conflict("Another attempt at the same request was faster; ask again.", type="in-flight")
    except Exception:
        mine.delete()
        raise
    return response


def _replay(row: IdempotencyKey) -> Response:
    kept = json.loads(row.answer)
    return Response(
        kept["data"], status=row.status, headers={**kept["headers"], "Idempotency-Replayed": "true"}
    )
