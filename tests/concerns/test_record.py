"""The record of one concern for a records request: what is open, what is withheld and why, and who may ask."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from backend import concern_record, records
from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import (
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernReply,
    ConcernSubject,
    FatalityReview,
    LegalHold,
    Office,
    Photo,
    Redaction,
    Referral,
)
from backend.roster.models import Area
from tests.factories import make_staff

GOLDEN = Path(__file__).parent / "golden" / "record.json"
PK = UUID("6f1c1f8e-55d2-4c5e-9a55-7d6f6c0d1a01")
AT = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
WORDS = "My cousin Ada Bell called twice, and nobody came to 12 Elm."
NOTE = "Call the cousin, ada  bell, at home with us."
REPLY = "Ask Ada Bell; she lives with us."
WORK_PRODUCT = "WORK-PRODUCT: what the panel said of it."
FINAL_REPORT = "The panel recommends a second call back within the hour."
SECRETS = ("THE-PHOTO-KEY", "THE-DIGEST", "raw-file-name", "A-RECEIPT-INDEX", "A-PHONE-INDEX", "A-SLOW-HASH")


@pytest.fixture
def mixed(liaison: User, officer: User) -> Concern:
    """A walled concern with something in every table, and of every tag. All of it is invented."""
    beat = Area.objects.get(slug="slmpd-beat-402")
    district = Area.objects.get(slug="slmpd-district-4")
    concern = Concern.objects.create(
        pk=PK,
        category_id="domestic_violence",
        description=WORDS,
        answers='{"since": "for weeks, ask Ada Bell or her son", "again": true}',
        address="12 Elm",
        position="38.63,-90.2",
        area=beat,
        desk=district,
        assigned_to=liaison.staff_member,
        status=Concern.Status.REFERRED,
        is_walled=True,
        cleared_at=AT,
        is_sensitive=True,
        priority=1,
        target_at=AT,
        receipt_index="A-RECEIPT-INDEX",
        passphrase="A-SLOW-HASH",
        phone="+13145550142",
        phone_index="A-PHONE-INDEX",
        contact_note="Never before noon.",
        submitted_at=AT,
        changed_at=AT,
    )
    of = {"concern": concern, "id": 9001}
    staff = {"by": liaison, "at": AT}
    ConcernChange.objects.create(**of, move="submit", status="submitted", at=AT)
    ConcernSubject.objects.create(
        **of, staff_member=officer.staff_member, command=district, source="matched", at=AT
    )
    reply = ConcernReply.objects.create(**of, body=REPLY, at=AT)
    ConcernLetter.objects.create(**of, body="We have read it.", **staff)
    ConcernNote.objects.create(**of, body=NOTE, **staff)
    office = Office.objects.create(id=9001, slug="invented", name="Invented", contact="here", source="nobody")
    Referral.objects.create(
        **of, office=office, reference="CSB-1", note="Theirs.", by=liaison, referred_at=AT
    )
    Photo.objects.create(
        id=PK,
        concern=concern,
        digest="THE-DIGEST",
        key="THE-PHOTO-KEY",
        raw_file="raw-file-name",
        width=640,
        height=480,
        received_at=AT,
    )
    who, where = "RSMo 610.021(14)", "RSMo 589.664"
    spans = [("description", None, "Ada Bell", who), ("description", None, "12 Elm", where)]
    for number, (part, of_reply, words, law) in enumerate([*spans, ("reply", reply, "Ada Bell", who)]):
        start = (REPLY if of_reply else WORDS).index(words)
        Redaction.objects.create(
            id=9001 + number,
            concern=concern,
            part=part,
            reply=of_reply,
            start=start,
            end=start + len(words),
            provision=law,
            **staff,
        )
    Redaction.objects.create(
        id=9001 + 3,
        concern=concern,
        part="answer",
        question="since",
        start=27,
        end=34,
        provision=who,
        **staff,
    )
    LegalHold.objects.create(**of, reason="An invented lawsuit.", by=liaison, since=AT)
    FatalityReview.objects.create(
        **of, work_product=WORK_PRODUCT, final_report=FINAL_REPORT, by=liaison, changed_at=AT
    )
    return concern


def ask(client: Any, concern: Concern, **body: Any) -> Any:
    wanted = {"request": "2026-0142", **body}
    return client.post(
        f"/api/v1/triage/concerns/{concern.pk}/record", wanted, content_type="application/json"
    )


def rows_of(answer: Any, table: str) -> list[dict[str, Any]]:
    return [row["fields"] for row in answer.json()["rows"] if row["table"] == table]


def test_a_mixed_record_equals_the_golden_file(mixed: Concern, liaison: User, sign_in: Any) -> None:
    released = [
        *("concerns.Concern.description", "concerns.Concern.answers", "concerns.Concern.address"),
        *("concerns.ConcernReply.body", "concerns.ConcernNote.body"),
    ]
    masks = [{"words": "With us", "provision": "RSMo 610.021(1)"}]
    answer = ask(sign_in(liaison), mixed, release=released, masks=masks, reason="Counsel, 23 November.")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    made = json.dumps(answer.json(), ensure_ascii=False, indent=1) + "\n"
    assert made == GOLDEN.read_text(encoding="utf-8")
    for secret in (
        *SECRETS,
        WORK_PRODUCT,
        "Ada Bell",
        "bell",
        "her son",
        "12 Elm",
        "with us",
        "Never before noon",
        "An invented lawsuit",
    ):
        assert secret not in made
    assert FINAL_REPORT in made


def test_without_release_what_is_for_review_is_withheld_with_its_reason(
    mixed: Concern, liaison: User, sign_in: Any
) -> None:
    [concern] = rows_of(ask(sign_in(liaison), mixed), "concerns.Concern")
    assert concern["area"] == {"tag": "open", "value": "slmpd-beat-402"}
    assert concern["description"] == {"tag": "review", "withheld": "log of complaints; RSMo 610.200"}
    assert concern["passphrase"] == {"tag": "closed", "withheld": "a security measure; RSMo 610.021(21)"}


def test_every_field_of_every_table_is_there_once(mixed: Concern, liaison: User, sign_in: Any) -> None:
    answer = ask(sign_in(liaison), mixed)
    tables = concern_record.tables()
    assert {row["table"] for row in answer.json()["rows"]} == {model._meta.label for model in tables}
    for model in tables:
        columns = [field.name for field in model._meta.concrete_fields]
        assert list(records.records_of(model)) == columns
        for fields in rows_of(answer, model._meta.label):
            assert list(fields) == columns


@pytest.mark.parametrize("tag", ["open", "closed", "review"])
def test_the_tag_alone_decides(
    mixed: Concern, liaison: User, sign_in: Any, monkeypatch: pytest.MonkeyPatch, tag: Any
) -> None:
    lines = {**records.RECORDS["concerns.ConcernNote"], "body": records.Record("then", tag, "RSMo 1")}
    monkeypatch.setitem(records.RECORDS, "concerns.ConcernNote", lines)  # type: ignore[arg-type]
    [note] = rows_of(ask(sign_in(liaison), mixed), "concerns.ConcernNote")
    given = {"value": NOTE} if tag == "open" else {"withheld": "RSMo 1"}
    assert note["body"] == {"tag": tag, **given}


@pytest.mark.parametrize(
    "name",
    [
        "concerns.FatalityReview.work_product",
        "concerns.Concern.passphrase",
        "concerns.Photo.key",
        "concerns.Concern.area",
        "concerns.Concern.no_such_field",
        "accounts.User.phone",
    ],
)
def test_what_is_not_for_review_cannot_be_released(
    mixed: Concern, liaison: User, sign_in: Any, name: str
) -> None:
    refused = ask(sign_in(liaison), mixed, release=["concerns.Concern.description", name], reason="Counsel.")
    assert refused.status_code == 400
    assert "release" in refused.json()["errors"][0]["pointer"]
    assert "Elm" not in refused.content.decode()
    assert not AuditRow.objects.filter(action="record").exists()


def test_who_released_it_is_said(mixed: Concern, liaison: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    released = ["concerns.ConcernLetter.body"]
    assert ask(desk, mixed, release=released).json()["errors"][0]["pointer"] == "/reason"
    answer = ask(desk, mixed, release=released, reason="Counsel, by letter.")
    letter = rows_of(answer, "concerns.ConcernLetter")[0]["body"]
    assert letter == {"tag": "review", "released": True, "value": "We have read it."}
    row = AuditRow.objects.get(action="record")
    assert (row.actor, row.object_id, row.fields) == (liaison.pk, str(mixed.pk), released)
    assert row.reason == "2026-0142: Counsel, by letter."


def test_who_may_ask(
    mixed: Concern, liaison: User, captain: User, officer: User, outsider: User, resident: User, sign_in: Any
) -> None:
    """Walled: civilian liaisons of the desk and administrators whom it is not about; to all others it is not there."""
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    for user in (liaison, administrator):
        assert ask(sign_in(user), mixed).status_code == 200
    missing = ask(sign_in(captain), Concern())
    for user in (captain, officer, outsider):
        hidden = ask(sign_in(user), mixed)
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert ask(sign_in(resident), mixed).status_code == 403
    Concern.objects.filter(pk=mixed.pk).update(is_walled=False, cleared_at=None, is_sensitive=False)
    assert ask(sign_in(captain), mixed).status_code == 403
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison")
    assert ask(sign_in(sworn), mixed).status_code == 200


def test_a_cleared_wall_is_still_kept_by_civilians(mixed: Concern, sign_in: Any) -> None:
    """About a member of another district: District 4's sworn liaison reads it, and its record is not theirs to give."""
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison")
    elsewhere = make_staff("far@example.org", "slmpd-beat-101", "beat_officer")
    ConcernSubject.objects.filter(concern=mixed).update(
        staff_member=elsewhere.staff_member, command=Area.objects.get(slug="slmpd-district-1")
    )
    assert ask(sign_in(sworn), mixed).status_code == 403
    civilian = make_staff("civilian@example.org", "slmpd-district-4", "liaison", is_sworn=False)
    assert ask(sign_in(civilian), mixed).status_code == 200


