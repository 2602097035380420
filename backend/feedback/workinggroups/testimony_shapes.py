"""Shapes of what is told without identity."""

from typing import Any

from rest_framework import serializers

from backend.api import Pages
from backend.feedback.workinggroups.content_warnings import CONTENT_WARNINGS
from backend.feedback.workinggroups.demographics import QUESTIONS, Question
from backend.feedback.workinggroups.models import Disposition, Testimony

LONGEST = 10_000


class ContentWarningsField(serializers.ListField):
    """What a reader may want to know of before reading on."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.ChoiceField(choices=CONTENT_WARNINGS)
        super().__init__(child=child, max_length=len(CONTENT_WARNINGS), **kwargs)


class TestimonyIn(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=LONGEST, help_text="plain text; leave out names")
    content_warnings = ContentWarningsField(required=False, default=list)


class TestimonyKept(serializers.Serializer[Any]):
    """Nothing in it leads back to what was told."""

    kept = serializers.BooleanField()
    on = serializers.DateField()
    notice = serializers.CharField()


class TestimonyOut(serializers.Serializer[Any]):
    """Show `content_warnings` before `body`."""

    id = serializers.UUIDField()
    on = serializers.DateField(help_text="the day it came; nothing finer is known")
    content_warnings = ContentWarningsField()
    body = serializers.CharField()
    themes = serializers.SerializerMethodField(help_text="keys of the group's codebook")
    grounds = serializers.ChoiceField(
        choices=Disposition.Grounds.choices,
        allow_blank=True,
        help_text="why it is kept back; empty: it is not",
    )
    reason = serializers.CharField(allow_blank=True)

    def get_themes(self, testimony: Testimony) -> list[str]:
        return sorted(tag.theme.key for tag in testimony.tagged.all())


class TestimonyQuery(serializers.Serializer[Any]):
    cursor = serializers.CharField(required=False, help_text="of a `next` or `previous` link")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)
    kept_back = serializers.BooleanField(
        default=False, help_text="those that moderators keep back, or the others"
    )


class ModerationIn(serializers.Serializer[Any]):
    """Both empty: it is kept back no more."""

    grounds = serializers.ChoiceField(choices=Disposition.Grounds.choices, allow_blank=True)
    reason = serializers.CharField(max_length=300, allow_blank=True)


def _field(question: Question) -> Any:
    choices = list(question.choices.items())
    if not question.many:
        return serializers.ChoiceField(choices=choices, required=False, help_text=question.text)
    child = serializers.ChoiceField(choices=choices)
    return serializers.ListField(
        child=child, max_length=len(choices), required=False, help_text=question.text
    )


class DemographicsIn(serializers.Serializer[Any]):
    """Leave out what you do not want to answer: all of it, if you like."""

    def get_fields(self) -> dict[str, Any]:
        return {question.key: _field(question) for question in QUESTIONS}


class DemographicsKept(serializers.Serializer[Any]):
    kept = serializers.BooleanField()
    notice = serializers.CharField()
