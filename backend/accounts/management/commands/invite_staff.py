from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from backend.accounts import staff
from backend.errors import Conflict


class Command(BaseCommand):
    """The first administrator, and anybody who lost password or phone."""

    help = "Invites a member of staff and prints the link, good for three days; a known account begins anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--administrator", action="store_true", help="may invite others")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            _, link = staff.invite(options["email"], is_administrator=options["administrator"])
        except Conflict as error:
            raise CommandError(error.detail) from None
        except ValidationError:
            raise CommandError("This is not an e-mail address.") from None
        self.stdout.write(link)
