"""How many statements the reads take, whatever there is."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import DocumentedClient
from tests.programs.factories import make_application, make_cohort, make_manager, make_program, make_resident

pytestmark = pytest.mark.django_db


def statements(client: Any, path: str) -> int:
    client.get(path)  # what is read once a process
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_lists_take_as_many_statements_for_many_as_for_few(
    city: None, client: DocumentedClient, sign_in: Any, now: Any
) -> None:
    program = make_program(rules=[("screening", None, None)])
    resident = make_resident()
    me, staff = sign_in(resident), sign_in(make_manager(program))
    reads = [
        (client, "/api/v1/programs"),
        (client, "/api/v1/programs/citizens-academy/cohorts"),
        (me, "/api/v1/applications"),
        (staff, "/api/v1/programs/citizens-academy/applications"),
    ]
    counts = []
    for size in (2, 6):
        for n in range(size):
            cohort = make_cohort(program, name=f"{size} {n}")
            status = ("submitted", "waitlisted")[n % 2]
            make_application(cohort, resident, name=f"Person {size} {n}", status=status)
            make_program(f"program-{size}-{n}", "interest")
        counts.append([statements(*read) for read in reads])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 14, counts


def test_nothing_new_is_said_before_any_work(city: None, client: DocumentedClient, now: Any) -> None:
    make_cohort(make_program())
    for path, most in [
        ("/api/v1/programs", 1),
        ("/api/v1/programs/citizens-academy", 2),
        ("/api/v1/programs/citizens-academy/cohorts", 2),
    ]:
        first = client.get(path)
        with CaptureQueriesContext(connection) as seen:
            again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert len(seen) <= most, path
    assert client.get("/api/v1/programs/no-such", headers={"If-None-Match": "*"}).status_code == 404
