"""A concern's photos: taken in once, encrypted, and made anew by the worker."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from backend.feedback.concerns import pictures
from backend.feedback.concerns.models import Concern, Photo
from backend.feedback.concerns.services import photos
from tests.concerns.conftest import taken
from tests.concerns.pictures import MARK, by_receipt, files, huge_png, photo, scans, send, work


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


# --- sent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("HEIF", "heic"), ("HEIF", "heif")]
)
def test_from_a_phone_to_the_desk(
    client: Client, city: None, liaison: User, sign_in: Any, committed: Any, form: str, kind: str
) -> None:
    told, before = taken(client), files()
    assert told["photos"] == []
    sent = photo(form)
    answer = send(client, told, sent, f"image/{kind}")
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert answer.json() == {"id": answer.json()["id"], "status": "received", "width": 0, "height": 0}
    row = Photo.objects.get(pk=answer.json()["id"])
    raw = row.raw_file
    assert files() - before == {raw}
    assert MARK not in stored(raw)
    assert Fernet(row.key).decrypt(stored(raw)) == sent
    path = f"/api/v1/triage/concerns/{told['id']}/photos/{row.pk}"
    waiting = sign_in(liaison).get(path)
    assert (waiting.status_code, waiting.json()["type"]) == (409, "photo-not-ready")

    work(committed)

    row.refresh_from_db()
    assert files() - before == {row.file}
    assert (row.status, row.raw_file, row.lease_until) == ("ready", "", None)
    made = sign_in(liaison).get(path)
    assert (made.status_code, made["Content-Type"], made["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert (made["Content-Disposition"], made["X-Content-Type-Options"]) == ("inline", "nosniff")
    assert MARK not in made.content
    assert Image.open(io.BytesIO(made.content)).size == (64, 40)
    assert by_receipt(client, told, row.pk).content == made.content
    listed = client.post(
        "/api/v1/concerns/receipt", {"receipt": told["receipt"]}, content_type="application/json"
    )
    seen = [{"id": str(row.pk), "status": "ready", "width": 64, "height": 40}]
    assert listed.json()["photos"] == seen
    queue = sign_in(liaison).get("/api/v1/triage/concerns?page_size=200").json()["results"]
    assert next(c for c in queue if c["id"] == told["id"])["photos"] == seen


def test_no_place_in_any_file_or_row(client: Client, city: None, committed: Any) -> None:
    told = taken(client)
    send(client, told, photo())
    row = Photo.objects.get()
    with_position = Fernet(row.key).decrypt(stored(row.raw_file))
    assert Image.open(io.BytesIO(with_position)).getexif().get_ifd(0x8825)
    raw = row.raw_file
    work(committed)
    assert not default_storage.exists(raw)
    row.refresh_from_db()
    assert not Image.open(io.BytesIO(photos.original(row))).getexif()


def test_the_same_bytes_again_are_the_same_photo(client: Client, city: None, committed: Any) -> None:
    told, before = taken(client), files()
    first, again = send(client, told, photo()), send(client, told, photo())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(files() - before) == 1
    work(committed)
    assert send(client, told, photo()).json()["status"] == "ready"
    other = send(client, taken(client), photo())
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


def test_five_and_no_more_and_a_repeat_is_none(client: Client, city: None) -> None:
    told = taken(client)
    five = [photo(size=(64, 40 + n)) for n in range(5)]
    assert [send(client, told, one).status_code for one in five] == [201] * 5
    before = files()
    sixth = send(client, told, photo(size=(99, 99)))
    assert (sixth.status_code, sixth.json()["type"]) == (409, "too-many-photos")
    assert send(client, told, five[0]).status_code == 200
    assert files() == before


@pytest.mark.parametrize(
    ("data", "kind", "status", "slug"),
    [
        (huge_png(), "image/png", 422, "too-many-pixels"),
        (scans(300), "image/jpeg", 422, "not-a-photo"),
        (b"<!doctype html><script>alert(1)</script>", "image/jpeg", 422, "not-a-photo"),
        (b"\xff\xd8\xff\xe0<html></html>", "image/jpeg", 422, "not-a-photo"),
        (b"PK\x03\x04" + b"\0" * 60, "image/png", 422, "not-a-photo"),
        (b"%PDF-1.7\n", "image/heic", 422, "not-a-photo"),
        (b"<svg/>", "image/svg+xml", 415, "unsupported-media-type"),
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (b"GIF89a", "image/gif", 415, "unsupported-media-type"),
        (b"", "image/jpeg", 400, "invalid-request"),
        (b"\0" * 15_000_001, "image/jpeg", 413, "too-large"),
    ],
)
def test_what_is_not_taken(
    client: Client, city: None, data: bytes, kind: str, status: int, slug: str
) -> None:
    told, before = taken(client), files()
    answer = send(client, told, data, kind)
    assert (answer.status_code, answer.json()["type"]) == (status, slug)
    assert "Send " in answer.json()["title"] + answer.json()["detail"]
    assert answer.json()["title"] != "Send application/json"
    assert files() == before
    assert not Photo.objects.exists()


def test_what_the_bytes_are_counts(client: Client, city: None, committed: Any) -> None:
    told = taken(client)
    assert send(client, told, photo("PNG"), "image/jpeg").status_code == 201
    work(committed)
    assert Photo.objects.get().status == "ready"


def test_a_photo_of_15_megabytes_is_read_past_the_limit_of_other_bodies(client: Client, city: None) -> None:
    """Whose length is not counted against Django's own, of a sixth of that."""
    assert send(client, taken(client), photo().ljust(15_000_000, b"\0")).status_code == 201


