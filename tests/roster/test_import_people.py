"""Whose row it is: badge numbers, namesakes, and days that are corrected."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.roster.models import Agency, Area, Assignment, StaffMember
from backend.roster.services.members import Members
from tests.roster.test_import_staff import ADA, BO, import_staff, posts

pytestmark = pytest.mark.django_db

OFFICER = "{name},Officer,{badge},yes,beat_officer,slmpd-beat-402,2026-01-05,\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "staff.csv"


def make(name: str, badge: str = "", area: str = "", role: str = "beat_officer") -> StaffMember:
    """Somebody whom a clerk entered, with a post since 2025 if `area` is given."""
    member = StaffMember.objects.create(
        agency=Agency.objects.get(slug="slmpd"), name=name, rank="Officer", badge_number=badge
    )
    if area:
        Assignment.objects.create(
            staff_member=member,
            area=Area.objects.get(slug=area),
            role=role,
            starts_on="2025-01-01",
            confirmed_on="2025-01-01",
        )
    return member


def people() -> list[tuple[str, str]]:
    return sorted(StaffMember.objects.filter(is_demo=False).values_list("name", "badge_number"))


# --- namesakes ----------------------------------------------------------------------------------------


def test_a_name_that_two_have_is_a_bad_row(city: None, path: Path) -> None:
    for _ in range(2):
        make("John Smith")
    row = OFFICER.format(name="John Smith", badge="")
    with pytest.raises(
        CommandError, match=r"Row 3: 2 people .* John Smith, without a badge number.*`badge_number`"
    ):
        import_staff(path, ADA + row)
    assert not posts("9001")
    assert "2 added" in import_staff(path, ADA + OFFICER.format(name="John Smith", badge="77"))


def test_who_had_no_badge_number_gets_the_one_of_the_same_post(city: None, path: Path) -> None:
    ann, _ = make("Ann Invented", area="slmpd-beat-402"), make("Ann Invented", area="slmpd-beat-401")
    import_staff(path, OFFICER.format(name="Ann Invented", badge="9001"))
    ann.refresh_from_db()
    assert ann.badge_number == "9001"
    assert people() == [("Ann Invented", ""), ("Ann Invented", "9001")]


def test_a_namesake_in_another_post_is_somebody_else(city: None, path: Path) -> None:
    make("Ann Invented", area="slmpd-beat-401")
    import_staff(path, OFFICER.format(name="Ann Invented", badge="9001"))
    assert people() == [("Ann Invented", ""), ("Ann Invented", "9001")]


def test_a_row_without_the_badge_number_is_the_holder_of_the_post(city: None, path: Path) -> None:
    import_staff(path, ADA)
    assert "0 added, 0 changed, 0 ended, 1 unchanged" in import_staff(path, ADA.replace("9001", ""))
    assert people() == [("Ada Invented", "9001")]


def test_a_badge_number_of_somebody_else_is_a_bad_row(city: None, path: Path) -> None:
    import_staff(path, ADA)
    taken = BO.replace("9002", "9001")
    with pytest.raises(CommandError, match=r"Row 2: the badge number 9001 is Ada Invented's.*staff pages"):
        import_staff(path, taken)
    assert people() == [("Ada Invented", "9001")]


def test_capitals_and_spaces_make_no_other_name(city: None, path: Path) -> None:
    import_staff(path, ADA + OFFICER.format(name="Eve Invented", badge=""))
    shouted = ADA.replace("Ada Invented", "ADA  INVENTED") + OFFICER.format(name="eve invented", badge="")
    assert "0 added, 2 changed" in import_staff(path, shouted)
    assert people() == [("ADA  INVENTED", "9001"), ("eve invented", "")]


def test_a_demo_persons_badge_number_is_free(city: None, path: Path) -> None:
    StaffMember.objects.filter(pk=StaffMember.objects.filter(agency__slug="slmpd")[0].pk).update(
        badge_number="9001"
    )
    assert "1 added" in import_staff(path, ADA)
    assert people() == [("Ada Invented", "9001")]


# --- days that are corrected --------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2025-11-01", "2026-02-05"])
def test_another_first_day_is_the_same_post(city: None, path: Path, day: str) -> None:
    import_staff(path, ADA)
    out = import_staff(path, ADA.replace("2026-01-05", day))
    assert "0 added, 1 changed, 0 ended" in out
    assert f"begins on another day: Captain Ada Invented, district_captain, slmpd-district-4, {day}" in out
    assert posts("9001") == [("slmpd-district-4", day, None)]


def test_an_earlier_first_day_ends_the_former_holder_earlier(city: None, path: Path) -> None:
    import_staff(path, ADA)
    import_staff(path, BO)
    assert "1 changed, 1 ended" in import_staff(path, BO.replace("2026-06-01", "2026-05-01"))
    assert posts("9001") == [("slmpd-district-4", "2026-01-05", "2026-04-30")]


def test_a_post_held_again_after_a_time_is_another(city: None, path: Path) -> None:
    import_staff(path, ADA.replace("2026-01-05,", "2026-01-05,2026-03-31"))
    assert "1 added" in import_staff(path, ADA.replace("2026-01-05", "2026-06-01"))
    assert len(posts("9001")) == 2


def test_a_file_with_both_stays_of_one_person_keeps_both(city: None, path: Path) -> None:
    import_staff(path, ADA)
    first = ADA.replace("2026-01-05,", "2026-01-05,2026-03-31")
    second = ADA.replace("2026-01-05", "2026-06-01")
    import_staff(path, second + first)
    assert posts("9001") == [
        ("slmpd-district-4", "2026-01-05", "2026-03-31"),
        ("slmpd-district-4", "2026-06-01", None),
    ]
    with pytest.raises(CommandError, match="Row 2: Captain Ada Invented has this post in 2 stored stays"):
        import_staff(path, ADA.replace("2026-01-05", "2026-02-01"))
    with pytest.raises(CommandError, match="Row 3: Captain Ada Invented has this post in row 2 already"):
        import_staff(path, ADA + second)


def test_another_watch_is_another_post(city: None, path: Path) -> None:
    header = "name,rank,badge_number,role,area,watch,starts_on\n"
    for watch, day in [("first", "2026-01-05"), ("second", "2026-06-01")]:
        path.write_text(f"{header}Ada Invented,Sergeant,9001,sergeant,slmpd-district-4,{watch},{day}\n")
        call_command("import_staff", str(path))
    assert posts("9001") == [
        ("slmpd-district-4", "2026-01-05", "2026-05-31"),
        ("slmpd-district-4", "2026-06-01", None),
    ]


def test_who_was_entered_while_the_file_was_read_is_no_traceback(
    city: None, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Members.save

    def meanwhile(*args: Any) -> Any:
        make("Eve Invented", badge="9001")
        return save(*args)

    monkeypatch.setattr(Members, "save", meanwhile)
    with pytest.raises(CommandError, match="somebody changed the same rows meanwhile; run it again"):
        import_staff(path, ADA)
    assert not posts("9001")
