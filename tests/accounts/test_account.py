"""One's own account: the address that nobody may see, the file of everything held, the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts import residents
from backend.accounts.models import Session, User
from backend.feedback.concerns.models import Concern
from backend.notifications.models import Message, Subscription
from backend.prune import prune
from tests.conftest import DocumentedClient

SUBSTITUTE = "PO Box 1409, Jefferson City, MO 65102"
CONCERN = {"category": "noise", "description": "Loud music at night", "address": "1915 Olive St"}

pytestmark = pytest.mark.django_db


def tell(client: Any, **more: Any) -> Concern:
    answer = client.post("/api/v1/concerns", CONCERN | more, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return Concern.objects.get(pk=answer.json()["id"])


def change(client: Any, **values: Any) -> Any:
    return client.patch("/api/v1/me", values, content_type="application/json")


# --- Safe at Home (RSMo 589.660 to 589.683) -----------------------------------------------------------------


def test_the_flag_erases_where_somebody_lives(city: None, resident: User, sign_in: Any) -> None:
    client = sign_in(resident)
    assert change(client, mailing_address="1915 Olive St").status_code == 200
    before = tell(client)
    assert before.address
    answer = change(client, safe_at_home=True)
    assert answer.json()["safe_at_home"] is True
    assert answer.json()["mailing_address"] == ""
    before.refresh_from_db()
    assert (before.address, before.position) == ("", "")


def test_under_the_flag_the_place_finds_the_desk_and_is_forgotten(
    city: None, resident: User, sign_in: Any
) -> None:
    client = sign_in(resident)
    change(client, safe_at_home=True, mailing_address=SUBSTITUTE)
    assert client.get("/api/v1/me").json()["mailing_address"] == SUBSTITUTE
    after = tell(client)
    assert (after.address, after.position) == ("", "")
    assert after.desk


def test_the_substitute_address_is_accepted_where_another_would_be_refused(
    city: None, resident: User, sign_in: Any, client: DocumentedClient
) -> None:
    refused = client.post(
        "/api/v1/concerns", CONCERN | {"address": SUBSTITUTE}, content_type="application/json"
    )
    assert refused.status_code in (404, 422)
    assert tell(client, address=SUBSTITUTE, safe_at_home=True).address == ""
    change(sign_in(resident), safe_at_home=True)
    assert tell(sign_in(resident), address=SUBSTITUTE).address == ""


def test_the_desk_does_not_see_the_address_or_the_flag(
    city: None, resident: User, liaison: User, sign_in: Any
) -> None:
    change(sign_in(resident), safe_at_home=True)
    tell(sign_in(resident))
    listed = sign_in(liaison).get("/api/v1/triage/concerns").json()["results"]
    told = next(row for row in listed if "Loud music" in row["description"])
    assert told["address"] == ""
    assert "safe_at_home" not in told


# --- everything held, and the end ----------------------------------------------------------------------------


def test_the_export_holds_everything(city: None, resident: User, sign_in: Any) -> None:
    client = sign_in(resident)
    tell(client)
    answer = client.get("/api/v1/me/export")
    assert "attachment" in answer["Content-Disposition"]
    held = answer.json()
    assert held["account"]["email"] == resident.email
    assert held["concerns"][0]["description"] == "Loud music at night"
    assert len(held["account"]["sessions"]) == 1


def test_the_texts_to_ones_number_are_in_the_export_and_end_with_the_account(
    city: None, sign_in: Any, client: DocumentedClient
) -> None:
    neighbor = User(kind=User.Kind.RESIDENT)
    neighbor.set_phone("+13145550142")
    neighbor.save()
    asked = {"phone": "314-555-0142", "topics": ["area:slmpd-district-4"]}
    assert client.post("/api/v1/subscriptions", asked, content_type="application/json").status_code == 202
    texts = sign_in(neighbor).get("/api/v1/me/export").json()["texts"]
    assert texts[0]["follows"] == ["area:slmpd-district-4"]
    assert "YES" in texts[0]["sent"][0]["body"]
    fates = {ending["what"]: ending["fate"] for ending in sign_in(neighbor).delete("/api/v1/me").json()}
    assert fates["what you follow by text"] == "deleted"
    assert not Subscription.objects.exists()
    assert not Message.objects.filter(status=Message.Status.QUEUED).exists()


def test_deleting_says_what_went_and_what_stays(city: None, resident: User, sign_in: Any) -> None:
    client = sign_in(resident)
    concern = tell(client)
    answer = client.delete("/api/v1/me")
    assert answer.status_code == 200
    fates = {ending["what"]: ending["fate"] for ending in answer.json()}
    assert fates["what you told us"] == "anonymised"
    assert not User.objects.filter(pk=resident.pk).exists()
    assert not Session.objects.exists()
    concern.refresh_from_db()
    assert concern.reporter is None
    assert concern.description
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/me/export", "/api/v1/me"])
def test_a_staff_account_is_the_departments(officer: User, sign_in: Any, path: str) -> None:
    client = sign_in(officer)
    answer = client.get(path) if path.endswith("export") else client.delete(path)
    assert answer.status_code == 403
    assert "administrator" in answer.json()["detail"]


def test_an_account_that_nobody_uses_for_two_years_ends(resident: User) -> None:
    now = timezone.now()
    assert prune(now)["accounts unused for two years"] == 0
    later = now + residents.DORMANT_AFTER + timedelta(days=1)
    assert prune(later)["accounts unused for two years"] == 1
    assert not User.objects.exists()
