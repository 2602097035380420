"""What readers of a concern do not see of its words and photos. The original stays, sealed (`open_original`).

Words are masked where they are shown (`mask`), photos once, in a file of their own. Who may: liaisons on whose desk a
concern is (`ConcernQuerySet.kept_by`); the views ask.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from django.core.files.storage import default_storage
from django.db import transaction

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.feedback.concerns import pictures
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernReply, Photo, Redaction
from backend.feedback.concerns.plain import places_of
from backend.feedback.concerns.services import photos

BLACK = "█"
MOST_AT_ONCE = 200  # places where the same words are masked in one go
Part = Redaction.Part
Span = tuple[int, int]


class Passage(NamedTuple):
    """Characters `start` to `end` of the description, of a reply, or of the answer to the question of that slug."""

    reply: ConcernReply | None
    question: str
    start: int
    end: int


# --- what is shown ------------------------------------------------------------------------------------


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with █ for each character inside a span; as long as before, with its line breaks."""
    spans = list(spans)
    letters = list(text) if spans else []
    for start, end in spans:
        for n in range(start, min(end, len(letters))):
            letters[n] = letters[n] if letters[n] in "\r\n" else BLACK
    return "".join(letters) if spans else text


def masked_description(concern: Concern) -> str:
    """As readers see it. For lists prefetch `redactions`."""
    return mask(concern.description, _spans(concern))


def masked_body(concern: Concern, reply: ConcernReply) -> str:
    """A reply of this concern's as readers see it. For lists prefetch `redactions` of the concern."""
    return mask(reply.body, _spans(concern, reply_id=reply.pk))


def answers_of(concern: Concern) -> dict[str, Any]:
    """Text, or yes or no, by the question's slug, as they were given."""
    return json.loads(concern.answers) if concern.answers else {}


def masked_answers(concern: Concern) -> dict[str, Any]:
    """The same as readers see them."""
    return {
        slug: mask(value, _spans(concern, question=slug)) if isinstance(value, str) else value
        for slug, value in answers_of(concern).items()
    }


def texts_of(concern: Concern, *, masked: bool = False) -> Iterator[tuple[ConcernReply | None, str, str]]:
    """What was told: (reply or None, slug of a question or "", text)."""
    yield None, "", masked_description(concern) if masked else concern.description
    for slug, value in (masked_answers(concern) if masked else answers_of(concern)).items():
        if isinstance(value, str):
            yield None, slug, value
    for reply in concern.replies.all():
        yield reply, "", masked_body(concern, reply) if masked else reply.body


def masked_said_at(concern: Concern) -> str:
    """Where it was said, without words that are masked anywhere in what was told."""
    spans = (span for words, _ in masked_words(concern) for span in places_of(words, concern.said_at))
    return mask(concern.said_at, spans)


def masked_words(concern: Concern) -> set[tuple[str, str]]:
    """(words, provision) of each mask of more than a letter. For lists prefetch `redactions`."""
    rows = [row for row in concern.redactions.all() if row.part != Part.PHOTO]
    texts = {(reply and reply.pk, slug): text for reply, slug, text in texts_of(concern)} if rows else {}
    found = (
        (texts.get((row.reply_id, row.question), "")[row.start or 0 : row.end or 0], row.provision)
        for row in rows
    )
    return {(words, provision) for words, provision in found if sum(map(str.isalnum, words)) > 1}


def _spans(concern: Concern, *, reply_id: int | None = None, question: str = "") -> list[Span]:
    rows = [r for r in concern.redactions.all() if (r.reply_id, r.question) == (reply_id, question)]
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
    question: str = "",
    everywhere: bool = False,
) -> list[Redaction]:
    """Masks characters `start` to `end` of the description, of a reply, or of the answer to a question (slug).

    With `everywhere` also the same words (plain.places_of) wherever else they are in what was told. What is
    masked already stays as it is and is returned too. Raises Invalid for what lies outside of the words.
    """
    Concern.objects.select_for_update().get(pk=concern.pk)
    text = next((words for *where, words in texts_of(concern) if where == [reply, question]), None)
    if text is None:
        raise Invalid("This question was not answered in words.", field="question", code="unknown")
    if not 0 <= start < end <= len(text):
        raise Invalid(f"There are {len(text)} characters; say which of them.", field="end", code="outside")
    passages = [Passage(reply, question, start, end)]
    if everywhere:
        passages = list(dict.fromkeys([*passages, *_same_words(concern, text[start:end])]))
    if len(passages) > MOST_AT_ONCE:
        raise Invalid(
            "These words are in too many places; choose more of them.", field="end", code="too-many"
        )
    rows = [_masked_at(concern, passage, provision, by) for passage in passages]
    _note(concern, "redact", "words", provision, by)
    return rows


def _same_words(concern: Concern, words: str) -> Iterator[Passage]:
    for reply, question, text in texts_of(concern):
        for start, end in places_of(words, text):
            yield Passage(reply, question, start, end)


def _masked_at(concern: Concern, passage: Passage, provision: str, by: User) -> Redaction:
    part = Part.REPLY if passage.reply else Part.ANSWER if passage.question else Part.DESCRIPTION
    row, _ = Redaction.objects.get_or_create(
        concern=concern,
        part=part,
        reply=passage.reply,
        question=passage.question,
        start=passage.start,
        end=passage.end,
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
    audit.record("open_original", concern, by=by, fields=["description", "answers", "replies"], reason=reason)
    return concern


def open_original_photo(*, photo: Photo, by: User, reason: str) -> bytes:
    """The JPEG without masks, on record: without the record nothing is read."""
    with transaction.atomic():
        audit.record("open_original", photo, by=by, fields=["file"], reason=reason)
    return photos.original(photo)
