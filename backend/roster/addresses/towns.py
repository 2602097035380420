"""Other towns at the end of an address: told by a comma, a suffix or the state, for streets bear their names too."""

from collections.abc import Container

from .phrases import name_words
from .words import MAX_CHARS, SUFFIXES, canonical, fold, words

_LONGEST_NAME = 4
_STATE = {"MO", "MISSOURI"}
_AFTER_STATE = {"USA", "US"}


def town_words(name: str) -> str:
    """A town's name as `town_at_end` gives it: "St. Ann" -> "ST ANN"."""
    return " ".join(name_words(name))


def town_at_end(address: str, towns: Container[str]) -> str:
    """The one of these names that the address ends with; empty where it ends with none.

    "7900 Forsyth Blvd, Clayton MO 63105" ends with Clayton, "6001 N Florissant" with a street.
    """
    tokens = words(fold(address[:MAX_CHARS]))
    while tokens and (tokens[-1] == "," or tokens[-1] in _AFTER_STATE or tokens[-1].isdigit()):
        tokens.pop()
    has_state = bool(tokens) and tokens[-1] in _STATE
    tokens = tokens[:-1] if has_state else tokens
    tokens = tokens[:-1] if tokens[-1:] == [","] else tokens
    for length in range(min(_LONGEST_NAME, len(tokens) - 1), 0, -1):
        before, name = tokens[:-length], " ".join(canonical(tokens[-length:]))
        if name in towns and (has_state or before[-1] == "," or before[-1] in SUFFIXES):
            return name
    return ""
