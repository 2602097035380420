"""openapi/openapi.yaml as a judge of answers."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

# What a body that is no text begins with.
BINARY = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8\xff"}
DOCUMENT = Path(__file__).parent.parent / "openapi" / "openapi.yaml"


@lru_cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return document


@lru_cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Literal paths before patterns, so that /concerns/receipt is not taken for an id."""
    ordered = sorted(_document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), item) for path, item in ordered]


def check_response(method: str, path: str, response: Any) -> None:
    """Fails where the API, or signing in, answered something that the document does not say it may."""
    if not path.startswith(("/api/v1/", "/_allauth/app/v1/")):
        return
    item = next((item for pattern, item in _paths() if pattern.match(path)), None)
    if item is None or response.status_code == 405:
        assert response.status_code in (404, 405), f"{method} {path} is not in openapi.yaml"
        return
    operation = item["get" if method == "HEAD" else method.lower()]
    documented = _resolved(operation["responses"].get(str(response.status_code)))
    assert documented, f"{method} {path} answered {response.status_code}, which openapi.yaml does not mention"
    if method != "HEAD" and "content" in documented:
        _check_body(documented["content"], response, f"{method} {path} {response.status_code}")


def _resolved(response: Any) -> Any:
    if response and "$ref" in response:
        return _document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return response


def _check_body(content: dict[str, Any], response: Any, where: str) -> None:
    media_type = response["Content-Type"].partition(";")[0]
    assert media_type in content, f"{where}: {media_type} is not documented"
    schema = {**content[media_type]["schema"], "components": _document()["components"]}
    body = b"".join(response) if response.streaming else response.content
    if response.streaming:
        response.streaming_content = [body]  # for the test to read, too
    if media_type in BINARY:
        assert body.startswith(BINARY[media_type]), where
        return
    said = json.loads(body) if media_type.endswith("json") else body.decode()
    errors = list(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(said))
    assert not errors, f"{where}: {errors[0].message} at {list(errors[0].path)}"
