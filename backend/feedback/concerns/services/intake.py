"""A concern is told: one transaction for it, its history, its wall and the question by text."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, Unprocessable
from backend.events.models import Event, Occurrence
from backend.events.recurrence import in_words
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Category, Concern, ConcernChange, ConcernSubject
from backend.feedback.concerns.questions import Answers, check_answers, in_force
from backend.feedback.concerns.services import signposts, telling, walls
from backend.feedback.concerns.services.places import Place
from backend.feedback.concerns.services.readers import give_to_a_reader
from backend.feedback.concerns.services.routing import find_desk
from backend.feedback.concerns.warnings import PRIVATE_KINDS, find_warnings
from backend.notifications.phones import parse_phone, phone_index
from backend.receipts import new_receipt, receipt_index

NONE, RECEIPT, PHONE, ACCOUNT = IDENTITIES = ("none", "receipt", "phone", "account")
SHORTEST_PASSPHRASE = 8
OLDEST_FORM = timedelta(days=30)  # questions that a phone may still have


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told. `as_of`: when the phone read the questions that `answers` (by slug) are to; now, if not given."""

    category: str
    description: str
    answers: dict[str, Any] = field(default_factory=dict)
    as_of: datetime | None = None
    said_at: str = ""
    occurrence: UUID | None = None
    about_police_employee: bool = False

    @property
    def words(self) -> str:
        """All that is said of it, by whose wording it is warned of, sensitive and walled."""
        answers = (answer for answer in self.answers.values() if isinstance(answer, str))
        return "\n".join([self.description, *answers, self.said_at])


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Who tells it, and how they hear of it. `identity` is one of IDENTITIES; "": an account's if `by`, else a receipt.

    With `hides_address` (Safe at Home) the place decides the desk and is not kept. `paper_receipt`: the slip that
    somebody was given at a meeting, whose words `by` enters for them. `tells_by_text`: None is yes for a number alone.
    """

    by: User | None = None
    identity: str = ""
    phone: str = ""
    passphrase_hash: str = ""
    paper_receipt: str = ""
    language: str = "en"
    contact_note: str = ""
    handler_may_know: bool = False
    tells_by_text: bool | None = None
    hides_address: bool = False


@transaction.atomic
def submit_concern(
    *, told: Told, place: Place, teller: Teller, goes_on: bool = False
) -> tuple[Concern, str | None]:
    """Stores a concern on the right desk; returns it and the receipt, if there is one.

    Raises Unprocessable for what others take (`signposts`), for words that cannot wait unless the person `goes_on`,
    and for nobody to reach where the category needs somebody; Invalid for an unknown category, occurrence or
    identity and for answers that do not fit; Conflict where the slip has been used.
    """
    signposts.refuse_not_taken(told.category, told.description)
    kind = find_category(told.category)
    identity = _identity(kind, teller)
    now = timezone.now()
    at = max(min(told.as_of or now, now), now - OLDEST_FORM)
    answers = check_answers(in_force(kind.questions.all(), at), told.answers)
    occurrence = _occurrence(told.occurrence)
    words = "\n".join([told.words, teller.contact_note])
    kinds = find_warnings(words)
    if not goes_on:
        signposts.stop_if_urgent(kinds, teller.language)
    receipt = (teller.paper_receipt or new_receipt()) if identity in (RECEIPT, PHONE) else None
    is_sensitive = kind.is_sensitive or bool(PRIVATE_KINDS.intersection(kinds))
    concern = _make(kind, told, place, teller, answers, identity, receipt, now, is_sensitive=is_sensitive)
    concern.occurrence = occurrence
    concern.said_at = told.said_at or (_where_said(occurrence) if occurrence else "")
    _insert(concern, teller.paper_receipt)
    if is_sensitive:
        give_to_a_reader(concern)
    _wall(concern, words, told.about_police_employee)
    telling.ask_reporter(concern)
    # Not `by`: who told it is on the concern alone, where it is erased.
    ConcernChange.objects.create(concern=concern, move="submit", status=concern.status)
    return concern, receipt


def _insert(concern: Concern, slip: str) -> None:
    """Raises Conflict for the second of two who enter the same slip at once."""
    try:
        with transaction.atomic():
            concern.save(force_insert=True)
    except IntegrityError:
        _refuse_used(slip)
        raise


def _refuse_used(slip: str) -> None:
    if slip and Concern.objects.with_receipt(slip).exists():
        raise Conflict("A concern was entered under this slip already.", type="slip-used")


def find_category(slug: str) -> Category:
    """One that has ended too: somebody was typing under it. Raises Invalid that says which there are."""
    if kind := Category.objects.filter(slug=slug).first():
        return kind
    offered = ", ".join(Category.objects.offered().values_list("slug", flat=True))
    raise Invalid(
        f"We do not know this category; choose one of GET /concern-categories: {offered}.",
        field="category",
        code="unknown",
    )


# --- who tells it -----------------------------------------------------------------------------------------


def _identity(kind: Category, teller: Teller) -> str:
    """What the person chose, if it is possible and the category has room for it."""
    if teller.paper_receipt:
        identity = PHONE if teller.phone else RECEIPT
        _refuse_used(teller.paper_receipt)
    else:
        identity = teller.identity or (ACCOUNT if teller.by else RECEIPT)
    if identity == ACCOUNT and teller.by is None:
        raise Invalid(
            "Sign in first, or choose `receipt`, `phone` or `none`.", field="identity", code="not-signed-in"
        )
    if (identity == PHONE) != bool(teller.phone):
        raise Invalid(
            "Send `phone` with the identity `phone`, and only with it.", field="phone", code="required"
        )
    if teller.passphrase_hash and identity not in (RECEIPT, PHONE):
        raise Invalid("A passphrase goes with a receipt.", field="passphrase", code="no-receipt")
    if kind.anonymity == Category.Anonymity.REACHABLE and identity in (NONE, RECEIPT):
        raise Unprocessable(
            f"Nothing can be done about “{kind.name}” without a way to ask you back. Sign in, or give a phone number "
            "(identity `phone`); who reads it is in GET /concern-categories. Nothing has been kept.",
            type="must-be-reachable",
            title="We need a way to reach you",
        )
    return identity


def _make(
    kind: Category,
    told: Told,
    place: Place,
    teller: Teller,
    answers: Answers,
    identity: str,
    receipt: str | None,
    now: datetime,
    *,
    is_sensitive: bool,
) -> Concern:
    """The concern, not yet stored."""
    hidden = teller.hides_address
    on = timezone.localdate()
    desk = find_desk(category=kind.slug, chain=place.chain, on=on)
    reporter = teller.by if identity == ACCOUNT else None
    phone = parse_phone(teller.phone) if identity == PHONE else ""
    reachable = bool(phone or (reporter and (reporter.phone or reporter.email)))
    wanted = identity == PHONE if teller.tells_by_text is None else teller.tells_by_text
    return Concern(
        category=kind,
        description=told.description,
        answers=json.dumps(answers, ensure_ascii=False) if answers else "",
        address="" if hidden else place.address,
        position="" if hidden or place.lat is None else f"{place.lat},{place.lon}",
        area=place.chain[0] if place.chain else None,
        is_near_border=place.is_near_border and not hidden,
        desk=desk.area if desk else None,
        assigned_to=desk.member if desk else None,
        is_sensitive=is_sensitive,
        priority=kind.priority,
        target_at=due(now, kind.target_hours),
        submitted_at=now,
        reporter=reporter,
        receipt_index=receipt_index(receipt) if receipt else None,
        passphrase=teller.passphrase_hash,
        phone=phone,
        phone_index=phone_index(phone) if phone else None,
        language=teller.language,
        contact_note=teller.contact_note,
        handler_may_know=teller.handler_may_know,
        tells_by_text=wanted and reachable and not is_sensitive,
    )


# --- what it says -----------------------------------------------------------------------------------------


def _occurrence(occurrence_id: UUID | None) -> Occurrence | None:
    if occurrence_id is None:
        return None
    published = Occurrence.objects.published().select_related("event", "override")
    if found := published.filter(pk=occurrence_id).first():
        return found
    raise Invalid(
        "This meeting is not in the calendar; say in `said_at` where it was.",
        field="occurrence",
        code="unknown",
    )


def _where_said(occurrence: Occurrence) -> str:
    """ "at the Morning roll call, Library, Mon., Nov. 23, 6 p.m." within what the column holds."""
    event, override = occurrence.event, occurrence.override
    place = (override and override.place) or event.place
    what = event.title or Event.Kind(event.kind).label
    return f"at the {what[:80]}, {place.name[:60]}, {in_words(occurrence.starts_at.astimezone(event.tz))}"[
        :200
    ]


def _wall(concern: Concern, words: str, is_said_to_be: bool) -> None:
    """Around whom the words name; around the command, where the reporter says it is about one and names nobody."""
    named = walls.named_in(words)
    if not named and not is_said_to_be and not concern.category.is_about_police:
        return
    source = ConcernSubject.Source.MATCHED if named else ConcernSubject.Source.ASKED
    walls.wall(concern, about=named, is_described=not named, source=source)
