from datetime import timedelta

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"
    default = True

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from backend.accounts import adapters, audit, codes, holdings, residents, staff, texts
        from backend.encryption import register_tokens, rotated
        from backend.notifications.registry import (
            register_alarm,
            register_handed_on,
            register_job,
            register_kind,
            register_witness,
        )

        codes.register()
        staff.register()
        authenticator_added.connect(staff.factor_added)
        holdings.register_holding("texts", texts.HOLDING)
        register_job("seal_audit", every=timedelta(minutes=1), run=audit.seal)
        register_witness(audit.record)
        register_alarm(staff.tell_administrators)
        register_kind("alarm", still_true=lambda subject, now: True, needs_consent=False)
        register_handed_on(residents.number_handed_on)
        register_tokens("accounts.Session", "session_data", rotated)
        register_tokens("mfa.Authenticator", "data", adapters.rotated_secrets)


class StaffPagesConfig(admin.AdminConfig):
    """Django's admin, behind a second factor (staff_site.py)."""

    default = False
    default_site = "backend.accounts.staff_site.StaffSite"
