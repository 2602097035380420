"""What was recommended and where it stands: by its group's coordinators, or administrators where it has no group."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.events.services.checks import refuse_markup
from backend.feedback.workinggroups.catalogue_outcomes import BULLETINS, RECOMMENDATIONS
from backend.feedback.workinggroups.models import (
    Bulletin,
    Recommendation,
    RecommendationChange,
    WorkingGroup,
)
from backend.feedback.workinggroups.services import access
from backend.roster import editions

SHOWN = (Recommendation.Status.DONE, Recommendation.Status.DECLINED)  # nobody need believe these


@dataclass(frozen=True)
class Standing:
    """Where it stands since a day, and by what one can see that."""

    status: str
    status_on: date
    evidence: str = ""
    evidence_url: str = ""


@transaction.atomic
def recommend(
    *,
    group: WorkingGroup | None,
    title: str,
    source: str,
    standing: Standing,
    by: User,
    slug: str = "",
    body: str = "",
    recommended_on: date | None = None,
) -> Recommendation:
    """Enters a recommendation with where it stands. Raises NotAllowed, Invalid and Conflict (the slug is used)."""
    _check_writer(group, by)
    for name, words in (("title", title), ("source", source), ("body", body)):
        refuse_markup(words, name)
    _check(standing)
    if recommended_on is not None and recommended_on > timezone.localdate():
        raise Invalid("It was recommended today at the latest.", field="recommended_on", code="future")
    facts = {"group": group, "title": title, "source": source, "body": body, "recommended_on": recommended_on}
    made, is_new = Recommendation.objects.get_or_create(
        slug=slug_of(slug, title), defaults={**facts, **vars(standing)}
    )
    if not is_new:
        raise Conflict("There is a recommendation of this slug; choose another.", type="slug-used")
    _keep(made, standing, "recommendation_entered", by)
    return made


@transaction.atomic
def set_standing(*, recommendation: Recommendation, standing: Standing, by: User) -> Recommendation:
    """Where it stands now; what it stood before stays in its history. Raises NotAllowed and Invalid."""
    found = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    _check_writer(found.group, by)
    _check(standing)
    for name, value in vars(standing).items():
        setattr(found, name, value)
    found.changed_at = timezone.now()
    found.save()
    _keep(found, standing, "recommendation_moved", by)
    return found


def _keep(recommendation: Recommendation, standing: Standing, action: str, by: User) -> None:
    RecommendationChange.objects.create(recommendation=recommendation, by=by, **vars(standing))
    if recommendation.group:
        access.note(action, recommendation.group, recommendation, by=by)
    else:
        audit.record(action, recommendation, by=by, fields=["status", "evidence"])
    editions.bump(editions.WORKING_GROUPS)


def _check_writer(group: WorkingGroup | None, by: User) -> None:
    """That there are recommendations is public: whoever may not write them is told who may."""
    if group is None:
        if not by.is_administrator:
            raise NotAllowed("What no group recommended is entered by administrators.")
    elif not WorkingGroup.objects.of_coordinator(by, timezone.now()).filter(pk=group.pk).exists():
        raise NotAllowed("A group's recommendations are entered by its coordinators.")


def _check(standing: Standing) -> None:
    refuse_markup(standing.evidence, "evidence")
    if standing.status_on > timezone.localdate():
        raise Invalid("Say since when it stands so: today at the latest.", field="status_on", code="future")
    if standing.status in SHOWN and not standing.evidence:
        raise Invalid("Say by what one can see it.", field="evidence", code="required")


def slug_of(slug: str, title: str) -> str:
    """The slug that was chosen, or one made of the title. Raises Invalid where that has no letters for one."""
    made = slug or slugify(title)[:80].strip("-")
    if not made:
        raise Invalid("Give a slug of letters a to z, digits and hyphens.", field="slug", code="required")
    return made


@transaction.atomic
def load_outcomes(*, by: User | None = None) -> int:
    """Enters what public sources say came of it so far; returns how much was new. Repeatable, and tells nobody.

    What is there stays as it is: it may have moved on. What is a group's waits until the group is there.
    """
    groups = {group.slug: group for group in WorkingGroup.objects.all()}
    new = 0
    for slug, of, facts in RECOMMENDATIONS:
        if of in groups:
            made, is_new = Recommendation.objects.get_or_create(
                slug=slug, defaults={**facts, "group": groups[of]}
            )
            new += is_new
            if is_new:
                standing = {name: getattr(made, name) for name in Standing.__dataclass_fields__}
                RecommendationChange.objects.create(recommendation=made, by=by, **standing)
    for slug, facts in BULLETINS:
        new += Bulletin.objects.get_or_create(slug=slug, defaults={**facts, "published_by": by})[1]
    if new:
        audit.record("outcomes_loaded", Recommendation, by=by)
        editions.bump(editions.WORKING_GROUPS)
    return new
