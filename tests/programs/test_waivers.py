"""Waivers: one exact text a version; what was signed stays as it was."""

import hashlib
from typing import Any

import pytest

from backend.accounts.models import AuditRow, User
from backend.programs.models import Application, Cohort, Signature
from tests.programs.factories import make_cohort, make_manager, make_program, make_resident
from tests.programs.test_applications import apply, post

pytestmark = pytest.mark.django_db

TEXT = "I ride at my own risk, and do what the officer says.\n  Two spaces stand here.\n"
NOW = "2026-11-23T10:00:00-06:00"
RIDER = {"name": "Zoë Nguyễn-Łęcki", "born_on": "1990-05-17"}


@pytest.fixture
def cohort(city: None) -> Cohort:
    program = make_program("do-good", "training", rules=[("guardian", None, 18)])
    return make_cohort(program, mode="first_come")


@pytest.fixture
def manager(cohort: Cohort) -> User:
    return make_manager(cohort.program)


def publish(client: Any, text: str = TEXT, **more: Any) -> dict[str, Any]:
    answer = post(client, "programs/do-good/waivers", text=text, **more)
    assert answer.status_code == 201, answer.content
    published: dict[str, Any] = answer.json()
    return published


def sign(client: Any, path: str, sha256: str, **more: Any) -> Any:
    values = {"role": "participant", "name": RIDER["name"], "signed_at": NOW, **more}
    return post(client, f"{path}/signatures", sha256=sha256, **values)


def test_one_changed_character_and_old_signatures_do_not_carry_over(
    cohort: Cohort, manager: User, sign_in: Any
) -> None:
    staff, me = sign_in(manager), sign_in(make_resident())
    first = publish(staff)
    assert (first["version"], first["text"]) == (1, TEXT)
    assert publish(staff) == first  # the very same text is no new version
    path = f"applications/{apply(me, cohort, RIDER).json()['id']}"
    signed = sign(me, path, first["sha256"])
    assert signed.status_code == 201, signed.content
    assert me.get(f"/api/v1/{path}").json()["status"] == "accepted"
    document = me.get(f"/api/v1/{path}/signatures/1/participant")
    assert document["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF")
    assert hashlib.sha256(document.content).hexdigest() == signed.json()["document_sha256"]

    second = publish(staff, TEXT.replace("risk,", "risk;"))
    assert (second["version"], second["sha256"] != first["sha256"]) == (2, True)
    # A new ride: the old text cannot be signed, and the old signature counts for nothing.
    next_one = make_cohort(cohort.program, name="Next", mode="first_come")
    other = f"applications/{apply(me, next_one, RIDER).json()['id']}"
    assert me.get(f"/api/v1/{other}").json()["missing"] == ["waiver"]
    refused = sign(me, other, first["sha256"])
    assert (refused.status_code, refused.json()["type"]) == (409, "waiver-changed")
    post(staff, f"programs/do-good/{other}/review")
    assert post(staff, f"programs/do-good/{other}/accept").json()["type"] == "not-ready"
    again = me.get(f"/api/v1/{path}/signatures/1/participant")
    assert again.content == document.content
    assert sign(me, other, second["sha256"]).status_code == 201
    assert me.get(f"/api/v1/{other}").json()["status"] == "accepted"


def test_a_text_that_changes_between_signing_and_the_place_is_signed_anew(
    cohort: Cohort, manager: User, sign_in: Any
) -> None:
    cohort.program.rules.create(kind="screening", words="A records check.")
    staff, me = sign_in(manager), sign_in(make_resident())
    first = publish(staff)
    path = f"applications/{apply(me, cohort, RIDER).json()['id']}"
    sign(me, path, first["sha256"])
    second = publish(staff, TEXT + "!")
    post(staff, f"programs/do-good/{path}/review")
    staff.put(
        f"/api/v1/programs/do-good/{path}/screening", {"cleared": True}, content_type="application/json"
    )
    assert me.get(f"/api/v1/{path}").json()["missing"] == ["waiver"]
    assert post(staff, f"programs/do-good/{path}/accept").json()["type"] == "not-ready"
    sign(me, path, second["sha256"])
    assert me.get(f"/api/v1/{path}").json()["status"] == "accepted"
    assert [s["waiver"] for s in me.get(f"/api/v1/{path}").json()["signatures"]] == [1, 2]


