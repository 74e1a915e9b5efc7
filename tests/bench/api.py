"""The API of the measurement: its document, its answers, its calls.

One nginx answers for all subjects, so that its cost is the same for each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# One undeclared field: taken out by whoever shapes the response.
UNDECLARED = "internal_margin"
ORDER = {
    "id": "0d9f7a52-3f7c-4b67-9f0e-5c1c9d1b7a11",
    "status": "paid",
    "currency": "EUR",
    "total": 12990,
    "created_at": "2026-11-02T09:30:00Z",
    "customer": {"id": 4711, "name": "Ada Byron"},
    "items": [{"sku": "BK-1001", "quantity": 2}, {"sku": "BK-2002", "quantity": 1}],
    UNDECLARED: 0.31,
}
CLEAN = {name: value for name, value in ORDER.items() if name != UNDECLARED}
ACCEPTED = {"id": "0d9f7a52-3f7c-4b67-9f0e-5c1c9d1b7a11", "status": "open"}
READ = "/v1/orders/0d9f7a52-3f7c-4b67-9f0e-5c1c9d1b7a11"
# The same order as the document promises it, without the undeclared field.
READ_CLEAN = "/v1/orders/5b0a3a1e-8f0e-4f6c-a1f4-0c3f7a1d2e33"
WRITE = "/v1/orders"
SCARCE = "/v1/scarce"


def compact(value: object) -> str:
    """JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


def new_order() -> dict[str, Any]:
    """A valid body of about 1.7 kB: 10 lines, two addresses, notes and tags."""
    address = {
        "name": "Ada Byron",
        "street": "12 St James's Square",
        "city": "London",
        "postcode": "SW1Y 4LB",
        "country": "GB",
    }
    lines = [
        {"sku": f"BK-{1000 + number}", "quantity": 1 + number % 3, "unit_price": 1299 + number,
         "gift": number % 2 == 0, "options": ["paper", "first-edition"]}
        for number in range(10)
    ]  # fmt: skip
    return {
        "customer": {"email": "ada@orders.example", "name": "Ada Byron", "phone": "+442079460000"},
        "currency": "EUR",
        "requested_at": "2026-11-02T09:30:00Z",
        "shipping": address,
        "billing": address,
        "lines": lines,
        "tags": ["new-customer", "newsletter", "reviewed"],
        "note": "Please leave the parcel with the porter; he is in from nine to five. " * 4,
    }


def text(low: int = 1, high: int = 200, **more: object) -> dict[str, Any]:
    """A string schema with its length."""
    return {"type": "string", "minLength": low, "maxLength": high, **more}


def closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """An object schema that lets nothing else in."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }


def schemas() -> dict[str, Any]:
    """The components of the document."""
    address = {name: text() for name in ("name", "street", "city")}
    address |= {"postcode": text(3, 12), "country": text(2, 2, pattern="^[A-Z]{2}$")}
    line = {
        "sku": text(7, 7, pattern="^[A-Z]{2}-[0-9]{4}$"),
        "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
        "unit_price": {"type": "integer", "minimum": 0},
        "gift": {"type": "boolean"},
        "options": {"type": "array", "maxItems": 5, "items": text(1, 40)},
    }
    customer = {"email": text(format="email"), "name": text(), "phone": text(5, 20)}
    order = {
        "customer": closed(customer, ["email", "name"]),
        "currency": {"type": "string", "enum": ["EUR", "GBP", "USD"]},
        "requested_at": {"type": "string", "format": "date-time"},
        "shipping": {"$ref": "#/components/schemas/Address"},
        "billing": {"$ref": "#/components/schemas/Address"},
        "lines": {"type": "array", "minItems": 1, "maxItems": 50,
                  "items": {"$ref": "#/components/schemas/Line"}},
        "tags": {"type": "array", "maxItems": 10, "items": text(1, 40)},
        "note": text(0, 2000),
    }  # fmt: skip
    return {
        "Address": closed(address, list(address)),
        "Line": closed(line, ["sku", "quantity", "unit_price"]),
        "NewOrder": closed(order, ["customer", "currency", "shipping", "lines"]),
        "Accepted": {
            "type": "object",
            "properties": {"id": text(format="uuid"), "status": text()},
            "required": ["id", "status"],
        },
        "Order": {
            "type": "object",
            "properties": {
                "id": text(format="uuid"),
                "status": {"type": "string", "enum": ["open", "paid", "sent"]},
                "currency": {"type": "string", "enum": ["EUR", "GBP", "USD"]},
                "total": {"type": "integer", "minimum": 0},
                "created_at": {"type": "string", "format": "date-time"},
                "customer": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "name": text()},
                    "required": ["id"],
                },
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "sku": text(),
                            "quantity": {"type": "integer", "minimum": 1},
                        },
                        "required": ["sku", "quantity"],
                    },
                },
            },
            "required": ["id", "status", "currency", "total"],
        },
    }


def answer(schema: str | None) -> dict[str, Any]:
    """The declared responses of one operation."""
    good: dict[str, Any] = {"description": "done"}
    if schema:
        reference = {"$ref": f"#/components/schemas/{schema}"}
        good["content"] = {"application/json": {"schema": reference}}
    return {"200": good}


def document(*, checked: bool) -> dict[str, Any]:
    """The OpenAPI document; without `checked` it declares the paths and nothing else."""
    identifier = {"name": "order_id", "in": "path", "required": True, "schema": {"type": "string"}}
    read: dict[str, Any] = {"parameters": [identifier], "responses": {}}
    write: dict[str, Any] = {"responses": {}}
    scarce: dict[str, Any] = {"responses": {}}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/v1/orders/{order_id}": {"get": read},
            WRITE: {"post": write},
            SCARCE: {"get": scarce},
        },
    }
    if not checked:
        for operation in (read, write, scarce):
            operation["responses"] = {"default": {"description": "anything"}}
        return whole
    identifier["schema"] = text(36, 36, format="uuid")
    expand = {"name": "expand", "in": "query", "schema": {"type": "string", "enum": ["lines"]}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    read["parameters"] += [expand, page]
    read["responses"], write["responses"] = answer("Order"), answer("Accepted")
    scarce["responses"] = answer("Order")
    reference = {"$ref": "#/components/schemas/NewOrder"}
    write["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": reference}},
    }
    read["security"] = scarce["security"] = [{"token": ["orders:read"]}]
    write["security"] = [{"token": ["orders:write"]}]
    scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    whole["components"] = {"schemas": schemas(), "securitySchemes": {"token": scheme}}
    return whole


def upstream_config(port: int, folder: Path) -> str:
    """The nginx that stands for the API; it answers every subject."""
    return f"""
daemon off; pid {folder}/upstream.pid; error_log {folder}/upstream.log warn;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/up-body; proxy_temp_path {folder}/up-proxy;
  fastcgi_temp_path {folder}/up-fcgi; uwsgi_temp_path {folder}/up-uwsgi;
  scgi_temp_path {folder}/up-scgi;
  keepalive_requests 100000000; keepalive_timeout 300s; default_type application/json;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location = {WRITE} {{ return 200 '{compact(ACCEPTED)}'; }}
    location = {READ_CLEAN} {{ return 200 '{compact(CLEAN)}'; }}
    location / {{ return 200 '{compact(ORDER)}'; }}
  }}
}}
"""
