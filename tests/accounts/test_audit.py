"""What staff do leaves a line, and a line that is changed or lost is found."""

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Event as Flag
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import AppendOnlyError, AuditRow, AuditSeal, User
from backend.events import services as events
from backend.prune import prune
from backend.roster.models import Agency, Area
from tests.events.factories import at, post
from tests.factories import make_staff

WHY = "The caller's line broke off; I must ring back."


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True)


def tell(client: Any, **body: Any) -> str:
    told = {"category": "traffic", "description": "Cars run the light.", "address": "1915 Olive St", **body}
    answer = client.post("/api/v1/concerns", told, content_type="application/json")
    concern: str = answer.json()["id"]
    return concern


def ask(client: Any, concern: str, what: str = "reporter", **body: Any) -> Any:
    return client.post(f"/api/v1/triage/concerns/{concern}/{what}", body, content_type="application/json")


def lines(action: str) -> QuerySet[AuditRow]:
    return AuditRow.objects.filter(action=action)


# --- what leaves a line -------------------------------------------------------------------------------


def test_a_liaison_learns_who_told_it_and_that_is_on_record(
    liaison: User, resident: User, sign_in: Any
) -> None:
    concern = tell(sign_in(resident))
    answer = ask(sign_in(liaison), concern, reason=WHY)
    assert (answer.status_code, answer.json()) == (
        200,
        {"phone": "", "email": "resident@example.org", "code_word": "", "contact_note": ""},
    )
    assert answer["Cache-Control"] == "no-store"
    row = lines("name_reporter").get()
    assert (row.actor, row.actor_kind, row.object_type) == (liaison.pk, "staff", "concerns.Concern")
    assert (row.object_id, row.fields, row.reason) == (concern, ["reporter"], WHY)
    assert row.request_id == answer["X-Request-ID"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_auditrow")
        stored = str(cursor.fetchall())
    assert "line broke off" not in stored
    assert "resident@" not in stored


def test_without_its_line_nobody_is_named(
    liaison: User, resident: User, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = tell(sign_in(resident))

    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(DatabaseError):
        ask(sign_in(liaison), concern, reason=WHY)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
@pytest.mark.parametrize("what", ["reporter", "open"])
def test_a_reason_is_needed(
    administrator: User, resident: User, sign_in: Any, what: str, body: dict[str, str]
) -> None:
    answer = ask(sign_in(administrator), tell(sign_in(resident)), what, **body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert not AuditRow.objects.filter(actor=administrator.pk).exists()


def test_who_may_not_know_who_told_it(
    client: Client, liaison: User, captain: User, officer: User, outsider: User, resident: User, sign_in: Any
) -> None:
    concern = tell(sign_in(resident))
    nothing = "00000000-0000-4000-8000-000000000000"
    seen = ask(sign_in(captain), concern, reason=WHY)
    assert seen.status_code == 403
    assert "liaison" in seen.json()["detail"]
    for user in (officer, outsider):
        hidden = ask(sign_in(user), concern, reason=WHY)
        assert (hidden.status_code, hidden.content) == (404, ask(sign_in(user), nothing, reason=WHY).content)
    assert ask(sign_in(resident), concern, reason=WHY).status_code == 403
    assert ask(client, concern, reason=WHY).status_code == 401
    liaison.staff_member.assignments.update(ends_on="2025-01-01")
    assert ask(sign_in(liaison), concern, reason=WHY).status_code == 404
    assert not lines("name_reporter").exists()


def test_who_told_a_walled_one_is_for_civilians(liaison: User, resident: User, sign_in: Any) -> None:
    concern = tell(sign_in(resident), about_police_employee=True)
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison")
    assert ask(sign_in(sworn), concern, reason=WHY).status_code == 404
    assert ask(sign_in(liaison), concern, reason=WHY).status_code == 200


def test_nobody_can_be_named_where_nobody_gave_a_name(client: Client, liaison: User, sign_in: Any) -> None:
    answer = ask(sign_in(liaison), tell(client), reason=WHY)
    assert (answer.status_code, answer.json()["type"]) == (422, "nobody-to-name")
    assert not lines("name_reporter").exists()


def test_an_administrator_opens_one_with_a_reason(
    administrator: User, captain: User, resident: User, sign_in: Any
) -> None:
    walled, desk = tell(sign_in(resident), about_police_employee=True), sign_in(administrator)
    opened = ask(desk, walled, "open", reason=WHY)
    assert (opened.status_code, opened.json()["description"]) == (200, "Cars run the light.")
    assert (lines("open").get().actor, lines("open").get().object_id) == (administrator.pk, walled)
    assert ask(desk, walled, reason=WHY).json()["email"] == "resident@example.org"
    assert desk.get("/api/v1/triage/concerns").json()["results"] == []
    assert ask(desk, walled, "triage").status_code == 404
    assert ask(desk, "00000000-0000-4000-8000-000000000000", "open", reason=WHY).status_code == 404
    assert ask(sign_in(captain), walled, "open", reason=WHY).status_code == 404
    assert ask(sign_in(captain), tell(sign_in(resident)), "open", reason=WHY).status_code == 403
    assert lines("open").count() == 1


def test_moves_and_the_calendar_leave_lines(client: Client, liaison: User, sign_in: Any) -> None:
    concern = tell(client)
    ask(sign_in(liaison), concern, "triage")
    ask(sign_in(liaison), concern, "close", disposition="resolved")
    event = post(liaison, area="slmpd-district-4")
    events.revise_event(event=event, by=liaison, title="Evening roll call")
    events.cancel_occurrence(event=event, by=liaison, recurrence_id=at("2026-11-27 07:30"), reason="Storm")
    events.cancel_event(event=event, by=liaison)
    rows = AuditRow.objects.filter(actor=liaison.pk).order_by("pk")
    assert [(row.action, row.object_id) for row in rows] == [
        ("triage", concern),
        ("close", concern),
        ("posted", str(event.pk)),
        ("revised", str(event.pk)),
        ("date_cancelled", str(event.pk)),
        ("cancelled", str(event.pk)),
    ]
    assert rows[1].fields == ["closed_at", "disposition", "escalated_to", "status"]
    assert (rows[3].fields, rows[4].reason) == (["title"], "Storm")


def test_a_refused_move_leaves_none(client: Client, liaison: User, sign_in: Any) -> None:
    assert ask(sign_in(liaison), tell(client), "start").status_code == 409
    assert not AuditRow.objects.filter(actor=liaison.pk).exists()


def test_an_import_names_its_command(city: None, tmp_path: Any) -> None:
    header, before = "name,rank,badge_number,role,area,starts_on\n", AuditRow.objects.count()
    file = tmp_path / "staff.csv"
    file.write_text(header + "Ada Invented,Captain,9001,district_captain,slmpd-district-4,2026-01-05\n")
    call_command("import_staff", str(file), dry_run=True, stdout=StringIO())
    assert AuditRow.objects.count() == before
    call_command("import_staff", str(file), stdout=StringIO())
    new = AuditRow.objects.order_by("pk")[before:]
    assert [(row.action, row.object_type, row.actor) for row in new] == [
        ("import_staff", "roster.StaffMember", None),
        ("import_staff", "roster.Assignment", None),
    ]
    file.write_text(header + "Bo Invented,Captain,9002,district_captain,slmpd-district-4,2026-03-05\n")
    call_command("import_staff", str(file), stdout=StringIO())
    assert lines("hand_over").get().fields == ["ends_on"]
    assert lines("import_areas").exists()


def test_the_staff_pages_leave_lines_and_show_them_to_administrators_alone(
    administrator: User, liaison: User, sign_in: Any
) -> None:
    chief = sign_in(administrator)
    assert chief.post(f"/admin/accounts/user/{liaison.pk}/change/", {}).status_code == 302
    row = lines("changed").get()
    assert (row.actor, row.object_type, row.fields) == (administrator.pk, "accounts.User", ["is_active"])
    contact = Agency.objects.get(slug="slmpd").contacts.first()
    chief.post(f"/admin/roster/contact/{contact.pk}/delete/", {"post": "yes"})
    assert lines("deleted").get().object_id == str(contact.pk)
    page = f"/admin/accounts/auditrow/{row.pk}/change/"
    assert b"is_active" in chief.get(page).content
    found = chief.get(f"/admin/accounts/auditrow/?q={liaison.pk}")
    assert b"1 result" in found.content
    assert chief.post(page, {"action": "other"}).status_code == 403
    assert chief.post(f"/admin/accounts/auditrow/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    officer = sign_in(make_staff("o@example.org", "slmpd-beat-402", "beat_officer"))
    for address in ("/admin/accounts/auditrow/", page, "/admin/accounts/auditseal/"):
        assert officer.get(address).status_code == 403
    assert chief.get("/admin/accounts/auditseal/").status_code == 200


# --- nothing is changed -------------------------------------------------------------------------------


def some(count: int = 3, **fields: Any) -> list[AuditRow]:
    """Rows of invented acts, each with a reason."""
    by = User.objects.create_user(kind=User.Kind.STAFF, email=f"{uuid4()}@example.org")
    area = Area(pk=4, slug="slmpd-district-4")
    with transaction.atomic():
        for n in range(count):
            audit.record("trial", area, by=by, fields=["name"], reason=f"reason {n}")
    return list(AuditRow.objects.order_by("-pk")[:count][::-1])


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: type(row)(pk=row.pk, action="other").save(),
        lambda row: type(row).objects.update(action="other"),
        lambda row: type(row)._base_manager.update(action="other"),
        lambda row: type(row).objects.filter(pk=row.pk).delete(),
        lambda row: type(row).objects.bulk_update([row], ["action"]),
        lambda row: type(row).objects.update_or_create(pk=row.pk, defaults={"action": "other"}),
        lambda row: type(row).objects.bulk_create(
            [row], update_conflicts=True, update_fields=["action"], unique_fields=["id"]
        ),
    ],
)
def test_rows_are_neither_changed_nor_deleted(db: None, change: Callable[[AuditRow], None]) -> None:
    row = some(1)[0]
    with pytest.raises((AppendOnlyError, DatabaseError)), transaction.atomic():
        change(row)
    assert AuditRow.objects.get(pk=row.pk).action == "trial"


def test_seals_are_neither_changed_nor_deleted(db: None) -> None:
    some()
    audit.seal(timezone.now())
    seal = AuditSeal.objects.get()
    for change in (seal.save, seal.delete, AuditSeal.objects.all().delete):
        with pytest.raises(AppendOnlyError, match="append-only"):
            change()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_row_belongs_into_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record("trial", Area)


# --- and what is changed nevertheless, is found -------------------------------------------------------


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def verified(head: str = "") -> str:
    """What the command prints where all is whole."""
    out = StringIO()
    call_command("verify_audit", head=head, stdout=out)
    return out.getvalue()


def findings(head: str = "") -> list[str]:
    """What it prints where it exits with 1; without the counts."""
    out = StringIO()
    with pytest.raises(CommandError, match="not whole"):
        call_command("verify_audit", head=head, stdout=out)
    return out.getvalue().splitlines()[:-1]


@pytest.fixture
def sealed(db: None, monkeypatch: pytest.MonkeyPatch) -> list[AuditRow]:
    """Nine rows under the seals 1, 2 and 3."""
    monkeypatch.setattr(audit, "SEAL_AT_MOST", 3)
    rows = some(9)
    assert audit.seal(timezone.now()) == 9
    return list(AuditRow.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def head_of(number: int) -> str:
    return f"{number}:{AuditSeal.objects.get(number=number).hash}"


def test_a_whole_trail_says_so(sealed: list[AuditRow]) -> None:
    some(2)
    told = verified(head_of(2))
    assert "9 rows under 3 seals" in told
    assert "2 rows wait" in told
    assert head_of(3) in told


def test_an_empty_trail_is_whole(db: None) -> None:
    assert "0 rows under 0 seals" in verified()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-01-01 00:00:00+00:00"),
        ("actor", None),
        ("actor_kind", "other"),
        ("action", "other"),
        ("object_type", "other"),
        ("object_id", "other"),
        ("fields", "[]"),
        ("reason", ""),
        ("request_id", "other"),
    ],
)
@pytest.mark.parametrize("which", [0, 4, 8])
def test_a_changed_column_is_found(sealed: list[AuditRow], column: str, value: Any, which: int) -> None:
    """Of the first row, one in the middle, and the very last."""
    sql(f"UPDATE accounts_auditrow SET {column} = %s WHERE id = %s", value, sealed[which].pk)
    found = findings()
    assert len(found) == 1
    assert found[0].startswith(f"Batch {which // 3 + 1} ")
    assert "was changed" in found[0]


def test_every_column_is_hashed() -> None:
    assert {*audit.COLUMNS, "reason", "seal"} == {field.name for field in AuditRow._meta.fields}
    assert {*audit.SEAL_COLUMNS} == {field.name for field in AuditSeal._meta.fields}


@pytest.mark.parametrize("which", [0, 4, 8])
def test_a_lost_row_is_found(sealed: list[AuditRow], which: int) -> None:
    sql("DELETE FROM accounts_auditrow WHERE id = %s", sealed[which].pk)
    assert "1 of its 3 rows are gone" in findings()[0]


def test_a_row_that_was_taken_from_its_seal_is_found(sealed: list[AuditRow]) -> None:
    sql("UPDATE accounts_auditrow SET seal_id = NULL WHERE id = %s", sealed[8].pk)
    audit.seal(timezone.now())
    assert len(findings()) == 1


def test_a_row_that_was_added_is_found(sealed: list[AuditRow]) -> None:
    extra = some(1)[0]
    sql("UPDATE accounts_auditrow SET seal_id = 2 WHERE id = %s", extra.pk)
    assert "Batch 2" in findings()[0]
    assert "1 rows too many" in findings()[0]


def test_rows_that_changed_places_are_found(sealed: list[AuditRow]) -> None:
    sql("UPDATE accounts_auditrow SET seal_id = 2 WHERE id = %s", sealed[0].pk)
    sql("UPDATE accounts_auditrow SET seal_id = 1 WHERE id = %s", sealed[3].pk)
    assert [line[:7] for line in findings()] == ["Batch 1", "Batch 2"]


def test_a_garbled_reason_is_found(sealed: list[AuditRow]) -> None:
    sql("UPDATE accounts_auditrow SET reason = %s WHERE id = %s", "gAAAAA", sealed[5].pk)
    assert f"the reason in row {sealed[5].pk} was changed" in findings()[0]


def test_a_seal_that_is_gone_is_found(sealed: list[AuditRow]) -> None:
    sql("DELETE FROM accounts_auditseal WHERE number = 2")
    assert findings() == ["Seal 2 is missing.", "Seal 2 is missing, and 3 rows are there that it sealed."]
    sql("UPDATE accounts_auditrow SET seal_id = NULL WHERE seal_id = 2")
    assert findings() == ["Seal 2 is missing."]
    sql("DELETE FROM accounts_auditseal WHERE number = 1")
    assert findings()[0] == "Seals 1 to 2 are missing."


def test_seals_that_are_gone_from_the_end_are_found_by_the_log(sealed: list[AuditRow]) -> None:
    head = head_of(3)
    sql("DELETE FROM accounts_auditrow WHERE seal_id = 3")
    sql("DELETE FROM accounts_auditseal WHERE number = 3")
    assert "6 rows under 2 seals" in verified()
    assert findings(head) == [f"No seal is {head}: seals since then were removed or made anew."]


@pytest.mark.parametrize("column", ["row_count", "last_at", "sealed_at", "rows_hash", "hash"])
def test_a_changed_seal_is_found(sealed: list[AuditRow], column: str) -> None:
    value = {"row_count": 2, "last_at": "2019-01-01 00:00+00:00", "sealed_at": "2019-01-01 00:00+00:00"}
    sql(f"UPDATE accounts_auditseal SET {column} = %s WHERE number = 3", value.get(column, "0" * 64))
    assert findings()[-1] == "Seal 3 was changed, or does not follow the seal before it."


def test_without_the_index_key_no_chain_can_be_made_anew(sealed: list[AuditRow], settings: Any) -> None:
    settings.INDEX_KEY = "another"
    assert len(findings()) == 6


def test_rotated_field_keys_leave_the_hash(sealed: list[AuditRow], settings: Any) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    some(1)
    audit.seal(timezone.now())
    assert "10 rows under 4 seals" in verified()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert len(findings()) == 3


def test_a_head_of_another_form_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="NUMBER:HASH"):
        call_command("verify_audit", head="12")


