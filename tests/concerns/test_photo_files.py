"""How the files of photos end, and where they lie."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from backend.feedback.concerns.models import Photo
from backend.feedback.concerns.services import photos
from backend.storage import Folder, folder_of
from tests.concerns.conftest import taken
from tests.concerns.pictures import files, photo, send, work


def test_erased_with_key_row_and_file(client: Client, city: None, committed: Any) -> None:
    kept, told, before = taken(client), taken(client), files()
    send(client, told, photo())
    send(client, told, photo(size=(70, 70)))
    staying = send(client, kept, photo()).json()["id"]
    work(committed)
    with committed():
        assert photos.erase([uuid.UUID(told["id"])]) == 2
        assert len(files() - before) == 3  # nothing goes before the commit
    assert [str(row.pk) for row in Photo.objects.all()] == [staying]
    assert files() - before == {Photo.objects.get().file}


def test_what_a_crash_left_behind_is_swept_up(client: Client, city: None, committed: Any) -> None:
    before = files()
    send(client, taken(client), photo())
    row = Photo.objects.get()
    photos.write(row, b"of a worker that died before it said so")
    photos.write(Photo(key=row.key), b"of an upload that died before its row")
    default_storage.save("photos/xx/not-ours", ContentFile(b"?"))
    assert photos.sweep(timezone.now()) == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert photos.sweep(timezone.now()) >= 3
    assert files() - before == {row.raw_file}
    work(committed)
    assert Photo.objects.get().status == "ready"


# --- where files lie ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "path"), [("/srv/files", "/srv/files"), ("file:///srv/my%20files", "/srv/my files")]
)
def test_storage_url(url: str, path: str) -> None:
    assert str(folder_of(url)) == path


@pytest.mark.parametrize("url", ["s3://bucket", "file://host/srv", "files", "", "https://files.example/x"])
def test_a_storage_that_we_do_not_have_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL must be a folder"):
        folder_of(url)


def test_nobody_else_of_the_machine_reads_the_files(tmp_path: Any) -> None:
    folder = Folder(
        location=tmp_path / "files", file_permissions_mode=0o600, directory_permissions_mode=0o700
    )
    name = folder.save("photos/ab/cd", ContentFile(b"noise"))
    path = tmp_path / "files" / name
    assert path.read_bytes() == b"noise"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