def test_a_body_that_ends_early_is_not_kept(client: Client, city: None) -> None:
    told, data = taken(client), photo()
    path, given = "/api/v1/concerns/photos", {"HTTP_X_UPLOAD_TOKEN": told["upload_token"]}
    answer = client.generic(
        "POST",
        path,
        data,
        "image/jpeg",
        **given,
        CONTENT_LENGTH=str(len(data) + 50),
        **{"wsgi.input": io.BytesIO(data)},
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid-request")
    assert not Photo.objects.exists()


def test_the_token_is_of_one_concern_and_ends(client: Client, city: None) -> None:
    told = taken(client)
    for token in ("", "nonsense", told["upload_token"][:-1] + "_", told["receipt"]):
        answer = send(client, {"upload_token": token}, photo())
        assert (answer.status_code, answer.json()["type"]) == (403, "upload-token")
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert send(client, told, photo()).status_code == 201
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert send(client, told, photo()).status_code == 403


def test_closed_is_fine_and_is_read_again_erased_is_not_there(client: Client, city: None) -> None:
    told = taken(client)
    now = timezone.now()
    Concern.objects.filter(pk=told["id"]).update(status="closed", disposition="resolved", closed_at=now)
    assert send(client, told, photo()).status_code == 201
    assert Concern.objects.get(pk=told["id"]).needs_reading
    Concern.objects.filter(pk=told["id"]).update(erased_at=now)
    before = files()
    assert send(client, told, photo(size=(70, 70))).status_code == 404
    assert files() == before


def test_a_row_that_cannot_be_written_leaves_no_file(
    client: Client, city: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, before = taken(client), files()

    def broken(photo: Photo) -> bool:
        raise OSError("the database is away")

    monkeypatch.setattr(photos, "_keep", broken)
    with pytest.raises(OSError, match="away"):
        photos.add_photo(concern=Concern.objects.get(pk=told["id"]), data=photo())
    assert files() == before


# --- made ready ---------------------------------------------------------------------------------------


def test_what_cannot_be_decoded_is_refused_and_not_kept(client: Client, city: None, committed: Any) -> None:
    told, before = taken(client), files()
    sent = send(client, told, photo(size=(640, 400))[:3000])
    assert sent.status_code == 201
    work(committed)
    assert files() == before
    answer = by_receipt(client, told, sent.json()["id"])
    assert (answer.status_code, answer.json()["type"]) == (409, "photo-refused")


def test_a_worker_that_dies_leaves_it_to_the_next(
    client: Client, city: None, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = taken(client)
    send(client, told, photo())

    class Killed(BaseException):
        pass

    def killed(data: bytes) -> pictures.Remade:
        raise Killed

    remade = pictures.remade
    monkeypatch.setattr(pictures, "remade", killed)
    with pytest.raises(Killed):
        photos.make_ready(timezone.now())
    monkeypatch.setattr(pictures, "remade", remade)
    assert photos.make_ready(timezone.now()) == 0  # it is held by a lease
    with time_machine.travel(timezone.now() + photos.LEASE + timedelta(seconds=1)):
        work(committed)
    assert Photo.objects.get().status == "ready"


def test_who_lost_the_lease_changes_nothing(
    client: Client, city: None, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, before = taken(client), files()
    send(client, told, photo())
    remade = pictures.remade

    def slow(data: bytes) -> pictures.Remade:
        """Meanwhile another worker takes it over and is done."""
        monkeypatch.setattr(pictures, "remade", remade)
        Photo.objects.update(lease_until=timezone.now())
        work(committed)
        return remade(data)

    monkeypatch.setattr(pictures, "remade", slow)
    work(committed)
    row = Photo.objects.get()
    assert row.status == "ready"
    assert files() - before == {row.file}
    assert photos.original(row)


def test_what_the_decoder_takes_too_long_for_is_refused_at_once(
    client: Client, city: None, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, before = taken(client), files()
    send(client, told, photo())
    monkeypatch.setattr(pictures, "COMMAND", (*pictures.COMMAND[:2], "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    work(committed)
    assert Photo.objects.get().status == "refused"
    assert files() == before


def test_what_was_refused_takes_no_place_and_is_taken_anew(
    client: Client, city: None, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, before = taken(client), files()
    five = [photo(size=(64, 40 + n)) for n in range(5)]
    refused = [send(client, told, one).json()["id"] for one in five]
    with monkeypatch.context() as patched:
        patched.setattr(pictures, "COMMAND", (*pictures.COMMAND[:2], "-c", "import os; os.abort()"))
        work(committed)
    assert set(Photo.objects.values_list("status", flat=True)) == {"refused"}
    again = [send(client, told, one) for one in five]
    assert [(answer.status_code, answer.json()["status"]) for answer in again] == [(201, "received")] * 5
    assert [answer.json()["id"] for answer in again] == refused
    assert send(client, told, five[0]).status_code == 200
    assert len(files() - before) == 5
    assert send(client, told, photo(size=(99, 99))).status_code == 409
    work(committed)
    assert set(Photo.objects.values_list("status", flat=True)) == {"ready"}


def test_a_decoder_that_dies_is_tried_again_for_an_hour(
    client: Client, city: None, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, before = taken(client), files()
    send(client, told, photo())

    def dies(data: bytes) -> pictures.Remade:
        raise pictures.DecodingStoppedError("the decoder ended with -9")

    monkeypatch.setattr(pictures, "remade", dies)
    work(committed)
    assert Photo.objects.get().status == "received"
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        work(committed)
    assert Photo.objects.get().status == "refused"
    assert files() == before
