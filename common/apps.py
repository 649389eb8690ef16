from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common.logs import keep_tokens_out

        keep_tokens_out()
