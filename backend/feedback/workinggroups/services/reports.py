"""The facts of "what we heard": counted by the database, never by reading what people wrote."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.feedback.workinggroups import report
from backend.feedback.workinggroups.models import (
    Comment,
    CommentAnswer,
    CommentTheme,
    Consultation,
    Disposition,
    Draft,
    Section,
    TestimonyTheme,
    Theme,
)
from backend.feedback.workinggroups.report import UNDISPOSED
from backend.feedback.workinggroups.services import testimony

CHUNK = 100  # comments in memory at once, of up to 25,000 characters


def facts_of(call: Consultation) -> report.Facts:
    """The same number of queries, however many comments there are."""
    return report.Facts(
        title=call.title,
        group=call.group.shown_name,
        version=call.draft.number if call.draft else None,
        opens_at=timezone.localtime(call.opens_at),
        closes_at=timezone.localtime(call.closed_at or call.closes_at),
        published_at=timezone.localtime(call.published_at) if call.published_at else None,
        cells=_cells(call),
        parts=_parts(call),
        codebook=dict(Theme.objects.filter(group=call.group_id).order_by("key").values_list("key", "name")),
        tagged=_tagged(call),
        without_theme=_without_theme(call),
        supports=dict(call.supports.values_list("section_id").annotate(Count("pk")).order_by()),
        questions=_questions(call),
        testimonies=_testimonies(call) if call.takes_testimony else None,
        demographics=testimony.demographics_of(call),
        landed=_landed(call),
        totals=_totals(call),
    )


def _outcome(path: str) -> Coalesce:
    return Coalesce(F(path), Value(UNDISPOSED))


def _cells(call: Consultation) -> list[report.Cell]:
    """One statement, so that what it counts is of one moment."""
    rows = call.comments.values_list(
        "kind", "section_id", _outcome("disposition__outcome"), Coalesce(F("disposition__grounds"), Value(""))
    )
    return [report.Cell(*row) for row in rows.annotate(Count("pk")).order_by()]


def _parts(call: Consultation) -> list[report.Part]:
    """The sections of the call's version, and any other that something was said of, in the order of the text."""
    spoken = Q(pk__in=call.comments.values("section")) | Q(pk__in=call.supports.values("section"))
    newest = Draft.objects.published().filter(group=call.group_id).order_by("-number").values("pk")[:1]
    there = Section.objects.filter(draft=Subquery(newest), key=OuterRef("key"))
    rows = Section.objects.filter(Q(draft=call.draft_id) | spoken).annotate(
        is_gone=Case(When(draft__published_at=None, then=Value(False)), default=~Exists(there))
    )
    columns = ("pk", "key", "number", "heading", "draft__number", "is_gone")
    return [report.Part(*row) for row in rows.order_by("draft__number", "position").values_list(*columns)]


def _tagged(call: Consultation) -> list[report.Tagged]:
    rows = CommentTheme.objects.filter(comment__consultation=call).values_list(
        "theme__key", _outcome("comment__disposition__outcome")
    )
    return [report.Tagged(*row) for row in rows.annotate(Count("pk")).order_by()]


def _without_theme(call: Consultation) -> dict[str, int]:
    rows = call.comments.filter(tagged=None).values_list(_outcome("disposition__outcome"))
    return dict(rows.annotate(Count("pk")).order_by())


def _questions(call: Consultation) -> list[report.Asked]:
    """Without what moderators keep back: a thousand pasted ones would decide every question."""
    kept = CommentAnswer.objects.filter(comment__consultation=call).exclude(
        comment__disposition__outcome=Disposition.Outcome.MODERATED
    )
    counted: dict[int, dict[str, int]] = {}
    for question, choice, count in kept.values_list("question_id", "choice").annotate(Count("pk")).order_by():
        counted.setdefault(question, {})[choice] = count
    return [
        report.Asked(
            key=question.key,
            text=question.text,
            kind=question.kind,
            counts={choice: counted.get(question.pk, {}).get(choice, 0) for choice in question.choices},
            answered=sum(counted.get(question.pk, {}).values()),
        )
        for question in call.questions.all()
    ]


