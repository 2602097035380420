"""The index of one edition of the streets: reads what people type against the names it holds."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .phrases import (
    NUMBER,
    after_number,
    interpretations,
    name_words,
    number_starts,
    pairs,
    phrases,
    plain,
    spellings,
    streets_apart,
)
from .readings import AddressNotFound, Match, Point, Reading
from .streets import REACH, Segment, Street, beside_crossing, crossings, metres_between, middle
from .words import DIRECTIONS, MAX_CHARS, SUFFIXES, canonical, fold, is_tail, words

# What each doubt takes off the confidence. 0.01 is taken always: nobody has seen the house.
_NO_DIRECTION, _OTHER_HALF, _EXTRA_DIRECTION, _WRONG_DIRECTION = 0.05, 0.05, 0.12, 0.30
_NO_SUFFIX, _WRONG_SUFFIX = 0.03, 0.10
_ANOTHER_EXISTS = 0.06  # the street is there as it was said, but without that number
_MISSPELT, _CUT_NAME = 0.12, 0.10
_OFF_RANGE, _OTHER_ZIP = 0.10, 0.13
_WHOLE_STREET, _PASSING, _FAR_PASSING = 0.40, 0.04, 0.12
_PLACE, _PART_OF_PLACE = 0.04, 0.20
_EQUAL = 0.02  # readings this close in doubt are equally good
_SAME_SPOT_M = 60.0
_MEETING_M = 45.0  # farther apart, two streets only pass near each other
_MOST_READINGS, _MOST_PARTS, _MOST_PASSING = 60, 4, 3

_ZIP_AT_END = re.compile(r"\S.*?[\s,](\d{5})(?:-\d{4})?[\s,]*(?:USA?)?[\s.,]*$")


Named = dict[int, tuple[Street, float]]  # by id(street): the street and the doubt whether it is meant


class AddressIndex:
    """Finds addresses among the given segments and points. Never changes once built; threads may share it."""

    def __init__(self, segments: Iterable[Segment], points: Iterable[Point] = ()) -> None:
        self._streets: dict[tuple[str, str, str], Street] = {}
        self._by_name: dict[str, list[tuple[Street, float]]] = {}
        self._points: dict[tuple[int, int], list[Point]] = {}
        self._places: dict[str, list[Point]] = {}
        self._zips: set[str] = set()
        for segment in segments:
            self._street(segment.prefix, segment.name, segment.suffix).add(segment)
            self._zips.add(segment.zip_code)
        for point in points:
            self._add_point(point)
        self._guessable = [name for name in self._by_name if not re.search(r"\d", name)]

    def locate(self, text: str) -> list[Match]:
        """Readings that are equally good, best first; the caller decides whether they differ in what matters.

        Raises AddressNotFound, also for text that is no address at all.
        """
        if len(text) > MAX_CHARS:
            raise AddressNotFound
        folded = fold(text)
        tokens = words(folded)
        zip_code = found[1] if (found := _ZIP_AT_END.match(folded)) else ""
        readings = self._place_called("".join(plain(tokens)), _PLACE) or self._read(tokens)
        return [reading.match() for reading in self._best(readings, zip_code)]

    @property
    def streets(self) -> Collection[Street]:
        return self._streets.values()

    @property
    def places(self) -> Iterable[Point]:
        return (point for points in self._places.values() for point in points)

    # Building

    def _street(self, prefix: str, name: str, suffix: str) -> Street:
        if prefix.upper() not in DIRECTIONS:
            prefix, name = "", f"{prefix} {name}".strip()  # "Interstate" + "44"
        suffix = "" if "RAMP" in suffix.upper() else suffix.upper()  # ramps belong to their highway
        spelt = name_words(name)
        if not suffix and len(spelt) > 1 and spelt[-1] in SUFFIXES:
            suffix, name = spelt.pop(), " ".join(name.upper().split()[:-1])
        prefix = "" if spelt[:1] == [prefix] else prefix  # "N" + "N MARKET"
        identity = prefix, "".join(spelt), SUFFIXES.get(suffix, suffix)
        if identity not in self._streets:
            label = " ".join(part for part in (prefix, name.upper(), suffix) if part)
            street = self._streets[identity] = Street(*identity, label)
            for spelling, doubt in spellings(spelt).items():
                self._by_name.setdefault(spelling, []).append((street, doubt))
        return self._streets[identity]

    def _add_point(self, point: Point) -> None:
        if point.place:
            self._places.setdefault("".join(name_words(point.place)), []).append(point)
        tokens = words(fold(point.address))
        if len(tokens) < 2 or not (number := NUMBER.fullmatch(tokens[0])):
            return
        phrase = next(phrases(canonical(tokens[1:])), [])
        named = self._named(phrase)
        street = min(named.values(), key=lambda item: item[1])[0] if named else self._new_street(phrase)
        self._points.setdefault((id(street), int(number[1])), []).append(point)

    def _new_street(self, phrase: list[str]) -> Street:
        prefix, name, suffix = next(interpretations(phrase), ("", phrase, ""))
        return self._street(prefix, " ".join(name), suffix)

    # Reading

    def _read(self, tokens: list[str]) -> list[Reading]:
        parts = streets_apart(tokens)
        hints: list[str] = []
        for part in parts[:_MOST_PARTS]:
            for start in number_starts(part):
                if readings := self._numbered(part[start:], hints):
                    return readings
        if hints:
            raise AddressNotFound(hints)
        for read in (self._crossing, self._whole_street):
            if readings := read(parts[:_MOST_PARTS]):
                return readings
        if readings := self._place_within(tokens):
            return readings
        raise AddressNotFound(street.label for street, _ in self._similar(tokens).values())

    def _place_called(self, name: str, doubt: float) -> list[Reading]:
        found = self._places.get(name, ())
        return [Reading(doubt, point.address, "place", point.lon, point.lat) for point in found]

    def _place_within(self, tokens: list[str]) -> list[Reading]:
        """A place with more words behind it ("Forest Park - boathouse", never another city), or misspelt."""
        spelt = plain(tokens)
        for end in range(min(len(spelt), 12), 0, -1):
            known_rest = is_tail(spelt[end:])
            readings = self._place_called("".join(spelt[:end]), _PLACE if known_rest else _PART_OF_PLACE)
            if readings and (known_rest or (end > 1 and "," not in tokens)):
                return readings
        guesses = _guesses("".join(spelt), self._places)
        return self._place_called(guesses[0], _PART_OF_PLACE) if len(guesses) == 1 else []

    def _numbered(self, tokens: list[str], hints: list[str]) -> list[Reading]:
        """Readings of number + street; when there are none, `hints` gets spellings worth trying."""
        number = int(tokens[0].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        is_block = tokens[1:2] in (["BLOCK"], ["BLK"])
        for rest in after_number(tokens[2:] if is_block else tokens[1:]):
            for phrase in phrases(rest):
                named = self._named(phrase)
                if readings := self._on_streets(number, named, is_block) or _on_unnumbered(number, named):
                    return readings
                hints.extend(_nearby(number, named))
        if hints:
            return []
        readings = self._misspelt(number, rest, is_block)
        if not readings:
            hints.extend(self._beginnings(number, rest) or _nearby(number, self._similar(rest)))
        return readings

    def _beginnings(self, number: int, rest: list[str]) -> list[str]:
        """The address without words that are none of it ("1820 Market St Downtown"); not in another city."""
        for end in range(min(len(rest), 8), 0, -1):
            if "," not in rest and (readings := self._on_streets(number, self._named(rest[:end]), False)):
                return [reading.address for reading in self._best(readings, "")]
        return []

    def _on_streets(self, number: int, named: Named, is_block: bool) -> list[Reading]:
        readings: list[Reading] = []
        for street, doubt in _likely(named).values():
            own = [] if is_block else self._points.get((id(street), number), [])
            if own:
                label = f"{number} {street.label}"
                readings += [Reading(doubt, label, "address", point.lon, point.lat) for point in own]
            else:
                readings += _by_range(street, doubt, number, is_block)
        return readings

    def _misspelt(self, number: int, rest: list[str], is_block: bool) -> list[Reading]:
        """One name must be the only one near that has this number; a second one makes it a guess."""
        phrase = min(phrases(rest), key=len, default=[])
        for prefix, name, suffix in interpretations(phrase):
            found: dict[str, list[Reading]] = {}
            for guess in _guesses("".join(name), self._guessable):
                named = self._matching(prefix, guess, suffix, _MISSPELT)
                named = {
                    key: (street, doubt)
                    for key, (street, doubt) in named.items()
                    if not suffix or street.suffix in ("", suffix)
                }
                readings = self._on_streets(number, named, is_block)
                if sure := [reading for reading in readings if reading.doubt < _MISSPELT + _OFF_RANGE]:
                    found[guess] = sure
            if len(found) == 1:
                return next(iter(found.values()))
        return []

    def _named(self, phrase: list[str]) -> Named:
        """The streets this phrase spells, with or without the right direction and suffix."""
        named: Named = {}
        for prefix, name, suffix in interpretations(phrase):
            for spelling, doubt in spellings(name).items():
                for key, (street, total) in self._matching(prefix, spelling, suffix, doubt).items():
                    if key not in named or total < named[key][1]:
                        named[key] = street, total
        return named

    def _matching(self, prefix: str, name: str, suffix: str, doubt: float) -> Named:
        return {
            id(street): (
                street,
                doubt
                + alias
                + _direction_doubt(prefix, street.prefix)
                + _suffix_doubt(suffix, street.suffix),
            )
            for street, alias in self._by_name.get(name, ())
        }

    def _street_named(self, part: list[str]) -> Named:
        return next((named for phrase in phrases(canonical(part)) if (named := self._named(phrase))), {})

    def _crossing(self, parts: list[list[str]]) -> list[Reading]:
        for first, second in islice(pairs(parts), _MOST_PARTS):
            if readings := self._meeting(first, second):
                return readings
        return []

    def _meeting(self, first: list[str], second: list[str]) -> list[Reading]:
        one, other = self._street_named(first), self._street_named(second)
        readings = _met(one, other)
        if one and not readings:
            readings = _met(one, self._cut_or_misspelt(second))
        if other and not readings:
            readings = _met(self._cut_or_misspelt(first), other)
        return [reading for reading in readings if reading.doubt <= _WRONG_DIRECTION + _NO_DIRECTION]

    def _cut_or_misspelt(self, part: list[str]) -> Named:
        """Streets a cut or misspelt name may mean: the crossing with the other street tells which."""
        named: Named = {}
        for prefix, name, suffix in interpretations(next(phrases(canonical(part)), [])):
            spelt = "".join(name)
            cut = [] if suffix or not spelt else [known for known in self._by_name if known.startswith(spelt)]
            for guess in cut or _guesses(spelt, self._guessable):
                named.update(self._matching(prefix, guess, suffix, _CUT_NAME if cut else _MISSPELT))
            if named:
                break
        return named

    def _whole_street(self, parts: list[list[str]]) -> list[Reading]:
        """A street without a number: points all along it, so that the caller sees whether they differ."""
        part = parts[0] if parts else []
        another_street = any(other != part for other in parts) or "AND" in part
        another_city = "MO" in part and "LOUIS" not in part
        named = {} if another_street or another_city else self._street_named(part)
        readings = [
            Reading(doubt + _WHOLE_STREET, street.label, "block", *point)
            for street, doubt in named.values()
            for point in street.spread()
        ]
        return readings[:: len(readings) // _MOST_READINGS + 1]

    def _similar(self, tokens: list[str]) -> Named:
        """The streets whose names look most like these words."""
        phrase = min(phrases(plain(tokens)), key=len, default=[])
        name = next(("".join(name) for _, name, _ in interpretations(phrase)), "")
        scorer = OSA.normalized_similarity
        near = process.extract(name, self._guessable, scorer=scorer, score_cutoff=0.6, limit=5)
        return {
            id(street): (street, 1 - alike)
            for found, alike, _ in near
            for street, _ in self._by_name[found][:1]
        }

    def _best(self, readings: list[Reading], zip_code: str) -> list[Reading]:
        if zip_code:
            readings = [replace(r, doubt=r.doubt + self._zip_doubt(r, zip_code)) for r in readings]
        readings = sorted(readings, key=lambda reading: reading.doubt)
        kept: list[Reading] = []
        for reading in readings:
            if reading.doubt > readings[0].doubt + _EQUAL:
                break
            if all(metres_between((k.lon, k.lat), (reading.lon, reading.lat)) > _SAME_SPOT_M for k in kept):
                kept.append(reading)
        return kept

    def _zip_doubt(self, reading: Reading, zip_code: str) -> float:
        agrees = reading.zip_code in ("", zip_code) and zip_code in self._zips
        return 0.0 if agrees or self._zips <= {""} else _OTHER_ZIP


def _direction_doubt(said: str, known: str) -> float:
    if said == known:
        return 0.0
    if not said:
        return _NO_DIRECTION
    if known:
        return _WRONG_DIRECTION
    return _OTHER_HALF if said in "EW" else _EXTRA_DIRECTION  # N and S number anew, E and W often go on


def _likely(named: Named) -> Named:
    """Without streets that differ too much from what was said, where a street is there that does not."""
    best = min((doubt for _, doubt in named.values()), default=0.0)
    if best == 0:
        return {
            key: (street, doubt + (_ANOTHER_EXISTS if doubt else 0.0))
            for key, (street, doubt) in named.items()
            if doubt < _NO_DIRECTION + _WRONG_SUFFIX
        }
    return {
        key: (street, doubt)
        for key, (street, doubt) in named.items()
        if doubt < max(_WRONG_DIRECTION, best + _EQUAL)
    }


def _suffix_doubt(said: str, known: str) -> float:
    if said == known:
        return 0.0
    return _WRONG_SUFFIX if said and known else _NO_SUFFIX


def _allowed_slips(name: str) -> int:
    return 0 if len(name) < 5 else 1 if len(name) < 9 else 2


def _guesses(name: str, known: Collection[str]) -> list[str]:
    """Known names that are one slip away, or two in a long name, with the same first letter."""
    if not (allowed := _allowed_slips(name)):
        return []
    near = {
        found: slips
        for found, slips, _ in process.extract(
            name, list(known), scorer=OSA.distance, score_cutoff=allowed, limit=8
        )
        if found[0] == name[0] and slips <= _allowed_slips(found)
    }
    return [found for found, slips in near.items() if slips == min(near.values())]


def _by_range(street: Street, doubt: float, number: int, is_block: bool) -> list[Reading]:
    if is_block:
        number -= number % 100
        label = f"{number} BLOCK OF {street.label}"
        return [_in_middle(doubt, label, side.segment) for side in street.nearest_sides(number + 50)[1]]
    distance, sides = street.nearest_sides(number)
    if distance:
        doubt += _OFF_RANGE + distance / REACH / 10
    label = f"{number} {street.label}"
    return [Reading(doubt, label, "address", *side.point(number), side.segment.zip_code) for side in sides]


def _in_middle(doubt: float, label: str, segment: Segment) -> Reading:
    return Reading(doubt, label, "block", *middle(segment.line), segment.zip_code)


def _on_unnumbered(number: int, named: Named) -> list[Reading]:
    """Anywhere on a street, spelt right, of which most has no ranges."""
    streets = [street for street, doubt in named.values() if not doubt and street.mostly_unnumbered]
    return [
        _in_middle(_WHOLE_STREET, f"{number} {street.label}", segment)
        for street in streets
        for segment in street.unnumbered[:_MOST_READINGS]
    ]


def _nearby(number: int, named: Named) -> list[str]:
    """The same streets with the nearest number they have."""
    hints = []
    for street, _ in sorted(named.values(), key=lambda item: item[1]):
        numbers = [min(max(number, side.low), side.high) for side in street.sides]
        nearest = f"{min(numbers, key=lambda known: abs(known - number))} " if numbers else ""
        hints.append(nearest + street.label)
    return hints


def _met(one: Named, other: Named) -> list[Reading]:
    """Where any of these streets share a crossing, or else pass near each other (bridges, ramps, map gaps).

    Passing is costly to find, so only the likeliest are asked.
    """
    couples = sorted(_different(one, other), key=lambda couple: couple[2])
    sharing = [couple for couple in couples if not couple[0].nodes.isdisjoint(couple[1].nodes)]
    return [reading for couple in sharing or couples[:_MOST_PASSING] for reading in _at_crossing(*couple)]


def _different(one: Named, other: Named) -> list[tuple[Street, Street, float]]:
    return [
        (a, b, doubt_a + doubt_b)
        for a, doubt_a in one.values()
        for b, doubt_b in other.values()
        if a is not b and (a.key != b.key or not doubt_a + doubt_b)
    ]


def _at_crossing(a: Street, b: Street, doubt: float) -> list[Reading]:
    gap, points = crossings(a, b)
    if gap:
        doubt += _PASSING if gap <= _MEETING_M else _FAR_PASSING
    label = f"{a.label} / {b.label}"
    return [Reading(doubt, label, "intersection", *beside_crossing(point)) for point in points]
