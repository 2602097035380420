"""When an address is sure, when it is doubtful, and what is asked back, on the invented town."""

import pytest

from backend.roster.addresses import AddressIndex, AddressNotFound, Point
from backend.roster.addresses.phrases import after_number
from tests.roster.town import INDEX, OLIVE, SEGMENTS, eastward, metres, stretch


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1915 OLVIE ST", "1915 OLIVE ST"),  # a slip in the name
        ("1915 OLIVE AVE", "1915 OLIVE ST"),  # the wrong suffix
        ("4250 N BATES ST", "4250 BATES ST"),  # a direction it does not have
        ("1915 OLIVE BOULVARD", "1915 OLIVE ST"),  # the wrong suffix, and a slip in it
        ("1760 OLIVE ST", "1760 OLIVE ST"),  # within 100 of a range
        ("1700 OLIVE ST", "1700 OLIVE ST"),  # 100 off, the farthest
        ("4601 PINE", "4601 W PINE BLVD"),
        ("1915 OLIVE ST 90210", "1915 OLIVE ST"),  # a ZIP of somewhere else
    ],
)
def test_doubt_lowers_the_confidence(text, address):
    [match] = AddressIndex([*SEGMENTS, eastward(("", "FAR", "ST"), 100, 9000, "63101")]).locate(text)
    assert match.address == address
    assert match.confidence < 0.9


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("1699 OLIVE ST", "1800 OLIVE ST"),
        ("1915 OLIVE ST DOWNTOWN", "1915 OLIVE ST"),
        ("1915 OLLEVE ST", "1915 OLIVE ST"),  # two slips in a short name are too many to be sure
        ("KINGSWAY", "KINGSHIGHWAY BLVD"),
    ],
)
def test_a_refusal_says_what_to_try(text, suggestion):
    with pytest.raises(AddressNotFound) as refusal:
        INDEX.locate(text)
    assert suggestion in refusal.value.suggestions
    assert len(refusal.value.suggestions) <= 5


def test_another_street_of_that_name_and_number_makes_it_less_sure_unless_the_zip_agrees():
    index = AddressIndex(
        [
            eastward(("", "ALDER", "AVE"), 4200, 0, "63108"),
            eastward(("W", "ALDER", "AVE"), 4200, 3000, "63113"),
        ]
    )
    [plain], [western] = index.locate("4210 Alder Ave"), index.locate("4210 W Alder Ave")
    assert (plain.address, western.address) == ("4210 ALDER AVE", "4210 W ALDER AVE")
    assert plain.confidence < 0.9 <= western.confidence
    [agreed] = index.locate("4210 Alder Ave 63108")
    assert agreed.confidence >= 0.9


def test_a_number_behind_a_street_is_no_houses_where_it_is_a_unit_or_off_the_range():
    for text in ("OLIVE ST APT 1915", "OLIVE ST 1760"):
        assert {match.kind for match in INDEX.locate(text)} == {"block"}


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


def test_a_wrong_suffix_is_asked_back_where_the_right_street_has_the_number_only_nearly():
    index = AddressIndex([eastward(("", "ELDER", "AVE"), 500, 0), eastward(("", "ELDER", "CT"), 700, 3000)])
    assert {match.address for match in index.locate("640 ELDER AVE")} == {"640 ELDER AVE"}
    assert {match.address for match in index.locate("672 ELDER AVE")} == {"672 ELDER AVE"}
    [match] = index.locate("750 ELDER AVE")
    assert match.address == "750 ELDER CT"
    assert match.confidence < 0.9


def test_two_names_equally_near_to_a_slip_are_refused():
    index = AddressIndex(
        [eastward(("", "HARLAND", "ST"), 500, 0), eastward(("", "HARLANE", "ST"), 500, 3000)]
    )
    with pytest.raises(AddressNotFound) as refusal:
        index.locate("510 HARLANT ST")
    assert set(refusal.value.suggestions) == {"510 HARLAND ST", "510 HARLANE ST"}


