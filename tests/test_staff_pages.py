"""A staff list answers the filters that its page names, and tells nothing to whoever asks for more in the address."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.filters import FieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.test import RequestFactory

from backend.accounts.models import User
from backend.roster.models import Agency, Assignment
from backend.staff_pages import NamedFilters

pytestmark = pytest.mark.django_db
PAGES = [pytest.param(page, id=model._meta.label) for model, page in admin.site._registry.items()]
ENDS = ("", "__exact", "__gte", "__isnull", "__in", "__pk", "__pk__exact", "__pk__gte", "__id__exact")


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="chief@example.org", is_administrator=True)


@pytest.fixture
def asks(administrator: User) -> Any:
    """The list of a page, as an administrator gets it who adds this to the address."""

    def asked(page: Any, query: dict[str, str]) -> Any:
        request = RequestFactory().get("/", query)
        request.user = administrator
        return page.get_changelist_instance(request)

    return asked


def filters_of(page: Any) -> list[str]:
    return [f[0] if isinstance(f, (list, tuple)) else f for f in page.list_filter]


def relations(model: Any, before: str = "") -> Iterator[str]:
    """What leads from the model to others, as it is spelled in a lookup."""
    return (before + field.name for field in model._meta.get_fields() if field.is_relation)


def expected(page: Any, path: str, filter_class: Any, request: Any) -> Any:
    field = get_fields_from_path(page.model, path)[-1]
    return filter_class(field, request, {}, page.model, page, field_path=path).expected_parameters()


@pytest.mark.parametrize("page", PAGES)
def test_no_list_answers_what_its_page_does_not_name(page: Any, asks: Any) -> None:
    assert isinstance(page, NamedFilters)
    named = filters_of(page)
    fields = {f.name for f in page.model._meta.concrete_fields if not f.is_relation}
    steps = {*relations(page.model), *fields} - set(named)
    for path in named:
        field = get_fields_from_path(page.model, path)[-1]
        steps |= set(relations(field.related_model, f"{path}__")) if field.is_relation else set()
    for lookup in (step + end for step in steps - set(named) for end in ENDS):
        with pytest.raises(DisallowedModelAdminLookup):
            asks(page, {lookup: "1"})


@pytest.mark.parametrize("page", PAGES)
def test_the_filters_that_a_page_names_are_answered(page: Any, rf: Any, administrator: User) -> None:
    request = rf.get("/")
    request.user = administrator
    for named in page.list_filter:
        path, kind = named if isinstance(named, (list, tuple)) else (named, FieldListFilter.create)
        asked = expected(page, path, kind, request)
        assert [name for name in asked if not page.lookup_allowed(name, "1", request)] == []


@pytest.mark.parametrize(
    "address",
    [
        "accounts/user/?group_comments__isnull=False",
        "accounts/user/?group_comments__gte=00000000-0000-4000-8000-000000000000",
        "accounts/user/?group_memberships__seat__group=1",
        "accounts/user/?concerns__isnull=False",
        "workinggroups/workinggroup/?drafts=1",
        "workinggroups/breakglass/?group__comments__isnull=False",
        "notifications/notice/?key__contains=a",
        "accounts/user/?_popup=1&password__startswith=a",
    ],
)
def test_over_http_it_is_refused(administrator: User, sign_in: Any, address: str) -> None:
    answer = sign_in(administrator).get(f"/admin/{address}")
    assert answer.status_code == 400


def test_over_http_a_filter_through_a_relation_works(
    officer: User, administrator: User, sign_in: Any
) -> None:
    assignment = Assignment.objects.get(staff_member__user=officer)
    desk, page = sign_in(administrator), "/admin/roster/assignment/"
    for agency in Agency.objects.all():
        answer = desk.get(f"{page}?area__agency__id__exact={agency.pk}&role__exact=beat_officer")
        assert answer.status_code == 200
        found = f"{page}{assignment.pk}/change/" in answer.content.decode()
        assert found == (agency == assignment.area.agency)
