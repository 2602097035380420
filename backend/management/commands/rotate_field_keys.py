from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.encryption import UndecryptableError, count_tokens, rotate, token_columns


class Command(BaseCommand):
    help = (
        "Re-encrypts every personal field with the first of FIELD_KEYS, so that the others can be given up. "
        "Everything stays readable meanwhile; killed, it goes on where it was when run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            # All is read before anything is changed: a missing key changes nothing.
            counts = [(column, *count_tokens(column)) for column in token_columns()]
            for column, there, old in counts:
                done = 0
                for batch in rotate(column) if old else ():
                    done += batch
                    self._say(f"{column}: {done:,} of {old:,} re-encrypted")
                self._say(f"{column}: {there:,} values, {there - old:,} of them under the first key before")
        except UndecryptableError as error:
            raise CommandError(f"{error} FIELD_KEYS must hold every key in use.") from None
        total = sum(old for _, _, old in counts)
        again = f"{total:,} values were under an older key. Run it again, until it says that there is none."
        self._say(again if total else "All is under the first key; the others can be given up.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
