"""Addresses as people write them, on a small invented town with St. Louis habits."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.roster.addresses import AddressIndex, AddressNotFound, Match, Point, Segment

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


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1915 OLIVE ST", "1915 OLIVE ST"),
        ("1915 olive street", "1915 OLIVE ST"),
        ("1915 Olive", "1915 OLIVE ST"),
        ("1915 Olive St, St. Louis, MO 63103", "1915 OLIVE ST"),
        ("1915 olive st apt 3B saint louis missouri 63103-1234 USA", "1915 OLIVE ST"),
        ("1915 OLIVE ST ST LOUIS", "1915 OLIVE ST"),
        ("1915 Olive #4", "1915 OLIVE ST"),
        ("1915 OLIVE ST 2ND FLOOR", "1915 OLIVE ST"),
        ("1915 (REAR) Olive", "1915 OLIVE ST"),
        ("1915 OLIVE ST | REAR/ALLEY", "1915 OLIVE ST"),
        ("  1915\t Olivé\u00a0ST\x00 ", "1915 OLIVE ST"),
        ("１９１５ Ｏｌｉｖｅ", "1915 OLIVE ST"),
        ("١٩١٥ Olive", "1915 OLIVE ST"),
        ("1915 1/2 OLIVE", "1915 OLIVE ST"),
        ("1915½ OLIVE", "1915 OLIVE ST"),
        ("1915A OLIVE", "1915 OLIVE ST"),
        ("1915-21 Olive", "1915 OLIVE ST"),
        ("1901 - 1999 OLIVE ST | S 12TH ST", "1901 OLIVE ST"),
        ("1915OLIVE ST", "1915 OLIVE ST"),
        ("Old Exchange, 1915 Olive St", "1915 OLIVE ST"),
        ("I-44 AND 1915 OLIVE : XY(1", "1915 OLIVE ST"),
        ("4256 R BATES", "4256 BATES ST"),
        ("2340 S.12TH", "2340 S 12TH ST"),
        ("2340 S12TH ST", "2340 S 12TH ST"),
        ("2340 South Twelfth Street", "2340 S 12TH ST"),
        ("2340 S 12 ST", "2340 S 12TH ST"),
        ("3201 SAINT LOUIS AV", "3201 ST LOUIS AVE"),
        ("3201 ST LOUIS", "3201 ST LOUIS AVE"),
        ("5001 Martin Luther King", "5001 DR MARTIN LUTHER KING DR"),
        ("5001 MLK Jr Dr", "5001 DR MARTIN LUTHER KING DR"),
        ("4301 MORGANFORD", "4301 MORGAN FORD RD"),
        ("701 KINGS HIGHWAY", "701 KINGSHIGHWAY BLVD"),
        ("1801 OFALLON ST", "1801 O'FALLON ST"),
        ("4501 WEST PINE", "4501 W PINE BLVD"),
        ("2001 NORTH MARKET ST", "2001 N MARKET ST"),
        ("1801 MARKET", "1801 MARKET ST"),
        ("3515 GRAND BLVD S", "3515 S GRAND BLVD"),
        ("7 Lantern Row", "7 LANTERN ROW"),
    ],
)
def test_spellings_of_a_house(text, address):
    [match] = INDEX.locate(text)
    assert (match.address, match.kind) == (address, "address")
    assert match.confidence >= 0.9


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1915 OLVIE ST", "1915 OLIVE ST"),  # a slip in the name
        ("1915 OLIVE AVE", "1915 OLIVE ST"),  # the wrong suffix
        ("4250 N BATES ST", "4250 BATES ST"),  # a direction it does not have
        ("1760 OLIVE ST", "1760 OLIVE ST"),  # within 100 of a range
        ("1915 OLIVE ST 90210", "1915 OLIVE ST"),  # a ZIP of somewhere else
    ],
)
def test_doubt_lowers_the_confidence(text, address):
    [match] = AddressIndex([*SEGMENTS, eastward(("", "FAR", "ST"), 100, 9000, "63101")]).locate(text)
    assert match.address == address
    assert match.confidence < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        " / ",
        "1915",
        "63103",
        "1915 BRINDLEWICK ST",
        "BRINDLEWICK",
        "1699 OLIVE ST",  # more than 100 off
        "99999 OLIVE ST",
        "1915 OLIVE ST, CLAYTON, MO",
        "1915 OLIVE ST EAST ST LOUIS IL",
        "100 CENTRAL AVE, CLAYTON, MO 63105",
        "CLAYTON, MO",
        "8501 S MARKET LOOP ROAD",
        "BRINDLEWICK / OLIVE",
        "N GRAND / S GRAND",
        "XY(88599377,99054085)",
    ],
)
def test_what_is_no_address_here_is_refused(text):
    with pytest.raises(AddressNotFound):
        INDEX.locate(text)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1699 OLIVE ST", "1800 OLIVE ST"),
        ("1915 OLIVE ST DOWNTOWN", "1915 OLIVE ST"),
        ("1915 OLLEVE ST", "1915 OLIVE ST"),  # two slips in a short name are too many to be sure
        ("1915 OLIVE BOULVARD", "1915 OLIVE ST"),
        ("KINGSWAY", "KINGSHIGHWAY BLVD"),
    ],
)
def test_a_refusal_says_what_to_try(text, suggestion):
    with pytest.raises(AddressNotFound) as refusal:
        INDEX.locate(text)
    assert suggestion in refusal.value.suggestions
    assert len(refusal.value.suggestions) <= 5


@pytest.mark.parametrize("text", ["1515 GRAND", "1515 Grand Blvd", "1515 GRAND BLVD APT 2"])
def test_equally_good_readings_are_all_returned(text):
    matches = INDEX.locate(text)
    assert {match.address for match in matches} == {"1515 N GRAND BLVD", "1515 S GRAND BLVD"}
    assert len({match.confidence for match in matches}) == 1


def test_two_streets_of_one_name_are_both_returned():
    assert {match.address for match in INDEX.locate("2015 PARK")} == {"2015 PARK AVE", "2015 PARK LN"}


@pytest.mark.parametrize(("zip_code", "prefix"), [("63106", "N"), ("63104-0001", "S")])
def test_the_zip_decides_between_them(zip_code, prefix):
    [match] = INDEX.locate(f"1515 GRAND BLVD {zip_code}")
    assert match.address == f"1515 {prefix} GRAND BLVD"


def test_a_number_only_one_of_them_has_decides():
    assert [match.address for match in INDEX.locate("3515 GRAND")] == ["3515 S GRAND BLVD"]


def test_a_direction_that_exists_is_believed():
    with pytest.raises(AddressNotFound):
        INDEX.locate("3515 N GRAND BLVD")


def test_even_numbers_are_on_the_left_and_odd_on_the_right_35_metres_off():
    [even], [odd] = INDEX.locate("1848 OLIVE ST"), INDEX.locate("1849 OLIVE ST")
    assert metres(even) == pytest.approx((98, 35), abs=2)
    assert metres(odd) == pytest.approx((98, -35), abs=2)


def test_a_side_digitised_backwards_counts_down():
    index = AddressIndex([stretch(OLIVE, (98, 0), (99, 1), (0, 0), (200, 0))])
    [match] = index.locate("25 OLIVE ST")
    assert metres(match) == pytest.approx((151, -35), abs=3)


def test_houses_do_not_stand_on_the_crossing():
    [match] = INDEX.locate("1800 OLIVE ST")
    assert metres(match)[0] == pytest.approx(12, abs=1)


def test_a_number_without_its_own_side_stands_across_from_it():
    index = AddressIndex([stretch(OLIVE, (2, 98), None, (0, 0), (200, 0))])
    [match] = index.locate("51 OLIVE ST")
    assert metres(match)[1] == pytest.approx(-35, abs=1)
    assert match.confidence < 0.9


def test_a_full_hundred_is_on_an_odd_side_too():
    index = AddressIndex([stretch(OLIVE, None, (1501, 1599), (0, 0), (200, 0))])
    [match] = index.locate("1500 OLIVE ST")
    assert match.confidence >= 0.9
    assert metres(match)[1] == pytest.approx(-35, abs=1)


def test_a_point_of_its_own_beats_the_range():
    [match] = INDEX.locate("1920 Olive St")
    assert (match.lat, match.lon) == (38.6312, -90.2471)


@pytest.mark.parametrize("text", ["1900 BLOCK OF OLIVE", "1900 block Olive St", "1910 BLK OLIVE ST"])
def test_a_hundred_block_is_the_middle_of_the_street(text):
    [match] = INDEX.locate(text)
    assert (match.address, match.kind) == ("1900 BLOCK OF OLIVE ST", "block")
    assert metres(match) == pytest.approx((300, 0), abs=2)


@pytest.mark.parametrize("separator", [" / ", "/", " & ", " AND ", " and ", " @ ", " at ", " | ", "&"])
@pytest.mark.parametrize(
    ("first", "second"), [("OLIVE ST", "S 12TH ST"), ("S 12th", "Olive"), ("12TH", "OLIVE")]
)
def test_intersections_in_any_order_with_any_separator(first, second, separator):
    match = INDEX.locate(first + separator + second)[0]
    assert match.kind == "intersection"
    assert metres(match) == pytest.approx((200, 0), abs=40)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("corner of Olive and S 12th, St. Louis", "OLIVE ST / S 12TH ST"),
        ("S 12TH ST / OLI", "S 12TH ST / OLIVE ST"),  # cut off
        ("S 12TH ST / OLIVVE ST", "S 12TH ST / OLIVE ST"),
        (
            "LEWIS AND CLARK BLVD / DR MARTIN LUTHER KING DR",
            "LEWIS AND CLARK BLVD / DR MARTIN LUTHER KING DR",
        ),
        ("LEWIS AND CLARK AND ST LOUIS AVE", "LEWIS AND CLARK BLVD / ST LOUIS AVE"),
        ("I-44 WB / OLIVE ST", "INTERSTATE 44 / OLIVE ST"),
        ("EASTBOUND 44 AT OLIVE", "INTERSTATE 44 / OLIVE ST"),
        ("OLIVE / INTERSTATE 44 EASTBOU", "OLIVE ST / INTERSTATE 44"),
    ],
)
def test_other_intersections(text, address):
    assert [match.address for match in INDEX.locate(text)] == [address]


@pytest.mark.parametrize("text", ["Carnegie Reading Room", "CARNEGIE READING ROOM, St. Louis MO"])
def test_a_place_by_its_name(text):
    [match] = INDEX.locate(text)
    assert (match.address, match.kind) == ("1920 Olive St.", "place")
    assert match.confidence >= 0.9


@pytest.mark.parametrize("text", ["@HERON PARK - BANDSTAND", "HERRON PARK"])
def test_part_of_a_place_or_a_slip_in_its_name_is_less_sure(text):
    [match] = INDEX.locate(text)
    assert match.kind == "place"
    assert match.confidence < 0.9


def test_a_street_alone_is_points_all_along_it():
    matches = INDEX.locate("OLIVE ST")
    assert len(matches) > 1
    assert {(match.address, match.kind) for match in matches} == {("OLIVE ST", "block")}
    assert max(match.confidence for match in matches) < 0.7


def test_a_number_on_a_street_without_numbers_is_anywhere_on_it():
    matches = INDEX.locate("55 LAGOON DR")
    assert {match.address for match in matches} == {"55 LAGOON DR"}
    assert max(match.confidence for match in matches) < 0.7


def test_an_overlong_text_is_refused():
    with pytest.raises(AddressNotFound):
        INDEX.locate("1915 OLIVE ST " * 1000)


def test_an_empty_index_finds_nothing():
    with pytest.raises(AddressNotFound):
        AddressIndex([]).locate("1915 OLIVE ST 63103")


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["1915", "OLIVE", "GRAND", "ST", "N", "/", "AND", "&", ",", "#", "1/2", "I", "44", "LOUIS", "@", "-"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=20).map(" ".join))
def test_no_text_breaks_it(text):
    try:
        matches = INDEX.locate(text)
    except AddressNotFound:
        return
    assert matches
    assert all(0 <= match.confidence <= 1 for match in matches)
