"""Addresses as people write them, on a small invented town with St. Louis habits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.roster.addresses import AddressIndex, AddressNotFound, Completions
from tests.roster.town import INDEX, OLIVE, metres, stretch


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
        ("1915 OLIVE APT 1 NTH", "1915 OLIVE ST"),
        ("1915 OLIVE #2-W", "1915 OLIVE ST"),
        ("1915 Olive St, St. Louis MO 63103, Apt 2", "1915 OLIVE ST"),
        ("1915 Olive, City of St. Louis, United States", "1915 OLIVE ST"),
        ("1915 Olive (across from the library)", "1915 OLIVE ST"),
        ("Old Exchange (1915 Olive St)", "1915 OLIVE ST"),
        ("Old Exchange 1915 Olive St", "1915 OLIVE ST"),
        ("behind 1915 Olive", "1915 OLIVE ST"),
        ("R/O 1915 Olive", "1915 OLIVE ST"),
        ("1915 to 1921 Olive", "1915 OLIVE ST"),
        ("1915 Olive PO Box 7", "1915 OLIVE ST"),
        ("1915 OLIVE STRET", "1915 OLIVE ST"),
        ("1915 OLIVEST", "1915 OLIVE ST"),
        ("2340 Sth 12th", "2340 S 12TH ST"),
        ("5001 M.L. King", "5001 DR MARTIN LUTHER KING DR"),
        ("5001 Dr King", "5001 DR MARTIN LUTHER KING DR"),
        ("2901 J F Wren", "2901 JAMES FINCH WREN AVE"),
        ("2901 James Wren Ave", "2901 JAMES FINCH WREN AVE"),
        ("701 KINGS HWY", "701 KINGSHIGHWAY BLVD"),
        ("2001 NORTHMARKET", "2001 N MARKET ST"),
        ("5401 South Gate", "5401 SOUTHGATE AVE"),
        ("3201 Juniper Park", "3201 JUNIPER PK"),
        ("Olive St 1915", "1915 OLIVE ST"),
        ("Olive St, 1915", "1915 OLIVE ST"),
        ("calle Olive #1915", "1915 OLIVE ST"),
        ("No. 1915 Olive", "1915 OLIVE ST"),
        ("1915 Olive Apto 4", "1915 OLIVE ST"),
    ],
)
def test_spellings_of_a_house(text, address):
    [match] = INDEX.locate(text)
    assert (match.address, match.kind) == (address, "address")
    assert match.confidence >= 0.9


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
        "ST LOUIS, MO 63103",
        "PO BOX 1915, ST LOUIS",
        "1915 OLIVE ST, EAST ST LOUIS",
        "1915 OLIVE ST EAST ST LOUIS",
        "8501 S MARKET LOOP ROAD",
        "BRINDLEWICK / OLIVE",
        "N GRAND / S GRAND",
        "XY(88599377,99054085)",
    ],
)
def test_what_is_no_address_here_is_refused(text):
    with pytest.raises(AddressNotFound):
        INDEX.locate(text)


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


@pytest.mark.parametrize(
    "text",
    [
        "1900 BLOCK OF OLIVE",
        "1900 block Olive St",
        "1910 BLK OLIVE ST",
        "19XX Olive",
        "the 1900-1998 block of Olive",
        "Olive, 1900 block",
        "1900 Olive block",
    ],
)
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
        ("Olive - S 12th", "OLIVE ST / S 12TH ST"),
        ("Olive x S 12th", "OLIVE ST / S 12TH ST"),
        ("Olive, S 12th", "OLIVE ST / S 12TH ST"),
        ("NE corner of Olive and S 12th", "OLIVE ST / S 12TH ST"),
        ("Olive (south side), just east of S 12th", "OLIVE ST / S 12TH ST"),
        ("Olive b/w S 12th and Grand", "OLIVE ST / S 12TH ST"),
        ("Olive and S 12", "OLIVE ST / S 12TH ST"),
        ("S 12th y Olive", "S 12TH ST / OLIVE ST"),
        ("cruce de Olive con S 12th", "OLIVE ST / S 12TH ST"),
        ("Olive esquina S 12th", "OLIVE ST / S 12TH ST"),
        ("Westbound I44 at Olive", "INTERSTATE 44 / OLIVE ST"),
        ("44 and Olive", "INTERSTATE 44 / OLIVE ST"),
        ("I-44 W/B & Olive", "INTERSTATE 44 / OLIVE ST"),
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


LABELS = [street.label for street in INDEX.streets]
NUMBERED = [
    f"{number} {street.label}"
    for street in INDEX.streets
    for side in street.sides
    for number in (side.low, side.high)
]
PLACES = [place.place for place in INDEX.places]


@pytest.mark.parametrize("label", LABELS)
def test_every_street_is_found_by_its_label(label):
    assert all(label in match.address for match in INDEX.locate(label))


@pytest.mark.parametrize("address", NUMBERED)
def test_every_end_of_a_range_is_found(address):
    assert [match.address for match in INDEX.locate(address)] == [address]


@pytest.mark.parametrize("place", list(INDEX.places))
def test_every_place_is_found_by_its_name(place):
    assert [(match.lat, match.lon) for match in INDEX.locate(place.place)] == [(place.lat, place.lon)]


COMPLETIONS = Completions(INDEX.streets, INDEX.places)
numbers, labels = st.integers(0, 6000), st.sampled_from(LABELS)
typed = st.one_of(
    st.builds(lambda text, end: text[:end], st.sampled_from(LABELS + NUMBERED + PLACES), st.integers(1, 20)),
    st.builds(lambda number, label: f"{number} {label[:5]}", numbers, labels),
    st.builds(lambda label, number: f"{label} {number}", labels, numbers),
    st.lists(pieces, max_size=6).map(" ".join),
)


@settings(max_examples=400, deadline=None)
@given(typed)
def test_whatever_completes_what_was_typed_is_found(text):
    completions = COMPLETIONS.of(text)
    assert len(completions) <= 8
    for completion in completions:
        assert INDEX.locate(completion), completion
