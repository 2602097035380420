from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"
    default = True

    def ready(self) -> None:
        from backend.accounts import codes, holdings, texts

        codes.register()
        holdings.register_holding("texts", texts.HOLDING)


class StaffPagesConfig(admin.AdminConfig):
    """Django's admin, behind a second factor (staff_site.py)."""

    default = False
    default_site = "backend.accounts.staff_site.StaffSite"
