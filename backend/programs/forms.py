"""Forms as JSON Schema (draft 2020-12), kept to what a phone can show and a check cannot choke on. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

from backend.errors import Invalid
from backend.events.services.checks import refuse_markup

CLOSED = "x-closed"  # an answer that few may read, and that is erased first
KEYWORDS = frozenset(
    (
        *("$schema", "type", "properties", "required", "additionalProperties", "title", "description"),
        *("enum", "format", "minLength", "maxLength", "minimum", "maximum", CLOSED),
    )
)
LONGEST_ANSWER = 2000
TYPES = ("string", "integer", "number", "boolean")

Error = dict[str, str]


def check_schema(schema: dict[str, Any]) -> None:
    """A flat object of strings, numbers and yes-or-no, each with its bounds. Raises Invalid with what is wrong."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise Invalid(f"This is no JSON Schema: {error.message}", field="schema") from None
    if "\\u0000" in json.dumps(schema):
        raise Invalid("A form holds no NUL character.", field="schema")
    properties = schema.get("properties", {})
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        raise Invalid(
            'A form is of type "object" with "additionalProperties": false, so that no answer is lost.',
            field="schema",
        )
    if "" in properties:
        raise Invalid("Every question has a name.", field="schema")
    for name, question in [("", schema), *properties.items()]:
        if not isinstance(question, dict):
            raise Invalid(f"{name}: describe the question as an object.", field="schema")
        choices = [choice for choice in question.get("enum", ()) if isinstance(choice, str)]
        for words in (name, question.get("title", ""), question.get("description", ""), *choices):
            refuse_markup(words, "schema")
        if unknown := sorted(set(question) - KEYWORDS):
            raise Invalid(f"{name or 'The form'}: {', '.join(unknown)} cannot be used here.", field="schema")
        if not name:
            continue
        if question.get("type") not in TYPES:
            raise Invalid(f"{name}: the type is one of {', '.join(TYPES)}.", field="schema")
        if question["type"] == "string" and "enum" not in question:
            longest = question.get("maxLength")
            if not isinstance(longest, int) or longest > LONGEST_ANSWER:
                raise Invalid(f"{name}: give a maxLength of at most {LONGEST_ANSWER}.", field="schema")
        if question["type"] in ("integer", "number") and not {"minimum", "maximum"} <= set(question):
            raise Invalid(f"{name}: give a minimum and a maximum.", field="schema")
    if strangers := sorted(set(schema.get("required", ())) - set(properties)):
        raise Invalid(f"{', '.join(strangers)}: required, and not asked.", field="schema")


def errors_in(schema: dict[str, Any], answers: dict[str, Any]) -> list[Error]:
    """What is wrong with the answers, each with a JSON pointer into the request; empty: nothing."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    found = [error for one in validator.iter_errors(answers) for error in _errors(one)]
    return list({(error["pointer"], error["code"]): error for error in found}.values())


def _errors(error: ValidationError) -> Iterator[Error]:
    at = "/".join(("/answers", *(str(step) for step in error.absolute_path)))
    keyword: Any = error.validator
    bound: Any = error.validator_value
    schema: Any = error.schema
    if keyword == "required" and isinstance(error.instance, dict):
        for name in bound:
            if name not in error.instance:
                yield {"pointer": f"/answers/{name}", "code": "required", "detail": "Answer this question."}
    elif keyword == "additionalProperties" and isinstance(error.instance, dict):
        for name in sorted(set(error.instance) - set(schema.get("properties", {}))):
            yield {
                "pointer": f"/answers/{name[:60]}",
                "code": "unknown",
                "detail": "The form does not ask this.",
            }
    else:
        yield {"pointer": at, "code": str(keyword), "detail": _in_words(str(keyword), bound)}


def _in_words(keyword: str, bound: Any) -> str:
    """What to do about it, without repeating what was sent."""
    return {
        "type": f"Send a value of the type {bound}.",
        "enum": f"Choose one of: {', '.join(map(str, bound)) if isinstance(bound, list) else bound}.",
        "maxLength": f"At most {bound} characters.",
        "minLength": f"At least {bound} characters.",
        "minimum": f"At least {bound}.",
        "maximum": f"At most {bound}.",
        "format": f"Send a {bound}, such as 2026-03-31." if bound == "date" else f"Send a {bound}.",
    }.get(keyword, "This cannot be accepted.")


def split_closed(schema: dict[str, Any], answers: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(open answers, closed answers)."""
    closed = {name for name, question in schema.get("properties", {}).items() if question.get(CLOSED)}
    return (
        {name: value for name, value in answers.items() if name not in closed},
        {name: value for name, value in answers.items() if name in closed},
    )
