"""What people without a smartphone can ask by text: BEAT, NEXT and FOLLOW, each with an address or an area.

An answer names what anybody may know. The address is held while it is answered and kept nowhere.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps

from django.utils import timezone

from backend.errors import Conflict, DomainError
from backend.events import notices
from backend.events.models import Occurrence
from backend.lookup import contacts_of
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import Language
from backend.notifications.models import Recipient
from backend.roster.index import current, find_address
from backend.roster.models import CHAIN, Area

NEXT = 3
PEOPLE = 3
FOLLOWED_KINDS = (Area.Kind.DISTRICT, Area.Kind.PRECINCT)
SPELLINGS = 2
Answer = Callable[[str, Recipient, Language], str]


class NotUnderstoodError(Exception):
    """No place of ours; says what to text instead."""


def _answering(answer: Answer) -> Answer:
    """What is not understood is answered too."""

    @wraps(answer)
    def wrapper(rest: str, recipient: Recipient, language: Language) -> str:
        try:
            return answer(rest, recipient, language)
        except NotUnderstoodError as error:
            return str(error)

    return wrapper


@_answering
def beat(rest: str, recipient: Recipient, language: Language) -> str:
    """BEAT <address>: who serves it, when they can be met, whom to call."""
    chain = _chain(rest, language, "BEAT")
    index, today = current(), timezone.localdate()
    posted = [a for area in chain for a in index.people(area, today)][:PEOPLE]
    names = ", ".join(f"{a.staff_member.rank} {a.staff_member.name}".strip() for a in posted)
    where = ", ".join(area.name for area in chain[:2])
    who = (
        language.say("{areas}: {people}.", areas=where, people=names)
        if posted
        else language.say("{areas}: nobody is posted there now.", areas=where)
    )
    number = contacts_of(index.contacts[chain[0].agency_id])["non_emergency"] or "911"
    call = language.say("Not urgent: {number}. Emergency: 911.", number=number)
    return " ".join([who, *_coming(chain, language, 1), call])


@_answering
def next_dates(rest: str, recipient: Recipient, language: Language) -> str:
    """NEXT <address or area>: the next meetings there; NEXT alone: in the areas that this number follows."""
    try:
        chain = _chain(rest, language, "NEXT") if rest else _followed(recipient)
    except NotUnderstoodError as error:
        return str(error)
    if not chain:
        return language.say(
            "Text {command} and your address, such as: {command} 1200 Market St", command="NEXT"
        )
    return " ".join(_coming(chain, language, NEXT))


@_answering
def follow(rest: str, recipient: Recipient, language: Language) -> str:
    """FOLLOW <address or area>: texts about what changes in its district, once the number has said YES."""
    chain = _chain(rest, language, "FOLLOW")
    area = next((a for a in chain if a.kind in FOLLOWED_KINDS), chain[0])
    try:
        is_asked = notifications.follow_by_text(recipient=recipient, topic=f"area:{area.slug}")
    except Conflict as refusal:
        return f"Roll Call St. Louis: {refusal.detail}"
    if is_asked:
        return f"{area.name}. {words.opt_in(language)}"
    return language.say("You get texts about {area}. STOP ends them.", area=area.name)


def _chain(rest: str, language: Language, command: str) -> list[Area]:
    """The areas that a place lies in, deepest first. Raises NotUnderstoodError."""
    today = timezone.localdate()
    if not rest:
        raise NotUnderstoodError(
            language.say(
                "Text {command} and your address, such as: {command} 1200 Market St", command=command
            )
        )
    if area := _named(rest, today):
        return [area, *current().geography.above(area, today)]
    try:
        match = find_address(rest, today)
    except DomainError as error:
        spellings = [c["address"] for c in error.extra.get("candidates", [])] + list(
            error.extra.get("suggestions", [])
        )
        if not spellings:
            raise NotUnderstoodError(
                language.say("We did not find this address. Text the house number and the street.")
            ) from None
        raise NotUnderstoodError(
            language.say("Which one do you mean? {addresses}", addresses="; ".join(spellings[:SPELLINGS]))
        ) from None
    served = current().geography.serving(match.lat, match.lon, today)
    if served is None:
        raise NotUnderstoodError(
            language.say("This address is outside the area of the departments in this app. Emergency: 911.")
        )
    return list(served.chain)


def _named(rest: str, today: date) -> Area | None:
    """An area called by its name, such as "District 4"; of several of that name none."""
    maps = current().geography
    named = [a for a in maps.by_slug.values() if a.name.casefold() == rest.casefold() and a.kind in CHAIN]
    mapped = [area for area in named if maps.is_mapped(area, today)]
    return mapped[0] if len(mapped) == 1 else None


def _followed(recipient: Recipient) -> list[Area]:
    """Areas alone: which single meetings somebody follows is nobody's business who holds the phone."""
    topics = recipient.subscriptions.filter(topic__startswith="area:").values_list("topic", flat=True)
    by_slug = current().geography.by_slug
    return [by_slug[slug] for topic in topics if (slug := topic.partition(":")[2]) in by_slug]


def _coming(areas: list[Area], language: Language, count: int) -> list[str]:
    """The next dates there, each as a sentence."""
    now, shown = timezone.now(), [area.pk for area in areas]
    coming = Occurrence.objects.published().filter(event__areas__in=shown, starts_at__gt=now)
    coming = coming.exclude(status=Occurrence.Status.CANCELLED).order_by("starts_at", "pk").distinct()
    rows = list(coming.select_related("event", "override")[:count])
    if not rows:
        return [language.say("No meeting is planned there.")]
    return [_sentence(row, language) for row in rows]


def _sentence(row: Occurrence, language: Language) -> str:
    place = (row.override and row.override.place) or row.event.place
    facts = notices.facts(language, row.event, row.starts_at, place.name)
    return language.say("Next: {what}, {when}, {place}.", **facts)
