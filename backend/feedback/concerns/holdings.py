"""What concerns hold about a resident: shown to them, and ended with their account (accounts.holdings)."""

import json
from typing import Any

from django.db.models import Exists

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import holds
from backend.feedback.concerns.triage import TOLD


def _export(user: User) -> list[dict[str, Any]]:
    """Each concern this person told, with what became of it; nothing of what staff say among themselves."""
    concerns = Concern.objects.told_by(user).select_related("area")
    return [_concern(c) for c in concerns.prefetch_related("changes", "replies", "letters", "photos")]


def _concern(concern: Concern) -> dict[str, Any]:
    return {
        "id": str(concern.pk),
        "category": concern.category_id,
        "description": concern.description,
        "answers": json.loads(concern.answers) if concern.answers else {},
        "said_at": concern.said_at,
        "address": concern.address,
        "position": concern.position,
        "area": concern.area.slug if concern.area else None,
        "status": concern.status,
        "disposition": concern.disposition,
        "submitted_at": concern.submitted_at.isoformat(),
        "closed_at": concern.closed_at.isoformat() if concern.closed_at else None,
        "language": concern.language,
        "contact_note": concern.contact_note,
        "handler_may_know": concern.handler_may_know,
        "tells_by_text": concern.tells_by_text,
        "dealt_with": concern.dealt_with,
        "added_later": [{"body": r.body, "at": r.at.isoformat()} for r in concern.replies.all()],
        "answered": [
            {"body": a.body, "language": a.language, "at": a.at.isoformat()} for a in concern.letters.all()
        ],
        "photos": [
            {
                "id": str(p.pk),
                "status": p.status,
                "width": p.width,
                "height": p.height,
                "received_at": p.received_at.isoformat(),
            }
            for p in concern.photos.all()
        ],
        "changes": [
            {"move": c.move, "at": c.at.isoformat()} for c in concern.changes.all() if c.move in TOLD
        ],
    }


def _part_from(user: User) -> list[Ending]:
    """Takes the person off their concerns, which stay; of one under a legal hold, how to reach them stays."""
    mine = Concern.objects.told_by(user)
    is_held = Exists(holds.in_force())
    endings = []
    if held := mine.filter(is_held).select_for_update():
        for concern in held:
            _keep_reachable(concern, user)
        why = (
            "a court may need it (a legal hold): your number or e-mail address stays on it until that ends and the "
            "time of its category is over"
        )
        endings.append(Ending("who told what is under a legal hold", "kept", why))
    parted = {"reporter": None, "handler_may_know": False, "tells_by_text": False}
    if mine.filter(~is_held).update(**parted, contact_note=""):
        why = (
            "a department keeps its log of complaints (RSMo 610.200); words, place and photos are erased after "
            "closing, when the time of their category is over"
        )
        endings.append(Ending("what you told us", "anonymised", why))
    return endings


def _keep_reachable(concern: Concern, user: User) -> None:
    concern.reporter, concern.handler_may_know, concern.tells_by_text = None, False, False
    concern.phone, concern.phone_index = user.phone, user.phone_index
    concern.contact_note = "\n".join(filter(None, [user.email, concern.contact_note]))
    concern.save(
        update_fields=[
            *("reporter", "handler_may_know", "tells_by_text", "phone", "phone_index", "contact_note"),
        ]
    )


def _hide_address(user: User) -> None:
    """Also of what is under a legal hold, and the answers to questions after an address (RSMo 589.663).

    Photos stay: they hold no position, and a house in one is for its liaison to paint over.
    """
    mine = Concern.objects.told_by(user)
    mine.update(address="", position="")
    for concern in mine.exclude(answers=""):
        answers = json.loads(concern.answers)
        kept = {slug: answer for slug, answer in answers.items() if "address" not in slug}
        mine.filter(pk=concern.pk).update(answers=json.dumps(kept) if kept else "")


HOLDING = Holding(export=_export, erase=_part_from, hide_address=_hide_address)
