"""The plain page behind the link in every message: what was said, and how to hear less. No script, no cookie.

Whoever has the link may stop the messages of whom it was sent to, and see what that message said: nothing else.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.api import only
from backend.errors import Conflict
from backend.notifications import links, registry, services
from backend.notifications.links import LINK
from backend.notifications.models import Message, Recipient

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@only("GET", "HEAD")
def message_page(request: HttpRequest, token: str) -> HttpResponse:
    """What was said. Reading it changes nothing: phones and mail programs look at links by themselves."""
    return _page(request, links.message_of(token), token)


@only("GET", "HEAD", "POST")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stops what the message was about (`what=topic`) or everything; a mail program's one click too (RFC 8058)."""
    if request.method != "POST":
        return redirect(f"/m/{token}")
    with transaction.atomic():
        message = links.message_of(token)
        if message is None:
            return _page(request, None, token)
        recipient = Recipient.objects.select_for_update().get(pk=message.recipient_id)
        if request.POST.get("what") == "topic":
            services.unsubscribe_recipient(recipient=recipient, topics=message.notice.topics)
            return _page(request, message, token, done="topic")
        services.stop_texts(recipient=recipient, source="web")
        return _page(request, message, token, done="all")


@only("POST")
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Takes back what this page stopped."""
    with transaction.atomic():
        message = links.message_of(token)
        if message is None:
            return _page(request, None, token)
        try:
            services.start_by_web(
                recipient=Recipient.objects.select_for_update().get(pk=message.recipient_id)
            )
        except Conflict:
            return _page(request, message, token, done="cannot_start")
        return _page(request, message, token, done="started")


def _page(request: HttpRequest, message: Message | None, token: str, done: str = "") -> HttpResponse:
    context = {**_shown(message), "token": token, "done": done} if message else {}
    name = "notifications/message.html" if message else "page.html"
    response = render(request, name, context, status=200 if message else 404)
    for header, value in PRIVATE.items():
        response[header] = value
    return response


def _shown(message: Message) -> dict[str, Any]:
    """Words that the reader has in the text anyway; of a discreet one, and of a secret, none."""
    notice, recipient = message.notice, message.recipient
    kind = registry.KINDS.get(notice.kind)
    is_open = bool(kind and kind.needs_consent and not recipient.is_discreet)
    return {
        "words": notice.words(recipient.language).replace(LINK, "").strip() if is_open else "",
        "path": notice.path if is_open else "",
        "has_topics": bool(notice.topics) and is_open,
        "is_stopped": recipient.consent == Recipient.ConsentState.STOPPED,
    }
