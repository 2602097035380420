"""No stored field without an end date and a Sunshine tag; what is not open is not given out."""

import csv
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.encryption import EncryptedTextField
from backend.feedback.concerns.models import Concern
from backend.notifications.models import Recipient
from backend.records import CLOSED, EVERY, OPEN, RECORDS, records_of
from backend.roster.models import StaffMember

PERSONAL = re.compile(
    r"(^|_)(name|names|email|phone|address|contact|position|lat|lon|latitude|longitude|geometry|place|home|zip"
    r"|ip|agent|device|session|token|secret|password|cookie|push|data"
    r"|dob|birth|birthday|age|gender|sex|race|ethnicity|language|photo|picture|image|file|voice|signature"
    r"|ssn|license|licence|plate|vehicle|badge|badge_number|rank|guardian|school|employer|household"
    r"|reporter|victim|witness|subject|member|actor|author|owner|receipt|answer|body|text|words|note|notes"
    r"|comment|reply|description|details|reason|message|repr)(_|$)"
)
# Fields with such a name that say where a public thing is, what it is called, or what is said to everybody.
ABOUT_THINGS = {
    "auth.Group.name",
    "auth.Permission.name",
    "concerns.CannedAnswer.body",
    "concerns.CannedAnswer.language",
    "concerns.Category.name",
    "concerns.Category.position",
    "concerns.HelpLine.name",
    "concerns.HelpLine.position",
    "concerns.HelpLine.text",
    "concerns.Office.contact",
    "concerns.Office.name",
    "concerns.Question.position",
    "concerns.Question.text",
    "events.Event.access_notes",
    "events.Event.cancel_reason",
    "events.Event.description",
    "events.Event.emergency_reason",
    "events.Event.languages",
    "events.Event.lat",
    "events.Event.lon",
    "events.Event.place_address",
    "events.Event.place_name",
    "events.Meeting.minutes",
    "events.OccurrenceOverride.lat",
    "events.OccurrenceOverride.lon",
    "events.OccurrenceOverride.place_address",
    "events.OccurrenceOverride.place_name",
    "events.OccurrenceOverride.reason",
    "events.Priority.description",
    "notifications.Attempt.message",
    "notifications.Sender.reason",
    "programs.Docket.name",
    "programs.Entry.crisis_rank",
    "programs.Entry.name",
    "programs.Entry.phone",
    "programs.Rule.words",
    "programs.Supply.name",
    "programs.Waiver.text",
    "programs.Waiver.text_hash",
    "roster.AddressPoint.address",
    "roster.AddressPoint.lat",
    "roster.AddressPoint.lon",
    "roster.AddressPoint.place",
    "roster.Agency.name",
    "roster.Agency.short_name",
    "roster.Area.name",
    "roster.Boundary.geometry",
    "roster.BoundarySet.name",
    "roster.Edition.name",
    "roster.Station.address",
    "roster.Station.lat",
    "roster.Station.lon",
    "roster.Station.name",
    "roster.Station.phone",
    "roster.StreetSegment.name",
    "roster.StreetSegment.zip_code",
    "workinggroups.CommentTheme.comment",
    "workinggroups.ConsultationQuestion.position",
    "workinggroups.ConsultationQuestion.text",
    "workinggroups.GroupSeat.name",
    "workinggroups.Recommendation.body",
    "workinggroups.Section.body",
    "workinggroups.Section.position",
    "workinggroups.Theme.description",
    "workinggroups.Theme.name",
    "workinggroups.WorkingGroup.is_public_body",
    "workinggroups.WorkingGroup.name",
    "workinggroups.WorkingGroup.neutral_name",
}
MODELS = list(apps.get_models(include_auto_created=True))
PEOPLE = (User, Recipient, StaffMember)


def is_personal(field: Any) -> bool:
    """By its kind, by its name, or because it points at a person; unless it is known to be about a thing."""
    if f"{field.model._meta.label}.{field.name}" in ABOUT_THINGS:
        return False
    points_at_somebody = field.is_relation and field.related_model in PEOPLE
    return isinstance(field, EncryptedTextField) or bool(PERSONAL.search(field.name)) or points_at_somebody


def without_line(model: Any) -> list[str]:
    """Fields that have none, or only that of the whole model where a person is in it."""
    named = {name for names in RECORDS.get(model._meta.label, {}) for name in names.split()}
    fields = [field.name for field in model._meta.concrete_fields]
    has_person = any(map(is_personal, model._meta.concrete_fields))
    return [name for name in fields if name not in named and (has_person or EVERY not in named)]


def test_every_stored_field_has_a_line() -> None:
    missing = {f"{model._meta.label}.{name}" for model in MODELS for name in without_line(model)}
    assert missing == set(), "when does it end, and who may ask for it? A line in backend/records"


def test_no_line_without_a_field() -> None:
    fields = {model._meta.label: {f.name for f in model._meta.concrete_fields} for model in MODELS}
    lines = [(label, name) for label, line in RECORDS.items() for names in line for name in names.split()]
    assert len(lines) == len(set(lines)), "a field has two lines"
    for label, name in [*lines, *(tuple(thing.rsplit(".", 1)) for thing in ABOUT_THINGS)]:
        assert name == EVERY or name in fields.get(label, ()), f"{label}.{name} is gone"
    for label, line in RECORDS.items():
        assert EVERY not in line or len(line) == 1, f"{label}: name all fields, or none"


