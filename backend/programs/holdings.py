"""What programs hold about a resident: shown to them, and ended with their account."""

import json
from typing import Any

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.programs.models import Application, ApplicationChange
from backend.programs.services import community, erasing, nominations, registry


def _export(user: User) -> dict[str, Any]:
    return {
        "applications": [_application(a) for a in _mine(user)],
        "registered_items": registry.export_of(user),
        "nominations": nominations.export_of(user),
        "leaderships": community.export_of(user),
    }


def _mine(user: User) -> Any:
    rows = Application.objects.visible_to(user).select_related(
        "program", "cohort", "slot", "screening", "supply", "wished_district", "certificate"
    )
    return rows.prefetch_related("changes", "signatures__waiver", "attendances")


def _application(application: Application) -> dict[str, Any]:
    names = (
        *(
            "name",
            "born_on",
            "is_for_self",
            "guardian_name",
            "guardian_contact",
            "status",
            "rating",
            "comment",
        ),
    )
    certificate = getattr(application, "certificate", None)
    screening = getattr(application, "screening", None)
    return {
        "id": str(application.pk),
        "program": application.program.slug,
        "cohort": application.cohort.name,
        **{name: getattr(application, name) for name in names},
        "answers": json.loads(application.answers) if application.answers else {},
        "closed_answers": json.loads(application.closed_answers) if application.closed_answers else {},
        "supply": application.supply and application.supply.name,
        "wished_district": application.wished_district and application.wished_district.slug,
        "certificate_issued_on": certificate and str(certificate.issued_on),
        "ride_at": application.slot and application.slot.starts_at.isoformat(),
        "created_at": application.created_at.isoformat(),
        "screening": screening and {"outcome": screening.outcome, "on": str(screening.on)},
        "timeline": [
            {"move": c.move, "status": c.status, "words": c.words, "at": c.at.isoformat()}
            for c in application.changes.all()
        ],
        "signatures": [
            {
                "waiver": s.waiver.number,
                "text": s.waiver.text,
                "role": s.role,
                "method": s.method,
                "name": s.name,
                "device_at": s.device_at.isoformat(),
                "at": s.at.isoformat(),
                "document": s.document,
            }
            for s in application.signatures.all()
        ],
        "attended": [a.number for a in application.attendances.all()],
    }


def _erase(user: User) -> list[Ending]:
    """Places are given back first, so that whoever waits gets them."""
    mine = Application.objects.visible_to(user)
    erasing.part_from(user)
    endings = []
    if count := mine.count():
        signed = mine.filter(signatures__isnull=False).exists()
        erasing.anonymise(mine)
        why = (
            "a quota counts places, and once a year is once: a keyed hash of the name and birthday stays two years, "
            "which tells nobody who it was; certificates are deleted"
        )
        if signed:
            why += "; a waiver you signed is kept while an action may be brought (RSMo 516.120)"
        endings.append(Ending(f"your applications ({count})", "anonymised", why))
    if user.registered_items.all().delete()[0]:
        endings.append(Ending("your bikes and scooters", "deleted", "nothing needs them"))
    return [*endings, *nominations.part_from(user), *community.part_from(user)]


def _hide_address(user: User) -> None:
    """Answers that give an address, by the name of the question, and what they wrote when staff asked.

    Safe at Home, RSMo 589.663.
    """
    mine = Application.objects.visible_to(user)
    ApplicationChange.objects.filter(application__in=mine, move="answer").update(words="")
    for application in mine.exclude(answers=""):
        held = json.loads(application.answers)
        closed = json.loads(application.closed_answers) if application.closed_answers else {}
        application.answers = json.dumps({**held, "answers": _without_address(held["answers"])})
        application.closed_answers = json.dumps(kept) if (kept := _without_address(closed)) else ""
        application.save(update_fields=["answers", "closed_answers"])


def _without_address(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if "address" not in name}


HOLDING = Holding(export=_export, erase=_erase, hide_address=_hide_address)
