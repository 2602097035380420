"""What people may say of themselves: questions with choices, their sums, and what of these may be shown. Pure.

Nobody need answer any. A neighborhood is not asked: with an age and a language it would be a person. Race and
ethnicity are one question, as in the federal standard (Statistical Policy Directive 15, 2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.suppression import suppress

FEWEST = 10  # what is shown counts at least so many
OTHERWISE, RATHER_NOT = "otherwise", "rather_not_say"
ENDS = {OTHERWISE: "I describe myself otherwise", RATHER_NOT: "I'd rather not say"}
ABOUT = (
    "All of this is optional. What you choose is added to sums and to nothing else: it is not tied to what you told, "
    "nor are your answers tied to each other. Whoever chooses “otherwise” is counted so; no words are asked for or "
    f"kept. The sums are published after the call, without any that would tell of fewer than {FEWEST} people."
)
Counts = dict[str, dict[str, int]]
Answer = str | Sequence[str]


@dataclass(frozen=True)
class Question:
    """`many`: one may choose all that apply."""

    key: str
    text: str
    choices: Mapping[str, str]
    many: bool = False


QUESTIONS = (
    Question(
        "age",
        "How old are you?",
        {
            "under_18": "under 18",
            "18_to_24": "18 to 24",
            "25_to_34": "25 to 34",
            "35_to_44": "35 to 44",
            "45_to_54": "45 to 54",
            "55_to_64": "55 to 64",
            "65_or_over": "65 or over",
            RATHER_NOT: ENDS[RATHER_NOT],
        },
    ),
    Question(
        "race_ethnicity",
        "What is your race or ethnicity? Choose all that apply.",
        {
            "american_indian_or_alaska_native": "American Indian or Alaska Native",
            "asian": "Asian",
            "black_or_african_american": "Black or African American",
            "hispanic_or_latino": "Hispanic or Latino",
            "middle_eastern_or_north_african": "Middle Eastern or North African",
            "native_hawaiian_or_pacific_islander": "Native Hawaiian or Pacific Islander",
            "white": "White",
            **ENDS,
        },
        many=True,
    ),
    Question(
        "gender",
        "What is your gender?",
        {"woman": "woman", "man": "man", "nonbinary": "nonbinary", **ENDS},
    ),
    Question(
        "home_language",
        "Which language do you speak most at home?",
        {
            "english": "English",
            "spanish": "Spanish",
            "bosnian": "Bosnian",
            "vietnamese": "Vietnamese",
            "arabic": "Arabic",
            "chinese": "Chinese",
            "sign_language": "a sign language",
            **ENDS,
        },
    ),
    Question("disability", "Do you live with a disability?", {"yes": "yes", "no": "no", **ENDS}),
    Question(
        "connection",
        "How do you come to this? Choose all that apply.",
        {
            "lived_it": "I lived through it",
            "close_to_me": "somebody close to me did",
            "witnessed": "I saw it happen",
            "work": "my work brings me to it",
            **ENDS,
        },
        many=True,
    ),
)


def add(counts: Counts, answers: Mapping[str, Answer]) -> Counts:
    """The sums with one person's answers among them; `people`: who answered that question.

    Every question and choice is in them, always in the same order: what was chosen first does not show.
    """
    return {q.key: _added(q, counts.get(q.key, {}), _chosen(answers.get(q.key))) for q in QUESTIONS}


def _chosen(answer: Answer | None) -> set[str]:
    return {answer} if isinstance(answer, str) else set(answer or ())


def _added(question: Question, counts: dict[str, int], chosen: set[str]) -> dict[str, int]:
    more = {"people": bool(chosen), **{choice: choice in chosen for choice in question.choices}}
    return {name: counts.get(name, 0) + one for name, one in more.items()}


def publishable(counts: Counts) -> list[dict[str, Any]]:
    """[{question, text, many, people, choices: [{choice, text, count}]}]; None is withheld (backend/suppression.py).

    Of each withheld number the least and the greatest value that fit with all that is shown are at least FEWEST apart.
    """
    return [_shown(question, counts.get(question.key, {})) for question in QUESTIONS]


def _shown(question: Question, counts: dict[str, int]) -> dict[str, Any]:
    people = counts.get("people", 0)
    all_counts = [counts.get(choice, 0) for choice in question.choices]
    shown, total = (_of_many if question.many else _of_one)(all_counts, people)
    choices = [
        {"choice": choice, "text": text, "count": count}
        for (choice, text), count in zip(question.choices.items(), shown, strict=True)
    ]
    return {
        "question": question.key,
        "text": question.text,
        "many": question.many,
        "people": total,
        "choices": choices,
    }


def _of_one(counts: list[int], people: int) -> tuple[list[int | None], int | None]:
    """They add up to the people: a table of one row, which is its columns' sums too."""
    row = suppress([[*counts, people], [*counts, people]], FEWEST)[0]
    return row[:-1], row[-1]


def _of_many(counts: list[int], people: int) -> tuple[list[int | None], int | None]:
    """They add up to nothing, but a count tells as much of who did not choose it."""
    shown = [n if n >= FEWEST and people - n >= FEWEST else None for n in counts]
    return shown, people if people >= FEWEST else None
