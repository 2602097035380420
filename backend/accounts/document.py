"""django-allauth's part of openapi/openapi.yaml: the routes of theirs that we offer, as they document them.

Their file is OpenAPI 3.0, names a client in every path, and describes routes that we do not have. So: what resolves
in our URL configuration is taken, with the components it uses, and our own start step and refusals are added.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth.headless.spec
import yaml
from allauth.headless.spec.internal import schema as theirs
from django.urls import Resolver404, resolve

from backend.api import PROBLEM, TITLES

PREFIX = "Allauth"
METHODS = ("get", "post", "put", "patch", "delete")
START = ("/_allauth/app/v1/auth/code/request", "/_allauth/app/v1/auth/signup")
GONE = {"$ref": "#/components/responses/SessionGone"}


def add_allauth(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    spec = yaml.safe_load((Path(allauth.headless.spec.__file__).parent / "doc" / "openapi.yaml").read_text())
    theirs.specify_user(spec)
    # As it answers where no sign-in is under way.
    meta = spec["components"]["schemas"]["AuthenticationMeta"]["allOf"][1]
    meta["properties"]["is_authenticated"]["type"] = ["boolean", "null"]
    theirs.pin_client(spec)
    theirs.drop_unused_client_parameter(spec)
    paths = {path: _offered(path, item) for path, item in spec["paths"].items()}
    paths = {path: item for path, item in paths.items() if item}
    for path in START:
        paths[path] = {"post": _start(path, spec)}
    for operation in paths["/_allauth/app/v1/account/phone"].values():
        operation["responses"]["403"] = _error("ForbiddenResponse", "Staff sign in by e-mail alone")
    for path, item in paths.items():
        for method, operation in item.items():
            _complete(operation, f"allauth_{method}_{path.partition('/v1/')[2]}")
    used = _components(paths, spec["components"])
    _translate(used)
    for kind, entries in used.items():
        result["components"].setdefault(kind, {}).update(_renamed(entries))
    result["paths"].update(_renamed_references(paths))
    return result


def _offered(path: str, item: dict[str, Any]) -> dict[str, Any]:
    """The operations of a path that our URL configuration answers; {} for none."""
    try:
        view = resolve(path).func.view_class  # type: ignore[attr-defined]
    except Resolver404:
        return {}
    return {method: item[method] for method in METHODS if method in item and hasattr(view, method)}


def _start(path: str, spec: dict[str, Any]) -> dict[str, Any]:
    is_signup = path.endswith("signup")
    address = {
        "type": "object",
        "properties": {
            "phone": {"type": "string", "description": "a US mobile number, as people write it"},
            "email": {"type": "string", "format": "email"},
        },
        "oneOf": [{"required": ["phone"]}, {"required": ["email"]}],
    }
    return {
        "tags": ["Authentication: Account" if is_signup else "Authentication: Login By Code"],
        "summary": "The same as auth/code/request"
        if is_signup
        else "Ask for a code, with an account or without",
        "description": (
            "Sends at most one code and says nothing of whether there is an account, which begins with the first "
            "code shown at `auth/code/confirm`. Asking again soon sends nothing; the code that came last is good. A "
            "number that said STOP gets none until it sends START; e-mail is the other way."
        ),
        "requestBody": {"required": True, "content": {"application/json": {"schema": address}}},
        "responses": {
            "400": _error("ErrorResponse", "A number or address that cannot get a code"),
            "401": _error("AuthenticationResponse", "A code is awaited; `meta.session_token` waits for it"),
            "409": _error("ConflictResponse", "Already signed in"),
        },
    }


def _error(name: str, description: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _complete(operation: dict[str, Any], name: str) -> None:
    """Adds what our own walls answer, and by which header one signs in."""
    operation["operationId"] = name.replace("/", "_").replace("-", "_")
    operation["security"] = [{"appSession": []}, {}]
    # The header is the security scheme; said twice, a program would send it twice.
    operation.pop("parameters", None)
    responses: dict[str, Any] = operation["responses"]
    responses.setdefault("410", GONE)
    responses.setdefault("401", {"$ref": "#/components/responses/Unauthenticated"})
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    # Some limits are theirs, with their own words for it.
    limits = {**problem, "application/json": {"schema": {"type": "object"}}}
    responses["429"] = {"description": TITLES[429][1], "content": limits}
    if "requestBody" in operation:
        responses.setdefault("400", {"description": TITLES[400][1], "content": {}})["content"].update(problem)
        responses["413"] = {"description": TITLES[413][1], "content": problem}
    operation["responses"] = dict(sorted(responses.items()))


def _components(paths: dict[str, Any], components: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Those that the paths refer to, and those that they refer to, but not ours."""
    used: dict[str, dict[str, Any]] = {}
    waiting = list(_references(paths))
    while waiting:
        kind, name = waiting.pop()
        if name in used.get(kind, {}) or name not in components.get(kind, {}):
            continue
        used.setdefault(kind, {})[name] = components[kind][name]
        waiting += _references(components[kind][name])
    return {kind: dict(sorted(entries.items())) for kind, entries in sorted(used.items())}


def _references(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            _, _, kind, name = reference.split("/")
            yield kind, name
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _references(child)


def _translate(node: Any) -> None:
    """OpenAPI 3.0's `nullable` as 3.1 writes it, in place."""
    if isinstance(node, dict):
        if node.pop("nullable", False):
            node["type"] = [node["type"], "null"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            _translate(child)


def _renamed(entries: dict[str, Any]) -> dict[str, Any]:
    return {PREFIX + name: _renamed_references(entry) for name, entry in entries.items()}


def _renamed_references(node: Any) -> Any:
    """The same, with references to their components under our names for them."""
    if isinstance(node, list):
        return [_renamed_references(child) for child in node]
    if not isinstance(node, dict):
        return node
    renamed = {key: _renamed_references(child) for key, child in node.items()}
    if isinstance(reference := node.get("$ref"), str) and not reference.endswith("/schemas/Problem"):
        head, _, name = reference.rpartition("/")
        renamed["$ref"] = f"{head}/{PREFIX}{name}"
    return renamed
