"""Pairs of documents that differ in operations, parameters, answers, security and the rest."""

import pytest

from support.documents.document_pairs import (
    answer,
    api,
    body,
    compared,
    query,
    severity_and_rule,
    with_parameters,
    with_responses,
)

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
LIST = {"type": "array", "items": STRING}
Q = {"name": "q", "in": "query", "schema": STRING}
R = {"name": "r", "in": "query", "schema": STRING}
JSON = {"application/json": {"schema": STRING}}
XML = {"application/xml": {"schema": STRING}}
HEADER = {"X-A": {"required": True, "schema": STRING}}
OPTIONAL = {"X-A": {"schema": STRING}}
SCHEMES = {
    "securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "k"},
        "token": {"type": "http", "scheme": "bearer"},
        "oauth": {"type": "oauth2", "flows": {}},
    }
}
TWO = {"/a": {"get": {"responses": {}}}, "/b": {"get": {"responses": {}}}}
ONE = {"/a": {"get": {"responses": {}}}}
LINK = {"next": {"operationId": "go", "parameters": {"id": "$response.body#/id"}}}


def secured(*alternatives):
    return api(operation={"security": list(alternatives)}, components=SCHEMES)


def operation(**words):
    return api(operation=words)


def body_of(content, **words):
    return operation(requestBody={"content": content, **words})


def linked(links):
    document = with_responses(_200={"links": links})
    document["paths"]["/go/{id}"] = {"get": {"operationId": "go", "responses": {}}}
    return document


def served(*urls, **variable):
    variables = {"v": {"default": "a", **variable}} if variable else {}
    return api(servers=[{"url": url, "variables": variables} for url in urls])


SAME_FORM = {"/a/{x}": ONE["/a"], "/a/{y}": ONE["/a"]}


def discriminated(names=("Cat", "Dog"), discriminator="kind", **words):
    """A document whose answer is one of two components."""
    kinds = ({"type": "object", "required": [key], "properties": {key: STRING}} for key in "mb")
    schema = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    if discriminator is not None:
        schema["discriminator"] = {"propertyName": discriminator, **words}
    return answer(schema, components={"schemas": dict(zip(names, kinds, strict=True))})


def nullable_reference(**words):
    """A document of 3.0 whose answer refers to a schema, with something beside the reference."""
    schema = {"allOf": [{"$ref": "#/components/schemas/T"}], **words}
    return answer(schema, openapi="3.0.3", components={"schemas": {"T": {"type": "object"}}})


def form(**encoding):
    content = {"schema": {"type": "object"}, "encoding": {"a": encoding}}
    return operation(requestBody={"content": {"multipart/form-data": content}})


def in_xml(name):
    schema = {"type": "object", "xml": {"name": name}}
    return with_responses(_200={"content": {"application/xml": {"schema": schema}}})


