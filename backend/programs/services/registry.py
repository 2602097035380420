"""The bike and scooter registry: owners register and hand on, staff look up by number and say what was found."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.services.checks import refuse_markup
from backend.programs.models import ItemChange, Program, RegisteredItem
from backend.programs.serials import plain_serial
from backend.programs.services import messages
from backend.programs.services.access import has_post

MOST_ITEMS = 20
CODE_LASTS = timedelta(days=7)
CODE_LENGTH = 10
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no two that are read as each other
SOURCE = "registry"

Status = RegisteredItem.Status


@transaction.atomic
def register_item(*, kind: str, decal: int, serial: str, make: str, color: str, by: User) -> RegisteredItem:
    """A bike or scooter of this person's. Raises Invalid, and Conflict for a number that is registered already."""
    reads = plain_serial(serial)
    refuse_markup(make, "make")
    refuse_markup(color, "color")
    _check_room(by)
    try:
        with transaction.atomic():
            item = RegisteredItem.objects.create(
                owner=by,
                kind=kind,
                decal=decal,
                serial=serial,
                serial_index=_serial_index(reads),
                make=make,
                color=color,
            )
    except IntegrityError:
        raise _taken(decal) from None
    ItemChange.objects.create(item=item, action="registered", by=by)
    messages.ask_to_text(by, SOURCE)
    return item


@transaction.atomic
def report_stolen(*, item: RegisteredItem, by: User) -> RegisteredItem:
    """Its owner misses it. A repeat changes nothing."""
    item = _mine(item, by)
    if item.status != Status.STOLEN:
        _move(item, Status.STOLEN, "stolen", by)
    return item


@transaction.atomic
def report_recovered(*, item: RegisteredItem, by: User) -> RegisteredItem:
    """Its owner has it back. A repeat changes nothing."""
    item = _mine(item, by)
    if item.status != Status.REGISTERED:
        _move(item, Status.REGISTERED, "recovered", by)
    return item


@transaction.atomic
def offer_item(*, item: RegisteredItem, by: User) -> tuple[RegisteredItem, str]:
    """The item and the code by which another resident becomes its owner; a code before it stops working.

    Raises Conflict for what is stolen or found and not back yet.
    """
    item = _mine(item, by)
    if item.status != Status.REGISTERED:
        raise Conflict("Say first that you have it back; then hand it on.", type="not-in-hand")
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    item.transfer_hash, item.transfer_expires_at = _code_hash(code), timezone.now() + CODE_LASTS
    item.save(update_fields=["transfer_hash", "transfer_expires_at"])
    return item, f"{code[:5]}-{code[5:]}"


@transaction.atomic
def claim_item(*, code: str, by: User) -> RegisteredItem:
    """Makes the holder of a transfer code the owner; the code is used up.

    Raises NotFound (a wrong and an expired code alike) and Conflict (too many items, or the person's own).
    """
    _check_room(by)
    standing = RegisteredItem.objects.filter(
        transfer_hash=_code_hash(code), transfer_expires_at__gt=timezone.now()
    )
    item = standing.select_for_update().first()
    if item is None:
        raise NotFound(
            "This code is not good, or not any more. Check each letter, or ask the owner for a new one."
        )
    if item.owner_id == by.pk:
        raise Conflict("It is yours already; give the code to whoever gets it.", type="already-yours")
    item.owner, item.transfer_hash, item.transfer_expires_at = by, "", None
    item.save(update_fields=["owner", "transfer_hash", "transfer_expires_at"])
    item.changes.update(words="")  # told to the owner before
    ItemChange.objects.create(item=item, action="transferred", by=by)
    messages.ask_to_text(by, SOURCE)
    return item


@transaction.atomic
def delete_item(*, item: RegisteredItem, by: User) -> None:
    """Takes it and its changes off the registry; its decal and serial number are free again."""
    _mine(item, by).delete()


# --- staff --------------------------------------------------------------------------------------------


@transaction.atomic
def look_up(*, reason: str, by: User, serial: str = "", decal: int | None = None) -> RegisteredItem | None:
    """The item of a serial number or decal; audited, also where there is none: None, so that the row stays.

    Raises NotAllowed and Invalid.
    """
    _check_on_duty(by)
    if bool(serial) == (decal is not None):
        raise Invalid("Give the serial number or the number of the decal, one of the two.", field="serial")
    number: dict[str, Any] = {"decal": decal}
    if serial:
        number = {"serial_index": _serial_index(plain_serial(serial))}
    found = RegisteredItem.objects.filter(**number).first()
    audit.record(
        "look_up", found or RegisteredItem, by=by, fields=["serial" if serial else "decal"], reason=reason
    )
    return found


