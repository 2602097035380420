"""States and reasons of messages as staff read them. Pure."""

from backend.notifications.models import Message

REASONS = {
    "halted": "staff stopped it",
    "stopped_by_staff": "staff stopped all texts",
    "stopped": "the person said STOP",
    "no_consent": "the person has not agreed to texts",
    "never_contact": "the person does not want to be written to",
    "unusable": "texts do not reach this number",
    "unsubscribed": "the person no longer follows this",
    "no_longer_true": "it had changed again by then",
    "too_late": "it was too late to be of use",
    "quiet_hours": "it is night where the person is",
    "daily_cap": "the person has had enough texts for a day",
    "in_doubt": "the person may have asked us to stop; somebody must read the reply",
    "budget": "this month's texts are spent",
    "texts_off": "not sent: texting is off",
    "email_off": "not sent: e-mail is off",
    "fate_unknown": "the provider could not say what became of it",
    "no_receipt": "no receipt came for three days",
    "not_ready": "could not be checked; another version of this service may have to send it",
    "account deleted": "the account was deleted",
    "20003": "the provider refuses our account",
    "20429": "the provider asked us to slow down",
    "21211": "not a number that exists",
    "21408": "we may not text that region",
    "21610": "the person said STOP to the provider",
    "21612": "this number cannot be reached from ours",
    "21614": "not a mobile number",
    "30001": "the provider's queue was full",
    "30003": "the phone was off or out of reach",
    "30004": "the carrier blocked it",
    "30005": "nobody has this number",
    "30006": "a landline, or a carrier that takes no texts",
    "30007": "the carrier took it for spam",
    "30008": "it did not arrive; nobody says why",
    "30023": "a carrier's limit for the day was reached",
    "30034": "our number is not registered with the carriers",
    "30610": "the provider held it back for its hour",
}


def said(message: Message) -> str:
    """A message's state with its reason, as a sentence would have it."""
    status = Message.Status(message.status).label
    if not message.reason:
        return str(status)
    return f"{status}: {REASONS.get(message.reason, message.reason)}"
