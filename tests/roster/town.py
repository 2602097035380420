"""A small invented town with St. Louis habits, for tests of addresses."""

import math

from backend.roster.addresses import AddressIndex, Match, Point, Segment

ORIGIN = (-90.25, 38.63)
M_PER_DEGREE = 111_195.0


def at(east: float, north: float) -> tuple[float, float]:
    """(lon, lat) so many metres from the town's origin."""
    lon = ORIGIN[0] + east / (M_PER_DEGREE * math.cos(math.radians(ORIGIN[1])))
    return round(lon, 7), round(ORIGIN[1] + north / M_PER_DEGREE, 7)


def metres(match: Match) -> tuple[float, float]:
    """(east, north) of a match in the town's metres."""
    east = (match.lon - ORIGIN[0]) * M_PER_DEGREE * math.cos(math.radians(ORIGIN[1]))
    return east, (match.lat - ORIGIN[1]) * M_PER_DEGREE


def stretch(street, left, right, start, end, zip_code=""):
    prefix, name, suffix = street
    return Segment(prefix, name, suffix, left, right, zip_code, (at(*start), at(*end)))


def eastward(street, hundred, north, zip_code="", east=0):
    """200 m to the east: even numbers on the left (north), odd on the right (south)."""
    ranges = (hundred, hundred + 98), (hundred + 1, hundred + 99)
    return stretch(street, *ranges, (east, north), (east + 200, north), zip_code)


OLIVE = ("", "OLIVE", "ST")
SEGMENTS = [
    eastward(OLIVE, 1800, 0, "63103"),
    eastward(OLIVE, 1900, 0, "63103", east=200),
    eastward(("N", "GRAND", "BLVD"), 1500, 1000, "63106"),
    eastward(("S", "GRAND", "BLVD"), 1500, -4000, "63104"),
    eastward(("S", "GRAND", "BLVD"), 3500, -4200, "63118"),
    stretch(("S", "12TH", "ST"), (2300, 2398), (2301, 2399), (200, -200), (200, 0)),
    stretch(("N", "12TH", "ST"), (100, 198), (101, 199), (200, 0), (200, 1000)),
    eastward(("", "ST LOUIS", "AVE"), 3200, 1500),
    eastward(("", "DR MARTIN LUTHER KING", "DR"), 5000, 1700),
    eastward(("", "MORGAN FORD", "RD"), 4300, 1900),
    eastward(("W", "PINE", "BLVD"), 4500, 2100),
    eastward(("N", "N MARKET", "ST"), 2000, 2300),
    eastward(("", "MARKET", "ST"), 1800, 2500),
    eastward(("", "O'FALLON", "ST"), 1800, 2700),
    eastward(("", "BATES", "ST"), 4200, 2900),
    eastward(("", "CLAYTON", "AVE"), 4200, 3100),
    eastward(("", "KINGSHIGHWAY", "BLVD"), 700, 3300),
    eastward(("", "PARK", "AVE"), 2000, 3500),
    eastward(("", "PARK", "LN"), 2000, 3700),
    eastward(("", "JAMES FINCH WREN", "AVE"), 2900, 4100),
    eastward(("", "SOUTHGATE", "AVE"), 5400, 4300),
    eastward(("", "JUNIPER", "PK"), 3200, 4500),
    stretch(("", "HERON", "DR"), None, None, (0, 4700), (300, 4700)),
    stretch(("", "FOXGLOVE", "AVE"), (2, 98), (1, 99), (150, 4700), (150, 4900)),
    stretch(("", "BITTERN", "AVE"), (2, 98), (1, 99), (300, 4700), (300, 4900)),
    stretch(("", "LEWIS AND CLARK", "BLVD"), (1, 99), (2, 98), (200, 1500), (200, 1700)),
    stretch(("", "LAGOON", "DR"), None, None, (0, 3900), (300, 3900)),
    stretch(("Interstate", "44", ""), None, None, (300, -150), (300, 150)),
]
POINTS = [
    Point("1920 Olive St.", 38.6312, -90.2471, "Carnegie Reading Room"),
    Point("7 LANTERN ROW", 38.65, -90.27),
    Point("1 Boathouse Way", 38.64, -90.28, "Heron Park"),
]
INDEX = AddressIndex(SEGMENTS, POINTS)
