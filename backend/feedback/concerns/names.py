"""Whom of the roster a text names: by full name, by surname after a title, by badge number. Pure.

Rather one too many than one too few: who is found is kept from reading it until a civilian has looked.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable

from backend.feedback.concerns.plain import bare, readings

Person = tuple[Hashable, str, str]  # id, name, badge number

_TITLES = (
    "officer officers ofc ofcr agent agents police patrolman patrolwoman policeman policewoman cop "
    "cops detective detectives det sergeant sergeants sgt sgts sarge lieutenant lieutenants lt "
    "captain captains capt cpt major majors maj chief corporal cpl deputy trooper commander colonel "
    "col oficial oficiales agente agentes policia policias detectiva sargento sargenta teniente "
    "capitan capitana jefe jefa comandante po "
)
TITLES = frozenset(_TITLES.split())
WITHIN = 3  # words after a title: "Sgt. Mike Doe", "officer is Doe", "Officer J. D. Doe"
# With these something else begins than whose title it is.
_APART = (
    "said says told tell came comes the on at in to for about near by of from with that who dijo en por para "
    "con que"
)
APART = frozenset(_APART.split())
AND = frozenset(["and", "or", "y", "e", "o", "i", "und"])
NO_NAME = frozenset(
    ["jr", "sr", "ii", "iii", "iv", "de", "del", "la", "las", "los", "van", "von", "der", "da", "di"]
)
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"(?<=\w)['’‘`´ʼ]s?(?=\W|$)|(?<=\w)['’‘`´ʼ](?=\w)")
_NAMED = re.compile(r"\bby the name of\b")
_PO = re.compile(r"\bp\.\s?o\b\.?")
_NUMBER = r"(?:\W{0,3}\b(?:number|num|no|nr|numero|is|was|es|de|id)(?:\b|(?=\d)))*\W{0,4}"
_BADGE = re.compile(
    rf"(?:\b(?:badge|shield|dsn|placa|insignia|chapa)(?:\b|(?=\d)){_NUMBER}|#\s?)([a-z]{{0,3}}-?\d[\da-z-]{{0,18}})"
)
# "Officer 4821"; a shorter number is how many came.
_TITLED_NUMBER = re.compile(
    rf"\b(?:{'|'.join(sorted(TITLES, key=len, reverse=True))})(?:\b|(?=\d)){_NUMBER}([a-z]{{0,3}}-?\d{{3,18}})\b"
)


class Names:
    """The names and badge numbers of a roster, to be looked for. Never changes once built."""

    def __init__(self, staff: Iterable[Person]) -> None:
        self._by_surname: dict[str, list[tuple[Hashable, str]]] = defaultdict(list)
        self._by_badge: dict[str, set[Hashable]] = defaultdict(set)
        for person, name, badge in staff:
            given, *family = _name_of(name) or [""]
            for surname in family or ([given] if given else []):
                self._by_surname[surname].append((person, given if family else ""))
            if number := _number(badge):
                self._by_badge[number].add(person)

    def found_in(self, text: str) -> set[Hashable]:
        """The ids of all whom the text may mean; of two with the same name both."""
        return {person for reading in readings(text) for person in self._in(reading)}

    def _in(self, plain: str) -> set[Hashable]:
        numbers = (*_BADGE.finditer(plain), *_TITLED_NUMBER.finditer(plain))
        found = {person for match in numbers for person in self._by_badge.get(_number(match[1]), ())}
        words = _words(_PO.sub("po ", _NAMED.sub("", plain)))
        titled = _titled(words)
        for at, word in enumerate(words):
            people = self._by_surname.get(word, ())
            exact = {person for person, given in people if given and given in _beside(words, at)}
            if at in titled and (not exact or words[at - 1] in TITLES):
                exact.update(person for person, _ in people)
            found |= exact
            found.update(
                person for surname in _glued(word) for person, _ in self._by_surname.get(surname, ())
            )
        return found


def _beside(words: list[str], at: int) -> list[str]:
    """Where a given name may stand: before, with one name between, or after ("Doe, Jane")."""
    return words[max(0, at - 2) : at] + words[at + 1 : at + 2]


def _titled(words: list[str]) -> set[int]:
    """Which words stand WITHIN a title, or after such a one and an "and" ("Officers Doe and Roe")."""
    titled: set[int] = set()
    left = 0
    for at, word in enumerate(words):
        if word in APART:
            left = 0
        elif left:
            titled.add(at)
            left -= 1
        if word in TITLES:
            left = WITHIN
        elif word in AND and at - 1 in titled:
            left = max(left, 2)
    return titled


def _glued(word: str) -> list[str]:
    """What stands after a title in the same word: "sgtdoe"."""
    return [word[cut:] for cut in range(2, len(word) - 2) if word[:cut] in TITLES]


def _name_of(name: str) -> list[str]:
    return [word for word in _words(bare(name)) if len(word) > 1]


def _words(plain: str) -> list[str]:
    """Without what names have beside them: O'Neil's is "oneil", de la Cruz "cruz"."""
    return [word for word in _WORD.findall(_JOINED.sub("", plain)) if word not in NO_NAME]


def _number(badge: str) -> str:
    return "".join(_WORD.findall(bare(badge))).lstrip("0")
