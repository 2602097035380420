"""Shapes of recommendations and bulletins."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from backend.events.serializers.incoming import Line
from backend.feedback.workinggroups.models import Bulletin, Recommendation, WorkingGroup
from backend.feedback.workinggroups.services.bulletins import topic_of

LONGEST = 5000


class StandingIn(serializers.Serializer[Any]):
    """`status_on`: since when, today where it is left out. `evidence`: needed for `done` and `declined`."""

    status = serializers.ChoiceField(Recommendation.Status.choices)
    status_on = serializers.DateField(required=False)
    evidence = Line(max_length=500, required=False, allow_blank=True)
    evidence_url = serializers.URLField(max_length=200, required=False, allow_blank=True)


class RecommendationIn(StandingIn):
    """`group`: the slug of whose it is; of no group where it is left out. `slug`: made of the title if not sent."""

    status = serializers.ChoiceField(Recommendation.Status.choices, required=False)
    slug = serializers.SlugField(max_length=80, required=False)
    group = serializers.SlugField(max_length=80, allow_null=True, default=None)
    title = Line(max_length=160)
    body = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    source = Line(max_length=200)  # type: ignore[assignment]
    recommended_on = serializers.DateField(required=False, allow_null=True)

    def validate_group(self, slug: str | None) -> WorkingGroup | None:
        found = WorkingGroup.objects.filter(slug=slug).first() if slug else None
        if slug and found is None:
            raise serializers.ValidationError(
                "There is no such group; see /api/v1/working-groups.", code="unknown"
            )
        return found


class RecommendationQuery(serializers.Serializer[Any]):
    """`group`: a group's slug."""

    status = serializers.ChoiceField(Recommendation.Status.choices, required=False)
    group = serializers.SlugField(max_length=80, required=False)


class RecommendationOut(serializers.Serializer[Any]):
    """`recommended_on` null: not known to the day. `group` null: no group's."""

    slug = serializers.CharField()
    group = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    recommended_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(Recommendation.Status.choices)
    status_on = serializers.DateField()
    evidence = serializers.CharField(allow_blank=True)
    evidence_url = serializers.CharField(allow_blank=True)


class RecommendationChangeOut(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Recommendation.Status.choices)
    status_on = serializers.DateField()
    evidence = serializers.CharField(allow_blank=True)
    evidence_url = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class RecommendationDetailOut(RecommendationOut):
    """`history`: where it stood, the first entry first."""

    body = serializers.CharField(allow_blank=True)
    history = RecommendationChangeOut(many=True)


def recommendation_out(row: Recommendation) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "group": row.group.slug if row.group else None,
        "title": row.title,
        "source": row.source,
        "recommended_on": row.recommended_on.isoformat() if row.recommended_on else None,
        "status": row.status,
        "status_on": row.status_on.isoformat(),
        "evidence": row.evidence,
        "evidence_url": row.evidence_url,
    }


def recommendation_detail_out(row: Recommendation) -> dict[str, Any]:
    history = [
        {
            "status": change.status,
            "status_on": change.status_on.isoformat(),
            "evidence": change.evidence,
            "evidence_url": change.evidence_url,
            "at": timezone.localtime(change.at).isoformat(),
        }
        for change in row.changes.all()
    ]
    return {**recommendation_out(row), "body": row.body, "history": history}


# --- bulletins ----------------------------------------------------------------------------------------


class BulletinIn(serializers.Serializer[Any]):
    """Of a `final_report` an address is needed, and of the panel nothing else is taken but a few words."""

    kind = serializers.ChoiceField(Bulletin.Kind.choices)
    slug = serializers.SlugField(max_length=80, required=False)
    title = Line(max_length=160)
    body = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True)
    url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    source = Line(max_length=200)  # type: ignore[assignment]
    decided_on = serializers.DateField(required=False, allow_null=True)


class BulletinQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Bulletin.Kind.choices, required=False)


class BulletinOut(serializers.Serializer[Any]):
    """`topic`: what to follow for texts of its kind. `decided_on` null: not known to the day."""

    slug = serializers.CharField()
    kind = serializers.ChoiceField(Bulletin.Kind.choices)
    topic = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    decided_on = serializers.DateField(allow_null=True)
    published_at = serializers.DateTimeField()


def bulletin_out(row: Bulletin) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "kind": row.kind,
        "topic": topic_of(row.kind),
        "title": row.title,
        "body": row.body,
        "url": row.url,
        "source": row.source,
        "decided_on": row.decided_on.isoformat() if row.decided_on else None,
        "published_at": timezone.localtime(row.published_at).isoformat(),
    }
