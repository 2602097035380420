"""Every address of the service as one person asks it: the document's operations, and all else that urls.py has.

What the walk cannot fill in (a path parameter, a filter, a body) fails with the operation's name.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import cycle
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import quote

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from backend.feedback.concerns.models import Concern
from backend.roster import editions
from tests.concerns.persons import DISTRICT, FAR_DISTRICT
from tests.document import _document
from tests.matrix import EXAMPLES, MISSING, OWN_PAGES, TABLE
from tests.test_matrix import routes

METHODS = ("get", "post", "put", "patch", "delete")
NO_ROW = 999_999_999

# What documented filters are asked with; an enumeration is asked with each of its values, a yes or no with both.
QUERY: dict[str, tuple[str, ...]] = {
    "page_size": ("2",),
    "cursor": (),  # `next` is followed
    "as_of": ("2026-11-01",),
    "start": ("2026-11-01T00:00:00-05:00",),
    "end": ("2026-12-01T00:00:00-05:00",),
    "since": ("2026-11-23",),
    "near": ("38.63,-90.2",),
    "radius_m": ("500",),
    "area": (DISTRICT, "slmpd-beat-402"),
    "desk": (DISTRICT,),
    "agency": ("slmpd",),
    "category": ("noise",),
    "kind": ("block_roll_call",),
    "language": ("en",),
    "tag": ("food",),
    "cohort": (str(MISSING),),
    "consultation": (str(MISSING),),
    "alike": (str(MISSING),),
    "orphaned": ("true", "false"),
    "version": ("1",),
    "section": ("purpose",),
    "theme": ("training",),
    "group": ("use-of-force",),
    "q": ("MARK", "Officer"),
    "from": ("2026-11-01", "1"),
    "to": ("2026-11-30",),
}


class Ask(NamedTuple):
    """`name` is the operation's or the route's; `body` goes as JSON, `form` as a browser sends it."""

    name: str
    method: str
    path: str
    body: Any = None
    form: dict[str, Any] | None = None


Ids = dict[str, Any]
# Of one concern for ever, or of another one at each operation and route.
Turns = Iterator[Ids]


# --- asking -------------------------------------------------------------------------------------------


NextNumbers = dict[str, int]


def next_numbers() -> NextNumbers:
    """On PostgreSQL, by sequence the highest number that its table holds now: where SQLite counts on from."""
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.oid::regclass::text, t.oid::regclass::text, a.attname FROM pg_class s
            JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
            JOIN pg_class t ON t.oid = d.refobjid
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
            WHERE s.relkind = 'S' ORDER BY 1"""
        )
        columns = [
            (sequence, f'SELECT max("{name}") FROM {table}') for sequence, table, name in cursor.fetchall()
        ]
        cursor.execute("SELECT " + ", ".join(f"({highest})" for _, highest in columns))
        return {sequence: most or 0 for (sequence, _), most in zip(columns, cursor.fetchone(), strict=True)}


def _count_on(numbers: NextNumbers) -> None:
    """A sequence is not taken back with its transaction: it goes back to where this world's rows end.

    Each world counts from its own rows, the hidden included, so that a number which tells of them differs.
    """
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(name::regclass, greatest(most, 1), most > 0) "
                "FROM unnest(%s::text[], %s::bigint[]) AS known (name, most)",
                [list(numbers), list(numbers.values())],
            )


@contextmanager
def undone(numbers: NextNumbers, *, writes: bool, redraws: bool) -> Iterator[None]:
    """Takes back what happens inside. All chance in it is the same each time, so that answers can be compared whole."""
    cache.clear()
    chance = random.Random(8)
    with transaction.atomic():
        if writes:
            _count_on(numbers)
        with mock.patch("os.urandom", chance.randbytes), mock.patch("random._urandom", chance.randbytes):
            yield
        transaction.set_rollback(True)
    if redraws:
        editions.forget()


def answered(client: Client, ask: Ask, numbers: NextNumbers) -> tuple[Any, ...]:
    """Status, headers, cookies and body: all that an answer says."""
    writes = ask.method != "get"
    with undone(numbers, writes=writes, redraws=writes and not is_about_concerns(ask.name)):
        if ask.form is not None:
            response = getattr(client, ask.method)(ask.path, ask.form)
        elif ask.method == "get":
            response = client.get(ask.path)
        else:
            response = getattr(client, ask.method)(ask.path, ask.body or {}, content_type="application/json")
        body = b"".join(response) if response.streaming else response.content
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert response.status_code != 500, f"{ask}: {body[:500]!r}"
    if ask.path == "/metrics":  # it counts this process's requests, the walk's too: the outbox's lines stay
        body = b"\n".join(line for line in body.splitlines() if b"rollcall_message" in line)
        del headers["content-length"]
    return response.status_code, headers, response.cookies.output(), body


# --- the document's operations --------------------------------------------------------------------------


