"""What readers of a concern do not see of its words and photos. The original stays, sealed (`open_original`).

Words are masked where they are shown (`mask`), photos once, in a file of their own. Who may: liaisons on whose desk a
concern is (`ConcernQuerySet.kept_by`); the views ask.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

from django.core.files.storage import default_storage
from django.db import transaction

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.feedback.concerns import pictures
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernReply, Photo, Redaction
from backend.feedback.concerns.services import photos

BLACK = "█"
MOST_AT_ONCE = 200  # places where the same words are masked in one go
Part = Redaction.Part
Span = tuple[int, int]


class Place(NamedTuple):
    """Characters `start` to `end` of the description, or of a reply."""

    reply: ConcernReply | None
    start: int
    end: int


# --- what is shown ------------------------------------------------------------------------------------


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with █ for each character inside a span; as long as before, with its line breaks."""
    letters = list(text)
    for start, end in spans:
        for n in range(start, min(end, len(letters))):
            letters[n] = letters[n] if letters[n] in "\r\n" else BLACK
    return "".join(letters)


def masked_description(concern: Concern) -> str:
    """As readers see it. For lists prefetch `redactions`."""
    spans = _spans(concern, None)
    return mask(concern.description, spans) if spans else concern.description


def masked_body(concern: Concern, reply: ConcernReply) -> str:
    """A reply of this concern's as readers see it. For lists prefetch `redactions` of the concern."""
    spans = _spans(concern, reply.pk)
    return mask(reply.body, spans) if spans else reply.body


def _spans(concern: Concern, reply_id: int | None) -> list[Span]:
    rows = [r for r in concern.redactions.all() if r.part != Part.PHOTO and r.reply_id == reply_id]
    return [(r.start, r.end) for r in rows if r.start is not None and r.end is not None]


# --- words --------------------------------------------------------------------------------------------


@transaction.atomic
def redact_words(
    *,
    concern: Concern,
    start: int,
    end: int,
    provision: str,
    by: User,
    reply: ConcernReply | None = None,
    everywhere: bool = False,
) -> list[Redaction]:
    """Masks characters `start` to `end` of the description, or of a reply; with `everywhere` also the same words

    (in upper or lower case) wherever else they are in the description and the replies. What is masked already stays
    as it is and is returned too. Raises Invalid for what lies outside of the words.
    """
    Concern.objects.select_for_update().get(pk=concern.pk)
    text = reply.body if reply else concern.description
    if not 0 <= start < end <= len(text):
        raise Invalid(f"There are {len(text)} characters; say which of them.", field="end", code="outside")
    places = [Place(reply, start, end)]
    if everywhere:
        places = list(dict.fromkeys([*places, *_same_words(concern, text[start:end])]))
    if len(places) > MOST_AT_ONCE:
        raise Invalid(
            "These words are in too many places; choose more of them.", field="end", code="too-many"
        )
    rows = [_masked_at(concern, place, provision, by) for place in places]
    _note(concern, "redact", "words", provision, by)
    return rows


def _same_words(concern: Concern, words: str) -> Iterator[Place]:
    # A look-ahead, which also finds occurrences that overlap.
    wanted = re.compile(f"(?=({re.escape(words)}))", re.IGNORECASE)
    for reply in (None, *concern.replies.all()):
        for found in wanted.finditer(reply.body if reply else concern.description):
            yield Place(reply, *found.span(1))


def _masked_at(concern: Concern, place: Place, provision: str, by: User) -> Redaction:
    part = Part.REPLY if place.reply else Part.DESCRIPTION
    row, _ = Redaction.objects.get_or_create(
        concern=concern,
        part=part,
        reply=place.reply,
        start=place.start,
        end=place.end,
        defaults={"provision": provision, "by": by},
    )
    return row


# --- photos -------------------------------------------------------------------------------------------


def redact_photo(
    *, concern: Concern, photo: Photo, box: pictures.Box, provision: str, by: User
) -> list[Redaction]:
    """Paints over a box (left, top, width, height, in pixels) of a photo that is ready.

    The painted file is written first, then one transaction names it. Raises Invalid for a box outside, Conflict
    where somebody else painted meanwhile.
    """
    left, top, width, height = box
    if (
        min(left, top) < 0
        or min(width, height) < 1
        or left + width > photo.width
        or top + height > photo.height
    ):
        raise Invalid(
            f"The photo has {photo.width} × {photo.height} pixels; the box must lie in it.",
            field="box",
            code="outside",
        )
    before = _boxes(photo)
    row = Redaction(concern=concern, part=Part.PHOTO, photo=photo, box=list(box), provision=provision, by=by)
    painted = photos.write(photo, pictures.blackened(photos.original(photo), [*before.values(), box]))
    try:
        with transaction.atomic():
            _repaint(photo, before, painted)
            row.save(force_insert=True)
            _note(concern, "redact", "photo", provision, by)
    except BaseException:
        default_storage.delete(painted)
        raise
    return [row]


def undo(*, concern: Concern, redaction: Redaction, by: User) -> None:
    """Takes a mask off. Raises Conflict where somebody else was faster."""
    if redaction.photo is None:
        with transaction.atomic():
            _take_off(concern, redaction, "words", by)
        return
    photo, before = redaction.photo, _boxes(redaction.photo)
    left = [box for key, box in before.items() if key != redaction.pk]
    painted = photos.write(photo, pictures.blackened(photos.original(photo), left)) if left else ""
    try:
        with transaction.atomic():
            _repaint(photo, before, painted)
            _take_off(concern, redaction, "photo", by)
    except BaseException:
        if painted:
            default_storage.delete(painted)
        raise


def _boxes(photo: Photo) -> dict[object, pictures.Box]:
    return {row.pk: cast("pictures.Box", tuple(row.box or ())) for row in photo.redactions.all()}


def _repaint(photo: Photo, before: dict[object, pictures.Box], painted: str) -> None:
    """Puts a painted file in place of the former one, if it has all that is to be covered. Raises Conflict."""
    locked = Photo.objects.select_for_update().filter(pk=photo.pk, file=photo.file).first()
    if locked is None or _boxes(locked) != before:
        raise Conflict("Somebody else is painting over this photo; read it again.")
    Photo.objects.filter(pk=photo.pk).update(masked_file=painted)
    photos.delete_after_commit(locked.masked_file)


def _take_off(concern: Concern, redaction: Redaction, what: str, by: User) -> None:
    if not Redaction.objects.filter(pk=redaction.pk).delete()[0]:
        raise Conflict("Somebody else took this mask off; read it again.")
    _note(concern, "unredact", what, redaction.provision, by)


def _note(concern: Concern, move: str, what: str, provision: str, by: User) -> None:
    ConcernChange.objects.create(concern=concern, move=move, status=concern.status, by=by)
    audit.record(move, concern, by=by, fields=[what], reason=provision)


# --- the sealed original --------------------------------------------------------------------------------


@transaction.atomic
def open_original(*, concern: Concern, by: User, reason: str) -> Concern:
    """The concern with its words as they were told, on record."""
    audit.record("open_original", concern, by=by, fields=["description", "replies"], reason=reason)
    return concern


def open_original_photo(*, photo: Photo, by: User, reason: str) -> bytes:
    """The JPEG without masks, on record: without the record nothing is read."""
    with transaction.atomic():
        audit.record("open_original", photo, by=by, fields=["file"], reason=reason)
    return photos.original(photo)