@transaction.atomic
def report_found(*, item_id: UUID, words: str, by: User) -> RegisteredItem:
    """Says where it can be fetched; its owner reads `words` and is told by text. A repeat changes nothing.

    Raises NotAllowed, NotFound and Invalid.
    """
    _check_on_duty(by)
    refuse_markup(words, "words")
    item = RegisteredItem.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFound()
    last = item.changes.last()
    if last and (last.action, last.words) == ("found", words):
        return item
    change = _move(item, Status.FOUND, "found", by, words)
    audit.record("report_found", item, by=by, fields=["status"])
    messages.tell(item.owner, f"item:{item.pk}", str(change.pk))
    return item


@transaction.atomic
def strike_item(*, item_id: UUID, reason: str, by: User) -> None:
    """Takes off what somebody registered who does not have it: its decal and serial number are free again.

    By a manager of the registry who has seen the thing, or an administrator; audited with the reason. Raises
    NotAllowed and NotFound.
    """
    registries = Program.objects.managed_by(by, timezone.localdate()).filter(kind=Program.Kind.REGISTRY)
    if not by.is_administrator and not registries.exists():
        raise NotAllowed("This is for the staff of the registry; an administrator gives seats.")
    item = RegisteredItem.objects.select_for_update().filter(pk=item_id).select_related("owner").first()
    if item is None:
        raise NotFound()
    audit.record("struck an item", item, by=by, fields=["owner", "decal", "serial"], reason=reason)
    item.delete()


# --- a resident's own, for their account (accounts.holdings) ------------------------------------------


def export_of(user: User) -> list[dict[str, Any]]:
    """Each bike and scooter of this person's, with what happened to it."""
    return [
        {
            "id": str(item.pk),
            "kind": item.kind,
            "decal": item.decal,
            "serial": item.serial,
            "make": item.make,
            "color": item.color,
            "status": item.status,
            "registered_at": item.created_at.isoformat(),
            "changes": [
                {"action": c.action, "words": c.words, "at": c.at.isoformat()} for c in item.changes.all()
            ],
        }
        for item in RegisteredItem.objects.visible_to(user).prefetch_related("changes")
    ]


# --- under the lock -----------------------------------------------------------------------------------


def _mine(item: RegisteredItem, by: User) -> RegisteredItem:
    """The item, locked until the transaction ends, if it is still this person's. Raises NotFound."""
    found = RegisteredItem.objects.visible_to(by).select_for_update().filter(pk=item.pk).first()
    if found is None:
        raise NotFound()
    return found


def _check_room(by: User) -> None:
    """Raises Conflict for one more than a person may have; their account is locked, so that two do not slip in."""
    User.objects.select_for_update().get(pk=by.pk)
    if by.registered_items.count() >= MOST_ITEMS:
        raise Conflict(
            f"You have {MOST_ITEMS} items, which is the most. Delete or hand on what is not yours any more.",
            type="too-many-items",
        )


def _check_on_duty(by: User) -> None:
    """Raises NotAllowed for who holds no post today, in any area and role, and is no administrator."""
    if not by.is_administrator and not has_post(by):
        raise NotAllowed("The registry is for staff with a post today; ask whoever keeps the roster.")


def _taken(decal: int) -> Conflict:
    """Which of the two numbers somebody else was first with, and what to do about it."""
    if RegisteredItem.objects.filter(decal=decal).exists():
        return Conflict(
            "This decal is registered already. Check its number; if it is right, ask the program for another decal.",
            type="decal-taken",
        )
    return Conflict(
        "This serial number is registered already. If it is not in your own list, ask the owner for a transfer "
        "code; if you do not know them or the number is not theirs, ask the program.",
        type="serial-taken",
    )


def _move(item: RegisteredItem, status: Status, action: str, by: User, words: str = "") -> ItemChange:
    """Also ends a transfer code: what is not in its owner's hands is handed on to nobody."""
    item.status, item.transfer_hash, item.transfer_expires_at = status, "", None
    item.save(update_fields=["status", "transfer_hash", "transfer_expires_at"])
    return ItemChange.objects.create(item=item, action=action, words=words, by=by)


def _serial_index(reads: str) -> str:
    return blind_index("serial", reads)


def _code_hash(code: str) -> str:
    return blind_index("registry code", "".join(filter(str.isalnum, code)).upper())
