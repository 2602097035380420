from datetime import timedelta

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        from backend.accounts import audit
        from backend.notifications.registry import register_job

        register_job("seal_audit", every=timedelta(minutes=1), run=audit.seal)
