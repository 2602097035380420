"""How a message leaves: who agreed to what, what is said, each person's copy, the provider's news of it."""

from backend.notifications.models.messages import OUT_OF_REACH, Attempt, Message, Notice, Receipt, Reply
from backend.notifications.models.recipients import Channel, Consent, Recipient, Reminder, Subscription
from backend.notifications.models.sending import Alert, Heartbeat, JobRun, LanguageReview, Sender

__all__ = [
    "OUT_OF_REACH",
    "Alert",
    "Attempt",
    "Channel",
    "Consent",
    "Heartbeat",
    "JobRun",
    "LanguageReview",
    "Message",
    "Notice",
    "Receipt",
    "Recipient",
    "Reminder",
    "Reply",
    "Sender",
    "Subscription",
]
