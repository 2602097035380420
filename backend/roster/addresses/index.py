"""The index of one edition of the streets: reads what people type against the names it holds."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice

from .choosing import NEARLY, CrossStreets, best, likely
from .crossings import name_stops
from .names import (
    MISSPELT,
    NO_DIRECTION,
    WRONG_DIRECTION,
    WRONG_SUFFIX,
    Named,
    StreetNames,
    guesses,
    respelt,
)
from .phrases import (
    NUMBER,
    after_number,
    houses,
    interpretations,
    late_houses,
    name_words,
    number_of,
    pairs,
    phrases,
    place_words,
    plain,
    side_by_side,
    split,
    streets_apart,
    without_block,
)
from .placing import (
    OFF_RANGE,
    by_range,
    met,
    nearby,
    on_unnumbered,
    whole,
)
from .readings import AddressNotFound, Match, Point, Reading
from .streets import Segment, Street, metres_between
from .tails import is_tail, is_this_city
from .words import DIRECTIONS, MAX_CHARS, SUFFIXES, canonical, fold, words

# What each doubt takes off the confidence. 0.01 is taken always: nobody has seen the house.
_OTHER_ZIP, _RUN_TOGETHER, _NUMBER_LATE, _MISSPELT_SUFFIX = 0.13, 0.05, 0.03, 0.05
_PLACE, _PART_OF_PLACE = 0.04, 0.20
_MISPLACED_M = 1000.0  # so far from its own address, a place was put down wrongly
_HALVES = ("NS", "EW")  # directions that halve a street
_MOST_PARTS = _MOST_HOUSES = 4
_MOST_WORDS = 48  # longer than anybody's address; what is tried for each may multiply

_ZIP_AT_END = re.compile(r"\S.*?[\s,](\d{5})(?:-\d{4})?[\s,]*(?:USA?)?[\s.,]*$")


class AddressIndex:
    """Finds addresses among the given segments and points. Never changes once built; threads may share it."""

    def __init__(self, segments: Iterable[Segment], points: Iterable[Point] = ()) -> None:
        self._streets: dict[tuple[str, str, str], Street] = {}
        self._names = StreetNames()
        self._places: dict[str, list[Point]] = {}
        self._zips: set[str] = set()
        for segment in segments:
            self._street(segment.prefix, segment.name, segment.suffix).add(segment)
            self._zips.add(segment.zip_code)
        self._add_points(points)
        self._find_halves()
        self._plain = self._names_as_on_the_map()
        name_stops(self._streets.values())
        self._cross_streets = CrossStreets(self._streets.values())

    def locate(self, text: str) -> list[Match]:
        """Readings that are equally good, best first; the caller decides whether they differ in what matters.

        Each has an address of its own that is found again, but for two crossings of the same two streets. Raises
        AddressNotFound, also for text that is no address at all.
        """
        if len(text) > MAX_CHARS:
            raise AddressNotFound
        if len(readings := self._best(self._plainest(text), "")) == 1:
            return [readings[0].match()]
        folded = fold(text)
        tokens = words(folded)[:_MOST_WORDS]
        zip_code = found[1] if (found := _ZIP_AT_END.match(folded)) else ""
        named = self._place_called(place_words(text), _PLACE) if self._places else []
        readings = self._best(named or self._read(tokens), zip_code)
        if len(readings) > 1:
            readings = self._cross_streets.told_apart(self._near_cross_street(readings, tokens))
        return [reading.match() for reading in readings]

    def places_called(self, name: str) -> list[Match]:
        """The places of just this name."""
        return [reading.match() for reading in self._place_called(place_words(name), _PLACE)]

    @property
    def streets(self) -> Collection[Street]:
        return self._streets.values()

    @property
    def places(self) -> Iterable[Point]:
        return (point for points in self._places.values() for point in points)

    # Building

    def _street(self, prefix: str, name: str, suffix: str) -> Street:
        label = " ".join(part for part in (prefix, name, suffix) if part).upper()
        if prefix.upper() not in DIRECTIONS:
            prefix, name = "", f"{prefix} {name}".strip()  # "Interstate" + "44"
        if "RAMP" in suffix.upper():  # ramps belong to their highway
            suffix, label = "", name.upper()
        if suffix.upper() not in SUFFIXES:
            name, suffix = f"{name} {suffix}".strip(), ""  # "Jasper" + "Park"
        spelt = name_words(name)
        if not spelt:  # "The" + "Blvd"
            spelt, suffix = name_words(suffix), ""
        if not suffix and len(spelt) > 1 and spelt[-1] in SUFFIXES:
            suffix = spelt.pop()
        if spelt[:1] == [prefix]:  # "N" + "N MARKET"
            prefix, label = "", label.removeprefix(f"{prefix} ")
        identity = prefix, "".join(spelt), SUFFIXES.get(suffix.upper(), "")
        if identity not in self._streets:
            self._streets[identity] = Street(*identity, label)
            if spelt:
                self._names.add(self._streets[identity], spelt)
        return self._streets[identity]

    def _find_halves(self) -> None:
        for (prefix, name, suffix), street in self._streets.items():
            pairs = _HALVES if not prefix else [pair for pair in _HALVES if prefix in pair]
            street.has_halves = any(
                all((half, name, suffix) in self._streets for half in pair) for pair in pairs
            )

    def _names_as_on_the_map(self) -> dict[str, Named]:
        """What each label and its words spell, likeliest first: worked out beforehand, for most people write those."""
        spelt = {street.label: name_words(street.label) for street in self._streets.values()}
        self._names.learn(spelt.values())
        plain = {
            name: dict(sorted(likely(named).items(), key=lambda item: item[1]))
            for name, named in self._names.as_written.items()
        }
        return {label: plain[" ".join(name)] for label, name in spelt.items()} | plain

    def _add_points(self, points: Iterable[Point]) -> None:
        streets: dict[str, Street | None] = {}
        for point in points:
            start, _, rest = point.address.upper().partition(" ")
            if NUMBER.fullmatch(start):
                if rest not in streets:
                    streets[rest] = self._street_of(rest)
                if street := streets[rest]:
                    point = self._add_house(point, street, number_of(start))
            if point.place:
                self._places.setdefault("".join(place_words(point.place)), []).append(point)

    def _add_house(self, point: Point, street: Street, number: int) -> Point:
        """The point; a place that lies far from its own address was put down wrongly, and is at its address."""
        sides = street.nearest_sides(number)[1]
        if point.place and sides:
            lon, lat = sides[0].point(number)
            if metres_between((lon, lat), (point.lon, point.lat)) > _MISPLACED_M:
                point = replace(point, lon=lon, lat=lat)
        reading = Reading(
            doubt=0.0,
            address=f"{number} {street.label}",
            kind="address",
            lon=point.lon,
            lat=point.lat,
            zip_code=sides[0].segment.zip_code if sides else "",
        )
        street.houses.setdefault(number, []).append(reading)
        return point

    def _street_of(self, text: str) -> Street | None:
        """The street that a point's address names; a new one where the map of streets lacks it."""
        phrase = next(phrases(canonical(words(fold(text)))), [])
        named = self._names.spelt(phrase)
        if named:
            return min(named, key=named.__getitem__)
        return self._new_street(phrase) if phrase else None

    def _new_street(self, phrase: list[str]) -> Street:
        prefix, name, suffix = next(interpretations(phrase), ("", phrase, ""))
        return self._street(prefix, " ".join(name), suffix)

    # Reading

    def _read(self, tokens: list[str]) -> list[Reading]:
        if readings := whole(self._plain.get(" ".join(plain(tokens)), {})):
            return readings
        parts = streets_apart(tokens)[:_MOST_PARTS]
        hints: list[str] = []
        for house in islice((house for part in parts for house in houses(part)), _MOST_HOUSES):
            if readings := self._numbered(house, hints):
                return readings
        if hints:
            if readings := self._crossing(split(tokens, "/")[:_MOST_PARTS]):  # "8 / OLIVE"
                return readings
            raise AddressNotFound(hints)
        for read in (self._crossing, self._run_together, self._late_house, self._whole_street):
            if readings := read(parts):
                return readings
        if readings := self._place_within(tokens):
            return readings
        similar = self._names.similar(min(phrases(plain(tokens)), key=len, default=[]))
        raise AddressNotFound(street.label for street in similar)

    def _plainest(self, text: str) -> list[Reading]:
        """A number and a street's name as on the map ("1915 Olive St") need no taking apart."""
        number, _, name = text.upper().partition(" ")
        readings: list[Reading] = []
        if number.isdecimal() and len(number) <= 5:
            for street, doubt in self._plain.get(name, {}).items():
                if any(reading.doubt + NEARLY < doubt for reading in readings):
                    break  # what follows is much less likely
                readings += self._on_street(street, doubt, int(number), False)
        return readings

    def _place_called(self, name: list[str], doubt: float) -> list[Reading]:
        found = self._places.get("".join(name), ())
        return [Reading(doubt, point.address, "place", point.lon, point.lat) for point in found]

    def _place_within(self, tokens: list[str]) -> list[Reading]:
        """A place with more words behind it ("Forest Park - boathouse", never another city), or misspelt."""
        if not self._places:
            return []
        spelt = plain(tokens)
        for end in range(min(len(spelt), 12), 0, -1):
            known_rest = is_tail(spelt[end:])
            readings = self._place_called(spelt[:end], _PLACE if known_rest else _PART_OF_PLACE)
            if readings and (known_rest or (end > 1 and "," not in tokens)):
                return readings
        alike = guesses("".join(spelt), list(self._places))
        return self._place_called(alike, _PART_OF_PLACE) if len(alike) == 1 else []

    def _numbered(self, house: list[str], hints: list[str]) -> list[Reading]:
        """Readings of number + street; when there are none, `hints` gets spellings worth trying."""
        number = number_of(house[0])
        is_block, following = without_block(house)
        rest: list[str] = []
        for rest in after_number(following):
            for phrase in phrases(rest):
                named = self._names.spelt(phrase)
                if readings := self._on_streets(number, named, is_block) or on_unnumbered(number, named):
                    return readings
                hints.extend(nearby(number, named))
        if hints:
            return []
        readings = self._misspelt(number, min(phrases(rest), key=len, default=[]), is_block)
        if not readings:
            hints.extend(self._beginnings(number, rest) or nearby(number, self._names.similar(rest)))
        return readings

    def _late_house(self, parts: list[list[str]]) -> list[Reading]:
        """A number in the middle of a text or at its end, on the range of a street that is spelt right."""
        for house in islice((house for part in parts for house in late_houses(part)), _MOST_HOUSES):
            is_block, rest = without_block(house)
            number = number_of(house[0])
            for phrase in phrases(canonical(rest)):
                readings = self._on_streets(number, self._names.spelt(phrase), is_block)
                if sure := [reading for reading in readings if reading.doubt < OFF_RANGE]:
                    return [replace(reading, doubt=reading.doubt + _NUMBER_LATE) for reading in sure]
        return []

    def _beginnings(self, number: int, rest: list[str]) -> list[str]:
        """The address without words that are none of it ("1820 Market St Downtown"); not in another city."""
        for end in range(min(len(rest), 8), 0, -1):
            named = self._names.spelt(rest[:end]) if "," not in rest else {}
            if readings := self._on_streets(number, named, False):
                return [reading.address for reading in self._best(readings, "")]
        return []

    def _on_streets(self, number: int, named: Named, is_block: bool) -> list[Reading]:
        return [
            reading
            for street, doubt in likely(named).items()
            for reading in self._on_street(street, doubt, number, is_block)
        ]

    def _on_street(self, street: Street, doubt: float, number: int, is_block: bool) -> list[Reading]:
        own = [] if is_block else street.houses.get(number, ())
        return [replace(house, doubt=doubt) for house in own] or by_range(street, doubt, number, is_block)

    def _misspelt(self, number: int, phrase: list[str], is_block: bool) -> list[Reading]:
        """One name must be the only one near that has this number; a second one makes it a guess."""
        if readings := self._on_streets(number, self._names.spelt(respelt(phrase)), is_block):
            return [replace(reading, doubt=reading.doubt + _MISSPELT_SUFFIX) for reading in readings]
        for prefix, name, suffix in interpretations(phrase):
            found: dict[str, list[Reading]] = {}
            for guess in self._names.guesses("".join(name)):
                named = self._names.matching(prefix, guess, suffix, MISSPELT)
                if suffix:
                    named = {s: doubt for s, doubt in named.items() if s.suffix in ("", suffix)}
                readings = self._on_streets(number, named, is_block)
                if sure := [reading for reading in readings if reading.doubt < MISSPELT + OFF_RANGE]:
                    found[guess] = sure
            if len(found) == 1:
                return next(iter(found.values()))
        return []

    def _street_named(self, part: list[str]) -> Named:
        return next(
            (named for phrase in phrases(canonical(part)) if (named := self._names.spelt(phrase))), {}
        )

    def _crossing(self, parts: list[list[str]]) -> list[Reading]:
        for first, second in islice(pairs(parts), _MOST_PARTS):
            if readings := self._meeting(first, second):
                return readings
        return []

    def _meeting(self, first: list[str], second: list[str]) -> list[Reading]:
        one, other = self._street_named(first), self._street_named(second)
        readings = met(one, other)
        if one and not readings:
            readings = met(one, self._cut_or_misspelt(second))
        if other and not readings:
            readings = met(self._cut_or_misspelt(first), other)
        return [reading for reading in readings if reading.doubt <= WRONG_DIRECTION + NO_DIRECTION]

    def _cut_or_misspelt(self, part: list[str]) -> Named:
        """Streets a cut or misspelt name may mean: the crossing with the other street tells which."""
        phrase = next(phrases(canonical(part)), [])
        return self._names.cut(phrase) | self._names.spelt(respelt(phrase))

    def _run_together(self, parts: list[list[str]]) -> list[Reading]:
        """Two streets that meet, with nothing between them that says so: "Grand - Arsenal", "Grand x Arsenal"."""
        if len(parts) != 1 or self._names.spelt(canonical(parts[0])):
            return []
        for first, second in side_by_side(parts[0]):
            if is_this_city(plain(second)):
                continue
            if one := self._names.spelt(canonical(first)):
                readings = met(one, self._street_named(second))
                if sharing := [r for r in readings if r.doubt <= 2 * WRONG_SUFFIX]:
                    return [replace(reading, doubt=reading.doubt + _RUN_TOGETHER) for reading in sharing]
        return []

    def _whole_street(self, parts: list[list[str]]) -> list[Reading]:
        """A street without a number: its hundred-blocks, so that the caller sees whether they differ."""
        part = parts[0] if parts else []
        another_street = any(other != part for other in parts) or "AND" in part
        another_city = "MO" in part and "LOUIS" not in part
        named = (
            {} if another_street or another_city or is_this_city(plain(part)) else self._street_named(part)
        )
        return whole(named)

    # Choosing

    def _best(self, readings: list[Reading], zip_code: str) -> list[Reading]:
        if zip_code:
            readings = [replace(r, doubt=r.doubt + self._zip_doubt(r, zip_code)) for r in readings]
        return best(readings)

    def _zip_doubt(self, reading: Reading, zip_code: str) -> float:
        agrees = reading.zip_code in ("", zip_code) and zip_code in self._zips
        return 0.0 if agrees or self._zips <= {""} else _OTHER_ZIP

    def _near_cross_street(self, readings: list[Reading], tokens: list[str]) -> list[Reading]:
        """Of one number that the map has on several stretches, the one at the cross street that was named."""
        parts = streets_apart(tokens)[:_MOST_PARTS]
        if not (crossed := self._street_named(parts[1]) if len(parts) > 1 else {}):
            return readings
        at_it = [r for r in readings if any(street in crossed for street in self._cross_streets.of(r))]
        return at_it or readings