def test_who_signs_what_and_when(cohort: Cohort, manager: User, sign_in: Any) -> None:
    waiver, me = publish(sign_in(manager)), sign_in(make_resident())
    path = f"applications/{apply(me, cohort, RIDER).json()['id']}"
    for wrong, pointer in [
        ({"name": "Somebody Else"}, "/name"),
        ({"signed_at": "2026-11-21T10:00:00-06:00"}, "/signed_at"),
        ({"signed_at": "2026-11-25T10:00:00-06:00"}, "/signed_at"),
        ({"signed_at": "yesterday"}, "/signed_at"),
        ({"role": "witness"}, "/role"),
    ]:
        refused = sign(me, path, waiver["sha256"], **wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer), wrong
    assert sign(me, path, "0" * 64).json()["type"] == "waiver-changed"
    neighbor = sign_in(make_resident("neighbor@example.org"))
    assert sign(neighbor, path, waiver["sha256"]).status_code == 404
    assert Signature.objects.count() == 0
    assert sign(me, path, waiver["sha256"].upper()).status_code == 201
    assert sign(me, path, waiver["sha256"]).json()["type"] == "signed-already"
    assert neighbor.get(f"/api/v1/{path}/signatures/1/participant").status_code == 404
    assert me.get(f"/api/v1/{path}/signatures/1/guardian").status_code == 404


def test_a_minor_and_their_guardian_both_sign(cohort: Cohort, manager: User, sign_in: Any) -> None:
    waiver, me = publish(sign_in(manager)), sign_in(make_resident())
    child = {"name": "Sam Example", "born_on": "2012-05-17"}
    guardian = {"name": "Pat Example", "contact": "pat@example.org"}
    path = f"applications/{apply(me, cohort, child, guardian=guardian).json()['id']}"
    assert me.get(f"/api/v1/{path}").json()["missing"] == ["waiver", "guardian_waiver"]
    sign(me, path, waiver["sha256"], name="Sam Example")
    by_child = sign(me, path, waiver["sha256"], role="guardian", name="Pat Example")
    assert (by_child.status_code, by_child.json()["type"]) == (409, "needs-witness")
    assert me.get(f"/api/v1/{path}").json()["status"] == "submitted"
    staff, on_paper = sign_in(manager), f"programs/do-good/{path}"
    assert sign(staff, on_paper, waiver["sha256"], role="guardian", name="Sam Example").status_code == 400
    sign(staff, on_paper, waiver["sha256"], role="guardian", name="pat EXAMPLE")
    assert me.get(f"/api/v1/{path}").json()["status"] == "accepted"


def test_a_guardian_who_applies_signs_alone(cohort: Cohort, manager: User, sign_in: Any) -> None:
    waiver, parent = publish(sign_in(manager)), sign_in(make_resident("pat@example.org"))
    child = {"name": "Sam Example", "born_on": "2012-05-17"}
    guardian = {"name": "Pat Example", "contact": "pat@example.org"}
    made = apply(parent, cohort, child, is_for_self=False, guardian=guardian).json()
    assert made["missing"] == ["guardian_waiver"]
    sign(parent, f"applications/{made['id']}", waiver["sha256"], role="guardian", name="Pat Example")
    assert parent.get(f"/api/v1/applications/{made['id']}").json()["status"] == "accepted"


def test_what_is_signed_before_an_officer_is_not_signed_by_phone(
    cohort: Cohort, manager: User, officer: User, sign_in: Any
) -> None:
    staff, me = sign_in(manager), sign_in(make_resident())
    waiver = publish(staff, is_witnessed=True)
    path = f"applications/{apply(me, cohort, RIDER).json()['id']}"
    assert sign(me, path, waiver["sha256"]).json()["type"] == "needs-witness"
    assert sign(sign_in(officer), f"programs/do-good/{path}", waiver["sha256"]).status_code == 403
    early = sign(staff, f"programs/do-good/{path}", waiver["sha256"], signed_at="2026-11-10T10:00:00-06:00")
    assert early.json()["errors"][0]["pointer"] == "/signed_at"  # before there was such a text
    on_paper = sign(staff, f"programs/do-good/{path}", waiver["sha256"])
    assert (on_paper.status_code, on_paper.json()["method"]) == (201, "witnessed")
    assert AuditRow.objects.filter(action="witnessed a signature", actor=manager.pk).count() == 1
    assert Application.objects.get().status == "accepted"


def test_a_waiver_needs_a_text_and_its_publisher_a_seat(
    cohort: Cohort, manager: User, officer: User, sign_in: Any
) -> None:
    assert post(sign_in(manager), "programs/do-good/waivers", text="  \n").status_code == 400
    assert post(sign_in(manager), "programs/do-good/waivers", text="<b>x</b>").status_code == 400
    assert post(sign_in(officer), "programs/do-good/waivers", text=TEXT).status_code == 403
