"""Bulletins of what was decided, and the texts of those who follow them, apart from all others."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.events.services.checks import refuse_markup
from backend.feedback.workinggroups.models import Bulletin
from backend.feedback.workinggroups.services.recommendations import slug_of
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each
from backend.notifications.models import Notice
from backend.roster import editions

BULLETIN = "bulletin"
TOPICS = {Bulletin.Kind.POLICY.value: "policy", Bulletin.Kind.FINAL_REPORT.value: "final-reports"}
OF_USE = timedelta(days=7)
LONGEST_OF_A_REPORT = 300


def topic_of(kind: str) -> str:
    """What is followed: policies and final reports are two topics."""
    return f"bulletins:{TOPICS[kind]}"


@transaction.atomic
def publish_bulletin(
    *,
    kind: str,
    title: str,
    source: str,
    by: User,
    slug: str = "",
    body: str = "",
    url: str = "",
    decided_on: date | None = None,
) -> Bulletin:
    """Publishes, and queues one text to who follows the topic, which says that there is an update and no more.

    Of a fatality review panel the final report is public, and its work is not (RSMo 455.560.5 and .6): a final report
    is its title and address, with at most a sentence or two on where to find it, never what the panel looked at.
    Raises NotAllowed, Invalid and Conflict (the slug is used).
    """
    if not by.is_administrator:
        raise NotAllowed("Bulletins are published by administrators.")
    for name, text in (("title", title), ("source", source), ("body", body)):
        refuse_markup(text, name)
    if decided_on is not None and decided_on > timezone.localdate():
        raise Invalid("It was decided today at the latest.", field="decided_on", code="future")
    if kind == Bulletin.Kind.FINAL_REPORT:
        _check_final_report(body, url)
    facts = {
        "kind": kind,
        "title": title,
        "source": source,
        "body": body,
        "url": url,
        "decided_on": decided_on,
    }
    made, is_new = Bulletin.objects.get_or_create(
        slug=slug_of(slug, title), defaults={**facts, "published_by": by}
    )
    if not is_new:
        raise Conflict("There is a bulletin of this slug; choose another.", type="slug-used")
    audit.record("bulletin_published", made, by=by, fields=["kind", "title"])
    _tell(made)
    editions.bump(editions.WORKING_GROUPS)
    return made


def _check_final_report(body: str, url: str) -> None:
    if not url:
        raise Invalid("Say where the final report is to be read.", field="url", code="required")
    if len(body) > LONGEST_OF_A_REPORT:
        raise Invalid(
            f"Of a panel its final report is public and nothing else: at most {LONGEST_OF_A_REPORT} characters.",
            field="body",
            code="max_length",
        )


def _tell(bulletin: Bulletin) -> None:
    notifications.queue_notice(
        kind=BULLETIN,
        key=f"{BULLETIN}:{bulletin.pk}",
        topics=[topic_of(bulletin.kind)],
        subject_id=str(bulletin.pk),
        body=in_each(words.discreet),
        expires_at=bulletin.published_at + OF_USE,
        urgency=Notice.Urgency.NEWS,
    )


def is_there_still(bulletin_id: str, now: datetime) -> bool:
    """The re-check of the news of a bulletin."""
    return Bulletin.objects.filter(pk=bulletin_id).exists()
