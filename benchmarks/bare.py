"""A bare view: what any answer costs. The same server, method, middleware, throttle (none) and authentication
(none) as the lookup, the same body parsed, an answer of the same size, and nothing else.

`BARE_ANSWER` names a file that holds the answer, a JSON object; it is read at the first request.
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
def _answer() -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(Path(os.environ["BARE_ANSWER"]).read_text())
    return answer


class Bare(APIView):
    permission_classes = Lookup.permission_classes
    authentication_classes = Lookup.authentication_classes
    throttle_classes = Lookup.throttle_classes

    def post(self, request: Request) -> Response:
        assert request.data
        return Response(_answer(), headers={"Cache-Control": "no-store"})


bare = [path("bare", Bare.as_view()), *urls.api_urls]
urlpatterns = [path("api/v1/", include(bare)), *urls.urlpatterns]
