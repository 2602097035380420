"""Codes that prove a number or an e-mail address: one alive at a time, whoever asked, and never too many texts.

A code belongs to the address, not to the phone that asked for it. So a stranger who asks for codes to
somebody's number cannot keep that person out: theirs is the last code that came, wherever they type it.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from backend.accounts.models import CodeBudget, SignInCode, User
from backend.encryption import blind_index
from backend.notifications import registry
from backend.notifications.languages import in_each
from backend.notifications.models import Channel, Notice
from backend.notifications.services import recipient_of, send_to

KIND = "sign_in_code"
DIGITS = 8
# How long after the first, second, … code of a day the next may go. The code before it lives until then.
SPACING = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240)]
SHORTEST_LIFE = timedelta(minutes=10)
DAY = timedelta(days=1)
BUDGETS_KEPT = 2 * DAY
MAX_GUESSES = 1000  # of 100,000,000; a session has 5 (settings.py)

# How many texts may go to numbers and addresses without an account: a block of 10,000 numbers such as
# 314-555, and all of them. Those with an account are bounded by SPACING alone.
STRANGERS_A_BLOCK = {timedelta(hours=1): 30, DAY: 100}
STRANGERS = {timedelta(hours=1): 1_000, DAY: 5_000}
UNBOUNDED = 2**31 - 1


@dataclass(frozen=True)
class Address:
    """What a code proves: an E.164 number by text, or an e-mail address."""

    channel: Literal["sms", "email"]
    address: str

    @property
    def index(self) -> str:
        """As `User.phone_index` and `User.email_index` hold it."""
        purpose = "phone" if self.channel == "sms" else "email"
        return blind_index(purpose, self.address if self.channel == "sms" else self.address.casefold())

    @property
    def account(self) -> User | None:
        column = "phone_index" if self.channel == "sms" else "email_index"
        return User.objects.filter(**{column: self.index}).first()


def register() -> None:
    """Codes go ahead of everything, to numbers that never agreed to anything: they were asked for."""
    registry.register_kind(KIND, _still_alive, needs_consent=False, is_secret=True)


def _still_alive(subject_id: str, now: datetime) -> bool:
    return SignInCode.objects.filter(pk=uuid.UUID(subject_id), is_alive=True, expires_at__gt=now).exists()


def request(to: Address) -> None:
    """Sends this address a code, if one may go now; says nothing of whether it did, nor of any account.

    Too soon after the last one, that one is still good. Too many to strangers, and nobody has one.
    """
    now = timezone.now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                _request(to, now)
        except IntegrityError:
            pass  # asked twice at once: the other one's code was sent
        except BudgetSpentError:
            # Taken back after the same work as for a text that goes, so that the time tells nothing either.
            _budget("refused", timedelta(hours=1), now).update(spent=F("spent") + 1)


def _request(to: Address, now: datetime) -> None:
    known = list(SignInCode.objects.filter(address_index=to.index).defer("code").order_by("sent_at"))
    sent = [code.sent_at for code in known if code.sent_at > now - DAY]
    if sent and now < sent[-1] + _spacing(len(sent)):
        return
    account = to.account
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    life = max(SHORTEST_LIFE, _spacing(len(sent) + 1))
    # Those that were read, and no other: who asks at the same time fails on the constraint, and sends nothing.
    SignInCode.objects.filter(pk__in=[code.pk for code in known], is_alive=True).update(is_alive=False)
    row = SignInCode.objects.create(address_index=to.index, code=code, sent_at=now, expires_at=now + life)
    is_staff = account is not None and account.kind == User.Kind.STAFF
    send_to(
        kind=KIND,
        key=f"{KIND} {row.pk}",
        recipient=recipient_of(to.address, Channel(to.channel)),
        body=_STAFF if is_staff else _texts(code, life),
        expires_at=row.expires_at,
        subject_id=str(row.pk),
        urgency=Notice.Urgency.PROMPT,
    )
    _spend_budgets(to, now, is_stranger=account is None)


def _spacing(sent: int) -> timedelta:
    """How long after that many codes of a day the next may go."""
    return SPACING[min(sent, len(SPACING)) - 1]


_STAFF = (
    "Somebody, probably you, asked for a sign-in code for this address. It belongs to a staff account, which "
    "signs in with its password and second factor; for an account of your own use another address."
)


def _texts(code: str, life: timedelta) -> dict[str, str]:
    """The last line lets a phone fill the code in, on our own pages only (WICG, origin-bound one-time codes)."""
    minutes = str(int(life.total_seconds() // 60))
    words = in_each(
        lambda language: language.say(
            "{code} is your Roll Call sign-in code, good for {minutes} minutes. Do not share it: "
            "nobody of ours will ask for it.",
            code=code,
            minutes=minutes,
        )
    )
    return {language: f"{text}\n\n@{settings.PUBLIC_HOST} #{code}" for language, text in words.items()}


def live_code(to: Address) -> str:
    """The code that proves this address now; "" where there is none."""
    live = SignInCode.objects.filter(address_index=to.index, is_alive=True, expires_at__gt=timezone.now())
    row = live.first()
    return row.code if row else ""


def forget(to: Address) -> None:
    """Its codes are done with: whoever holds the phone has shown one, and the next need not wait."""
    SignInCode.objects.filter(address_index=to.index).delete()


def prove(to: Address, code: str) -> bool:
    """Whether this is the live code of the address; it then dies. A wrong guess counts against it."""
    now = timezone.now()
    with transaction.atomic():
        live = SignInCode.objects.select_for_update().filter(
            address_index=to.index, is_alive=True, expires_at__gt=now
        )
        row = live.first()
        if row is None:
            return False
        typed = "".join(c for c in code if c not in " -")
        if hmac.compare_digest(typed.encode(errors="replace"), row.code.encode()):
            forget(to)
            return True
        row.guesses += 1
        row.is_alive = row.guesses < MAX_GUESSES
        row.save(update_fields=["guesses", "is_alive"])
    return False


def _spend_budgets(to: Address, now: datetime, *, is_stranger: bool) -> None:
    """Takes one text from each budget of strangers; from one without a bottom for who has an account.

    Raises BudgetSpentError.
    """
    budgets = [("all", length, most) for length, most in STRANGERS.items()]
    if to.channel == "sms":
        block = "block " + blind_index("block of numbers", to.address[:-4])
        budgets += [(block, length, most) for length, most in STRANGERS_A_BLOCK.items()]
    who = "strangers" if is_stranger else "accounts"
    spent = [
        _budget(f"{who} {scope}", length, now)
        .filter(spent__lt=most if is_stranger else UNBOUNDED)
        .update(spent=F("spent") + 1)
        for scope, length, most in budgets
    ]
    if not all(spent):
        raise BudgetSpentError


def _budget(scope: str, length: timedelta, now: datetime) -> QuerySet[CodeBudget]:
    """The row of this hour's or day's budget."""
    start = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % length
    hours = int(length.total_seconds() // 3600)
    budget, _ = CodeBudget.objects.get_or_create(scope=f"{scope} {hours} h", starts_at=start)
    return CodeBudget.objects.filter(pk=budget.pk)


class BudgetSpentError(Exception):
    """No text may go to a stranger there now."""


def erase_old(now: datetime) -> int:
    """Deletes codes and budgets of more than a day ago; returns how many rows."""
    codes, _ = SignInCode.objects.filter(sent_at__lt=now - DAY, expires_at__lt=now).delete()
    budgets, _ = CodeBudget.objects.filter(starts_at__lt=now - BUDGETS_KEPT).delete()
    return codes + budgets