@lru_cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation)."""
    return [
        (
            method,
            path,
            {
                **item[method],
                "parameters": [*item[method].get("parameters", []), *item.get("parameters", [])],
            },
        )
        for path, item in _document()["paths"].items()
        for method in METHODS
        if method in item
    ]


def is_about_concerns(path: str) -> bool:
    """By its address, the staff pages' included."""
    return any(word in path for word in ("concern", "/triage", "page-feedback", "about-me"))


def asks_of_document(turns: Turns) -> Iterator[Ask]:
    """Each operation with each filter and each body."""
    for method, path, operation in operations():
        name, ids = f"{method.upper()} {path}", next(turns)
        for filled_path in _paths(name, path, operation, ids):
            if method == "get":
                yield Ask(name, method, filled_path)
                yield from (
                    Ask(name, method, f"{filled_path}?{query}") for query in _queries(name, operation)
                )
            else:
                yield from (
                    Ask(name, method, filled_path, body) for body in bodies(method, path, operation, ids)
                )


def asks_beside(hidden: list[Ids], visible: Any) -> Iterator[Ask]:
    """What somebody asks of a concern that they see with the ids of those that they do not: their rows, themselves."""
    inside = cycle([{**ids, "concern_id": visible} for ids in hidden])
    theirs = {str(value) for ids in hidden for value in ids.values()}
    for ask in asks_of_document(inside):
        if str(visible) in ask.path and theirs & set(ask.path.split("?")[0].split("/")):
            yield ask
    for (move, words), ids in zip(MOVE_WORDS.items(), cycle(hidden), strict=False):
        one = {name: str(ids["concern_id"]) if name == "into" else word for name, word in words.items()}
        for concern_id in (visible, ids["concern_id"]):
            path = f"/api/v1/triage/concerns/{concern_id}/{move}"
            yield Ask("POST /api/v1/triage/concerns/{concern_id}/{move}", "post", path, one)
        # A page of both: what is seen moves as if the other were not there.
        mixed = {**one, "move": move, "ids": [str(ids["concern_id"]), str(visible)]}
        yield Ask("POST /api/v1/triage/concerns/moves", "post", "/api/v1/triage/concerns/moves", mixed)


# What each move is sent with; `into` is the hidden concern.
MOVE_WORDS: dict[str, dict[str, Any]] = {
    "triage": {},
    "assign": {"to": str(MISSING)},
    "start": {},
    "refer": {"office": "citizens-service-bureau"},
    "return": {"outcome": "They went there."},
    "transfer": {"desk": FAR_DISTRICT, "reason": "It is theirs."},
    "merge": {"into": ""},
    "close": {"disposition": "resolved"},
    "reopen": {},
    "give_back": {"reason": "Not ours."},
}


def _paths(name: str, path: str, operation: dict[str, Any], ids: Ids) -> Iterator[str]:
    """With each move, where `move` is an enumeration."""
    examples = {re.sub(r"<\w+:(\w+)>", r"\1", parameter): value for parameter, value in EXAMPLES.items()}
    options: list[str] = [path]
    for parameter in operation["parameters"]:
        if parameter["in"] != "path":
            continue
        key, schema = parameter["name"], _schema(parameter["schema"])
        if key in ids:
            values = [str(ids[key])]
        elif "enum" in schema and is_about_concerns(path):
            values = schema["enum"]
        elif key in examples:
            values = [examples[key]]
        elif schema.get("format") == "uuid":
            values = [str(MISSING)]
        elif schema.get("type") == "integer":
            values = [str(NO_ROW)]
        elif "enum" in schema:
            values = schema["enum"][:1]
        else:
            raise AssertionError(
                f"{name}: nothing to fill in for the path's {key}; add it to tests/matrix.py"
            )
        options = [option.replace(f"{{{key}}}", value) for option in options for value in values]
    yield from options


