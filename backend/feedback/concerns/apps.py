from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "backend.feedback.concerns"
    label = "concerns"

    def ready(self) -> None:
        from backend.accounts.holdings import Holding, register_holding
        from backend.feedback.concerns import services
        from backend.notifications.registry import register_command, register_kind, register_reply

        holding = Holding(services.export_of, services.part_from, services.hide_address_of)
        register_holding("concerns", holding)
        register_kind(services.UPDATE, still_true=services.is_theirs_still)
        register_reply(services.UPDATE, services.take_reply)
        register_command("STATUS", services.status_by_text, is_private=True)
