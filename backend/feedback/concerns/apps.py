from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "backend.feedback.concerns"
    label = "concerns"

    def ready(self) -> None:
        from backend.accounts.holdings import Holding, register_holding
        from backend.feedback.concerns import services

        holding = Holding(services.export_of, services.part_from, services.hide_address_of)
        register_holding("concerns", holding)