def test_a_first_letter_may_not_slip_into_another_name():
    index = AddressIndex(
        [eastward(("N", "N MARKET", "ST"), 1200, 0), eastward(("", "MARKET", "ST"), 1200, 900)]
    )
    with pytest.raises(AddressNotFound):
        index.locate("1210 NARKET ST")


def test_a_renamed_street_is_found_by_its_other_name_with_doubt():
    [match] = AddressIndex([eastward(("N", "TUCKER", "BLVD"), 300, 0)]).locate("350 N 12TH")
    assert match.address == "350 N TUCKER BLVD"
    assert match.confidence < 0.9


def test_a_tight_range_beats_one_that_spans_the_whole_street():
    index = AddressIndex(
        [eastward(OLIVE, 1800, 0), stretch(OLIVE, (100, 3998), (101, 3999), (0, 900), (200, 900))]
    )
    [match] = index.locate("1850 OLIVE ST")
    assert metres(match)[1] == pytest.approx(35, abs=1)


def test_a_street_alone_is_its_blocks():
    matches = INDEX.locate("OLIVE ST")
    assert [match.address for match in matches] == ["1800 BLOCK OF OLIVE ST", "1900 BLOCK OF OLIVE ST"]
    assert {match.kind for match in matches} == {"block"}
    assert max(match.confidence for match in matches) < 0.7


def test_a_street_without_numbers_is_its_crossings():
    matches = INDEX.locate("55 HERON DR")
    assert [match.address for match in matches] == ["HERON DR / FOXGLOVE AVE", "HERON DR / BITTERN AVE"]
    assert max(match.confidence for match in matches) < 0.7


def test_a_street_without_numbers_or_crossings_is_anywhere_on_it():
    matches = INDEX.locate("55 LAGOON DR")
    assert {match.address for match in matches} == {"55 LAGOON DR"}
    assert max(match.confidence for match in matches) < 0.7


TWICE = [  # the map gives both stretches the same numbers
    stretch(OLIVE, (500, 598), (501, 599), (0, 0), (200, 0)),
    stretch(OLIVE, (500, 598), (501, 599), (200, 0), (400, 0)),
    eastward(("", "ASTER", "ST"), 100, 0, east=-200),
    stretch(("", "BRIAR", "ST"), (100, 198), (101, 199), (400, -200), (400, 0)),
]


def test_one_number_on_two_stretches_says_what_each_is_near():
    index = AddressIndex(TWICE)
    matches = index.locate("550 OLIVE ST")
    assert {match.address for match in matches} == {
        "550 OLIVE ST NEAR ASTER ST",
        "550 OLIVE ST NEAR BRIAR ST",
    }
    for match in matches:
        [again] = index.locate(match.address)
        assert (again.lat, again.lon, again.confidence) == (match.lat, match.lon, match.confidence)


def test_a_short_street_is_found_beside_a_long_one_of_its_name():
    index = AddressIndex(
        [
            *(eastward(("", "ASPEN", "AVE"), 100 * block, 0, east=200 * block) for block in range(1, 60)),
            eastward(("", "ASPEN", "PL"), 100, 900),
        ]
    )
    assert [match.address for match in index.locate("ASPEN PL")] == ["100 BLOCK OF ASPEN PL"]
    assert len(index.locate("ASPEN AVE")) <= 60


def test_a_street_whose_numbers_are_none_of_a_house_has_no_place():
    with pytest.raises(AddressNotFound):
        AddressIndex([stretch(OLIVE, (200_000, 200_098), None, (0, 0), (200, 0))]).locate("OLIVE ST")


def test_a_street_that_only_points_name_is_its_points():
    [match] = INDEX.locate("Lantern Row")
    assert (match.address, match.lat, match.lon) == ("7 LANTERN ROW", 38.65, -90.27)


@pytest.mark.parametrize(
    "street",
    [
        ("", "LEWIS AND CLARK", "BLVD"),
        ("", "AVENUE AT PORT", ""),
        ("", "OLD HWY 61/67", ""),
        ("", "THE", "BLVD"),
    ],
)
def test_a_label_is_found_whatever_its_words_mean_elsewhere(street):
    index = AddressIndex([*SEGMENTS, eastward(street, 100, 9000), eastward(("", "LEWIS", "ST"), 100, 9000)])
    label = " ".join(filter(None, street))
    assert label in index.locate(label)[0].address
    assert [match.address for match in index.locate(f"151 {label}")] == [f"151 {label}"]


