""" "May I take part, and if not, why not, and from when": a program's rules held against what a person says. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from backend.programs.models.catalogue import Rule
from backend.programs.people import OF_AGE, age_on, birthday

Kind = Rule.Kind
Answer = Literal["yes", "no", "tell_us_more"]


@dataclass(frozen=True)
class Person:
    """What somebody says of themselves; None: not said. `took_part_on`: the days of places they had before."""

    born_on: date | None = None
    lives_in_city: bool | None = None
    owns_business: bool | None = None
    is_enrolled: bool | None = None
    has_guardian: bool | None = None
    took_part_on: Sequence[date] = ()


@dataclass(frozen=True)
class Finding:
    """One rule. `is_met` None: not known yet, `why` says what to tell or what comes later; `from_on`: met from then."""

    kind: str
    words: str
    is_met: bool | None
    why: str = ""
    from_on: date | None = None
    comes_later: bool = False


def check(
    rules: Iterable[Rule], person: Person, *, starts_on: date, today: date, ends_on: date | None = None
) -> list[Finding]:
    """A finding for each rule that says who may take part, of what starts that day.

    `ends_on`: of rides, each of which is on one day up to that one: who took part lately may do so on a later one.
    """
    findings = [CHECKS[rule.kind](rule, person, starts_on, today) for rule in rules if rule.kind in CHECKS]
    return [_on_a_later_day(finding, ends_on) if ends_on else finding for finding in findings]


def _on_a_later_day(finding: Finding, ends_on: date) -> Finding:
    later = finding.kind == Kind.PARTICIPATION and finding.from_on is not None and finding.from_on <= ends_on
    return (
        replace(finding, is_met=True, why=f"From {finding.from_on} on.", from_on=None) if later else finding
    )


def answer(findings: Sequence[Finding]) -> Answer:
    if any(finding.is_met is False for finding in findings):
        return "no"
    unknown = any(finding.is_met is None and not finding.comes_later for finding in findings)
    return "tell_us_more" if unknown else "yes"


def possible_from(findings: Sequence[Finding]) -> date | None:
    """The first day on which nothing would stand in the way; None where that is now, never or not known."""
    against = [finding.from_on for finding in findings if finding.is_met is False]
    days = [day for day in against if day is not None]
    return max(days) if days and len(days) == len(against) else None


def needs_guardian(rules: Iterable[Rule], born_on: date | None, starts_on: date) -> bool:
    """Whether somebody of that birthday takes part only as a guardian agrees."""
    limits = [rule.high or OF_AGE for rule in rules if rule.kind == Kind.GUARDIAN]
    return bool(limits and born_on and age_on(born_on, starts_on) < max(limits))


# --- rule by rule -------------------------------------------------------------------------------------


def _age(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    if person.born_on is None:
        return Finding(rule.kind, rule.words, None, "Tell us the date of birth.")
    age = age_on(person.born_on, starts_on)
    if rule.low is not None and age < rule.low:
        old_enough = birthday(person.born_on, rule.low)
        why = f"It is for people of {rule.low} and older when it starts."
        return Finding(rule.kind, rule.words, False, why, old_enough)
    if rule.high is not None and age > rule.high:
        return Finding(rule.kind, rule.words, False, f"It is for people up to {rule.high} years.")
    return Finding(rule.kind, rule.words, True)


def _guardian(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    if person.born_on is None:
        return Finding(rule.kind, rule.words, None, "Tell us the date of birth.")
    limit = rule.high or OF_AGE
    if age_on(person.born_on, starts_on) >= limit or person.has_guardian:
        return Finding(rule.kind, rule.words, True)
    if person.has_guardian is None:
        return Finding(rule.kind, rule.words, None, "Tell us whether a parent or guardian agrees.")
    return Finding(
        rule.kind,
        rule.words,
        False,
        f"Under {limit} a parent or guardian must agree; apply together with them.",
        birthday(person.born_on, limit),
    )


def _resident(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    return _said(rule, person.lives_in_city, "It is for people who live in the city.")


def _resident_or_business(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    said = (person.lives_in_city, person.owns_business)
    either = True if True in said else None if None in said else False
    return _said(rule, either, "It is for people who live in the city or own a business there.")


def _enrolled(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    return _said(rule, person.is_enrolled, "It is for people who attend or have finished high school.")


def _said(rule: Rule, said: bool | None, why: str) -> Finding:
    return Finding(rule.kind, rule.words, said, "" if said else why)


def _screening(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    return Finding(
        rule.kind, rule.words, None, "A records check follows after you apply.", None, comes_later=True
    )


def _participation(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    free = next_time(rule, person.took_part_on, starts_on)
    if free is None and person.born_on is None:  # two people may have one name
        return Finding(rule.kind, rule.words, None, "Tell us the date of birth.")
    if free is None:
        return Finding(rule.kind, rule.words, True)
    return Finding(rule.kind, rule.words, False, f"You took part already; again from {free}.", free)


def next_time(rule: Rule, took_part_on: Sequence[date], on: date) -> date | None:
    """None where one more time is possible that day, else the day from which it is.

    `high` times a person in any `low` days, both directions counted; without `low`, in a calendar year.
    """
    most = rule.high or 1
    if rule.low is None:
        in_year = [day for day in took_part_on if day.year == on.year]
        return None if len(in_year) < most else date(on.year + 1, 1, 1)
    span = timedelta(days=rule.low)
    near = sorted(day for day in took_part_on if abs(day - on) < span)
    return None if len(near) < most else near[-most] + span


def _lead(rule: Rule, person: Person, starts_on: date, today: date) -> Finding:
    earliest = today + timedelta(days=rule.low or 0)
    return Finding(rule.kind, rule.words, True, f"The earliest day is {earliest}.")


CHECKS: dict[str, Callable[[Rule, Person, date, date], Finding]] = {
    Kind.AGE: _age,
    Kind.GUARDIAN: _guardian,
    Kind.RESIDENT: _resident,
    Kind.RESIDENT_OR_BUSINESS: _resident_or_business,
    Kind.ENROLLED: _enrolled,
    Kind.SCREENING: _screening,
    Kind.PARTICIPATION: _participation,
    Kind.LEAD_DAYS: _lead,
}
