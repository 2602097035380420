"""All that is said and asked before anybody types: policy by category, whom to call instead, what is not taken."""

import json
from datetime import datetime
from typing import Any, cast

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api import checked, etag_of
from backend.feedback.concerns.intake_shapes import HelpLineOut, LanguageField, SaidOut
from backend.feedback.concerns.models import Category, Question
from backend.feedback.concerns.notices import GENERAL, say
from backend.feedback.concerns.questions import in_force
from backend.feedback.concerns.services import signposts
from backend.feedback.concerns.warnings import KINDS
from backend.notifications.languages import vouched_for
from backend.roster.index import current
from backend.roster.models import Agency, Contact
from backend.roster.serializers import ContactOut
from backend.roster.views import PublicRead


class CategoriesQuery(serializers.Serializer[Any]):
    language = LanguageField()


class QuestionOut(serializers.ModelSerializer[Question]):
    """`kind`: `text`, `choice` (one of `choices`), or `yes_no` (true or false)."""

    choices = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Question
        fields = ["slug", "text", "kind", "choices", "is_required"]


class RetentionOut(serializers.Serializer[Any]):
    """Days after closing: when who told it is forgotten, and when words, place and photos are erased."""

    who_days = serializers.IntegerField()
    what_days = serializers.IntegerField()


class CategoryOut(serializers.ModelSerializer[Category]):
    """A kind of concern with its policy. `target_hours` are business hours until it should be closed.

    `anonymity`: `anyone`, or `reachable`, which takes an account or a phone number. `handler_may_know`: the officer
    who works on it may learn who told it, if that person agrees. `is_sensitive`: no message is ever sent about it.
    """

    retention = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()

    class Meta:
        model = Category
        fields = [
            *("slug", "name", "notice", "who_reads", "anonymity", "handler_may_know", "is_sensitive"),
            *("retention", "target_hours", "questions"),
        ]
        read_only_fields = ["target_hours"]  # an integer's bounds in the document would be the database's

    @extend_schema_field(RetentionOut)
    def get_retention(self, category: Category) -> dict[str, int]:
        return {"who_days": category.anonymise_after_days, "what_days": category.erase_after_days}

    @extend_schema_field(QuestionOut(many=True))
    def get_questions(self, category: Category) -> Any:
        asked = in_force(category.questions.all(), self.context["at"])
        return QuestionOut(asked, many=True).data


class AgencyNumbersOut(serializers.Serializer[Any]):
    """How an agency is reached when it is not urgent; sources of a disputed number disagree."""

    agency = serializers.CharField()
    name = serializers.CharField()
    numbers = ContactOut(many=True)


class NotTakenOut(serializers.Serializer[Any]):
    """What is not told here: `category` is refused with the same facts; nothing of it is kept."""

    category = serializers.ChoiceField(choices=signposts.NOT_TAKEN)
    detail = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    lines = HelpLineOut(many=True)
    contacts = AgencyNumbersOut(many=True)


class CategoriesOut(serializers.Serializer[Any]):
    """Send `as_of` back with the concern: it is then held against the questions of this answer."""

    as_of = serializers.DateTimeField()
    notice = SaidOut(many=True)
    lines = HelpLineOut(many=True)
    non_emergency = AgencyNumbersOut(many=True)
    not_taken = NotTakenOut(many=True)
    categories = CategoryOut(many=True)


class Categories(PublicRead):
    @extend_schema(
        operation_id="concern_categories",
        summary="What can be told, and all to know before typing",
        parameters=[CategoriesQuery],
        responses=CategoriesOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        language = checked(CategoriesQuery, request.query_params)["language"]
        now = timezone.now()
        shown = _shown(language, now)
        # Weak (RFC 9110, 8.8.1): two answers that differ in as_of alone say the same.
        etag = "W/" + etag_of(json.dumps(shown, sort_keys=True, default=str))
        response = Response({"as_of": now, **shown}, headers={"ETag": etag})
        return cast(
            "HttpResponseBase", get_conditional_response(request._request, etag=etag, response=response)
        )


def _shown(language: str, now: datetime) -> dict[str, Any]:
    reviewed = {vouched.code for vouched in vouched_for()}
    offered = Category.objects.offered().prefetch_related("questions")
    return {
        "notice": [say(sentence, language, reviewed) for sentence in GENERAL],
        "lines": signposts.lines(*KINDS),
        "non_emergency": _numbers(Contact.Kind.NON_EMERGENCY),
        "not_taken": [
            {
                "category": category,
                "detail": signposts.DETAILS[category],
                "facts": signposts.FACTS[category],
                "lines": signposts.lines(*signposts.KINDS[category]),
                "contacts": _numbers(Contact.Kind.OVERSIGHT),
            }
            for category in signposts.NOT_TAKEN
        ],
        "categories": CategoryOut(offered, many=True, context={"at": now}).data,
    }


def _numbers(kind: Contact.Kind) -> list[dict[str, Any]]:
    """By agency, what is confirmed and undisputed first."""
    contacts = current().contacts
    found = []
    for agency in Agency.objects.filter(pk__in=contacts):
        own = [contact for contact in contacts[agency.pk] if contact.kind == kind]
        own.sort(key=lambda contact: (contact.is_disputed, contact.verified_on is None, contact.pk))
        if own:
            numbers = [dict(ContactOut(contact).data) for contact in own]
            found.append({"agency": agency.slug, "name": agency.name, "numbers": numbers})
    return found
