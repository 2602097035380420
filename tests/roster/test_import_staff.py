"""Staff and their posts from CSV: who comes, who changes, and whose time is over."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backend.roster import editions
from backend.roster.models import Assignment, StaffMember

pytestmark = pytest.mark.django_db

HEADER = "name,rank,badge_number,is_sworn,role,area,starts_on,ends_on\n"
ROWS = (
    "Ada Invented,Officer,9001,yes,beat_officer,slmpd-beat-402,2026-01-05,\n"
    "Bo Invented,Community Liaison,,no,liaison,slmpd-district-4,2026-01-05,\n"
    "Cy Invented,Major,9003,yes,major,slmpd-patrol-area-central,2023-03-01,\n"
)


def people(client: Client, slug: str) -> list[str]:
    return [p["name"] for p in client.get(f"/api/v1/areas/{slug}/people").json()["people"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "staff.csv"


def import_staff(path: Path, rows: str, **more: Any) -> str:
    path.write_text(HEADER + rows)
    out = StringIO()
    call_command("import_staff", str(path), stdout=out, **more)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_staff_appear_and_retire_the_demos(client: Client, city: None, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "staff.csv"
    path.write_bytes((HEADER + ROWS.replace("Bo Invented", "Zoë Invented")).encode(encoding))
    call_command("import_staff", str(path))
    editions.forget()
    assert people(client, "slmpd-beat-402") == ["Ada Invented"]
    assert people(client, "slmpd-district-4") == ["Zoë Invented"]
    assert people(client, "slcpd-precinct-1")  # the other agency's are not touched


def test_staff_twice_is_once_and_a_new_end_is_a_change(city: None, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(HEADER + ROWS)
    call_command("import_staff", str(path))
    path.write_text(HEADER + ROWS.replace("2026-01-05,\nBo", "2026-01-05,2026-06-30\nBo"))
    call_command("import_staff", str(path))
    assert StaffMember.objects.filter(name__endswith="Invented").count() == 3
    assert Assignment.objects.get(staff_member__badge_number="9001").ends_on == date(2026, 6, 30)


def test_every_bad_row_is_named_and_none_is_taken(city: None, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text(
        HEADER
        + "A,Officer,,yes,beat_officer,slmpd-beat-999,2026-01-05,\n"
        + "B,Officer,,yes,dogcatcher,slmpd-beat-402,2026-01-05,\n"
        + "C,Officer,,yes,beat_officer,slmpd-beat-402,01/05/2026,\n"
        + "D,Officer,,yes,beat_officer,slmpd-beat-402,2026-01-05,2025-01-01\n"
        + "E,Officer,,maybe,beat_officer,slmpd-beat-402,2026-01-05,\n"
        + ",Officer,,yes,beat_officer,slmpd-beat-402,,\n"
    )
    before = StaffMember.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("import_staff", str(path))
    for word in ("Row 2: there is no area", "Row 3", "Row 4", "Row 5: it ends", "Row 6", "Row 7: the name"):
        assert word in str(refused.value)
    assert StaffMember.objects.count() == before


def test_a_new_rank_is_a_change(city: None, path: Path) -> None:
    import_staff(path, ROWS)
    out = import_staff(path, ROWS.replace("Invented,Officer", "Invented,Sergeant"), dry_run=True)
    assert "0 added, 1 changed" in out


def test_missing_columns_are_named(city: None, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text("name,rank\nA,Officer\n")
    with pytest.raises(CommandError, match="lacks the columns role, area, starts_on"):
        call_command("import_staff", str(path))


# --- handing over -------------------------------------------------------------------------------------

CAPTAIN = "{name},Captain,{badge},yes,district_captain,slmpd-district-4,{since},{until}\n"
ADA = CAPTAIN.format(name="Ada Invented", badge="9001", since="2026-01-05", until="")
BO = CAPTAIN.format(name="Bo Invented", badge="9002", since="2026-06-01", until="")


def posts(badge: str) -> list[tuple[str, str, str | None]]:
    """(area, from, to) of a person's assignments."""
    rows = Assignment.objects.filter(staff_member__badge_number=badge).order_by("starts_on", "pk")
    return [(a.area.slug, str(a.starts_on), str(a.ends_on) if a.ends_on else None) for a in rows]


