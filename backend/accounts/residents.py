"""Residents' own accounts: they begin with a number or an address that was proven, and end when asked to."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit, codes
from backend.accounts.codes import Address
from backend.accounts.holdings import HOLDINGS, Ending
from backend.accounts.models import SignInCode, User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.notifications.models import Channel
from backend.notifications.phones import phone_index
from backend.notifications.services import clear_unusable, leave, move_mail, recipient_of, take_along

DORMANT_AFTER = timedelta(days=2 * 365)


def sign_in(to: Address, code: str) -> User | None:
    """The resident who shows this code, new or known; None where the code is wrong.

    There is no account before the first code is shown, so none is ever left half-made. Nobody of staff
    signs in by a code.
    """
    account = to.account
    if (account and account.kind == User.Kind.STAFF) or not codes.prove(to, code):
        return None
    return account or _new(to)


def _new(to: Address) -> User | None:
    user = User(kind=User.Kind.RESIDENT)
    user.set_unusable_password()
    if to.channel == "sms":
        user.set_phone(to.address)
    else:
        user.set_email(to.address)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # another account was given the address a moment ago
        return to.account
    return user


def change_phone(user: User, phone: str) -> None:
    """Gives the account this number, proven by a code. What was agreed and followed ends with the old number.

    Raises Conflict where another account has the number, NotAllowed for staff.
    """
    only_residents(user)
    former = user.phone
    user.set_phone(phone)
    codes.forget(Address("sms", phone))
    with transaction.atomic():
        _save(
            user, "phone", "Another account has this number; sign in with it, or delete that account first."
        )
        if former and former != phone:
            take_along(recipient=recipient_of(former), to=recipient_of(phone))
            leave(recipient=recipient_of(former), source="account")
        clear_unusable(recipient_of(phone))


def number_handed_on(phone: str) -> None:
    """Whoever has the number now says they are not the person we mean: it opens their account no more.

    An account that has nothing but the number keeps it, or a borrowed phone could lock its owner out for good.
    """
    for user in User.objects.filter(phone_index=phone_index(phone)).exclude(email_index=None):
        user.set_phone("")
        user.save(update_fields=["phone", "phone_index"])
        audit.record("number_handed_on", user, fields=["phone"])


def change_email(user: User, email: str, code: str) -> None:
    """Gives a resident's account this e-mail address, as another way to sign in.

    Raises Invalid for a wrong code, Conflict where another account has the address.
    """
    only_residents(user)
    if not codes.prove(Address("email", email), code):
        raise Invalid("This is not the code last sent; ask for another.", field="code", code="incorrect_code")
    user.set_email(email)
    with transaction.atomic():
        _save(
            user, "email", "Another account has this address; sign in with it, or delete that account first."
        )
        if user.phone:
            move_mail(recipient=recipient_of(user.phone), email=recipient_of(email, Channel.EMAIL))


def _save(user: User, field: str, refusal: str) -> None:
    try:
        with transaction.atomic():
            user.save(update_fields=[field, f"{field}_index"])
    except IntegrityError:
        raise Conflict(refusal) from None


@transaction.atomic
def change_account(
    user: User,
    *,
    safe_at_home: bool | None = None,
    mailing_address: str | None = None,
    code_word: str | None = None,
) -> None:
    """Notes what is given. `safe_at_home` is taken at the person's word: nobody may ask why.

    RSMo 589.660 to 589.683: participants' addresses are hidden, and the substitute address that the
    Secretary of State gave them is accepted as theirs. So whatever told where they live is erased, and
    `mailing_address` is kept as it was written, without looking for it on a map.
    """
    only_residents(user)
    if safe_at_home is not None:
        if safe_at_home and not user.safe_at_home:
            user.mailing_address = ""
            for holding in HOLDINGS.values():
                holding.hide_address(user)
        user.safe_at_home = safe_at_home
    if mailing_address is not None:
        user.mailing_address = mailing_address
    if code_word is not None:
        user.code_word = code_word
    user.save(update_fields=["safe_at_home", "mailing_address", "code_word"])


def only_residents(user: User) -> None:
    """Raises NotAllowed for staff: their accounts are the department's."""
    if user.kind != User.Kind.RESIDENT:
        raise NotAllowed("A staff account is the department's; an administrator changes or closes it.")


def export(user: User) -> dict[str, Any]:
    """Everything held about a resident, as values that JSON can hold; times are ISO 8601 in UTC."""
    only_residents(user)
    account = {
        "id": str(user.pk),
        "phone": user.phone,
        "email": user.email,
        "safe_at_home": user.safe_at_home,
        "mailing_address": user.mailing_address,
        "code_word": user.code_word,
        "created_at": user.created_at.isoformat(),
        "last_sign_in_at": user.last_login.isoformat() if user.last_login else None,
        "sessions": [
            {"client": s.client, "created_at": s.created_at.isoformat(), "seen_at": s.seen_at.isoformat()}
            for s in user.sessions.order_by("created_at")
        ],
    }
    rooms = {name: holding.export(user) for name, holding in HOLDINGS.items()}
    return {"made_at": timezone.now().isoformat(), "account": account, **rooms}


@transaction.atomic
def delete(user: User) -> list[Ending]:
    """Ends a resident's account with everything that may go; returns what became of what."""
    only_residents(user)
    endings = [ending for holding in HOLDINGS.values() for ending in holding.erase(user)]
    indexes = [index for index in (user.phone_index, user.email_index) if index]
    SignInCode.objects.filter(address_index__in=indexes).delete()
    audit.record("deleted", user, by=user)
    user.delete()
    return [
        Ending("your number, e-mail address, mailing address and sessions", "deleted", "nothing needs them"),
        *endings,
    ]


def erase_dormant(now: datetime) -> int:
    """Deletes accounts that nobody has used for two years; returns how many."""
    used_since = now - DORMANT_AFTER
    unused = User.objects.filter(kind=User.Kind.RESIDENT, created_at__lt=used_since, sessions=None)
    dormant = list(unused.exclude(last_login__gte=used_since))
    for user in dormant:
        delete(user)
    return len(dormant)
