"""The staff page shows exactly what `visible_to` gives."""

from typing import Any

from django.test import Client

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern


def test_the_desk_sees_its_concerns_and_the_outsider_none(
    client: Client, liaison: User, outsider: User, sign_in: Any
) -> None:
    body = {"category": "traffic", "description": "Cars run the light.", "address": "1915 Olive St"}
    told = client.post("/api/v1/concerns", body, content_type="application/json").json()
    page = f"/admin/concerns/concern/{told['id']}/change/"
    assert "Cars run the light." in sign_in(liaison).get(page).content.decode()
    refused = sign_in(outsider).get(page)
    assert refused.status_code == 302
    assert "Cars run" not in sign_in(outsider).get("/admin/concerns/concern/").content.decode()
    assert Concern.objects.filter(pk=told["id"]).exists()


def test_strangers_are_sent_to_the_login(client: Client, city: None) -> None:
    assert "/admin/login/" in client.get("/admin/concerns/concern/")["Location"]
