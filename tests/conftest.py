"""The people and the city of the tests, and a client that holds every answer against openapi.yaml."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from backend import demo
from backend.accounts.models import Session, User
from backend.feedback.workinggroups.models import Draft
from backend.roster import editions
from backend.throttles import OverAll
from tests.document import check_response
from tests.factories import make_session, make_staff

MORNING = "2026-11-23T10:00:00-06:00"


class DocumentedClient(Client):
    """Django's client; an answer that openapi/openapi.yaml does not describe fails the test."""

    def request(self, **environ: Any) -> Any:
        response = super().request(**environ)
        check_response(environ["REQUEST_METHOD"], environ["PATH_INFO"], response)
        return response


@pytest.fixture
def client() -> DocumentedClient:
    """Somebody without an account."""
    return DocumentedClient()


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    """A Monday morning in St. Louis, whenever the tests run: by night most texts would wait."""
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What one test wrote and took back must not be remembered in the next."""
    forget_editions()
    cache.clear()
    OverAll.addresses.forget()


_demo_rows: list[list[Model]] = []
_demo_statements: list[tuple[str, Any]] = []


def load_demo() -> None:
    """The demo: loaded through the services once, put back by the same INSERTs before every later test."""
    if _demo_statements:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, values in _demo_statements:
                cursor.execute(statement, values)
    elif _demo_rows:
        with transaction.atomic(), connection.execute_wrapper(_remember):
            for rows in _demo_rows:
                type(rows[0])._base_manager.bulk_create(rows)
    else:
        ours = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("backend.")]
        before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in ours}
        with time_machine.travel(MORNING):  # whatever the clock of the first test that asks shows
            demo.load_city()
        # To a version that is published the database lets nothing be added: versions go in last.
        ours.sort(key=lambda model: model is Draft)
        tables = [[r for r in m._base_manager.all() if r.pk not in before[m]] for m in ours]
        _demo_rows.extend(rows for rows in tables if rows)
    forget_editions()


def _remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith("INSERT"):
        _demo_statements.append((sql, params))
    return execute(sql, params, many, context)


def forget_editions() -> None:
    """As a commit does, which a test that is taken back never reaches."""
    editions.forget()


@pytest.fixture
def city(db: None) -> None:
    """The demo's small St. Louis: districts, beats, officers, roll calls."""
    load_demo()


@pytest.fixture
def real_city(transactional_db: None, django_db_serialized_rollback: None) -> None:
    """The same with real commits, for what threads do to each other."""
    load_demo()


@pytest.fixture
def officer(city: None) -> User:
    """Holds beat 402 in District 4."""
    return make_staff("beat.officer@example.org", "slmpd-beat-402", "beat_officer")


@pytest.fixture
def liaison(city: None) -> User:
    """District 4's civilian liaison."""
    return make_staff("liaison@example.org", "slmpd-district-4", "liaison", is_sworn=False)


@pytest.fixture
def captain(city: None) -> User:
    return make_staff("captain@example.org", "slmpd-district-4", "district_captain")


@pytest.fixture
def outsider(city: None) -> User:
    """Staff, of the other department: may see nothing of the City's."""
    return make_staff("outsider@example.org", "slcpd-precinct-1", "liaison", is_sworn=False)


@pytest.fixture
def resident(db: None) -> User:
    return User.objects.create_user(kind=User.Kind.RESIDENT, email="resident@example.org")


@pytest.fixture
def sign_in() -> Any:
    """sign_in(user) → a client with that person's session: staff with a second factor, residents by header."""

    def signed_in(user: User) -> DocumentedClient:
        if user.kind == User.Kind.STAFF:
            client = DocumentedClient()
            client.cookies[settings.SESSION_COOKIE_NAME] = make_session(user).session_key
            return client
        session = make_session(user, client=Session.Client.APP)
        return DocumentedClient(headers={"X-Session-Token": session.session_key})

    return signed_in
