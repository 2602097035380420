"""A bare view: what any answer costs. The same server, method, middleware, throttle (none) and authentication
(none) as the lookup, the same body parsed, an answer of the same size, and nothing else.

`BARE_ANSWER` names a file that holds the answer, a JSON object; it is read at the first request. `bare` encodes that
object each time, as views do; `bare-text` an object with one text in it, of the same size, which is next to nothing.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend import urls
from backend.lookup import Lookup


@cache
def _answer(*, is_text: bool) -> dict[str, Any]:
    raw = Path(os.environ["BARE_ANSWER"]).read_bytes()
    answer: dict[str, Any] = (
        {"answer": "x" * (len(raw) - len('{"answer":""}'))} if is_text else json.loads(raw)
    )
    return answer


class Bare(APIView):
    permission_classes = Lookup.permission_classes
    authentication_classes = Lookup.authentication_classes
    throttle_classes = Lookup.throttle_classes
    is_text = False

    def post(self, request: Request) -> Response:
        assert request.data
        return Response(_answer(is_text=self.is_text), headers={"Cache-Control": "no-store"})


bare = [
    path("bare", Bare.as_view()),
    path("bare-text", Bare.as_view(is_text=True)),
    *urls.api_urls,
]
urlpatterns = [path("api/v1/", include(bare)), *urls.urlpatterns]
