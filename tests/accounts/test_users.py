"""Who has an account, and what the staff pages open to whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.prune import prune

pytestmark = pytest.mark.django_db


def sign_in_by_form(client: Client, email: str, password: str) -> Any:
    return client.post("/admin/login/?next=/admin/", {"username": email, "password": password})


def test_the_first_administrator_signs_in_by_e_mail(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    call_command("createsuperuser", email_index="Chief@Example.org", interactive=False, verbosity=0)
    assert sign_in_by_form(client, "chief@example.org", "wrong").status_code == 200
    assert sign_in_by_form(client, "chief@example.org", "correct horse battery").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_resident_does_not_get_into_the_staff_pages(client: Client) -> None:
    User.objects.create_user(kind=User.Kind.RESIDENT, email="r@example.org", password="correct horse battery")
    assert sign_in_by_form(client, "r@example.org", "correct horse battery").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_staff_who_left_do_not_get_in(client: Client) -> None:
    user = User.objects.create_user(
        kind=User.Kind.STAFF, email="s@example.org", password="correct horse battery"
    )
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert sign_in_by_form(client, "s@example.org", "correct horse battery").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "staff", "email": ""},
        {"kind": "resident", "email": "r@example.org", "is_administrator": True},
        {"kind": "staff", "email": "s@example.org", "phone_index": "x"},
    ],
)
def test_what_no_account_can_be(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_user(**fields)


def test_the_staff_pages_log_names_no_address(sign_in: Any) -> None:
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    other = User.objects.create_user(kind=User.Kind.STAFF, email="left@example.org")
    assert sign_in(administrator).post(f"/admin/accounts/user/{other.pk}/change/", {}).status_code == 302
    assert not User.objects.get(pk=other.pk).is_active
    assert "left@example.org" not in LogEntry.objects.get().object_repr
    prune(timezone.now() + timedelta(days=366))
    assert not LogEntry.objects.exists()


def test_upkeep_screens_are_for_administrators(officer: User, sign_in: Any) -> None:
    for page in ("roster/staffmember", "accounts/user", "roster/assignment", "notifications/message"):
        assert sign_in(officer).get(f"/admin/{page}/").status_code == 403
