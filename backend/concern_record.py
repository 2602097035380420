"""All that is stored of one concern, for a records request: field by field, as backend/records.py tags each.

What is open is given. What is closed names its statute. What counsel must look at first is withheld with its
reason, until counsel has and it is named in `release`; then words come with what is masked in them taken out.
RSMo 610.024: what is exempt is separated from what is not, and the rest is given.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import audit
from backend.accounts.models import User
from backend.api import Staff, checked
from backend.errors import Invalid
from backend.events.views import who
from backend.feedback.concerns.models import Concern, Redaction
from backend.feedback.concerns.record_views import NO_STORE, kept
from backend.feedback.concerns.services.redaction import mask
from backend.records import CLOSED, OPEN, REVIEW, Record, records_of
from backend.roster.models import Area, StaffMember
from backend.schema import problems

VERSION = 1
LAW = (
    "Each field is open, closed or for review under RSMo chapter 610; what is withheld names the law (RSMo 610.023), "
    "and the rest is given apart from it (RSMo 610.024)."
)
# Which words a redaction is of.
MASKED = {"concerns.Concern.description": "description", "concerns.ConcernReply.body": "reply"}


@transaction.atomic
def give_record(
    *, concern: Concern, request: str, release: Collection[str], reason: str, by: User
) -> dict[str, Any]:
    """The record for the request of this number or name; who gave what to whom is in the audit trail.

    `release`: fields such as "concerns.Concern.description" that counsel has released, with `reason` saying so.
    Raises Invalid, and gives nothing, where one of them is not for review.
    """
    _only_for_review(release)
    if release and not reason:
        raise Invalid("Say who released these fields, and why.", field="reason", code="required")
    why = ": ".join(filter(None, [request, reason]))
    audit.record("record", concern, by=by, fields=release, reason=why)
    return record_of(concern, request, release)


def record_of(concern: Concern, request: str, release: Collection[str]) -> dict[str, Any]:
    """Every row, in the order of its table and then of its key; nothing in it depends on when it is made."""
    masks = list(concern.redactions.exclude(part=Redaction.Part.PHOTO).order_by("start", "pk"))
    return {
        "version": VERSION,
        "concern": str(concern.pk),
        "made_for": request,
        "law": LAW,
        "rows": [_row(row, release, masks) for row in _rows(concern)],
    }


def tables() -> list[type[Model]]:
    """The concern's own and each that hangs on one, by name: a new one is in the record by being there."""
    hanging = {relation.related_model for relation in Concern._meta.related_objects} - {Concern}
    return [Concern, *sorted(hanging, key=lambda model: model._meta.label)]


def _rows(concern: Concern) -> Iterator[Model]:
    return chain(*(_of(concern, model) for model in tables()))


def _of(concern: Concern, model: type[Model]) -> QuerySet[Model]:
    rows = model._base_manager.order_by("pk")
    return rows.filter(pk=concern.pk) if model is Concern else rows.filter(concern=concern)


def _row(row: Model, release: Collection[str], masks: list[Redaction]) -> dict[str, Any]:
    label, records = row._meta.label, records_of(type(row))
    named = ((field, f"{label}.{field.name}") for field in row._meta.concrete_fields)
    fields = {
        field.name: _field(row, field, records[field.name], name in release, _masks_of(row, name, masks))
        for field, name in named
    }
    return {"table": label, "fields": fields}


def _field(
    row: Model, field: Any, record: Record, is_released: bool, masks: list[Redaction]
) -> dict[str, Any]:
    if record.tag == OPEN:
        return {"tag": OPEN, "value": _value(row, field)}
    if record.tag == CLOSED or not is_released:
        return {"tag": record.tag, "withheld": record.basis}
    given = {"tag": REVIEW, "released": True, "value": _value(row, field)}
    if not masks:
        return given
    given["value"] = mask(given["value"], [(row.start or 0, row.end or 0) for row in masks])
    given["redactions"] = [{"start": row.start, "end": row.end, "provision": row.provision} for row in masks]
    return given


def _masks_of(row: Model, name: str, masks: list[Redaction]) -> list[Redaction]:
    part = MASKED.get(name)
    reply = row.pk if part == Redaction.Part.REPLY else None
    return [one for one in masks if one.part == part and one.reply_id == reply]


def _value(row: Model, field: Any) -> Any:
    """As JSON holds it: times in St. Louis, an area's slug, the name of who serves here, any other row's key."""
    value = getattr(row, field.name if field.related_model in (Area, StaffMember, User) else field.attname)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, Area):
        return value.slug
    if isinstance(value, StaffMember):
        return value.name
    if isinstance(value, User):
        member = StaffMember.objects.filter(user=value).first()
        return member.name if member else str(value.pk)
    return str(value) if isinstance(value, UUID) else value


def _only_for_review(release: Collection[str]) -> None:
    tags = {
        f"{model._meta.label}.{name}": record.tag
        for model in tables()
        for name, record in records_of(model).items()
    }
    for name in release:
        if tags.get(name) != REVIEW:
            raise Invalid(
                f"{name} is {tags.get(name, 'no field of the record')}; only what is for review can be released.",
                field="release",
                code="not-for-review",
            )


# --- over HTTP ----------------------------------------------------------------------------------------


class ConcernRecordIn(serializers.Serializer[Any]):
    """For which request, and what counsel has released of what is for review."""

    request = serializers.CharField(max_length=120, help_text="the request's number or name")
    release = serializers.ListField(
        child=serializers.RegexField(r"^concerns\.[A-Za-z]+\.[a-z_]+$", max_length=80),
        max_length=100,
        default=list,
        help_text="such as concerns.Concern.description",
    )
    reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="with `release`: who released it, and why"
    )


class RecordMaskOut(serializers.Serializer[Any]):
    """Characters of the original that are masked, and the law that closes them."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    provision = serializers.CharField()


class RecordFieldOut(serializers.Serializer[Any]):
    """`value` where it is given, else `withheld`, which says why and by which law."""

    tag = serializers.ChoiceField(choices=[OPEN, CLOSED, REVIEW])
    value = serializers.JSONField(required=False)
    withheld = serializers.CharField(required=False)
    released = serializers.BooleanField(required=False)
    redactions = RecordMaskOut(many=True, required=False)


class RecordRowOut(serializers.Serializer[Any]):
    table = serializers.CharField()
    fields = serializers.DictField(child=RecordFieldOut())  # type: ignore[assignment]


class ConcernRecordOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    concern = serializers.UUIDField()
    made_for = serializers.CharField()
    law = serializers.CharField()
    rows = RecordRowOut(many=True)


class ConcernRecord(APIView):
    permission_classes = (Staff,)

    @extend_schema(
        operation_id="triage_concerns_record",
        summary="All that is stored of a concern, for a records request: liaisons of the desk, audited",
        request=ConcernRecordIn,
        responses={200: ConcernRecordOut, **problems(400)},
    )
    # Not idempotent by key: a replay would skip the wall.
    def post(self, request: Request, concern_id: UUID) -> Response:
        concern = kept(request, concern_id)
        wanted = checked(ConcernRecordIn, request.data)
        record = give_record(
            concern=concern,
            request=wanted["request"],
            release=wanted["release"],
            reason=wanted["reason"],
            by=who(request),
        )
        return Response(record, headers=NO_STORE)