def test_a_new_captain_ends_the_former_the_day_before(city: None, path: Path) -> None:
    import_staff(path, ADA)
    dry = import_staff(path, BO, dry_run=True)
    said = "ended: Captain Ada Invented, district_captain, slmpd-district-4, on 2026-05-31"
    assert said in dry
    assert posts("9001") == [("slmpd-district-4", "2026-01-05", None)]
    out = import_staff(path, BO)
    assert said in out
    assert "1 added, 0 changed, 1 ended" in out
    assert posts("9001") == [("slmpd-district-4", "2026-01-05", "2026-05-31")]


def test_handing_over_twice_is_once(city: None, path: Path) -> None:
    import_staff(path, ADA)
    import_staff(path, BO)
    out = import_staff(path, BO)
    assert "0 added, 0 changed, 0 ended, 1 unchanged" in out
    assert "ended:" not in out


def test_acting_ends_nobody_and_is_ended_by_who_comes_for_good(city: None, path: Path) -> None:
    path.write_text(HEADER)
    acting = HEADER.replace("ends_on", "ends_on,is_acting")
    row = "Bo Invented,Captain,9002,yes,district_captain,slmpd-district-4,2026-03-01,,yes\n"
    import_staff(path, ADA)
    path.write_text(acting + row)
    out = StringIO()
    call_command("import_staff", str(path), stdout=out)
    assert "0 ended" in out.getvalue()
    assert "1 unchanged" in import_staff(path, ADA)  # who is only confirmed ends nobody either
    cy = CAPTAIN.format(name="Cy Invented", badge="9003", since="2026-06-01", until="")
    assert "2 ended" in import_staff(path, cy)
    assert posts("9001")[0][2] == posts("9002")[0][2] == "2026-05-31"


def test_who_acted_and_stays_for_good_ends_the_former(city: None, path: Path) -> None:
    import_staff(path, ADA)
    acting = HEADER.replace("ends_on", "ends_on,is_acting")
    row = "Bo Invented,Captain,9002,yes,district_captain,slmpd-district-4,2026-06-01,,{}\n"
    for is_acting in ("yes", "no"):
        path.write_text(acting + row.format(is_acting))
        call_command("import_staff", str(path))
    assert posts("9001")[0][2] == "2026-05-31"


@pytest.mark.parametrize("since", ["2026-06-01", "2026-05-01"])
def test_a_holder_who_is_there_already_is_a_bad_row(city: None, path: Path, since: str) -> None:
    import_staff(path, BO)
    late = CAPTAIN.format(name="Cy Invented", badge="9003", since=since, until="")
    with pytest.raises(
        CommandError, match="Row 2: Captain Bo Invented is district_captain in slmpd-district-4"
    ):
        import_staff(path, late)
    assert not posts("9003")
    assert posts("9002") == [("slmpd-district-4", "2026-06-01", None)]


def test_an_old_file_does_not_bring_a_former_holder_back(city: None, path: Path) -> None:
    import_staff(path, ADA)
    import_staff(path, BO)
    with pytest.raises(CommandError, match="Row 2: Captain Bo Invented is district_captain"):
        import_staff(path, ADA)
    assert posts("9001")[0][2] == "2026-05-31"


def test_history_may_be_added_before_a_holder(city: None, path: Path) -> None:
    import_staff(path, BO)
    before = CAPTAIN.format(name="Cy Invented", badge="9003", since="2025-01-01", until="2026-05-31")
    assert "1 added, 0 changed, 0 ended" in import_staff(path, before)


def test_two_holders_in_one_file_are_bad_rows(city: None, path: Path) -> None:
    with pytest.raises(
        CommandError, match="Row 3: one person is district_captain in slmpd-district-4, and row 2"
    ):
        import_staff(path, ADA + BO)
    assert not posts("9001")
    ended = ADA.replace("2026-01-05,", "2026-01-05,2026-05-31")
    assert "2 added" in import_staff(path, ended + BO)


