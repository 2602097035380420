"""Who tells it, as far as they say, and whom their words are about."""

from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import User
from backend.feedback.concerns.models import Category, Concern, ConcernSubject
from backend.notifications.models import Consent, Recipient
from backend.roster.models import StaffMember
from tests.concerns.conftest import category, listed, pointers, roster_changed, tell
from tests.factories import make_staff


@pytest.mark.parametrize("identity", ["none", "receipt"])
def test_nothing_ties_a_signed_in_person_who_does_not_want_it(
    resident: User, city: None, sign_in: Any, identity: str
) -> None:
    told = tell(sign_in(resident), identity=identity, tells_by_text=True).json()
    kept = Concern.objects.get(pk=told["id"])
    assert (told["receipt"] is None) == (identity == "none")
    assert (kept.reporter, kept.phone, kept.tells_by_text) == (None, "", False)
    assert list(kept.changes.values_list("by", flat=True)) == [None]
    assert sign_in(resident).get(f"/api/v1/concerns/{told['id']}").status_code == 404


def test_by_number_alone(client: Client, city: None) -> None:
    told = tell(client, identity="phone", phone="(314) 555-0142", language="es").json()
    kept = Concern.objects.get(pk=told["id"])
    assert told["receipt"]
    assert told["tells_by_text"] is True
    assert (kept.phone, kept.reporter, kept.language) == ("+13145550142", None, "es")
    assert Recipient.objects.get().address_index == kept.phone_index
    assert Consent.objects.filter(action="asked").count() == 1
    tell(client, identity="phone", phone="314-555-0142")
    assert Consent.objects.filter(action="asked").count() == 1


def test_a_number_that_wants_no_texts_is_not_asked(client: Client, city: None) -> None:
    told = tell(client, identity="phone", phone="314-555-0142", tells_by_text=False).json()
    assert told["tells_by_text"] is False
    assert not Recipient.objects.exists()


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"identity": "phone"}, ("/phone", "required")),
        ({"phone": "314-555-0142"}, ("/phone", "required")),
        ({"identity": "phone", "phone": "12"}, ("/phone", "invalid")),
        ({"identity": "phone", "phone": "+44 20 7946 0000"}, ("/phone", "not-us")),
        ({"identity": "account"}, ("/identity", "not-signed-in")),
        ({"identity": "friend"}, ("/identity", "invalid_choice")),
    ],
)
def test_identities_that_do_not_hold(client: Client, city: None, body: dict[str, Any], wrong: Any) -> None:
    assert pointers(tell(client, **body)) == {wrong}


def test_what_needs_somebody_to_ask_back(client: Client, resident: User, city: None, sign_in: Any) -> None:
    Category.objects.filter(slug="traffic").update(anonymity=Category.Anonymity.REACHABLE)
    assert category(client, "traffic")["anonymity"] == "reachable"
    for body in ({}, {"identity": "none"}, {"identity": "receipt"}):
        answer = tell(client, **body)
        assert (answer.status_code, answer.json()["type"]) == (422, "must-be-reachable")
        assert "phone number" in answer.json()["detail"]
    assert tell(client, identity="phone", phone="314-555-0142").status_code == 201
    assert tell(sign_in(resident)).status_code == 201
    assert tell(sign_in(resident), identity="none").status_code == 422


def test_no_message_is_ever_sent_about_what_is_sensitive_and_that_is_said(client: Client, city: None) -> None:
    body = {"category": "domestic_violence", "identity": "phone", "phone": "314-555-0142"}
    told = tell(client, **body, tells_by_text=True, language="es")
    assert told.status_code == 201
    assert told.json()["tells_by_text"] is False
    assert "We send no message about this" in told.json()["notice"]
    assert "No enviamos avisos" in told.json()["notice"]
    assert not Recipient.objects.exists()
    assert Concern.objects.get(pk=told.json()["id"]).phone == "+13145550142"
    assert "no message" not in tell(client, **{**body, "category": "noise"}).json()["notice"]


def test_what_is_safe_when_calling_is_kept(client: Client, city: None) -> None:
    told = tell(client, contact_note="Only mornings; say you are from the school.", handler_may_know=True)
    kept = Concern.objects.get(pk=told.json()["id"])
    assert kept.contact_note == "Only mornings; say you are from the school."
    assert kept.handler_may_know is True


# --- the wall ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"description": "Officer Quill drove through a red light."},
        {"description": "O\u200bfficer Qu\u00adill was rude"},
        {"answers": {"when": "when Sgt. Quill is on duty"}},
        {"contact_note": "not when officer quill is near"},
        {"said_at": "to Officer Quill"},
        {"description": "badge #7731", "about_police_employee": True},
    ],
)
def test_whom_the_words_name_never_reads_it(
    client: Client, liaison: User, captain: User, sign_in: Any, body: dict[str, Any]
) -> None:
    quill = make_staff("quill@example.org", "slmpd-beat-402", "beat_officer")
    StaffMember.objects.filter(user=quill).update(badge_number="7731")
    roster_changed()
    told = tell(client, address="1915 Olive St", **body).json()
    kept = Concern.objects.get(pk=told["id"])
    assert kept.is_walled
    subject = kept.subjects.get()
    assert (subject.staff_member.user, subject.source) == (quill, ConcernSubject.Source.MATCHED)  # type: ignore[union-attr]
    assert told["id"] in listed(sign_in(liaison))
    for user in (quill, captain):
        assert told["id"] not in listed(sign_in(user))


def test_who_is_described_and_not_named(client: Client, liaison: User) -> None:
    make_staff("sworn@example.org", "slmpd-district-4", "liaison")
    told = tell(client, address="1915 Olive St", about_police_employee=True).json()
    subject = ConcernSubject.objects.get(concern=told["id"])
    assert (subject.staff_member, subject.source) == (None, ConcernSubject.Source.ASKED)
    assert subject.command.slug == "slmpd-district-4"  # type: ignore[union-attr]
    assert subject.concern.assigned_to.is_sworn is False  # type: ignore[union-attr]


def test_words_about_nobody_are_behind_no_wall(client: Client, city: None) -> None:
    told = tell(client, description="The quill on the mural peels; an officer saw it").json()
    assert Concern.objects.get(pk=told["id"]).is_walled is False


def test_who_came_to_the_department_since_is_named_too(client: Client, city: None) -> None:
    assert not Concern.objects.get(pk=tell(client, description="Officer Quill").json()["id"]).is_walled
    make_staff("quill@example.org", "slmpd-beat-402", "beat_officer")
    roster_changed()
    assert Concern.objects.get(pk=tell(client, description="Officer Quill").json()["id"]).is_walled
