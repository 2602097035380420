"""What the import commands share: a file, `--dry-run`, and errors in words."""

from abc import abstractmethod
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from backend.errors import DomainError
from backend.roster.services import Imported, to_day, trying


class ImportCommand(BaseCommand):
    """A command that imports one file, whole or not at all."""

    noun = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    @abstractmethod
    def load(self, path: Path, **options: Any) -> Imported:
        """Does the import. Raises DomainError."""

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            outcome = trying(lambda: self.load(file, **options)) if dry_run else self.load(file, **options)
        except DomainError as error:
            raise CommandError(error.detail) from None
        except IntegrityError as error:  # the staff pages do not wait for an import
            raise CommandError(
                "Nothing was imported: somebody changed the same rows meanwhile; run it again."
            ) from error
        self.stdout.write(f"{self.noun}: {outcome}{' (dry run)' if dry_run else ''}")
        for line in outcome.lines:
            self.stdout.write(line)


def a_day(text: str) -> date:
    """The type of an argument that is a day."""
    try:
        return to_day(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day like 2026-11-27") from None