def _queries(name: str, operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation["parameters"]:
        if parameter["in"] != "query":
            continue
        key, schema = parameter["name"], _schema(parameter["schema"])
        schema = _schema(schema["items"]) if schema.get("type") == "array" else schema
        values: tuple[str, ...]
        if "enum" in schema:
            values = tuple(str(value) for value in schema["enum"] if value is not None)
        elif schema.get("type") == "boolean":
            values = ("true", "false")
        elif key in QUERY:
            values = QUERY[key]
        else:
            raise AssertionError(f"{name}: nothing to ask with for the filter {key}; add it to QUERY")
        yield from (f"{key}={quote(value)}" for value in values)


# What fields of a body are filled with, by name; ids of concerns and of their rows come from the walk's own.
FIELDS: dict[str, Any] = {
    "area": DISTRICT,
    "desk": FAR_DISTRICT,
    "category": "noise",
    "disposition": "resolved",
    "office": "citizens-service-bureau",
    "language": "en",
    "phone": "314-555-0142",
    "receipt": "AAAA-BBBB-CCCC-DDDD",
}


# Where neither all of a shape nor what it must have is what it takes.
MORE_BODIES: dict[str, tuple[dict[str, Any], ...]] = {
    "POST /api/v1/triage/concerns/{concern_id}/letters": ({"body": "We come by on Monday."},),
    "POST /api/v1/triage/concerns/{concern_id}/redactions": (
        {"part": "description", "start": 0, "end": 4, "provision": "RSMo 610.021"},
    ),
}


def bodies(method: str, path: str, operation: dict[str, Any], ids: Ids) -> list[Any]:
    """The matrix's body; about concerns also all that the document's shape takes, and what it must have."""
    found = [_matrix_bodies().get((method.upper(), path), {})]
    found += MORE_BODIES.get(f"{method.upper()} {path}", ())
    content = operation.get("requestBody", {}).get("content", {})
    if is_about_concerns(path) and "application/json" in content:
        schema = content["application/json"]["schema"]
        found += [filled(schema, ids, whole=True), filled(schema, ids, whole=False)]
    return [body for n, body in enumerate(found) if body not in found[:n]]


@lru_cache
def _matrix_bodies() -> dict[tuple[str, str], Any]:
    return {
        (method, "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)): line.body
        for (method, route), line in TABLE.items()
    }


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Without references, and of alternatives the first that is not null."""
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("allOf", "oneOf", "anyOf"):
        if word in schema:
            options = [_schema(option) for option in schema[word]]
            chosen = next(
                (o for o in options if o.get("type") != "null" and o.get("enum") not in ([None], [""])), {}
            )
            return {**{k: v for k, v in schema.items() if k != word}, **chosen}
    return schema


def filled(schema: dict[str, Any], ids: Ids, *, whole: bool, name: str = "") -> Any:
    schema = _schema(schema)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = next(k for k in kind if k != "null") if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("properties", {}) if whole else schema.get("required", ())
        parts = schema.get("properties", {})
        return {
            key: filled(parts[key], ids, whole=whole, name=key)
            for key in wanted
            if not parts[key].get("readOnly")
        }
    if kind == "array":
        return [filled(schema["items"], ids, whole=whole, name=name)]
    if schema.get("format") == "uuid":
        return str(ids.get(f"{name}_id", ids["concern_id"]))
    if "enum" in schema:
        return next(value for value in schema["enum"] if value)
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return ids.get(f"{name}_id", max(1, int(schema.get("minimum", 1))))
    formats = {"date": "2026-11-24", "date-time": "2026-11-24T10:00:00-06:00", "email": "x@wall.example"}
    return FIELDS.get(name) or formats.get(schema.get("format", ""), "Words that are long enough.")


# --- what is in no document: pages, feeds and the staff pages ---------------------------------------------


def asks_of_pages(turns: Turns) -> Iterator[Ask]:
    """Each route of urls.py that the document does not have; forms are sent empty and filled."""
    concern_type = ContentType.objects.get_for_model(Concern).pk
    for route, _ in _routes():
        if route.startswith(("api/v1/", "_allauth/", OWN_PAGES)) or "(?P" in route:
            continue
        path, ids = "/" + route, next(turns)
        for parameter, example in {
            **EXAMPLES,
            "<path:object_id>": str(ids["concern_id"]),
            "<path:content_type_id>": str(concern_type),
            "<str:token>": "no-such-token",
            "<int:pk>": "1",
        }.items():
            path = path.replace(parameter, example)
        path = re.sub(r"<(\w+:)?(\w+)>", lambda found, ids=ids: str(ids.get(found[2], MISSING)), path)
        yield Ask(f"GET /{route}", "get", path)
        if route.startswith("admin/"):
            yield Ask(f"POST /{route}", "post", path, form={})
    yield from _asks_of_searches()
    yield from _asks_of_tables(turns)


@lru_cache
def _routes() -> list[tuple[str, Any]]:
    return list(routes())


def _asks_of_searches() -> Iterator[Ask]:
    for word in QUERY["q"]:
        yield Ask("GET /admin/search/", "get", f"/admin/search/?s={word}")
    for model in admin.site._registry:
        for key in model._meta.get_fields():
            table = admin.site._registry.get(key.related_model) if key.many_to_one and key.concrete else None
            if table and table.search_fields:
                where = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={key.name}"
                yield Ask("GET /admin/autocomplete/", "get", f"/admin/autocomplete/?{where}&term=a")


def _asks_of_tables(turns: Turns) -> Iterator[Ask]:
    """Lists with a search, each order and counts beside each filter, and each action on the hidden row."""
    for model, table in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        name, ids = f"GET {base}", next(turns)
        words = ("MARK", str(ids["concern_id"])) if table.search_fields else ("MARK",)
        queries = [*(f"q={word}" for word in words), "_facets=True", "o=-1"]
        yield from (Ask(name, "get", f"{base}?{query}") for query in queries)
        is_uuid = model._meta.pk.get_internal_type() == "UUIDField"
        chosen = str(ids["concern_id"] if model is Concern else MISSING if is_uuid else 1)
        for action in (
            "delete_selected",
            *(a if isinstance(a, str) else a.__name__ for a in table.actions or ()),
        ):
            form = {"action": action, "_selected_action": chosen, "index": "0", "post": "yes"}
            yield Ask(f"POST {base}", "post", base, form=form)