def test_a_new_field_about_a_person_needs_a_line_and_so_does_any_beside_it() -> None:
    class Meta:
        app_label = "trial"

    bare = {"__module__": __name__, "Meta": Meta}
    try:
        for name in ("plate", "device_id", "user_agent", "last_ip", "dob", "badge", "first_name"):
            model = type("Area", (models.Model,), {**bare, name: models.CharField(max_length=9)})
            assert without_line(model) == ["id", name]
            del apps.all_models["trial"]["area"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(RECORDS, "trial.Area", {EVERY: records_of(User)["kind"]})  # type: ignore[arg-type]
            plain = type("Area", (models.Model,), {**bare, "size": models.IntegerField()})
            assert without_line(plain) == []
            del apps.all_models["trial"]["area"]
            mixed = {"size": models.IntegerField(), "plate": models.CharField(max_length=9)}
            assert without_line(type("Area", (models.Model,), {**bare, **mixed})) == ["id", "size", "plate"]
    finally:
        apps.all_models.pop("trial", None)
        apps.clear_cache()


def test_what_is_closed_names_its_statute_and_ciphertext_is_never_open() -> None:
    for model in MODELS:
        for name, record in records_of(model).items():
            assert record.ends, (model, name)
            assert record.basis, (model, name)
            assert record.tag != CLOSED or "RSMo" in record.basis, (model, name)
            encrypted = isinstance(model._meta.get_field(name), EncryptedTextField)
            assert not (encrypted and record.tag == OPEN), (model, name)


# --- the export ---------------------------------------------------------------------------------------


def export(path: Path, model: str, **options: Any) -> list[list[str]]:
    call_command("sunshine_export", model, output=path, **options)
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_an_export_holds_what_is_open_and_names_what_is_withheld(
    client: Client, city: None, tmp_path: Path
) -> None:
    body = {"category": "traffic", "description": "Cars run.", "address": "1915 Olive St"}
    told = client.post("/api/v1/concerns", body, content_type="application/json").json()
    rows = export(tmp_path / "concerns.csv", "concerns.Concern")
    text = (tmp_path / "concerns.csv").read_text()
    for secret in ("Cars run", "Olive", told["receipt"]):
        assert secret not in text
    withheld = {row[1]: row[2:] for row in rows if row[0] == "# withheld"}
    assert withheld["reporter"] == ["review", "who complained; RSMo 610.100, 610.200"]
    assert withheld["receipt_index"] == ["closed", "a security measure; RSMo 610.021(21)"]
    header = next(n for n, row in enumerate(rows) if not row[0].startswith("#"))
    assert rows[header][:3] == ["id", "category", "area"]
    assert not {*rows[header]} & {*withheld}
    lines = [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]
    assert len(lines) == Concern.objects.count()
    line = next(line for line in lines if line["id"] == told["id"])
    assert (line["category"], line["status"]) == ("traffic", "submitted")
    assert (
        timezone.datetime.fromisoformat(line["submitted_at"])
        == Concern.objects.get(pk=told["id"]).submitted_at
    )


def test_since_a_day(city: None, tmp_path: Path) -> None:
    newest, old = Concern.objects.all()[:2]
    Concern.objects.filter(pk=old.pk).update(submitted_at=timezone.now() - timedelta(days=9))
    rows = export(tmp_path / "c.csv", "concerns.Concern", since=timezone.localdate() - timedelta(days=8))
    assert "since" in rows[0][2]
    assert "submitted_at" in rows[0][2]
    ids = {row[0] for row in rows}
    assert str(newest.pk) in ids
    assert str(old.pk) not in ids


def test_what_cannot_be_exported_is_said(city: None, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    for model, options, words in [
        ("nonsense", {}, "concerns.Concern"),
        ("concerns.Nonsense", {}, "concerns.Concern"),
        ("accounts.AuditRow", {}, "No field .* is open"),
        ("roster.StaffMember", {"since": timezone.localdate()}, "no open day"),
        ("roster.Area", {"output": there}, "there already"),
        ("roster.Area", {"output": tmp_path / "no" / "such.csv"}, "cannot be written"),
    ]:
        with pytest.raises(CommandError, match=words):
            call_command("sunshine_export", model, **{"output": tmp_path / "new.csv", **options})
    assert [file.name for file in tmp_path.iterdir()] == ["there.csv"]
    assert there.read_text() == "mine"


@pytest.mark.parametrize("model", [m._meta.label for m in MODELS])
def test_every_model_is_exported_or_wholly_withheld(city: None, tmp_path: Path, model: str) -> None:
    if any(record.tag == OPEN for record in records_of(apps.get_model(model)).values()):
        assert export(tmp_path / "m.csv", model)[0][1] == model
    else:
        with pytest.raises(CommandError, match="No field"):
            export(tmp_path / "m.csv", model)


def test_an_export_is_one_statement(city: None, tmp_path: Path, django_assert_num_queries: Any) -> None:
    assert AuditRow.objects.count() > 100
    with django_assert_num_queries(1):
        export(tmp_path / "m.csv", "roster.Assignment")
