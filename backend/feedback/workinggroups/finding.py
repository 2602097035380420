"""What the views share: finding within the person's scope, and the headers of what is public."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import condition
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from backend.api import NO_STORE, OpenToRead, Public, etag_of
from backend.errors import NotFound
from backend.feedback.workinggroups.models import Consultation, Draft, WorkingGroup
from backend.feedback.workinggroups.services.breaking import note_read
from backend.roster import editions

SESSION_LASTS = timedelta(minutes=30)  # behind the wall of a discreet group


def the_group(slug: str) -> WorkingGroup:
    """Raises NotFound. That a group exists is public."""
    found = WorkingGroup.objects.select_related("area__agency").filter(slug=slug).first()
    if found is None:
        raise NotFound()
    return found


def the_draft(request: Request, group: WorkingGroup, number: int) -> Draft:
    """A version the person may see. Raises NotFound."""
    found = Draft.objects.visible_to(request.user, timezone.now()).filter(group=group, number=number).first()
    if found is None:
        raise NotFound()
    return found


def the_consultation(request: Request, group: WorkingGroup, consultation_id: Any) -> Consultation:
    """A call the person may see. Raises NotFound."""
    calls = Consultation.objects.visible_to(request.user, timezone.now()).select_related("draft", "group")
    found = calls.filter(group=group, pk=consultation_id).first()
    if found is None:
        raise NotFound()
    return found


def reads_more(request: Request, group: WorkingGroup, now: datetime) -> bool:
    """Whether the person sees what is not published of this group."""
    return WorkingGroup.objects.read_by(request.user, now).filter(pk=group.pk).exists()


class SessionTooOldError(NotAuthenticated):
    """What a discreet group keeps needs a sign-in of a moment ago: phones are left lying, and taken."""

    type, title = "session-too-old", "Sign in again"

    def __init__(self) -> None:
        minutes = SESSION_LASTS // timedelta(minutes=1)
        super().__init__(f"You signed in more than {minutes} minutes ago; sign in again to go on.")


def is_fresh(request: Request) -> bool:
    """Whether whoever asks signed in, or showed again who they are, a moment ago."""
    return timezone.now() - _proven_at(request) <= SESSION_LASTS


def _check_session(request: Request, group: WorkingGroup) -> None:
    """To a session that is not fresh a discreet group's open addresses answer as to a stranger, the others not at all.

    To each such session, of a member or not: whoever holds somebody's phone learns nothing. Raises SessionTooOldError.
    """
    if not group.is_discreet or not request.user.is_authenticated or is_fresh(request):
        return
    open_to = (Public, OpenToRead) if request.method in SAFE_METHODS else (Public,)
    view: Any = (request.parser_context or {})["view"]
    if not any(isinstance(permission, open_to) for permission in view.get_permissions()):
        raise SessionTooOldError()
    request.user = AnonymousUser()


def enter(request: Request, slug: str, what: str) -> WorkingGroup:
    """The group, for a view that may answer with what is not published of it.

    The session of who reads it must be fresh where the group is discreet, and an administrator's look by broken glass
    at `what` goes on record. Raises NotFound and SessionTooOldError.
    """
    group = the_group(slug)
    _check_session(request, group)
    note_read(group, what, request.user)
    return group


def _proven_at(request: Request) -> datetime:
    """When whoever asks signed in or last showed again who they are."""
    session: Any = request.auth or request._request.session
    asking = HttpRequest()
    asking.session = session
    records = get_authentication_records(asking, request.user)
    shown = [datetime.fromtimestamp(record["at"], UTC) for record in records]
    return max([session.row.created_at, *shown])


def _public_etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str | None:
    """For whoever sends no session; a call opens and closes as time passes, so the tag is good for a minute."""
    if "X-Session-Token" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    # Read at once, not half a second old: what was published a moment ago is there.
    version = editions.latest(editions.WORKING_GROUPS)
    return etag_of(f"{version} {request.get_full_path()} {timezone.now():%Y-%m-%d %H:%M}")


public_read: Callable[[Any], Any] = method_decorator(condition(etag_func=_public_etag), name="get")


def headers_for(request: Request) -> dict[str, str]:
    """What a signed-in person reads may hold more than the public's: nothing keeps it."""
    return NO_STORE if request.user.is_authenticated else {}
