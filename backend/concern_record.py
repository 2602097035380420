"""All that is stored of one concern, for a records request: field by field, as backend/records tags each.

What is open is given. What is closed names its statute. What counsel must look at first is withheld with its
reason, until counsel has and it is named in `release`; then words come with what is masked in them taken out, and so
wherever else the same words stand in what is released: in answers, letters, notes, reasons and names too. A longer
mask is looked for as a whole; what is open by law, such as a final report, is given as it is.
RSMo 610.024: what is exempt is separated from what is not, and the rest is given.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple
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
from backend.api import NO_STORE, Staff, checked
from backend.errors import Invalid
from backend.events.views import who
from backend.feedback.concerns.desk_views import kept
from backend.feedback.concerns.models import Concern, ConcernReply, Redaction
from backend.feedback.concerns.plain import places_of
from backend.feedback.concerns.services import redaction
from backend.records import CLOSED, OPEN, REVIEW, Record, records_of
from backend.roster.models import Area, StaffMember
from backend.schema import problems

VERSION = 1
LAW = (
    "Each field is open, closed or for review under RSMo chapter 610; what is withheld names the law (RSMo 610.023), "
    "and the rest is given apart from it (RSMo 610.024)."
)


class Words(NamedTuple):
    """Words that are taken out by this law wherever they stand, however they are written there (plain.places_of)."""

    words: str
    provision: str


class ClosedPart(NamedTuple):
    """Characters `start` to `end` of a text, and the law that closes them."""

    start: int
    end: int
    provision: str


@transaction.atomic
def give_record(
    *,
    concern: Concern,
    request: str,
    release: Collection[str],
    reason: str,
    by: User,
    masks: Sequence[Words] = (),
) -> dict[str, Any]:
    """The record for the request of this number or name; who gave what to whom is in the audit trail.

    `release`: fields such as "concerns.Concern.description" that counsel has released, with `reason` saying so.
    `masks`: what is taken out of them beside what is masked for the desk already.
    Raises Invalid, and gives nothing, where one of them is not for review.
    """
    _only_for_review(release)
    if release and not reason:
        raise Invalid("Say who released these fields, and why.", field="reason", code="required")
    why = ": ".join(filter(None, [request, reason]))
    audit.record("record", concern, by=by, fields=release, reason=why)
    return record_of(concern, request, release, masks)


def record_of(
    concern: Concern, request: str, release: Collection[str], masks: Sequence[Words] = ()
) -> dict[str, Any]:
    """Every row, in the order of its table and then of its key; nothing in it depends on when it is made."""
    taken_out = _TakenOut(concern, masks)
    return {
        "version": VERSION,
        "concern": str(concern.pk),
        "made_for": request,
        "law": LAW,
        "rows": [_row(row, release, taken_out) for row in _rows(concern)],
    }


class _TakenOut:
    """What must not be read in the words that are released."""

    def __init__(self, concern: Concern, masks: Sequence[Words]) -> None:
        self.rows = list(concern.redactions.exclude(part=Redaction.Part.PHOTO).order_by("start", "pk"))
        self.words = sorted({*masks, *redaction.masked_words(concern)})

    def of(self, text: str, own: Collection[Redaction] = ()) -> dict[str, Any]:
        """The text as it is given, and the redactions in it, if any."""
        spans = {ClosedPart(row.start or 0, row.end or 0, row.provision) for row in own}
        for words, provision in self.words:
            spans |= {ClosedPart(*span, provision) for span in places_of(words, text)}
        if not spans:
            return {"value": text}
        value = redaction.mask(text, ((span.start, span.end) for span in spans))
        return {"value": value, "redactions": [span._asdict() for span in sorted(spans)]}


def tables() -> list[type[Model]]:
    """The concern's own and each that hangs on one, by name: a new one is in the record by being there."""
    hanging = {relation.related_model for relation in Concern._meta.related_objects} - {Concern}
    return [Concern, *sorted(hanging, key=lambda model: model._meta.label)]


def _rows(concern: Concern) -> Iterator[Model]:
    return chain(*(_of(concern, model) for model in tables()))


def _of(concern: Concern, model: type[Model]) -> QuerySet[Model]:
    rows = model._base_manager.order_by("pk")
    return rows.filter(pk=concern.pk) if model is Concern else rows.filter(concern=concern)


def _row(row: Model, release: Collection[str], taken_out: _TakenOut) -> dict[str, Any]:
    label, records = row._meta.label, records_of(type(row))
    fields = {
        field.name: _field(row, field, records[field.name], f"{label}.{field.name}" in release, taken_out)
        for field in row._meta.concrete_fields
    }
    return {"table": label, "fields": fields}


def _field(row: Model, field: Any, record: Record, is_released: bool, taken_out: _TakenOut) -> dict[str, Any]:
    if record.tag == OPEN:
        return {"tag": OPEN, "value": _value(row, field)}
    if record.tag == CLOSED or not is_released:
        return {"tag": record.tag, "withheld": record.basis}
    return {"tag": REVIEW, "released": True, **_released(row, field, taken_out)}


def _released(row: Model, field: Any, taken_out: _TakenOut) -> dict[str, Any]:
    if isinstance(row, Concern) and field.name == "answers":
        told = redaction.answers_of(row).items()
        return {"answers": [{"question": slug, **_answer(slug, value, taken_out)} for slug, value in told]}
    value = _value(row, field)
    if not isinstance(value, str):
        return {"value": value}
    own = [one for one in taken_out.rows if _is_of(one, row, field.name)]
    return taken_out.of(value, own)


def _answer(slug: str, value: Any, taken_out: _TakenOut) -> dict[str, Any]:
    own = [row for row in taken_out.rows if row.question == slug]
    return taken_out.of(value, own) if isinstance(value, str) else {"value": value}


def _is_of(one: Redaction, row: Model, name: str) -> bool:
    if isinstance(row, Concern):
        return one.part == name  # "description"
    return isinstance(row, ConcernReply) and name == "body" and one.reply_id == row.pk


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


class RecordWordsIn(serializers.Serializer[Any]):
    """Words to take out wherever they stand in what is released, and the law that closes them."""

    words = serializers.CharField(min_length=2, max_length=200)
    provision = serializers.CharField(max_length=200, help_text="such as RSMo 610.021")


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
    masks = serializers.ListField(child=RecordWordsIn(), default=list, max_length=100)


class RecordMaskOut(serializers.Serializer[Any]):
    """Characters of the original that are masked, and the law that closes them."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    provision = serializers.CharField()


class RecordAnswerOut(serializers.Serializer[Any]):
    """What was answered to the question of this slug."""

    question = serializers.CharField()
    value = serializers.JSONField()
    redactions = RecordMaskOut(many=True, required=False)


class RecordFieldOut(serializers.Serializer[Any]):
    """`value` where it is given, of answers `answers`; else `withheld`, which says why and by which law."""

    tag = serializers.ChoiceField(choices=[OPEN, CLOSED, REVIEW])
    value = serializers.JSONField(required=False)
    withheld = serializers.CharField(required=False)
    released = serializers.BooleanField(required=False)
    redactions = RecordMaskOut(many=True, required=False)
    answers = RecordAnswerOut(many=True, required=False)


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
            masks=[Words(**one) for one in wanted["masks"]],
            by=who(request),
        )
        return Response(record, headers=NO_STORE)
