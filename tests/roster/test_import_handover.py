"""Ends that are planned: a post of which there is one has one holder on every day."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from backend.roster.models import Assignment
from tests.roster.test_import_staff import ADA, BO, CAPTAIN, HEADER, call_command, import_staff, posts

pytestmark = pytest.mark.django_db

PLANNED = ADA.replace("2026-01-05,", "2026-01-05,2027-06-30")
BOS = BO.replace("2026-06-01", "2026-11-01")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "staff.csv"


def holders(day: str) -> list[str]:
    there = Assignment.objects.in_force(day).filter(area__slug="slmpd-district-4", is_acting=False)  # type: ignore[arg-type]
    return sorted(there.filter(role="district_captain").values_list("staff_member__badge_number", flat=True))


def test_who_comes_before_a_planned_end_ends_it_sooner(city: None, path: Path) -> None:
    import_staff(path, PLANNED)
    out = import_staff(path, BOS)
    assert "1 added, 0 changed, 1 ended" in out
    assert "ended: Captain Ada Invented, district_captain, slmpd-district-4, on 2026-10-31" in out
    assert [holders(day) for day in ("2026-10-31", "2026-11-01", "2027-06-30")] == [
        ["9001"],
        ["9002"],
        ["9002"],
    ]
    with pytest.raises(
        CommandError, match="Row 2: Captain Bo Invented is district_captain in slmpd-district-4"
    ):
        import_staff(path, PLANNED)


def test_two_holders_of_one_day_in_one_file_are_bad_rows(city: None, path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"Row 3: one person is district_captain in .* row 2 names another"
    ):
        import_staff(path, PLANNED + BOS)
    assert not posts("9001")


def test_a_transfer_before_a_planned_end_leaves_the_old_beat(city: None, path: Path) -> None:
    row = "Ed Invented,Officer,9005,yes,beat_officer,slmpd-beat-402,2026-01-05,2027-06-30\n"
    import_staff(path, row)
    moved = row.replace("402,2026-01-05", "401,2026-11-01")
    assert "1 added, 0 changed, 1 ended" in import_staff(path, moved)
    assert posts("9005")[0] == ("slmpd-beat-402", "2026-01-05", "2026-10-31")


def test_a_post_that_is_planned_stays_and_whoever_comes_before_needs_an_end(city: None, path: Path) -> None:
    import_staff(path, BO.replace("2026-06-01", "2027-01-01"))
    with pytest.raises(
        CommandError, match="from 2027-01-01; a holder from 2026-01-05 needs an `ends_on` before"
    ):
        import_staff(path, PLANNED)
    assert "1 added, 0 changed, 0 ended" in import_staff(path, PLANNED.replace("2027-06-30", "2026-12-31"))


def test_who_is_to_act_later_is_in_nobodys_way(city: None, path: Path) -> None:
    header = HEADER.replace("ends_on", "ends_on,is_acting")
    acting = "Bo Invented,Captain,9002,yes,district_captain,slmpd-district-4,2026-12-01,2026-12-31,yes\n"
    path.write_text(header + acting)
    call_command("import_staff", str(path))
    assert "1 added, 0 changed, 0 ended" in import_staff(path, ADA)


def test_the_first_of_two_that_follow_ends_the_former(city: None, path: Path) -> None:
    import_staff(path, ADA)
    first = CAPTAIN.format(name="Cy Invented", badge="9003", since="2026-06-01", until="2026-10-31")
    assert "2 added, 0 changed, 1 ended" in import_staff(path, BOS + first)
    assert posts("9001")[0][2] == "2026-05-31"


def test_who_is_followed_after_a_transfer_left_with_the_transfer(city: None, path: Path) -> None:
    import_staff(path, ADA)
    moved = ADA.replace("slmpd-district-4,2026-01-05", "slmpd-district-3,2026-10-01")
    out = import_staff(path, BOS + moved)
    assert "2 added, 0 changed, 1 ended" in out
    assert posts("9001")[0] == ("slmpd-district-4", "2026-01-05", "2026-09-30")
    assert "slmpd-district-4, on 2026-09-30" in out


def test_a_later_end_leaves_a_second_post_alone(city: None, path: Path) -> None:
    second = ADA.replace(
        "district_captain,slmpd-district-4,2026-01-05", "liaison,slmpd-district-3,2025-06-01"
    )
    import_staff(path, PLANNED + second)
    assert "0 ended" in import_staff(path, PLANNED.replace("2027-06-30", "2027-12-31"))
    assert posts("9001")[0] == ("slmpd-district-3", "2025-06-01", None)
