"""Answers held against a category's questions. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from backend.errors import Invalid
from backend.feedback.concerns.models import Question

MOST = 1000  # characters of an answer

Answers = dict[str, str | bool]


def in_force(questions: Iterable[Question], at: datetime) -> list[Question]:
    """Those that were asked at a moment."""
    return [q for q in questions if q.since <= at and (q.ended_at is None or at < q.ended_at)]


def check_answers(questions: Iterable[Question], answers: dict[str, Any]) -> Answers:
    """The answers in the order of the questions, blank ones left out. Raises Invalid with all that is wrong."""
    asked = {question.slug: question for question in questions}
    kept: Answers = {}
    errors = [
        _error(slug, "unknown", "Nobody asks this; leave it out, or read the questions again.")
        for slug in answers
        if slug not in asked
    ]
    for slug, question in asked.items():
        value = answers.get(slug)
        value = value.strip() if isinstance(value, str) else value
        if value in (None, ""):
            if question.is_required:
                errors.append(_error(slug, "required", f"Answer this: {question.text}"))
        elif wrong := _wrong(question, value):
            errors.append(_error(slug, "invalid", wrong))
        else:
            kept[slug] = value
    if errors:
        raise Invalid("Correct the answers and send again.", errors=errors)
    return kept


def _wrong(question: Question, value: Any) -> str:
    """What is wrong with an answer; "" for nothing."""
    if question.kind == Question.Kind.YES_NO:
        return "" if isinstance(value, bool) else "Send true or false."
    if not isinstance(value, str):
        return "Send text."
    if question.kind == Question.Kind.CHOICE:
        return "" if value in question.choices else f"Send one of: {', '.join(question.choices)}."
    return "" if len(value) <= MOST else f"Send at most {MOST} characters."


def _error(slug: str, code: str, detail: str) -> dict[str, str]:
    step = slug.replace("~", "~0").replace("/", "~1")  # RFC 6901
    return {"pointer": f"/answers/{step}", "code": code, "detail": detail}
