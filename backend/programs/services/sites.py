"""Where clean-ups are wanted: suggested by staff, done or dropped by the program's."""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.events.services.checks import refuse_markup
from backend.programs.models import Program, Site
from backend.programs.services.access import check_manages, has_post
from backend.roster.models import Area


@transaction.atomic
def suggest_site(
    *, program: Program, place: str, note: str, area: Area | None, by: User, concern: UUID | None = None
) -> Site:
    """A place that needs a clean-up; `concern` is the id of the one it comes from.

    Raises Conflict (no clean-ups, suggested already), Invalid and NotAllowed (no post, no seat).
    """
    if program.kind != Program.Kind.CLEANUP:
        raise Conflict("This program does no clean-ups.", type="not-a-clean-up")
    manages = Program.objects.managed_by(by, timezone.localdate()).filter(pk=program.pk)
    if not has_post(by) and not manages.exists():
        raise NotAllowed("Sites are suggested by staff with a post, and by the program's own.")
    if not place.strip():
        raise Invalid("Say where it is.", field="place", code="required")
    refuse_markup(place, "place")
    refuse_markup(note, "note")
    facts = {"place": place, "note": note, "area": area, "suggested_by": by, "concern": concern}
    try:
        with transaction.atomic():
            site = Site.objects.create(program=program, **facts)
    except IntegrityError:
        raise Conflict("This place is suggested already.", type="suggested-already") from None
    audit.record("suggested a site", site, by=by, fields=["place"])
    return site


@transaction.atomic
def close_site(*, site: Site, outcome: str, by: User) -> Site:
    """Cleaned, or dropped. Raises Conflict where it is closed already, and NotAllowed."""
    check_manages(site.program, by)
    now = timezone.now()
    if not Site.objects.filter(pk=site.pk, closed_at=None).update(outcome=outcome, closed_at=now):
        raise Conflict("This site is closed already.", type="already-closed")
    audit.record("closed a site", site, by=by, fields=["outcome"])
    site.refresh_from_db()
    return site


def forget_places(concerns: Collection[UUID]) -> int:
    """Empties the places that came from these concerns; returns how many."""
    return Site.objects.filter(concern__in=concerns).exclude(place="").update(place="")
