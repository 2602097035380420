import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.accounts.audit import verify

HEAD = re.compile(r"[1-9][0-9]*:[0-9a-f]{64}")


class Command(BaseCommand):
    help = (
        "Says whether the sealed part of the audit trail is as it was sealed; exits with 1 where it is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            help='a seal that must be there, NUMBER:HASH, from the log\'s "audit sealed"',
        )

    def handle(self, *args: Any, head: str, **options: Any) -> None:
        if head and not HEAD.fullmatch(head):
            raise CommandError('Write --head as NUMBER:HASH, both from a line "audit sealed" of the log.')
        verdict = verify(timezone.now(), head)
        for finding in verdict.findings:
            self.stdout.write(finding)
        self.stdout.write(
            f"{verdict.rows:,} rows under {verdict.seals:,} seals, of which {verdict.erased:,} were erased in their "
            f"time; {verdict.waiting:,} rows wait for the next seal. Head: {verdict.head or 'none'}"
        )
        if verdict.findings:
            raise CommandError(f"The audit trail is not whole: {len(verdict.findings):,} findings.")
        self.stdout.write("The audit trail is whole.")
