"""A concern's photos: taken in encrypted, made anew by the worker, read, and destroyed.

Each file is encrypted under a key of its row's, which FIELD_KEYS encrypt: rotating these rotates all, and a row that
is deleted leaves noise. A file is written before the row that names it and deleted after the row that did not want
it any more is committed; what a crash leaves between the two is swept up (`sweep`). A file's name begins with its
row's id, so that the sweep finds whether it is wanted by the primary key.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from cryptography.fernet import Fernet
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q
from django.utils import timezone

from backend.encryption import blind_index
from backend.errors import Conflict, NotAllowed, NotFound, Unprocessable
from backend.feedback.concerns import pictures
from backend.feedback.concerns.models import Concern, Photo

log = structlog.get_logger("rollcall.photos")

MAX_BYTES = 15_000_000
PHOTOS_A_CONCERN = 5
# A phone that had no network sends the photos days after the words.
TOKEN_LASTS = timedelta(days=7)
SALT = "photos of a concern"
FOLDER = "photos"
LEASE = timedelta(minutes=3)  # longer than the decoder may take (pictures.SECONDS)
# The worker's texts wait while photos are made ready: the rest of a rush comes in its next turn.
TURN_SECONDS = 5
# A photo whose decoder was killed from outside is innocent: the machine was short of memory, or went down.
TRIED_FOR = timedelta(hours=1)
STRAY_AFTER = timedelta(days=1)
# What lists show of a photo; its key is neither read nor decrypted for them.
LISTED = Prefetch("photos", queryset=Photo.objects.only("id", "concern_id", "status", "width", "height"))


# --- taken in -----------------------------------------------------------------------------------------


def upload_token(concern: Concern) -> str:
    """By which whoever told the concern, and nobody else, adds photos to it for TOKEN_LASTS."""
    return signing.dumps(str(concern.pk), salt=SALT)


def concern_of(token: str) -> Concern:
    """The concern of a token, closed or not. Raises NotAllowed, and NotFound for one that is erased."""
    try:
        key = signing.loads(token, salt=SALT, max_age=TOKEN_LASTS)
    except signing.BadSignature:
        raise NotAllowed(
            "This X-Upload-Token is not one of ours, or is older than seven days. Photos are added with the "
            "`upload_token` of the answer to POST /concerns; without one, add words and say that you have photos.",
            type="upload-token",
            title="This token opens nothing",
        ) from None
    concern = Concern.objects.filter(pk=key, erased_at=None).first()
    if concern is None:
        raise NotFound()
    return concern


def add_photo(*, concern: Concern, data: bytes) -> tuple[Photo, bool]:
    """Keeps a photo, encrypted, until the worker has made it ready; the same bytes again are the same photo.

    If that was refused, they are taken anew. Returns it and whether it is new. Raises Unprocessable for what is no
    photo or has too many pixels, Conflict for one too many, NotFound where the concern has been erased. Not for use
    inside a transaction: it writes a file.
    """
    digest = blind_index("photo", hashlib.sha256(data).hexdigest())
    known = concern.photos.filter(digest=digest).first()
    if known and known.status != Photo.Status.REFUSED:
        return known, False
    _check(data)
    _refuse_one_too_many(concern)
    photo = Photo(concern=concern, digest=digest, key=Fernet.generate_key().decode())
    if known:
        photo.pk = known.pk
    photo.raw_file = write(photo, data)
    try:
        is_new = _keep(photo)
    except IntegrityError:
        is_new = False
    except BaseException:
        default_storage.delete(photo.raw_file)
        raise
    if not is_new:  # the same upload, twice at once
        default_storage.delete(photo.raw_file)
        return concern.photos.get(digest=digest), False
    return photo, True


@transaction.atomic
def _keep(photo: Photo) -> bool:
    """Inserts it, or puts it in the place of what was refused; False where another upload has done so."""
    open_to_it = Concern.objects.select_for_update().filter(pk=photo.concern_id, erased_at=None)
    concern = open_to_it.first()
    if concern is None:
        raise NotFound()
    same = concern.photos.filter(digest=photo.digest)
    if same.exclude(status=Photo.Status.REFUSED).exists():
        return False
    _refuse_one_too_many(concern)
    same.delete()
    photo.save(force_insert=True)
    # Where staff have been already, they have to look again.
    concern.needs_reading = concern.needs_reading or concern.status != Concern.Status.SUBMITTED
    concern.changed_at = photo.received_at
    concern.save(update_fields=["needs_reading", "changed_at"])
    return True


def _check(data: bytes) -> None:
    try:
        pictures.sniff(data)
    except pictures.NoPictureError:
        raise Unprocessable(
            "These bytes are no photo that we can read, whatever the name says. Send the photo itself as JPEG, PNG, "
            "WebP or HEIC.",
            type="not-a-photo",
            title="This is not a photo",
        ) from None
    except pictures.TooManyPixelsError:
        raise Unprocessable(
            f"Send a photo of at most {pictures.MAX_PIXELS // 1_000_000} megapixels and {pictures.MAX_SIDE:,} pixels "
            "a side; make it smaller on the phone and send it again.",
            type="too-many-pixels",
            title="This photo is too large",
        ) from None


def _refuse_one_too_many(concern: Concern) -> None:
    if concern.photos.exclude(status=Photo.Status.REFUSED).count() >= PHOTOS_A_CONCERN:
        raise Conflict(
            f"A concern has at most {PHOTOS_A_CONCERN} photos; this one has them. Say the rest in words.",
            type="too-many-photos",
            title="There are enough photos",
        )


# --- files --------------------------------------------------------------------------------------------


def write(photo: Photo, data: bytes) -> str:
    """Encrypts and stores bytes for a photo; returns the file's name, which says nothing."""
    name = f"{FOLDER}/{photo.pk.hex[:2]}/{photo.pk.hex}-{secrets.token_hex(8)}"
    return default_storage.save(name, ContentFile(Fernet(photo.key).encrypt(data)))