def _testimonies(call: Consultation) -> report.Told:
    """Of days that are over: a count that grew while somebody looked would tell when each came."""
    told = testimony.readable(call)
    by_grounds = dict(told.values_list("grounds").annotate(Count("pk")).order_by())
    themes = TestimonyTheme.objects.filter(testimony__in=told.filter(grounds=""))
    return report.Told(
        how_many=sum(by_grounds.values()),
        kept_back={grounds: count for grounds, count in by_grounds.items() if grounds},
        themes=dict(themes.values_list("theme__key").annotate(Count("pk")).order_by()),
    )


def _landed(call: Consultation) -> list[report.Landed]:
    section = Section.objects.filter(draft=OuterRef("landed_draft"), key=OuterRef("landed_key"))
    rows = Disposition.objects.filter(comment__consultation=call, landed_draft__isnull=False)
    counted = (
        rows.annotate(
            landed_number=Subquery(section.values("number")),
            landed_heading=Subquery(section.values("heading")),
        )
        .values_list("landed_draft__number", "landed_key", "landed_number", "landed_heading")
        .annotate(Count("pk"))
        .order_by("landed_draft__number", "landed_key")
    )
    return [
        report.Landed(v, key, number or "", heading or "", count)
        for v, key, number, heading, count in counted
    ]


def _totals(call: Consultation) -> dict[str, int]:
    """Each by a query of its own."""
    tagged = Exists(CommentTheme.objects.filter(comment=OuterRef("pk")))
    moderated = Disposition.objects.filter(comment__consultation=call, outcome=Disposition.Outcome.MODERATED)
    return {
        "comments": call.comments.count(),
        "with_theme": call.comments.filter(tagged).count(),
        "moderated": moderated.count(),
        "supports": call.supports.count(),
    }


# --- words --------------------------------------------------------------------------------------------

_WORDS = ("pk", "kind", "shown_name", "body", "wording", "section__number", "section__heading", "is_orphaned")
_FATE = ("disposition__reason", "disposition__landed_draft__number", "disposition__landed_key")


def said_in(call: Consultation) -> Iterator[report.Said]:
    """Every published comment with its words, read as they are asked for; none where comments are not published.

    Of a section by their random keys: no order of coming.
    """
    comments = Comment.objects.published().filter(consultation=call).with_orphans()
    rows = comments.annotate(outcome=_outcome("disposition__outcome")).values(*_WORDS, *_FATE, "outcome")
    ordered = rows.order_by(F("section__position").asc(nulls_last=True), "pk").iterator(chunk_size=CHUNK)
    while chunk := list(islice(ordered, CHUNK)):
        answers = _answers([row["pk"] for row in chunk])
        for row in chunk:
            yield _said(row, answers.get(row["pk"], []))


def _answers(comments: list[Any]) -> dict[Any, list[tuple[str, str]]]:
    rows = CommentAnswer.objects.filter(comment__in=comments).order_by("question__position")
    found: dict[Any, list[tuple[str, str]]] = {}
    for comment, question, choice, words in rows.values_list(
        "comment_id", "question__text", "choice", "words"
    ):
        found.setdefault(comment, []).append((question, choice or words))
    return found


def _said(row: dict[str, Any], answers: list[tuple[str, str]]) -> report.Said:
    reason, version, landed_key = (row[name] for name in _FATE)
    number, heading = row["section__number"], row["section__heading"]
    return report.Said(
        section=report.OF_THE_WHOLE if number is None else f"{number} {heading}",
        is_orphaned=row["is_orphaned"],
        kind=row["kind"],
        name=row["shown_name"] or report.NOT_NAMED,
        words=row["body"],
        wording=row["wording"],
        answers=answers,
        outcome=row["outcome"],
        reason=reason or "",
        landed=f"version {version}, {landed_key}" if version else "",
    )