def test_each_seal_is_in_the_log(db: None, caplog: pytest.LogCaptureFixture) -> None:
    some()
    with caplog.at_level(logging.INFO, logger="rollcall.audit"):
        audit.seal(timezone.now())
    line: Any = caplog.records[0].msg
    assert f"{line['number']}:{line['hash']}" == head_of(1)


def test_verifying_is_few_statements_however_much_there_is(
    sealed: list[AuditRow], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        audit.verify(timezone.now())


# --- the end ------------------------------------------------------------------------------------------


def test_batches_end_after_seven_years_and_their_seals_hold(sealed: list[AuditRow]) -> None:
    later = timezone.now() + audit.KEPT + timedelta(minutes=1)
    assert audit.erase_old(later - timedelta(minutes=2)) == 0
    assert prune(later)["rows of the audit trail"] == 9
    assert audit.erase_old(later) == 0
    verdict = audit.verify(later)
    assert (verdict.findings, verdict.rows, verdict.seals, verdict.erased) == ([], 0, 3, 3)
    some(1)
    audit.seal(later)
    assert audit.verify(later).findings == []


def test_what_waits_for_a_seal_is_not_erased(db: None) -> None:
    some(1)
    assert audit.erase_old(timezone.now() + 2 * audit.KEPT) == 0


def test_marked_erased_before_its_time_is_found(sealed: list[AuditRow]) -> None:
    sql("UPDATE accounts_auditseal SET erased_at = %s WHERE number = 2", timezone.now() + audit.KEPT)
    sql("DELETE FROM accounts_auditrow WHERE seal_id = 2")
    assert "Seal 2 is marked erased before its time" in findings()[0]


def test_marked_erased_with_rows_left_is_found(sealed: list[AuditRow]) -> None:
    sql("UPDATE accounts_auditseal SET erased_at = %s WHERE number = 2", timezone.now())
    assert "3 rows too many" in findings()[0]


# --- at once ------------------------------------------------------------------------------------------

WRITERS, EACH = 4, 40


def in_threads(work: Callable[[int], Any], count: int) -> list[Any]:
    def one(n: int) -> Any:
        try:
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_sealing_while_writers_write_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SEAL_AT_MOST", 7)
    done = Flag()

    def write(n: int) -> int:
        for k in range(EACH):
            with transaction.atomic():
                audit.record("trial", Area, reason=f"{n} {k}")
        return EACH

    def work(n: int) -> int:
        if n < WRITERS:
            return write(n)
        sealed = 0
        while not done.is_set():
            sealed += audit.seal(timezone.now())
        return sealed

    with ThreadPoolExecutor(1) as watch:
        threads = watch.submit(in_threads, work, WRITERS + 2)
        try:
            while AuditRow.objects.count() < WRITERS * EACH and not threads.done():
                done.wait(0.05)
        finally:
            done.set()
        counts = threads.result()
    late = audit.seal(timezone.now())
    assert sum(counts[WRITERS:]) + late == WRITERS * EACH
    assert AuditRow.objects.filter(seal=None).count() == 0
    verdict = audit.verify(timezone.now())
    assert (verdict.findings, verdict.rows) == ([], WRITERS * EACH)
    told = Counter(row.reason for row in AuditRow.objects.all())
    assert told == Counter(f"{n} {k}" for n in range(WRITERS) for k in range(EACH))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_sealers_at_once_make_one_chain() -> None:
    with transaction.atomic():
        for _ in range(50):
            audit.record("trial", Area)
    assert sum(in_threads(lambda n: audit.seal(timezone.now()), 4)) == 50
    assert [seal.number for seal in AuditSeal.objects.all()] == list(range(1, AuditSeal.objects.count() + 1))
    assert audit.verify(timezone.now()).findings == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_row_that_is_committed_after_its_neighbors_were_sealed() -> None:
    written, may_commit = Flag(), Flag()

    def slow(n: int) -> None:
        with transaction.atomic():
            audit.record("early", Area)
            written.set()
            assert may_commit.wait(10)

    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(in_threads, slow, 1)
        assert written.wait(10)
        with transaction.atomic():
            audit.record("late", Area)
        assert audit.seal(timezone.now()) == 1
        may_commit.set()
        early.result()
    assert audit.seal(timezone.now()) == 1
    first, last = AuditRow.objects.order_by("pk")
    assert [(first.action, first.seal_id), (last.action, last.seal_id)] == [("early", 2), ("late", 1)]
    assert audit.verify(timezone.now()).findings == []
