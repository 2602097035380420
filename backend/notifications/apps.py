from datetime import timedelta

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.notifications import checks  # noqa: F401
        from backend.notifications.outbox import forget_secrets
        from backend.notifications.registry import register_job, register_kind
        from backend.notifications.services import still_to_be_asked

        register_kind("opt_in", still_to_be_asked, needs_consent=False)
        register_job("forget_secrets", every=timedelta(minutes=1), run=forget_secrets)