# --- the log ------------------------------------------------------------------------------------------


def log_of(path: Path, model: str) -> list[dict[str, str]]:
    call_command("sunshine_export", model, output=path)
    with path.open(newline="") as file:
        lines = [row for row in csv.reader(file) if not row[0].startswith("#")]
    return [dict(zip(lines[0], row, strict=True)) for row in lines[1:]]


def test_the_log_tells_of_a_walled_concern_only_that_there_is_one_in_the_city(
    mixed: Concern, tmp_path: Path
) -> None:
    other = Concern.objects.create(category_id="traffic", description="x", area=mixed.area, desk=mixed.desk)
    ConcernChange.objects.create(concern=other, move="submit", status="submitted")
    rows = log_of(tmp_path / "concerns.csv", "concerns.Concern")
    assert len(rows) == Concern.objects.count()
    [walled] = [row for row in rows if row["category"] == "domestic_violence"]
    given = {name for name, value in walled.items() if value}
    assert given == {"category", "status", "submitted_at"}
    [plain] = [row for row in rows if row["id"] == str(other.pk)]
    assert plain["area"]
    for table in ("ConcernChange", "ConcernReply", "ConcernNote", "Redaction", "Photo", "FatalityReview"):
        if records.open_columns(apps.get_model("concerns", table)):
            log_of(tmp_path / f"{table}.csv", f"concerns.{table}")
            assert str(mixed.pk) not in (tmp_path / f"{table}.csv").read_text()
    assert str(other.pk) in (tmp_path / "ConcernChange.csv").read_text()


def test_the_preamble_is_the_same_whether_there_is_a_wall_or_not(mixed: Concern, tmp_path: Path) -> None:
    def preamble(name: str) -> list[str]:
        log_of(tmp_path / name, "concerns.Concern")
        return [line for line in (tmp_path / name).read_text().splitlines() if line.startswith("# withheld")]

    with_wall = preamble("with.csv")
    Concern.objects.filter(is_walled=True).update(is_walled=False, cleared_at=None)
    assert preamble("without.csv") == with_wall
    assert any("610.021(13)" in line and "of rows about an employee" in line for line in with_wall)


def test_strangers_are_asked_to_sign_in(client: Client, mixed: Concern) -> None:
    assert ask(client, mixed).status_code == 401