def read(photo: Photo, name: str) -> bytes:
    """A file of the photo, in the clear. Raises FileNotFoundError."""
    with default_storage.open(name) as file:
        return Fernet(photo.key).decrypt(file.read())


def delete_after_commit(*names: str) -> None:
    """Once the surrounding transaction is committed; a file that cannot be deleted then is left to `sweep`."""
    for name in filter(None, names):
        transaction.on_commit(partial(default_storage.delete, name), robust=True)


# --- made ready ---------------------------------------------------------------------------------------


def make_ready(now: datetime) -> int:
    """The worker's job: makes photos ready until none waits or its turn is over; returns how many it took.

    Each is held by a lease. Killed in the middle, the worker leaves it to whoever comes when the lease has ended.
    """
    taken, end = 0, time.monotonic() + TURN_SECONDS
    while time.monotonic() < end and (photo := _claim(timezone.now())):
        _make_ready(photo)
        taken += 1
    return taken


def _claim(now: datetime) -> Photo | None:
    waiting = Photo.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now), status=Photo.Status.RECEIVED
    )
    for key in waiting.order_by("received_at").values_list("pk", flat=True)[:20]:
        if waiting.filter(pk=key).update(lease_until=now + LEASE):
            return Photo.objects.filter(pk=key).first()
    return None


def _make_ready(photo: Photo) -> None:
    try:
        made = pictures.remade(read(photo, photo.raw_file))
    except (
        FileNotFoundError
    ):  # STORAGE_URL is not the folder of the server that took it; nothing is given up for that
        log.error("file of a photo not found", photo=str(photo.pk))
    except (pictures.NoPictureError, pictures.TooManyPixelsError):
        _end(photo, status=Photo.Status.REFUSED)
    except pictures.DecodingStoppedError as error:
        log.warning("photo not decoded", photo=str(photo.pk), reason=str(error))
        if timezone.now() > photo.received_at + TRIED_FOR:
            _end(photo, status=Photo.Status.REFUSED)
    else:
        name = write(photo, made.jpeg)
        if not _end(photo, status=Photo.Status.READY, file=name, width=made.width, height=made.height):
            default_storage.delete(name)


@transaction.atomic
def _end(photo: Photo, **changes: object) -> bool:
    """What became of it, where the lease is still ours; the raw file goes. False where it is not, or it was erased."""
    ours = Photo.objects.filter(pk=photo.pk, status=Photo.Status.RECEIVED, lease_until=photo.lease_until)
    if not ours.update(**changes, raw_file="", lease_until=None):
        return False
    delete_after_commit(photo.raw_file)
    return True


# --- read ---------------------------------------------------------------------------------------------


def find(concern: Concern, photo_id: UUID) -> Photo:
    """A photo of this concern that can be looked at. Raises NotFound, and Conflict for one that cannot (yet)."""
    photo = Photo.objects.filter(concern=concern, pk=photo_id).first()
    if photo is None:
        raise NotFound()
    if photo.status == Photo.Status.RECEIVED:
        raise Conflict(
            "This photo is not ready yet; ask again in a minute.",
            type="photo-not-ready",
            title="Not ready yet",
        )
    if photo.status == Photo.Status.REFUSED:
        raise Conflict(
            "This photo could not be read, and is not kept; take it again or send it as JPEG.",
            type="photo-refused",
            title="This is no photo that can be read",
        )
    return photo


def original(photo: Photo) -> bytes:
    """The JPEG as it was made ready: for who told the concern, and for liaisons with a reason."""
    return read(photo, photo.file)


def shown(photo: Photo) -> bytes:
    """The JPEG that staff see, masked where it has masks."""
    return read(photo, photo.masked_file or photo.file)


# --- the end ------------------------------------------------------------------------------------------


def erase(concern_ids: Iterable[UUID]) -> int:
    """Deletes the photos of concerns with their keys, in the caller's transaction; files go after the commit.

    From the commit on their files are noise, in backups of the folder too.
    """
    rows = Photo.objects.filter(concern__in=list(concern_ids))
    files = list(rows.values_list("raw_file", "file", "masked_file"))
    rows.delete()
    delete_after_commit(*(name for names in files for name in names))
    return len(files)


def sweep(now: datetime) -> int:
    """Deletes files that no row names, older than a day: what a crash left behind. Returns how many."""
    swept = 0
    for name in _strays(now - STRAY_AFTER):
        default_storage.delete(name)
        swept += 1
    return swept


def _strays(before: datetime) -> Iterator[str]:
    for folder in _list(FOLDER)[0]:
        names = [f"{FOLDER}/{folder}/{name}" for name in _list(f"{FOLDER}/{folder}")[1]]
        for start in range(0, len(names), 500):
            batch = names[start : start + 500]
            wanted = _wanted(batch)
            yield from (
                name
                for name in batch
                if name not in wanted and default_storage.get_modified_time(name) < before
            )


def _list(folder: str) -> tuple[list[str], list[str]]:
    """(folders, files) in there; nothing where it was never written to."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _wanted(names: list[str]) -> set[str]:
    """Those of the names that rows hold, found by the id with which a name begins."""
    ids = {name.rpartition("/")[2].partition("-")[0] for name in names}
    rows = Photo.objects.filter(pk__in=[UUID(hex=text) for text in ids if _is_id(text)])
    return {name for row in rows.values_list("raw_file", "file", "masked_file") for name in row}


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)
