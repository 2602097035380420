"""The audit trail: what staff and commands did, so that nobody can change it unnoticed, with SQL neither.

Rows are written in the transaction of what they tell of. A job seals those that are committed, in batches: the
number of rows and an HMAC over every column, chained to the seal before. The key is derived from INDEX_KEY, which
the database does not have, and each seal's number and hash go to the log, an anchor outside of it. What is not
sealed yet, a minute's work, is only as safe as the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, ExpressionWrapper, F, Model, OuterRef, QuerySet, TextField

from backend.accounts.models import AuditRow, AuditSeal, User
from backend.encryption import UndecryptableError, blind_index, decrypt

log = structlog.get_logger("rollcall.audit")

KEPT = timedelta(days=7 * 365)
SEAL_AT_MOST = 500  # rows; SQLite's writers wait while a batch is sealed

# In the order in which they are hashed, before the reason, of which the text is hashed, not its ciphertext:
# FIELD_KEYS may change. `seal` is in the hash as the number of the seal.
COLUMNS = (
    *("id", "at", "actor", "actor_kind", "action", "object_type", "object_id", "fields", "request_id"),
)
SEAL_COLUMNS = ("number", "row_count", "last_at", "sealed_at", "rows_hash", "hash", "erased_at")

# Past the refusals of AuditRow.objects and AuditSeal.objects, for this module alone.
_rows: QuerySet[AuditRow] = QuerySet(AuditRow)
_seals: QuerySet[AuditSeal] = QuerySet(AuditSeal)


# --- writing ------------------------------------------------------------------------------------------


def record(
    action: str,
    what: Model | type[Model],
    *,
    by: User | None = None,
    fields: Iterable[str] = (),
    reason: str = "",
) -> None:
    """Writes a row in the caller's transaction: the change and its row, or neither.

    `what` is the object, or a model where it is the whole of its data. Without `by` it is a command, which
    `action` names. `fields` are names, never values. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit row is written in the transaction of what it tells of.")
    AuditRow.objects.create(
        actor=by.pk if by else None,
        actor_kind=by.kind if by else "",
        action=action,
        object_type=what._meta.label,
        object_id=str(what.pk) if isinstance(what, Model) else "",
        fields=sorted(fields),
        reason=reason,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )


# --- sealing ------------------------------------------------------------------------------------------


def seal(now: datetime) -> int:
    """Seals every row that is committed and has no seal; returns how many. Writers do not wait for it."""
    sealed = 0
    while batch := _seal_batch(now):
        sealed += batch
    return sealed


def _seal_batch(now: datetime) -> int:
    """Rows are found by having no seal, not by their id: a lower id may be committed after a higher one."""
    try:
        with transaction.atomic():
            waiting = AuditRow.objects.filter(seal=None).order_by("pk").select_for_update(skip_locked=True)
            batch = list(waiting.values_list(*COLUMNS, "reason")[:SEAL_AT_MOST])
            if not batch:
                return 0
            made = _seal_of(batch, AuditSeal.objects.last(), now)
            made.save()
            _rows.filter(pk__in=[row[0] for row in batch]).update(seal=made)
    except IntegrityError:  # another sealer was faster and took this number; its next turn takes these rows
        return 0
    log.info("audit sealed", number=made.number, hash=made.hash, rows=made.row_count)
    return made.row_count


def _seal_of(batch: list[tuple[Any, ...]], before: AuditSeal | None, now: datetime) -> AuditSeal:
    made = AuditSeal(
        number=before.number + 1 if before else 1,
        row_count=len(batch),
        last_at=max(row[COLUMNS.index("at")] for row in batch),
        sealed_at=now,
    )
    digest = _digest(made.number)
    for row in batch:
        digest.update(_line(*row))
    made.rows_hash = digest.hexdigest()
    made.hash = _hash(made, before.hash if before else "")
    return made


def _digest(number: int) -> "hmac.HMAC":
    """The beginning of the HMAC of a seal's rows: they belong under this seal and no other."""
    return hmac.new(blind_index("key", "audit seal").encode(), _line(number), hashlib.sha256)


def _hash(seal: AuditSeal, hash_before: str) -> str:
    digest = _digest(seal.number)
    digest.update(_line(seal.row_count, seal.last_at, seal.sealed_at, seal.rows_hash, hash_before))
    return digest.hexdigest()


def _line(*values: Any) -> bytes:
    """The values as one line of JSON; a moment in UTC, whatever zone a database answers in."""
    return json.dumps(values, default=_text, sort_keys=True).encode() + b"\n"


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


