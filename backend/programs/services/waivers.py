"""Waivers: one exact text a version, and who signed which. What was signed stays as it was made."""

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events.services.checks import refuse_markup
from backend.programs import documents
from backend.programs.models import LIVE, Application, Program, Signature, Waiver
from backend.programs.people import plain_name
from backend.programs.services import moving, places
from backend.programs.services.access import check_manages
from backend.roster import editions

Role, Method = Signature.Role, Signature.Method
CLOCK_MAY_DIFFER = timedelta(days=1)


def hash_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def current_waiver(program: Program) -> Waiver | None:
    return program.waivers.order_by("number").last()


@transaction.atomic
def publish_waiver(*, program: Program, text: str, is_witnessed: bool, by: User) -> Waiver:
    """A new version, which every place given from now on needs signed. The very same text changes nothing.

    Raises Invalid and NotAllowed.
    """
    program = places.locked(program)
    check_manages(program, by)
    if not text.strip():
        raise Invalid("A waiver has a text.", field="text")
    refuse_markup(text, "text")
    current = current_waiver(program)
    if current and (current.text_hash, current.is_witnessed) == (hash_of(text), is_witnessed):
        return current
    number = current.number + 1 if current else 1
    waiver = Waiver.objects.create(
        program=program, number=number, text=text, text_hash=hash_of(text), is_witnessed=is_witnessed
    )
    audit.record("published a waiver", waiver, by=by, fields=["text"])
    editions.bump(editions.PROGRAMS)
    return waiver


@transaction.atomic
def sign_waiver(
    *, application: Application, text_hash: str, role: str, name: str, device_at: datetime, by: User
) -> Signature:
    """An e-signature under the text that the phone showed, known by its hash.

    Raises Conflict (`waiver-changed`: another text is current; `needs-witness`; signed already), Invalid (whose
    name, a clock that is off) and NotFound.
    """
    application = moving.locked_application(application, by)
    waiver = _signable(application, text_hash)
    if role == Role.GUARDIAN and application.is_for_self:
        raise Conflict(
            "A guardian does not sign from the child's account: they sign on paper before the program's staff, or "
            "apply for the child from an account of their own.",
            type="needs-witness",
        )
    if waiver.is_witnessed:
        raise Conflict("This waiver is signed on paper before an officer.", type="needs-witness")
    return _sign(application, waiver, role, name, device_at, witness=None)


@transaction.atomic
def witness_signature(
    *, application: Application, text_hash: str, role: str, name: str, device_at: datetime, by: User
) -> Signature:
    """A signature on paper before somebody of the program's staff. Raises as `sign_waiver`, and NotAllowed."""
    application = moving.locked_application(application)
    check_manages(application.program, by)
    signature = _sign(application, _signable(application, text_hash), role, name, device_at, witness=by)
    audit.record("witnessed a signature", signature, by=by, fields=["name"])
    return signature


def _signable(application: Application, text_hash: str) -> Waiver:
    if application.status not in LIVE:
        raise Conflict("This application is settled; there is nothing to sign.", type="settled")
    waiver = current_waiver(application.program)
    if waiver is None:
        raise NotFound("This program has no waiver.")
    if waiver.text_hash != text_hash.lower():
        raise Conflict(
            "The text has changed since it was shown; read the current one and sign that.",
            type="waiver-changed",
        )
    return waiver


def _sign(
    application: Application, waiver: Waiver, role: str, name: str, device_at: datetime, witness: User | None
) -> Signature:
    now = timezone.now()
    refuse_markup(name, "name")
    _check_name(application, role, name)
    if abs(device_at - now) > CLOCK_MAY_DIFFER and witness is None:
        raise Invalid("The phone's clock is a day or more off; set it and sign again.", field="signed_at")
    if device_at > now + CLOCK_MAY_DIFFER or device_at < waiver.published_at - CLOCK_MAY_DIFFER:
        raise Invalid("It is signed after its text was published, and not ahead of now.", field="signed_at")
    document = documents.signed_waiver(
        program=application.program.name,
        number=waiver.number,
        text=waiver.text,
        text_hash=waiver.text_hash,
        lines=_lines(application, role, name, device_at, now, witness),
        made_at=now,
    )
    kept = documents.kept(document)
    try:
        with transaction.atomic():
            signature = Signature.objects.create(
                application=application,
                waiver=waiver,
                role=role,
                method=Method.WITNESSED if witness else Method.ELECTRONIC,
                name=name,
                witness=witness,
                device_at=device_at,
                at=now,
                document=kept.base64,
                document_hash=kept.sha256,
            )
    except IntegrityError:
        raise Conflict("This version is signed already.", type="signed-already") from None
    moving.settle(application)
    return signature


def _check_name(application: Application, role: str, name: str) -> None:
    """Who signs is who applied, or the guardian who was named."""
    if role == Role.GUARDIAN and not application.guardian_name:
        raise Invalid("No guardian is needed here.", field="role")
    expected = application.guardian_name if role == Role.GUARDIAN else application.name
    if plain_name(name) != plain_name(expected):
        raise Invalid("Sign with the name that the application gives.", field="name")


def _lines(
    application: Application, role: str, name: str, device_at: datetime, now: datetime, witness: User | None
) -> list[tuple[str, str]]:
    how = "on paper, before the department" if witness else "electronically"
    member = getattr(witness, "staff_member", None)
    return [
        ("Taking part", application.name),
        ("Signed by", f"{name} ({Role(role).label.lower()}), {how}"),
        ("Signed at", f"{device_at.isoformat(timespec='seconds')} by the signer's clock"),
        ("Received at", f"{now.isoformat(timespec='seconds')} by the server's clock"),
        *([("Witness", str(member))] if member else []),
        ("Application", str(application.pk)),
    ]


def document_of(signature: Signature) -> bytes:
    """The PDF as it was made when it was signed."""
    return documents.opened(signature.document)
