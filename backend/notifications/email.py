"""E-mail through Django's mail backend (EMAIL_URL): plain text, one recipient each."""

import re
import smtplib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from backend.notifications.models import Channel
from backend.notifications.transports import Misconfigured, News, NotSent, Refused, TransportError, Unknown

SUBJECT = "Roll Call"  # never what it is about: others may see the list of someone's mail
BUSY_WAIT = timedelta(minutes=1)  # a mail server's "try again later" is meant in minutes (RFC 5321, 4.5.4.1)


class EmailTransport:
    """What fails before the server could have taken the message is certainly not sent (RFC 5321, 4.2)."""

    channel: str = Channel.EMAIL

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        message_id = f"<{attempt_id}@{settings.PUBLIC_HOST}>"
        headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}  # RFC 3834
        if page := re.search(rf"{re.escape(settings.PUBLIC_URL)}/m/[0-9a-z]+", body):
            # A mail program's own button: RFC 2369 and, in one click, RFC 8058.
            headers["List-Unsubscribe"] = f"<{page[0]}/stop>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        connection = get_connection()
        message = EmailMessage(
            SUBJECT, body, settings.DEFAULT_FROM_EMAIL, [to], headers=headers, connection=connection
        )
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError as error:
            raise Misconfigured(f"smtp_{error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(type(error).__name__) from None
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(next(iter(error.recipients.values()))[0]) from None
        except smtplib.SMTPSenderRefused as error:
            raise Misconfigured(f"smtp_{error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unknown(type(error).__name__) from None
        finally:
            connection.close()
        return message_id

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        """Nobody can be asked what became of a message."""
        raise Unknown("email_fate_unknown")

    def news(self, *, since: datetime, until: datetime) -> Iterator[News]:
        return iter(())


def _refusal(code: int) -> TransportError:
    """5yz is permanent, 4yz is transient (RFC 5321, 4.2.1)."""
    return Refused(f"smtp_{code}") if code >= 500 else NotSent(f"smtp_{code}", BUSY_WAIT)
