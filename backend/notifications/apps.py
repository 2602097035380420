from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.notifications import checks  # noqa: F401
        from backend.notifications.registry import register_kind
        from backend.notifications.services import still_to_be_asked

        register_kind("opt_in", still_to_be_asked, needs_consent=False)
