"""Completions of an address as it is typed: streets first, then their numbers, and places by name."""

from collections.abc import Iterable, Iterator
from itertools import islice

from .names import beginning_with, likeliest_name, most_alike
from .phrases import NUMBER, name_words, number_of
from .readings import Point
from .streets import Street
from .words import MAX_CHARS, SUFFIXES, canonical, fold, words

MOST = 8
_MOST_PLACES = 3
_LEAST_ALIKE = 0.7


class Completions:
    """What may follow what was typed, among the given streets and places. Never changes once built."""

    def __init__(self, streets: Iterable[Street], places: Iterable[Point]) -> None:
        streets = sorted(streets, key=lambda street: street.label)
        self._named: dict[str, list[Street]] = {}
        self._streets: dict[str, list[Street]] = {}
        for street in streets:
            self._named.setdefault(street.key, []).append(street)
            for spelling in {_run_together(street), street.key + street.suffix}:
                self._streets.setdefault(spelling, []).append(street)
        self._street_spellings = sorted(self._streets)
        self._places: dict[str, list[str]] = {}
        for name in sorted({place.place for place in places}):
            self._places.setdefault("".join(name_words(name)), []).append(name)
        self._place_spellings = sorted(self._places)

    def of(self, typed: str) -> list[str]:
        """Up to 8 completions, likeliest first; none for nothing."""
        tokens = [word for word in words(fold(typed[:MAX_CHARS])) if word.isalnum()]
        if not tokens:
            return []
        if len(tokens) > 1 and NUMBER.fullmatch(tokens[0]):
            found = self._numbered(tokens[0], tokens[1:]) or self._with_places(tokens)
        elif len(tokens) > 1 and tokens[-1].isdigit() and (streets := self._called(tokens[:-1])):
            found = (f"{number} {s.label}" for s in streets for number in _numbers(s, tokens[-1]))
        else:
            found = self._with_places(tokens)
        return list(islice(dict.fromkeys(found), MOST))

    def _numbered(self, number: str, name: list[str]) -> list[str]:
        """The streets that begin like this and have the number; else those with the nearest number."""
        streets = self._called(name) or self._alike(name)
        value = number_of(number)
        having = [f"{number} {street.label}" for street in streets if street.has(value)]
        nearest = ((street.nearest_number(value), street.label) for street in streets)
        return having or [f"{near} {label}" for near, label in nearest if near is not None]

    def _with_places(self, tokens: list[str]) -> Iterator[str]:
        """Streets, then places, then, where there is one street only, its blocks."""
        streets = self._called(tokens)
        places = list(islice(self._places_called(tokens), _MOST_PLACES))
        if not streets and not places:
            streets = self._alike(tokens)
        yield from [street.label for street in streets][: MOST - len(places)]
        yield from places
        if len(streets) == 1:
            yield from (f"{number} {streets[0].label}" for number in _numbers(streets[0], ""))

    def _called(self, tokens: list[str]) -> list[Street]:
        """Streets that begin like this: those of just this name first, then the longest."""
        for typed in _spellings(tokens):
            spellings = beginning_with(typed, self._street_spellings)
            if found := {s.label: s for spelling in spellings for s in self._streets[spelling]}:
                return sorted(found.values(), key=lambda s: (s.key != typed, -len(s.sides), s.label))
        return []

    def _alike(self, tokens: list[str]) -> list[Street]:
        """Streets whose names look most like this."""
        alike = most_alike(likeliest_name(canonical(tokens)), self._named, _LEAST_ALIKE, MOST)
        return [street for name in alike for street in self._named[name]]

    def _places_called(self, tokens: list[str]) -> Iterator[str]:
        typed = "".join(canonical(tokens))
        for spelling in beginning_with(typed, self._place_spellings):
            yield from self._places[spelling]


def _spellings(tokens: list[str]) -> Iterator[str]:
    """What was typed, run together; then as it stands; then without a suffix that is not yet complete."""
    yield "".join(canonical(tokens))
    yield "".join([*canonical(tokens[:-1]), tokens[-1]])
    if len(tokens) > 1 and any(suffix.startswith(tokens[-1]) for suffix in SUFFIXES):
        yield "".join(canonical(tokens[:-1]))


def _run_together(street: Street) -> str:
    return street.prefix + street.key + street.suffix


def _numbers(street: Street, digits: str) -> list[int]:
    """The number itself if the street has it; else the first numbers of its blocks that begin with these digits."""
    if digits and street.has(int(digits)):
        return [int(digits)]
    return [number for number in street.first_numbers() if str(number).startswith(digits)]
