"""A concern is handed to another office, gets its number, and comes back."""

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.feedback.concerns.models import Concern, Office, Referral
from backend.feedback.concerns.services.acts import act_on
from backend.feedback.concerns.services.telling import tell_reporter


@transaction.atomic
def refer_concern(
    *, concern: Concern, office: Office, by: User, note: str = "", reference: str = ""
) -> Concern:
    """Hands a concern to another office; with the office's own number, where it gave one at once."""
    if office.ended_at:
        raise Invalid("This office takes nothing any more; choose another.", field="office", code="ended")
    change = act_on(concern, "refer", by=by)
    now = timezone.now()
    Referral.objects.create(
        concern=concern,
        office=office,
        note=note,
        reference=reference,
        by=by,
        referred_at=now,
        acknowledged_at=now if reference else None,
    )
    tell_reporter(concern, change)
    return concern


@transaction.atomic
def acknowledge_referral(*, concern: Concern, reference: str, by: User) -> Concern:
    """The office has it, under this number; a later number replaces it. Raises Invalid where it gives none."""
    act_on(concern, "acknowledge", by=by)
    referral = _open(concern)
    if bool(reference) != referral.office.gives_reference:
        raise Invalid(
            "Say the office's number; without one if it gives none.", field="reference", code="required"
        )
    referral.reference, referral.acknowledged_at = reference, timezone.now()
    referral.save(update_fields=["reference", "acknowledged_at"])
    return concern


@transaction.atomic
def return_concern(*, concern: Concern, outcome: str, by: User) -> Concern:
    """It comes back, with what the office did."""
    change = act_on(concern, "return", by=by)
    end_referral(concern, outcome)
    tell_reporter(concern, change)
    return concern


def end_referral(concern: Concern, outcome: str = "") -> None:
    """Of a concern that is with an office no more."""
    at_office = Referral.objects.filter(concern=concern, returned_at=None)
    at_office.update(returned_at=timezone.now(), outcome=outcome)


def _open(concern: Concern) -> Referral:
    referral = Referral.objects.select_related("office").filter(concern=concern, returned_at=None).first()
    if referral is None:
        raise Conflict("No office has this concern; read it again.")
    return referral
