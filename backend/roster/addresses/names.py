"""Which streets a few words may mean: by their names, whole or short, by former names, and by slips."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .phrases import interpretations
from .streets import Street
from .words import SUFFIXES, ordinal

# What each doubt takes off the confidence.
ANY_HALF = 0.01  # of a street with two halves hardly anybody says which
NO_DIRECTION, OTHER_HALF, EXTRA_DIRECTION, WRONG_DIRECTION = 0.05, 0.06, 0.12, 0.30
NO_SUFFIX, WRONG_SUFFIX = 0.03, 0.10
SHORT_NAME, OTHER_NAME = 0.02, 0.10
MISSPELT, CUT_NAME = 0.12, 0.10

_TITLES = {"DR", "REV", "BISHOP", "MADAME", "MADAM"}
_JUNIOR = {"JR", "SR"}
# What St. Louis calls a street beside its name on a map, from before or since it was renamed.
_ALSO_CALLED = {
    "12TH": "TUCKER",
    "TUCKER": "12TH",
    "LEONORKSULLIVAN": "WHARF",
    "WHARF": "LEONORKSULLIVAN",
    "DRMARTINLUTHERKING": "EASTON",
    "I44": "I70",  # downtown, since 2014
    "I64": "40",
}
_COMPASS = {"NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W"}
_LONG_SUFFIXES = ("STREET", "AVENUE", "BOULEVARD", "PARKWAY", "TERRACE", "PLACE", "DRIVE", "SQUARE", "COURT")

_LEAST_ALIKE = 0.6  # of a name worth suggesting
_SHORTEST_CUT = 2  # letters; one is the beginning of too many names
_SHORTEST_MISSPELT = 5  # letters; shorter ones are like too many

Named = dict[Street, float]  # with the doubt whether it is meant


class StreetNames:
    """The names of one map of streets. Names are compared run together: MORGANFORD is MORGAN FORD."""

    def __init__(self) -> None:
        self._by_name: dict[str, list[tuple[Street, float]]] = {}
        self._sorted: list[str] = []
        # By length, in order: names as on the map, without digits.
        self._whole: dict[int, dict[str, None]] = {}
        self.as_written: dict[str, Named] = {}  # see `learn`

    def add(self, street: Street, words: list[str]) -> None:
        """Make a street known by its name, in words, and by what else people call it."""
        for name, doubt in _aliases(street.prefix, words).items():
            if name not in self._by_name:
                insort(self._sorted, name)
            self._by_name.setdefault(name, []).append((street, doubt))
        if not re.search(r"\d", street.key):
            self._whole.setdefault(len(street.key), {})[street.key] = None

    def learn(self, names: Iterable[list[str]]) -> None:
        """Works out beforehand what these names spell: those on the map, which most people write."""
        self.as_written = {" ".join(name): self._spelt(name) for name in names}

    def spelt(self, phrase: list[str]) -> Named:
        """The streets this phrase spells, with or without the right direction and suffix."""
        return self.as_written.get(" ".join(phrase)) or self._spelt(phrase)

    def _spelt(self, phrase: list[str]) -> Named:
        named: Named = {}
        for prefix, name, suffix in interpretations(phrase):
            for spelling, doubt in _spellings(name).items():
                for street, total in self.matching(prefix, spelling, suffix, doubt).items():
                    named[street] = min(total, named.get(street, total))
        return named

    def matching(self, prefix: str, name: str, suffix: str, doubt: float) -> Named:
        """The streets of this name, doubted the more the less direction and suffix agree."""
        return {
            street: (
                doubt
                + alias
                + _direction_doubt(prefix, suffix, street)
                + _suffix_doubt(suffix, street.suffix)
            )
            for street, alias in self._by_name.get(name, ())
        }

    def cut(self, phrase: list[str]) -> Named:
        """Streets whose name, cut off or misspelt, this phrase may be."""
        named: Named = {}
        for prefix, name, suffix in interpretations(phrase):
            spelt = "".join(name)
            for guess in self.guesses(spelt, _SHORTEST_MISSPELT - 1):
                named.update(self.matching(prefix, guess, suffix, MISSPELT))
            if not suffix and len(spelt) >= _SHORTEST_CUT:
                for whole in beginning_with(spelt, self._sorted):
                    named.update(self.matching(prefix, whole, suffix, CUT_NAME))
            if named:
                break
        return named

    def guesses(self, name: str, shortest: int = _SHORTEST_MISSPELT) -> list[str]:
        """Whole names that are a slip or two away from one of so many letters at least."""
        slips = _allowed_slips(name, shortest)
        lengths = range(len(name) - slips, len(name) + slips + 1)
        known = [known for length in lengths for known in self._whole.get(length, ())]
        return guesses(name, known, shortest)

    def similar(self, phrase: list[str]) -> Named:
        """The streets whose names look most like these words, likeliest first."""
        name = likeliest_name(phrase)
        # Beyond these lengths, none is that much alike.
        lengths = range(int(_LEAST_ALIKE * len(name)), int(len(name) / _LEAST_ALIKE) + 1)
        known = [known for length in lengths for known in self._whole.get(length, ())]
        alike = most_alike(name, known, _LEAST_ALIKE, 5)
        return {self._by_name[found][0][0]: 1 - likeness for found, likeness in alike.items()}


def likeliest_name(phrase: list[str]) -> str:
    """The name of these words without direction and suffix, run together."""
    return next(("".join(name) for _, name, _ in interpretations(phrase)), "")


def most_alike(name: str, known: Iterable[str], least: float, most: int) -> dict[str, float]:
    """Names that look like this one with their likeness, at least `least` of 1; likeliest first."""
    scorer = OSA.normalized_similarity
    found = process.extract(name, list(known), scorer=scorer, score_cutoff=least, limit=most)
    return {key: likeness for key, likeness, _ in found}


def beginning_with(typed: str, ordered: list[str]) -> list[str]:
    """Those of the names, which must be in order, that begin like this."""
    return ordered[bisect_left(ordered, typed) : bisect_left(ordered, typed + "\uffff")]


def respelt(phrase: list[str]) -> list[str]:
    """The phrase with its suffix set right: OLIVE STRET, MARKETST -> OLIVE ST, MARKET ST; [] if it is none."""
    last = phrase[-1] if phrase else ""
    if len(phrase) > 1 and len(last) > 3:
        near = process.extractOne(
            last, _LONG_SUFFIXES, scorer=OSA.distance, score_cutoff=2 if len(last) > 6 else 1
        )
        if near:
            return [*phrase[:-1], SUFFIXES[near[0]]]
    for length in (6, 5, 4, 3, 2):
        if last[-length:] in SUFFIXES and len(last) > length + 2:
            return [*phrase[:-1], last[:-length], SUFFIXES[last[-length:]]]
    return []


def guesses(name: str, known: list[str], shortest: int = _SHORTEST_MISSPELT) -> list[str]:
    """Known names that are one slip away, or two in a long name, with the same first letter."""
    if not (allowed := _allowed_slips(name, shortest)):
        return []
    near = {
        found: slips
        for found, slips, _ in process.extract(
            name, known, scorer=OSA.distance, score_cutoff=allowed, limit=8
        )
        if slips <= _allowed_slips(found, shortest)
    }
    closest = [found for found, slips in near.items() if slips == min(near.values())]
    return closest if any(found[0] == name[0] for found in closest) else []


def _allowed_slips(name: str, shortest: int) -> int:
    return 0 if len(name) < shortest else 1 if len(name) < 9 else 2


def _spellings(name: list[str]) -> dict[str, float]:
    """What a typed name may stand for, run together, with its doubt: itself, without titles, as an ordinal."""
    spellings = {"".join(name): 0.0}
    untitled = _untitled(name)
    if len(name) > len(untitled) and (len(untitled) > 1 or name[0] not in _TITLES):  # DR KING is no KING
        spellings.setdefault("".join(untitled), SHORT_NAME)
    if any(word.isdigit() for word in name):
        spellings["".join(ordinal(int(word)) if word.isdigit() else word for word in name)] = SHORT_NAME
    return spellings


def _aliases(prefix: str, name: list[str]) -> dict[str, float]:
    """What people call a street, run together, with the doubt of each."""
    whole = "".join(name)
    untitled = _untitled(name)
    aliases = {whole: 0.0}
    for short in _short_names(untitled):
        aliases.setdefault(short, SHORT_NAME)
    if name[0] in _TITLES and len(name) > 1:
        aliases.setdefault("".join([name[0], untitled[-1]]), SHORT_NAME)  # DR KING
    for respaced in _respaced(prefix, name):
        aliases.setdefault(respaced, SHORT_NAME)
    if whole in _ALSO_CALLED:
        aliases.setdefault(_ALSO_CALLED[whole], OTHER_NAME)
    return aliases


def _untitled(name: list[str]) -> list[str]:
    """Without DR, REV ... before it, and without JR or SR; a name that is nothing else stays."""
    titles = 1 if name[0] in _TITLES else 0
    return [word for word in name[titles:] if word not in _JUNIOR] or name


def _short_names(name: list[str]) -> set[str]:
    """Of a person's name, given names may be left out or be initials, but not all: MARTIN L KING, MLK."""
    *given, last = name
    if len(given) < 2 or len(name) > 5:
        return {"".join(name)}
    choices = product(*([word, word[0], ""] for word in given))
    kept = {"".join(choice) + last for choice in choices if any(len(word) > 1 for word in choice)}
    initials = "".join(word[0] for word in given)
    return {*kept, initials + last, initials + last[0]}