def called_back(schema):
    """A document with a callback whose schema stands elsewhere."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}
    callback = {"{$request.body#/url}": {"post": {"requestBody": {"content": content}}}}
    return operation(callbacks={"done": callback}) | {"components": {"schemas": {"T": schema}}}


DONE = {"description": "Done."}
CALL = {"responses": {"200": DONE}}
SENT = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
NEEDING = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}


def calling(expression="{$request.body#/url}", **words):
    """A document with a callback of these words."""
    return operation(callbacks={"done": {expression: {"post": CALL | words}}})


def sending(**words):
    """A document with a callback that sends a query parameter of these words."""
    return calling(parameters=[{"name": "a", "in": "query", "schema": STRING} | words])


def answering(**words):
    """A document with a callback to which the client answers with a header of these words."""
    header = {"schema": STRING} | words
    return calling(responses={"200": DONE | {"headers": {"X-A": header}}})


def answered_back(schema):
    """A document with a callback to which the client answers by a schema."""
    return calling(responses={"200": DONE | {"content": {"application/json": {"schema": schema}}}})


def hook(schema):
    """A document with a webhook that sends by a schema."""
    content = {"application/json": {"schema": schema}}
    return api(webhooks={"new": {"post": CALL | {"requestBody": {"content": content}}}})


# name: old, new, what is told from old to new, what from new to old
PAIRS = {
    "operation": (
        *(api(paths=TWO), api(paths=ONE)),
        *({"breaking operation-removed"}, {"note operation-added"}),
    ),
    "method": (
        *(api(method="get"), api(method="put")),
        *({"breaking operation-removed", "note operation-added"},) * 2,
    ),
    "operation after its sunset": (
        operation(deprecated=True, **{"x-sunset": "2026-01-01"}),
        api(paths={}),
        {"note operation-removed-after-sunset"},
        {"note operation-added"},
    ),
    "operation before its sunset": (
        operation(deprecated=True, **{"x-sunset": "2027-01-01"}),
        api(paths={}),
        {"breaking operation-removed"},
        {"note operation-added"},
    ),
    "operationId": (
        *(operation(operationId="a"), operation(operationId="b")),
        *({"warning operation-id-changed"},) * 2,
    ),
    "deprecated without a day": (
        *(api(), operation(deprecated=True)),
        *({"warning operation-deprecated"}, {"note operation-reactivated"}),
    ),
    "deprecated with a day": (
        *(api(), operation(deprecated=True, **{"x-sunset": "2027-01-01"})),
        *({"note operation-deprecated"}, {"note operation-reactivated"}),
    ),
    "sunset moved": (
        operation(deprecated=True, **{"x-sunset": "2027-06-01"}),
        operation(deprecated=True, **{"x-sunset": "2027-01-01"}),
        {"breaking sunset-brought-forward"},
        {"note sunset-changed"},
    ),
    "sunset gone": (
        operation(deprecated=True, **{"x-sunset": "2027-06-01"}),
        operation(deprecated=True),
        {"warning sunset-removed"},
        {"note sunset-changed"},
    ),
    "optional parameter": (
        *(with_parameters(), with_parameters(Q)),
        *({"note new-optional-request-parameter"}, {"warning request-parameter-removed"}),
    ),
    "required parameter": (
        *(with_parameters(), with_parameters(Q | {"required": True})),
        *({"breaking new-required-request-parameter"}, {"warning request-parameter-removed"}),
    ),
    "parameter required": (
        *(query(), query(required=True)),
        *(
            {"breaking request-parameter-became-required"},
            {"note request-parameter-became-optional"},
        ),
    ),
    "parameter renamed": (
        *(with_parameters(Q), with_parameters(R)),
        *({"warning request-parameter-removed", "note new-optional-request-parameter"},) * 2,
    ),
    "parameter moved": (
        *(with_parameters(Q), with_parameters(Q | {"in": "header"})),
        *({"warning request-parameter-removed", "note new-optional-request-parameter"},) * 2,
    ),
    "parameter type": (
        *(query(INTEGER), query({"type": "number"})),
        *({"note request-parameter-type-changed"}, {"breaking request-parameter-type-changed"}),
    ),
    "parameter enum": (
        *(query({"enum": ["a", "b"]}), query({"enum": ["a"]})),
        {"breaking request-parameter-enum-value-removed"},
        {"note request-parameter-enum-value-added"},
    ),
    "parameter limit": (
        *(query({"type": "integer", "maximum": 100}), query({"type": "integer", "maximum": 50})),
        {"breaking request-parameter-maximum-lowered"},
        {"note request-parameter-maximum-raised"},
    ),
    "parameter pattern": (
        *(query(), query({"type": "string", "pattern": "^[0-9]+$"})),
        *({"breaking request-parameter-pattern-added"}, {"note request-parameter-pattern-removed"}),
    ),
    "parameter items": (
        *(query(LIST), query(LIST | {"maxItems": 3})),
        {"breaking request-parameter-max-items-added"},
        {"note request-parameter-max-items-removed"},
    ),
    "parameter default": (
        *(query({"type": "integer", "default": 30}), query({"type": "integer", "default": 20})),
        *({"breaking request-parameter-default-changed"},) * 2,
    ),
    "parameter default set": (
        *(query(INTEGER), query({"type": "integer", "default": 20})),
        *({"warning request-parameter-default-changed"},) * 2,
    ),
    "parameter style": (
        *(query(LIST), query(LIST, style="pipeDelimited")),
        *({"breaking request-parameter-style-changed"},) * 2,
    ),
    "parameter explode": (
        *(query(LIST), query(LIST, explode=False)),
        *({"breaking request-parameter-style-changed"},) * 2,
    ),
    "parameter empty": (
        *(query(allowEmptyValue=True), query()),
        {"breaking request-parameter-empty-value-forbidden"},
        {"note request-parameter-empty-value-allowed"},
    ),
    "parameter reserved": (
        *(query(allowReserved=True), query()),
        {"breaking request-parameter-reserved-forbidden"},
        {"note request-parameter-reserved-allowed"},
    ),
    "parameter deprecated": (
        *(query(), query(deprecated=True)),
        *({"note request-parameter-deprecated"}, set()),
    ),
    "parameter as JSON": (
        *(query(), with_parameters({"name": "q", "in": "query", "content": JSON})),
        *({"breaking request-parameter-content-changed"},) * 2,
    ),
    "path parameter type": (
        api(item={"parameters": [{"name": "id", "in": "path", "schema": STRING}]}),
        api(item={"parameters": [{"name": "id", "in": "path", "schema": INTEGER}]}),
        *({"breaking request-parameter-type-changed"},) * 2,
    ),
    "optional body": (
        *(api(), body_of(JSON)),
        *({"note request-body-added-optional"}, {"warning request-body-removed"}),
    ),
    "required body": (
        *(api(), body_of(JSON, required=True)),
        *({"breaking request-body-added-required"}, {"warning request-body-removed"}),
    ),
    "body required": (
        *(body_of(JSON), body_of(JSON, required=True)),
        *({"breaking request-body-became-required"}, {"note request-body-became-optional"}),
    ),
    "body media type": (
        *(body_of(JSON | XML), body_of(JSON)),
        {"breaking request-body-media-type-removed"},
        {"note request-body-media-type-added"},
    ),
    "answer media type": (
        *(with_responses(_200={"content": JSON | XML}), with_responses(_200={"content": JSON})),
        {"breaking response-body-media-type-removed"},
        {"note response-body-media-type-added"},
    ),
    "success status": (
        *(with_responses(_200={}, _201={}), with_responses(_200={})),
        *({"breaking response-success-status-removed"}, {"note response-status-added"}),
    ),
    "error status": (
        *(with_responses(_200={}, _404={}), with_responses(_200={})),
        *({"warning response-error-status-removed"}, {"note response-status-added"}),
    ),
    "status in a range": (
        *(with_responses(_404={}), with_responses(_4XX={})),
        *({"note response-status-added"},) * 2,
    ),
    "required header": (
        *(with_responses(_200={"headers": HEADER}), with_responses(_200={})),
        *({"breaking response-required-header-removed"}, {"note response-header-added"}),
    ),
    "optional header": (
        *(with_responses(_200={"headers": OPTIONAL}), with_responses(_200={})),
        *({"warning response-optional-header-removed"}, {"note response-header-added"}),
    ),
    "header required": (
        with_responses(_200={"headers": HEADER}),
        with_responses(_200={"headers": OPTIONAL}),
        {"breaking response-header-became-optional"},
        {"note response-header-became-required"},
    ),
    "header schema": (
        with_responses(_200={"headers": {"X-A": {"schema": INTEGER}}}),
        with_responses(_200={"headers": {"X-A": {"schema": {"type": "number"}}}}),
        {"breaking response-header-type-changed"},
        {"note response-header-type-changed"},
    ),
    "link": (
        *(linked(LINK), linked({})),
        *({"warning response-link-removed"}, {"note response-link-added"}),
    ),
    "link's value": (
        *(linked(LINK), linked({"next": LINK["next"] | {"parameters": {"id": "1"}}})),
        *({"warning response-link-changed"},) * 2,
    ),
    "security wanted": (
        *(secured(), secured({"key": []})),
        *({"breaking security-tightened"}, {"note security-relaxed"}),
    ),
    "security alternative": (
        *(secured({"key": []}, {"token": []}), secured({"key": []})),
        *({"breaking security-tightened"}, {"note security-relaxed"}),
    ),
    "security both": (
        *(secured({"key": []}), secured({"key": [], "token": []})),
        *({"breaking security-tightened"}, {"note security-relaxed"}),
    ),
    "security scheme": (
        *(secured({"key": []}), secured({"token": []})),
        *({"breaking security-tightened"},) * 2,
    ),
    "security scope": (
        *(secured({"oauth": ["read"]}), secured({"oauth": ["read", "write"]})),
        *({"breaking security-tightened"}, {"note security-relaxed"}),
    ),
    "server": (
        *(served("https://a.example", "https://b.example"), served("https://a.example")),
        *({"warning server-removed"}, {"note server-added"}),
    ),
    "server's values": (
        *(served("/{v}", enum=["a", "b"]), served("/{v}", enum=["a"])),
        *({"warning server-variable-value-removed"}, {"note server-variable-value-added"}),
    ),
    "server's default": (
        *(served("/{v}", default="a"), served("/{v}", default="b")),
        *({"warning server-variable-default-changed"},) * 2,
    ),
    "range of statuses": (
        *(with_responses(_2XX={}), with_responses(_200={}, _201={})),
        {"note response-status-added"},
        {"note response-status-added"},
    ),
    "error by default": (
        *(with_responses(_200={}, _404={}), with_responses(_200={}, default={})),
        {"note response-status-added"},
        {"warning response-error-status-removed", "note response-status-added"},
    ),
    "answer in a range": (
        *(with_responses(_2XX={"headers": HEADER}), with_responses(_200={})),
        {"breaking response-required-header-removed", "note response-status-added"},
        {"note response-header-added", "note response-status-added"},
    ),
    "two paths of one form": (
        *(api(paths=SAME_FORM), api(paths={"/a/{y}": ONE["/a"]})),
        *({"breaking operation-removed"}, {"note operation-added"}),
    ),
    "property is readOnly": (
        body({"properties": {"a": STRING}}),
        body({"properties": {"a": STRING | {"readOnly": True}}}),
        {"warning request-property-removed"},
        {"note request-property-added"},
    ),
    "readOnly property is wanted": (
        body({"required": ["a"], "properties": {"a": STRING | {"readOnly": True}}}),
        body({"required": ["a"], "properties": {"a": STRING}}),
        {"breaking request-property-became-required", "note request-property-added"},
        {"note request-property-became-optional", "warning request-property-removed"},
    ),
    "discriminator": (
        *(discriminated(), discriminated(propertyName="m")),
        *({"warning response-body-discriminator-property-changed"},) * 2,
    ),
    "discriminator's value": (
        *(discriminated(mapping={"c": "Cat", "k": "Cat"}), discriminated(mapping={"c": "Cat"})),
        {"warning response-body-discriminator-value-removed"},
        {"note response-body-discriminator-value-added"},
    ),
    "discriminator's values swapped": (
        discriminated(mapping={"c": "Cat", "d": "Dog"}),
        discriminated(mapping={"c": "Dog", "d": "Cat"}),
        *({"warning response-body-discriminator-value-changed"},) * 2,
    ),
    "component named by a discriminator": (
        *(discriminated(), discriminated(names=("Feline", "Dog"))),
        *(
            {
                "warning response-body-discriminator-value-removed",
                "note response-body-discriminator-value-added",
            },
        )
        * 2,
    ),
    "no discriminator": (
        *(discriminated(), discriminated(discriminator=None)),
        {"warning response-body-discriminator-removed"},
        {"note response-body-discriminator-added"},
    ),
    "nullable without a type": (
        *(nullable_reference(), nullable_reference(nullable=True)),
        {"warning response-body-nullable-without-type-added"},
        {"warning response-body-nullable-without-type-removed"},
    ),
    "encoding of a form": (
        *(form(contentType="image/png"), form(contentType="image/jpeg")),
        *({"warning request-body-encoding-changed"},) * 2,
    ),
    "names in XML": (
        *(in_xml("a"), in_xml("b")),
        *({"warning response-body-xml-changed"},) * 2,
    ),
    "text in another encoding": (
        *(answer(STRING | {"contentEncoding": "base64"}), answer(STRING)),
        {"warning response-body-content-encoding-removed"},
        {"note response-body-content-encoding-added"},
    ),
    "dialect of schemas": (
        *(api(), api(jsonSchemaDialect="https://json-schema.org/draft/2019-09/schema")),
        *({"warning json-schema-dialect-changed"},) * 2,
    ),
    "schema of a callback": (
        *(called_back(STRING), called_back(INTEGER)),
        *({"breaking callback-request-body-type-changed"},) * 2,
    ),
    "limit of what a callback sends": (
        *(called_back(STRING | {"maxLength": 5}), called_back(STRING | {"maxLength": 9})),
        {"breaking callback-request-body-max-length-raised"},
        {"note callback-request-body-max-length-lowered"},
    ),
    "required property of what a callback sends": (
        *(called_back(NEEDING), called_back({"type": "object", "properties": {"a": STRING}})),
        {"breaking callback-request-body-became-optional"},
        {"note callback-request-body-became-required"},
    ),
    "limit of what a client answers to a callback": (
        *(answered_back(STRING | {"maxLength": 5}), answered_back(STRING | {"maxLength": 9})),
        {"note callback-response-body-max-length-raised"},
        {"breaking callback-response-body-max-length-lowered"},
    ),
    "status that a client answers to a callback": (
        *(calling(responses={"200": DONE, "204": DONE}), calling(responses={"200": DONE})),
        {"breaking callback-response-status-removed"},
        {"note callback-response-status-added"},
    ),
    "body of a callback": (
        *(calling(requestBody=SENT), calling()),
        {"breaking callback-request-body-removed"},
        {"note callback-request-body-added"},
    ),
    "body of a callback that may be missing": (
        *(calling(requestBody=SENT), calling(requestBody=SENT | {"required": False})),
        {"breaking callback-request-body-became-optional"},
        {"note callback-request-body-became-required"},
    ),
    "callback": (
        *(calling(), operation()),
        {"breaking callback-removed"},
        {"note callback-added"},
    ),
    "parameter of a callback": (
        *(calling(), sending()),
        {"note callback-parameter-added"},
        {"warning callback-parameter-removed"},
    ),
    "required parameter of a callback": (
        *(calling(), sending(required=True)),
        {"note callback-parameter-added"},
        {"breaking callback-parameter-removed"},
    ),
    "parameter that a callback always sends": (
        *(sending(required=True), sending()),
        {"breaking callback-parameter-became-optional"},
        {"note callback-parameter-became-required"},
    ),
    "limit of a parameter of a callback": (
        *(
            sending(schema=STRING | {"maxLength": 5}),
            sending(schema=STRING | {"maxLength": 9}),
        ),
        {"breaking callback-parameter-max-length-raised"},
        {"note callback-parameter-max-length-lowered"},
    ),
    "style of a parameter of a callback": (
        *(sending(), sending(style="spaceDelimited")),
        *({"breaking callback-parameter-style-changed"},) * 2,
    ),
    "reserved characters in a parameter of a callback": (
        *(sending(), sending(allowReserved=True)),
        *({"warning callback-changed"},) * 2,
    ),
    "parameter of a webhook": (
        api(webhooks={"new": {"post": CALL}}),
        api(webhooks={"new": {"post": CALL, "parameters": [{"name": "X-A", "in": "header"}]}}),
        {"note webhook-parameter-added"},
        {"warning webhook-parameter-removed"},
    ),
    "header of an answer to a callback": (
        *(calling(), answering()),
        {"note callback-response-header-added"},
        {"note callback-response-header-removed"},
    ),
    "required header of an answer to a callback": (
        *(calling(), answering(required=True)),
        {"breaking callback-response-header-added"},
        {"note callback-response-header-removed"},
    ),
    "header that an answer to a callback must have": (
        *(answering(), answering(required=True)),
        {"breaking callback-response-header-became-required"},
        {"note callback-response-header-became-optional"},
    ),
    "limit of a header of an answer to a callback": (
        *(
            answering(schema=STRING | {"maxLength": 5}),
            answering(schema=STRING | {"maxLength": 9}),
        ),
        {"note callback-response-header-max-length-raised"},
        {"breaking callback-response-header-max-length-lowered"},
    ),
    "link of an answer to a callback": (
        calling(),
        calling(responses={"200": DONE | {"links": {"a": {"operationRef": "#/paths/~1a/get"}}}}),
        *({"warning callback-changed"},) * 2,
    ),
    "address of a callback": (
        *(calling(), calling("{$request.body#/other}")),
        *({"warning callback-address-changed"},) * 2,
    ),
    "webhook": (
        *(api(webhooks={"new": {"post": CALL}}), api()),
        {"breaking webhook-removed"},
        {"note webhook-added"},
    ),
    "what a webhook sends": (
        *(hook(STRING | {"maxLength": 5}), hook(STRING | {"maxLength": 9})),
        {"breaking webhook-request-body-max-length-raised"},
        {"note webhook-request-body-max-length-lowered"},
    ),
    "pattern that Python cannot read": (
        body({"type": "object", "patternProperties": {r"^\p{L}+$": STRING}}),
        body({"type": "object", "patternProperties": {r"^\p{L}+$": INTEGER}}),
        *({"breaking request-property-type-changed"},) * 2,
    ),
    "default of a field": (
        *(body({"type": "string", "default": "a"}), body({"type": "string", "default": "b"})),
        *({"note request-body-default-changed"},) * 2,
    ),
    "schema of an answer without one": (
        *(answer({"type": "object"}), with_responses(_200={"content": {"application/json": {}}})),
        {"breaking response-body-type-changed", "breaking response-body-became-nullable"},
        {"note response-body-type-changed", "note response-body-became-not-nullable"},
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_of_documents(tmp_path, name):
    old, new, there, back = PAIRS[name]

    assert severity_and_rule(compared(tmp_path, old, new)) == there
    assert severity_and_rule(compared(tmp_path, new, old)) == back
