from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator

from engine.server.openapi import describe, openapi_text
from engine.server.routes import ROUTES
from tests.engine.server.running import ROOT, Server

COMMITTED = ROOT / "docs" / "openapi.json"


def test_the_committed_description_is_what_the_code_says() -> None:
    """Else: python -m engine.server > docs/openapi.json."""
    assert COMMITTED.read_text(encoding="utf-8") == openapi_text(ROUTES)


def test_the_server_tells_the_committed_description(server: Server) -> None:
    assert server.api("GET", "openapi.json").json == json.loads(COMMITTED.read_text())


def test_every_schema_it_names_is_there_and_is_one() -> None:
    told = describe(ROUTES)
    schemas = told["components"]["schemas"]
    named = {text.split('"')[0] for text in json.dumps(told).split("#/components/schemas/")[1:]}

    assert named <= schemas.keys()
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_has_its_own_id_and_a_summary() -> None:
    operations = [item for path in describe(ROUTES)["paths"].values() for item in path.values()]
    ids = [operation["operationId"] for operation in operations]

    assert len(set(ids)) == len(ids)
    assert all(operation["summary"].endswith(".") for operation in operations)


def test_addresses_vary_by_plain_names_only() -> None:
    for path in describe(ROUTES)["paths"]:
        assert re.fullmatch(r"(/[\w.]+|/\{\w+\})+", path), path
