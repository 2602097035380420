from typing import Any

api_urls: list[Any] = []
