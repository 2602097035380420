from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from backend.notifications.transports import settings_problem


@register
def check_twilio(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """`manage.py check`: settings with which texts would go nowhere, or to the wrong place."""
    if problem := settings_problem():
        return [Error(problem, id="notifications.E001")]
    if settings.TWILIO_API_BASE_URL and not settings.DEVELOPMENT:
        return [Warning("TWILIO_API_BASE_URL is set: texts do not go to Twilio.", id="notifications.W001")]
    return []
