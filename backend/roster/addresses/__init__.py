"""Reads addresses as people write them and finds them among streets, points and places. Pure."""

from .index import AddressIndex
from .readings import AddressNotFound, Match, Point
from .streets import Segment

__all__ = ["AddressIndex", "AddressNotFound", "Match", "Point", "Segment"]
