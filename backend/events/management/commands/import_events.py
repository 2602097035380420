from argparse import ArgumentParser
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.accounts.models import User
from backend.encryption import blind_index
from backend.errors import DomainError
from backend.events.models import Event
from backend.events.services import Imported, import_calendar
from backend.roster.management.importing import a_day
from backend.roster.models import Area


class Command(BaseCommand):
    help = (
        "Posts the series of an .ics file exported from Outlook, Google or another calendar; run again, it changes "
        "what has changed in the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--area", action="append", default=[], help="a slug; without it, where the location lies"
        )
        parser.add_argument("--kind", choices=Event.Kind.values, default=Event.Kind.OTHER)
        parser.add_argument("--review-on", type=a_day, help="the day until which series without an end go on")
        parser.add_argument("--by", help="e-mail of the member of staff who posts; else the administrator")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(
        self,
        *args: Any,
        file: Path,
        area: list[str],
        kind: str,
        review_on: date | None,
        by: str | None,
        dry_run: bool,
        **options: Any,
    ) -> None:
        areas = [self._area(slug) for slug in area]
        try:
            items = import_calendar(
                by=self._who(by),
                calendar=file.read_text(encoding="utf-8-sig"),
                areas=areas,
                kind=kind,
                review_on=review_on,
                preview=dry_run,
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from None
        except DomainError as error:
            raise CommandError(error.detail) from None
        for item in items:
            self.stdout.write(_in_words(item))
        counts = ", ".join(
            f"{n} {outcome.replace('_', ' ')}" for outcome, n in Counter(i.outcome for i in items).items()
        )
        self.stdout.write(f"{counts}{' (dry run)' if dry_run else ''}")

    def _area(self, slug: str) -> Area:
        found = Area.objects.select_related("agency").filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no area {slug}.")
        return found

    def _who(self, email: str | None) -> User:
        staff = User.objects.filter(kind=User.Kind.STAFF, is_active=True)
        if email is not None:
            found = staff.filter(email_index=blind_index("email", email.strip().casefold())).first()
        else:
            found = staff.filter(is_administrator=True).order_by("created_at").first()
        if found is None:
            raise CommandError("Nobody could post it: name a member of staff with --by EMAIL.")
        return found


def _in_words(item: Imported) -> str:
    days = ", ".join(day.isoformat() for day in item.days)
    told = [item.reason, f"changed: {', '.join(item.changed)}" if item.changed else "", days, *item.notes]
    told += [f"at the same time: {clash.event.title}" for clash in item.warnings]
    return f"{item.outcome.replace('_', ' ')}: {item.title or item.source_uid}. {' '.join(filter(None, told))}".rstrip()