# --- verifying ----------------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What is there, and in `findings` one sentence about each thing that is not as it was sealed."""

    findings: list[str] = field(default_factory=list)
    seals: int = 0
    erased: int = 0  # of the seals
    rows: int = 0
    waiting: int = 0
    head: str = ""  # the last seal, as NUMBER:HASH


def verify(now: datetime, head: str = "") -> Verdict:
    """Holds every seal against its rows, and all against `head` (NUMBER:HASH from the log, if any).

    One statement reads seals with their rows, as of one moment, and streams: memory does not grow with them.
    """
    verdict = Verdict(waiting=AuditRow.objects.filter(seal=None).count())
    before, found_head = None, False
    for seal, rows in _sealed_rows():
        verdict.findings += _missing(before.number if before else 0, seal.number)
        follows = before.number + 1 == seal.number if before else seal.number == 1
        verdict.findings += _findings(seal, rows, verdict)
        if follows and seal.hash != _hash(seal, before.hash if before else ""):
            verdict.findings.append(f"Seal {seal.number} was changed, or does not follow the seal before it.")
        verdict.seals += 1
        verdict.erased += seal.erased_at is not None
        if seal.erased_at and seal.last_at + KEPT > now:
            verdict.findings.append(
                f"Seal {seal.number} is marked erased before its time, {seal.last_at + KEPT:%Y-%m-%d}."
            )
        before, verdict.head = seal, f"{seal.number}:{seal.hash}"
        found_head = found_head or verdict.head == head
    verdict.findings += _orphans()
    if head and not found_head:
        verdict.findings.append(f"No seal is {head}: seals since then were removed or made anew.")
    return verdict


def _sealed_rows() -> Iterator[tuple[AuditSeal, Iterator[tuple[Any, ...]]]]:
    """Each seal with its rows in the order of their ids; no row where they are erased."""
    # Ciphertext as it is stored: one that cannot be read is a finding, not the end of the search.
    reason = ExpressionWrapper(F("rows__reason"), output_field=TextField())
    columns = (*SEAL_COLUMNS, *(f"rows__{name}" for name in COLUMNS), "stored_reason")
    stored = _seals.annotate(stored_reason=reason).order_by("number", "rows__id").values_list(*columns)
    wide = len(SEAL_COLUMNS)
    for facts, group in groupby(stored.iterator(2000), key=lambda row: row[:wide]):
        seal = AuditSeal(**dict(zip(SEAL_COLUMNS, facts, strict=True)))
        yield seal, (row[wide:] for row in group if row[wide] is not None)


def _findings(seal: AuditSeal, rows: Iterator[tuple[Any, ...]], verdict: Verdict) -> list[str]:
    digest, count, unreadable = _digest(seal.number), 0, []
    for *values, reason in rows:
        count += 1
        try:
            digest.update(_line(*values, decrypt(reason) if reason else reason))
        except UndecryptableError:
            unreadable.append(values[0])
    verdict.rows += count
    expected = 0 if seal.erased_at else seal.row_count
    batch = f"Batch {seal.number} (sealed {seal.sealed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    if unreadable:
        return [f"{batch}: the reason in row {unreadable[0]} was changed, or its key is not in FIELD_KEYS."]
    if count < expected:
        return [f"{batch}: {expected - count} of its {expected} rows are gone."]
    if count > expected:
        return [f"{batch}: {count - expected} rows too many; {expected} belong to it."]
    if count and digest.hexdigest() != seal.rows_hash:
        return [f"{batch}: a row was changed, or put in another's place."]
    return []


def _missing(before: int, number: int) -> list[str]:
    gone = number - before - 1
    if gone < 1:
        return []
    which = f"Seal {before + 1} is" if gone == 1 else f"Seals {before + 1} to {number - 1} are"
    return [f"{which} missing."]


def _orphans() -> Iterator[str]:
    """Rows under a seal that is not there, by seal."""
    there = Exists(AuditSeal.objects.filter(number=OuterRef("seal_id")))
    lost = AuditRow.objects.exclude(seal=None).filter(~there).values_list("seal_id").order_by("seal_id")
    for number, count in lost.annotate(Count("pk")).iterator():
        yield f"Seal {number} is missing, and {count} rows are there that it sealed."


# --- the end ------------------------------------------------------------------------------------------


def erase_old(now: datetime) -> int:
    """Erases batches whose newest row is older than 7 years; their seals stay, marked. Returns how many rows."""
    erased = 0
    for number in list(
        _seals.filter(erased_at=None, last_at__lt=now - KEPT).values_list("number", flat=True)
    ):
        with transaction.atomic():
            if _seals.filter(number=number, erased_at=None).update(erased_at=now):
                erased += _rows.filter(seal=number).delete()[0]
    return erased
