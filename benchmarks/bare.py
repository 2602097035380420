"""A bare view: what any answer costs. Same server, middleware, parsing and permission, an answer of the same size.

`BARE_ANSWER` names a file that holds the answer; it is read at the first request.
"""

import os
from functools import cache
from pathlib import Path

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend import urls
from backend.api import Public


@cache
def _answer() -> str:
    return Path(os.environ["BARE_ANSWER"]).read_text()


class Bare(APIView):
    permission_classes = (Public,)
    authentication_classes = ()

    def post(self, request: Request) -> Response:
        assert request.data
        return Response({"answer": _answer()}, headers={"Cache-Control": "no-store"})


bare = [path("bare", Bare.as_view()), *urls.api_urls]
urlpatterns = [path("api/v1/", include(bare)), *urls.urlpatterns]