def test_each_watch_has_its_sergeant_and_a_beat_many_officers(city: None, path: Path) -> None:
    header = "name,rank,badge_number,role,area,watch,starts_on\n"
    rows = (
        "Ada Invented,Sergeant,9001,sergeant,slmpd-district-4,first,2026-01-05\n"
        "Bo Invented,Sergeant,9002,sergeant,slmpd-district-4,second,2026-01-05\n"
        "Cy Invented,Officer,9003,beat_officer,slmpd-beat-402,first,2026-01-05\n"
    )
    path.write_text(header + rows)
    call_command("import_staff", str(path))
    path.write_text(
        header
        + "Di Invented,Sergeant,9004,sergeant,slmpd-district-4,second,2026-06-01\n"
        + "Ed Invented,Officer,9005,beat_officer,slmpd-beat-402,first,2026-06-01\n"
    )
    call_command("import_staff", str(path))
    assert [posts(badge)[0][2] for badge in ("9001", "9002", "9003")] == [None, "2026-05-31", None]


def test_a_transfer_ends_the_post_that_the_file_does_not_name(client: Client, city: None, path: Path) -> None:
    import_staff(path, ADA)
    moved = ADA.replace("slmpd-district-4,2026-01-05", "slmpd-district-3,2026-06-01")
    assert "slmpd-district-4, on 2026-05-31" in import_staff(path, moved)
    assert posts("9001") == [
        ("slmpd-district-4", "2026-01-05", "2026-05-31"),
        ("slmpd-district-3", "2026-06-01", None),
    ]
    assert "0 ended, 1 unchanged" in import_staff(path, moved)
    editions.forget()
    answer = client.get("/api/v1/areas/slmpd-district-4/people?as_of=2026-06-01").json()
    assert (answer["vacant"], answer["people"]) == (True, [])


def test_a_second_post_that_the_file_names_is_no_transfer(city: None, path: Path) -> None:
    import_staff(path, ADA)
    second = ADA.replace(
        "district_captain,slmpd-district-4,2026-01-05", "liaison,slmpd-district-3,2026-06-01"
    )
    assert "1 added, 0 changed, 0 ended, 1 unchanged" in import_staff(path, ADA + second)


def test_acting_elsewhere_or_an_older_post_is_no_transfer(city: None, path: Path) -> None:
    import_staff(path, ADA)
    older = ADA.replace("district_captain,slmpd-district-4,2026-01-05", "liaison,slmpd-district-3,2025-06-01")
    assert "0 ended" in import_staff(path, older)
    acting = HEADER.replace("ends_on", "ends_on,is_acting")
    path.write_text(
        acting + "Ada Invented,Captain,9001,yes,major,slmpd-patrol-area-central,2026-06-01,,yes\n"
    )
    call_command("import_staff", str(path))
    assert ("slmpd-district-4", "2026-01-05", None) in posts("9001")


def test_an_end_in_the_file_is_reported(city: None, path: Path) -> None:
    import_staff(path, ADA)
    out = import_staff(path, ADA.replace("2026-01-05,", "2026-01-05,2026-08-31"))
    assert "0 added, 0 changed, 1 ended" in out
    assert "slmpd-district-4, on 2026-08-31" in out


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ADA, "Row 3: 9001 as district_captain in slmpd-district-4 from 2026-01-05 is there twice"),
        (
            ADA.replace("Ada", "Eve").replace("01-05", "02-05"),
            "Row 3: the badge number 9001 is Ada Invented's",
        ),
        (BO.replace("slmpd-district-4", "slmpd-district-99"), "Row 3: there is no area 'slmpd-district-99'"),
        (BO.replace("2026-06-01", "2026-06-31"), "Row 3: starts_on is '2026-06-31', not a day"),
        (BO.replace("2026-06-01", "NULL"), "Row 3: it has no `starts_on`"),
        (BO.replace("district_captain", "captain"), "Row 3: 'captain' is no role"),
    ],
)
def test_a_bad_row_refuses_the_file(city: None, path: Path, row: str, reason: str) -> None:
    before = set(Assignment.objects.values_list("pk", "ends_on"))
    with pytest.raises(CommandError, match=reason):
        import_staff(path, ADA + row)
    assert set(Assignment.objects.values_list("pk", "ends_on")) == before
