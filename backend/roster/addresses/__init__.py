"""Reads addresses as people write them and finds them among streets, points and places. Pure."""

from .index import AddressIndex
from .readings import AddressNotFound, Match, Point
from .streets import Segment
from .suggest import Completions
from .towns import town_at_end, town_words

__all__ = [
    "AddressIndex",
    "AddressNotFound",
    "Completions",
    "Match",
    "Point",
    "Segment",
    "town_at_end",
    "town_words",
]