def _respaced(prefix: str, name: list[str]) -> set[str]:
    """Directions that are one word with the name, or are not: NORTHMARKET, S WEST, SGRAND; KINGS HWY; 70."""
    whole = "".join(name)
    respaced = {whole[1:]} if re.fullmatch(r"I\d+", whole) else set()
    for word, letter in _COMPASS.items():
        if letter == prefix:
            respaced |= {word + whole, letter + whole}
        if name[0] == letter and len(name) > 1:
            respaced.add(word + whole[1:])
        if whole.startswith(word) and whole != word:
            rest = whole.removeprefix(word)
            respaced |= {letter + rest, letter + _COMPASS.get(rest, rest)}
    if whole.endswith("HIGHWAY"):
        respaced.add(whole.removesuffix("HIGHWAY") + "HWY")
    return respaced


def _direction_doubt(said: str, suffix: str, street: Street) -> float:
    known = street.prefix
    if not said:
        is_any_half = street.has_halves and suffix in (
            "",
            street.suffix,
        )  # "Grand Dr" is no half of Grand Blvd
        return ANY_HALF if is_any_half else NO_DIRECTION if known else 0.0
    if said == known:
        return 0.0
    if known:
        return WRONG_DIRECTION
    return OTHER_HALF if said in "EW" else EXTRA_DIRECTION  # N and S number anew, E and W often go on


def _suffix_doubt(said: str, known: str) -> float:
    if said == known:
        return 0.0
    return WRONG_SUFFIX if said and known else NO_SUFFIX
