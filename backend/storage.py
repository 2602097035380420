"""Where files lie that are too large for the database: a folder, by default `var/files`. All of them are encrypted."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage


def folder_of(url: str) -> Path:
    """The folder of STORAGE_URL, `file:///srv/files` or `/srv/files`. Raises ImproperlyConfigured."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.scheme not in ("", "file") or parts.netloc or not path.startswith("/"):
        raise ImproperlyConfigured(
            "STORAGE_URL must be a folder, such as file:///srv/roll-call or /srv/roll-call; with several machines, "
            "one that all of them mount."
        )
    return Path(path)


class Folder(FileSystemStorage):
    """A file that was saved is on the disk, as a committed row is; nobody else of the machine reads it."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        path = Path(self.path(saved))
        for written in (path, *path.parents[:2]):  # the folders too, one of which may be new
            descriptor = os.open(written, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved
