"""Every refusal is problem+json (RFC 9457), Django's own too, and a failure of ours tells nothing."""

from typing import Any

import pytest
from django.test import Client

from backend import health
from tests.factories import make_session


def assert_problem(answer: Any, status: int, type: str) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == type
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_unknown_address() -> None:
    assert_problem(Client().get("/nowhere"), 404, "not-found")


@pytest.mark.django_db
def test_wrong_method() -> None:
    answer = Client().delete("/api/v1/agencies")
    assert_problem(answer, 405, "method-not-allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.django_db
def test_not_signed_in() -> None:
    answer = Client().get("/api/v1/triage/concerns")
    assert_problem(answer, 401, "not-signed-in")
    assert "WWW-Authenticate" in answer


def test_a_foreign_host_name() -> None:
    assert_problem(Client().get("/healthz", headers={"Host": "evil.example"}), 400, "invalid-request")


@pytest.mark.django_db
def test_a_form_without_its_token() -> None:
    assert_problem(Client(enforce_csrf_checks=True).post("/admin/login/", {}), 403, "not-allowed")


@pytest.mark.django_db
def test_the_staff_session_needs_its_token(officer: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = make_session(officer).session_key
    assert_problem(client.post("/api/v1/events", {}, content_type="application/json"), 403, "not-allowed")


@pytest.mark.parametrize("path", ["/admin/events/event/?status__exact=%00", "/api/v1/areas?agency=%00"])
def test_nul_in_a_query(path: str) -> None:
    assert_problem(Client().get(path), 400, "invalid-request")


def test_a_body_in_chunks_is_not_taken_for_none() -> None:
    answer = Client().generic("POST", "/api/v1/lookup", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert_problem(answer, 411, "length-required")


@pytest.mark.parametrize("path", ["/", "/healthz", "/feeds/all.ics", "/api/docs", "/api/schema"])
def test_wrong_methods_of_pages_without_an_api(path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(path)
    assert_problem(answer, 405, "method-not-allowed")


@pytest.mark.django_db
def test_an_edition_that_is_not_the_stored_one() -> None:
    assert_problem(Client().get("/api/v1/areas", headers={"If-Match": '"z"'}), 412, "precondition-failed")


@pytest.mark.django_db
def test_errors_of_the_whole_body_point_at_it(client: Client) -> None:
    answer = client.post("/api/v1/lookup", {}, content_type="application/json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [""]


def test_a_failure_of_ours(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("call +13145550100 about it")

    monkeypatch.setattr(health, "_checks", broken)
    answer = Client(raise_request_exception=False).get("/readyz")
    assert_problem(answer, 500, "server-error")
    assert "+1314" not in answer.content.decode()
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_too_many_are_told_when_to_come_back(client: Client) -> None:
    answers = [
        client.post("/api/v1/concerns/receipt", {"receipt": "AAAA"}, content_type="application/json")
        for _ in range(121)
    ]
    assert [a.status_code for a in answers[:120]] == [404] * 120
    assert_problem(answers[120], 429, "too-many-requests")
    assert 1 <= int(answers[120]["Retry-After"]) <= 61


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_Forwarded_For"])
def test_a_forged_address_does_not_escape_the_throttle(client: Client, header: str) -> None:
    name = "HTTP_" + header.upper().replace("-", "_")
    answers = [
        client.post(
            "/api/v1/concerns/receipt",
            {"receipt": "AAAA"},
            content_type="application/json",
            **{name: f"10.0.0.{n}"},
        )
        for n in range(121)
    ]
    assert answers[120].status_code == 429


@pytest.mark.django_db
def test_behind_our_own_proxy_each_address_has_its_own_count(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    answers = [
        client.post(
            "/api/v1/concerns/receipt",
            {"receipt": "AAAA"},
            content_type="application/json",
            headers={"X-Forwarded-For": f"6.6.6.6, 10.0.0.{n}"},
        )
        for n in range(121)
    ]
    assert answers[120].status_code == 404
