"""A sound config and API document: the ground in which mistakes are seeded."""

from __future__ import annotations

CONFIG = """\
# The gateway of the shop.
upstream: http://127.0.0.1:8000
openapi: openapi.yaml
mode: enforce
controls:
  shape: shadow
auth:
  require: declared
  issuers:
    - id: main
      issuer: https://idp.example.com
      audiences: [shop]
      audience_rule: contains
      algorithms: [RS256, ES256]
      skew: 10s
      lifetime_max: 1h
      upstream_credential: pass
  api_keys:
    pepper: ${file:pepper.txt}
    header: x-api-key
    keys:
      - id: partner
        digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        scopes: [orders]
        expires: 2037-01-31
limits:
  - name: callers
    per: principal
    rate: 100/min
    burst: 20
  - name: busy
    per: address
    concurrency: 50
operations:
  POST /orders:
    body_max_bytes: 65536
    closed_query: true
    security: required
    relax: [parse.encoded-slash]
  GET /orders/{id}:
    controls: { inspect: shadow }
    shape: { fields: pass }
exceptions:
  - rule: inspect.body-schema
    operation: POST /orders
    field: body#/note
    reason: old clients send it empty
cors:
  origins: [https://app.example.com]
  credentials: true
  max_age: 10min
shape:
  fields: remove
  breach: pass
  scrub_errors: true
  no_store: true
relax: [parse.underscore-field]
hosts: [api.example.com]
trusted_proxies: [10.0.0.0/8]
budget:
  body_max_bytes: 2097152
limit_table:
  slots: 1048576
listen: 127.0.0.1:8080
admin: 127.0.0.1:9090
workers: 2
timeouts:
  exchange: 30s
pool:
  max_connections: 512
connections:
  per_address: 64
state: .bartizan
"""

DOCUMENT = """\
openapi: 3.1.0
info:
  title: shop
  version: "1"
servers:
  - url: /
security:
  - token: []
paths:
  /orders:
    get:
      operationId: listOrders
      parameters:
        - name: limit
          in: query
          required: false
          style: form
          schema: { type: integer, minimum: 1, maximum: 100 }
        - name: x-trace
          in: header
          schema: { type: string, pattern: "^[a-f0-9]{16}$" }
      responses:
        "200":
          description: the orders
          content:
            application/json:
              schema:
                type: array
                items:
                  $ref: "#/components/schemas/Order"
    post:
      operationId: makeOrder
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/NewOrder"
      responses:
        "201":
          description: made
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Order"
  /orders/{id}:
    parameters:
      - name: id
        in: path
        required: true
        schema:
          type: string
          format: uuid
    get:
      operationId: showOrder
      security:
        - key: []
      responses:
        "200":
          description: one order
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Order"
        "404":
          $ref: "#/components/responses/Missing"
components:
  responses:
    Missing:
      description: not there
  securitySchemes:
    token:
      type: http
      scheme: bearer
    key:
      type: apiKey
      in: header
      name: x-api-key
  schemas:
    NewOrder:
      type: object
      additionalProperties: false
      required: [item]
      properties:
        item:
          type: string
          minLength: 1
          maxLength: 40
        count:
          type: integer
          minimum: 1
        note:
          type: [string, "null"]
    Order:
      type: object
      required: [id, item]
      properties:
        id:
          type: string
          readOnly: true
        item:
          type: string
        state:
          enum: [open, paid]
"""
PEPPER = "a pepper of the tests, thirty-two bytes long\n"