EVERY_SPELLING = [
    *(f"{s.left[0] + 6} {s.prefix} {s.name} {s.suffix}" for s in SEGMENTS if s.left),
    *(f"{s.left[0] + 6} {s.name}" for s in SEGMENTS if s.left),
    *(f"{s.left[0]} block of {s.name}" for s in SEGMENTS if s.left),
    *(f"{s.prefix} {s.name} {s.suffix}" for s in SEGMENTS),
    *(f"{s.name} / {t.name}" for s in SEGMENTS for t in SEGMENTS),
]


def test_what_is_answered_is_found_again_at_the_same_place():
    for match in (match for text in EVERY_SPELLING for match in _located(text)):
        places = [metres(again) for again in INDEX.locate(match.address)]
        assert any(place == pytest.approx(metres(match), abs=60) for place in places), match.address


def _located(text):
    try:
        return INDEX.locate(text)
    except AddressNotFound:
        return []


HALVES = [
    eastward(("N", "LINDEN", "BLVD"), 4200, 1000, "63106"),
    eastward(("S", "LINDEN", "BLVD"), 4200, -4000, "63104"),
    eastward(("", "LINDEN", "BLVD"), 4200, 5000, "63115"),  # a stretch whose direction the map forgot
    stretch(("", "LINDEN", "DR"), None, None, (100, 8000), (300, 8000)),
    stretch(("", "ELDER", "AVE"), (2, 98), (1, 99), (100, 900), (100, 1000)),
    stretch(("", "ELDER", "AVE"), (2, 98), (1, 99), (100, 8000), (100, 8100)),
]


def test_of_a_street_with_two_halves_hardly_anybody_says_which():
    index = AddressIndex(HALVES)
    for text in ("4210 Linden", "4210 Linden Blvd"):
        assert {match.address for match in index.locate(text)} == {
            "4210 N LINDEN BLVD",
            "4210 S LINDEN BLVD",
            "4210 LINDEN BLVD",
        }


def test_a_drive_of_that_name_is_no_half_of_it():
    """Nobody numbers it, so it may be anywhere on it; but a Drive was said."""
    index = AddressIndex([segment for segment in HALVES if segment.zip_code != "63115"])
    assert {match.address for match in index.locate("4210 Linden Dr")} == {"LINDEN DR / ELDER AVE"}


def test_nor_at_a_crossing_so_a_drive_without_direction_is_no_better():
    index = AddressIndex([*HALVES, eastward(("N", "LINDEN", "BLVD"), 4000, 1000, east=-100)])
    assert {match.address for match in index.locate("Elder and Linden")} == {
        "ELDER AVE / N LINDEN BLVD",
        "ELDER AVE / LINDEN DR",
    }


def test_a_house_with_its_own_point_is_asked_for_its_zip_like_any_other():
    point = Point("4210 S LINDEN BLVD", 38.594, -90.2488)
    index = AddressIndex(HALVES, [point])
    assert [match.address for match in index.locate("4210 Linden Blvd 63106")] == ["4210 N LINDEN BLVD"]
    [match] = index.locate("4210 S Linden Blvd 63111")
    assert match.confidence < 0.9


def test_a_place_far_from_its_own_address_is_at_its_address():
    index = AddressIndex(SEGMENTS, [Point("1915 OLIVE ST", 38.70, -90.30, "Old Exchange")])
    [place], [house] = index.locate("Old Exchange"), index.locate("1915 Olive St")
    assert metres(place) == pytest.approx(metres(house), abs=1)
    assert metres(house) == pytest.approx((229, -35), abs=2)


@pytest.mark.parametrize("token", ["1", "A", "REAR"])
def test_few_words_between_a_number_and_its_street_are_left_out(token):
    """Each might be; two hundred letters of them are no address, and must not take long."""
    assert len(list(after_number([token] * 100))) == 5
