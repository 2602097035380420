"""openapi/openapi.yaml is what the code says. (`.ci/smoke` also runs schemathesis against the live service.)"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.core.management import call_command
from django.urls import get_resolver

from tests.document import DOCUMENT


def test_the_document_has_not_drifted(tmp_path: Any) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == DOCUMENT.read_text()
    assert yaml.safe_load(fresh.read_text())["openapi"].startswith("3.1")


def test_the_document_holds_every_route_and_no_other() -> None:
    documented = {
        (re.sub(r"\{[^}]+\}", "{}", path), method)
        for path, item in yaml.safe_load(DOCUMENT.read_text())["paths"].items()
        for method in item
    }
    offered = set()
    for route, callback in views():
        if not route.startswith(("api/v1/", "_allauth/app/v1/")):
            continue
        view = getattr(callback, "view_class", None) or callback.cls
        path = "/" + re.sub(r"<[^>]+>", "{}", route)
        offered |= {(path, m) for m in ("get", "post", "put", "patch", "delete") if hasattr(view, m)}
    assert documented == offered


def views(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in patterns or get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from views(entry.url_patterns, route)
        else:
            yield route, entry.callback
