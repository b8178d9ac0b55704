"""Every operation is complete, and every documented statement has its place."""

import re

import pytest

from duologue import openapi

CLAUSE = re.compile(
    r"(operations|listing|marks|properties|key-behaviors|connections|errors|access|document"
    r"|consistency|counts|requests)"
    r"\.[a-z0-9]+(-[a-z0-9]+)*"
)

DOCUMENTED = {
    *(
        f"operations.{verb}{kind}conversation{end}"
        for kind in ("-user-", "-group-")
        for verb, end in (
            ("get", ""),
            ("update", ""),
            ("reset", ""),
            ("mark", "-as-read"),
            ("mark", "-as-delivered"),
            ("mark", "-as-unread"),
        )
    ),
    "operations.list-conversations",
    "operations.get-conversation",
    "operations.delete-conversation",
    "marks.reset-keeps-the-conversation",
    "marks.delete-is-the-callers-alone",
    "properties.conversation-id-is-a-string",
    "properties.conversation-id-format",
    "properties.conversation-id-is-unique",
    "properties.conversation-type",
    "properties.unread-message-count-is-an-integer",
    "properties.unread-message-count-counts",
    "properties.last-message-is-an-object",
    "properties.conversation-with-is-an-object",
    "properties.created-at-is-unix-seconds",
    "properties.created-at-stays",
    "properties.updated-at-is-unix-seconds",
    "properties.updated-at-moves-with-messages",
    "key-behaviors.user-conversation-starts-with-a-message",
    "key-behaviors.group-conversation-starts-with-a-message",
    "key-behaviors.full-group-still-counts",
    "key-behaviors.crowded-group-keeps-count",
    "key-behaviors.crowded-group-keeps-last-message",
    "key-behaviors.crowded-group-keeps-updated-at",
    "key-behaviors.at-most-25-tags",
    "key-behaviors.tags-up-to-100-characters",
    "key-behaviors.tags-are-utf8mb4",
    "key-behaviors.deleted-last-message-is-hidden",
    "key-behaviors.new-group-has-no-last-message",
    "connections.conversation-with-is-the-other-user",
    "connections.conversation-with-is-the-group",
    "connections.last-message-is-the-newest",
    "errors.uid-not-found",
    "errors.caller-not-found",
    "errors.conversation-not-found",
}

OTHERS = {
    "properties.own-messages-never-count",
    "properties.looking-reads-nothing",
    "properties.updated-at-rests",
    "key-behaviors.tags-stay",
    "key-behaviors.other-deletions-leave-last-message",
    "key-behaviors.refused-tags-change-nothing",
    "key-behaviors.tags-are-replaced",
    "key-behaviors.tags-are-the-callers-alone",
    "errors.guid-not-found",
    "errors.envelope",
    "errors.malformed-input",
    "access.unknown-path",
    "access.wrong-method",
    "access.ids-in-any-case",
    "document.answers-follow-it",
    *(f"access.{end}" for end in ("key-required", "key-known", "key-scope", "caller-required")),
    *(f"access.{who}-only" for who in ("members", "parties")),
    *(
        f"marks.{end}"
        for end in (
            "read-is-the-callers-alone",
            "read-up-to-a-message",
            "repeats-change-nothing",
            "unread-after-a-message",
            "unread-is-the-callers-alone",
            "reset-is-the-callers-alone",
            "delete-ends-with-the-next-message",
            "delivered-shows-on-the-message",
        )
    ),
    *(
        f"listing.{end}"
        for end in (
            "newest-first",
            "page-size",
            "default-page-size",
            "filters-combine",
            "pages-follow-each-other",
            "pagination-adds-up",
            "past-the-end-is-empty",
            "page-numbers-begin-at-1",
            "page-size-bounds",
            "conversation-type-filter",
            "unread-filter",
            "unread-false-keeps-all",
            "with-tags",
            "tags-only-on-request",
            "tags-filter",
            "with-user-and-group-tags",
            "user-tags-filter",
            "group-tags-filter",
            "search-key-filter",
            "whole-app",
        )
    ),
    "connections.last-message-is-whole",
    "counts.count-has-no-cap",
    "counts.deletions-take-only-their-own",
    *(
        f"requests.{end}"
        for end in (
            "content-type-with-charset",
            "body-is-optional",
            "reset-takes-its-fields",
            "delivered-up-to-reads-nothing",
            "read-up-to-any-message",
            "unread-after-any-message",
            "capitals-in-every-operation",
            "repeats-at-once-are-as-one",
        )
    ),
    *(
        f"consistency.{end}"
        for end in (
            "every-answer-tells-the-same",
            "filtered-pages-join",
            "rows-tell-the-same-in-each-list",
            "a-filtered-list-is-as-of-now",
            "tags-are-found-as-sent",
            "tags-are-kept-letter-for-letter",
            "members-touch-no-other-member",
            "ids-that-look-alike",
            "writes-at-once-all-count",
        )
    ),
}


def clauses(node):
    """Every clause id named at or below a place."""
    if isinstance(node, list):
        return {found for item in node for found in clauses(item)}
    if not isinstance(node, dict):
        return set()
    return set(node.get("x-clauses", ())) | {
        found for value in node.values() for found in clauses(value)
    }


def test_every_clause_id_has_the_form_module_and_name(document):
    assert [each for each in clauses(document) if not CLAUSE.fullmatch(each)] == []


def test_every_documented_clause_has_a_place():
    """What the overview page states is found in the contract, by the id of its clause."""
    assert DOCUMENTED - clauses(openapi.load()) == set()


def test_every_clause_of_the_contract_is_known_and_placed():
    """The inferred and observed ones have their places too, and no id is misspelt."""
    assert clauses(openapi.load()) == DOCUMENTED | OTHERS
    assert clauses(openapi.load("stage")) <= DOCUMENTED | OTHERS


def test_each_operation_carries_the_clause_of_its_own_name():
    """getUserConversation carries operations.get-user-conversation, and so on."""
    for row in openapi.operations():
        words = re.sub("([A-Z])", r"-\1", row.id).lower()
        assert f"operations.{words}" in row.clauses


def test_each_operation_is_described(operations, document):
    """Summary, description in sentences, a declared tag and the security are there."""
    tags = {tag["name"] for tag in document["tags"]}

    for each, operation, _ in operations:
        assert operation["summary"], each
        assert operation["description"].endswith("."), each
        assert set(operation["tags"]) <= tags, each
        assert operation["security"] == [{"apiKey": []}], each


def test_each_operation_documents_success_and_every_refusal(operations):
    """Whatever the mock may answer has a response: 200, and the six refusals.

    Who joins a second time gets one more (B22).
    """
    for each, operation, _ in operations:
        found = [status for status in operation["responses"] if status != "417"]

        assert found == ["200", "400", "401", "403", "404", "405", "429"], each
        assert ("417" in operation["responses"]) is (operation["operationId"] == "addMembers")


def test_the_caller_is_required_on_all_but_the_list():
    """onBehalfOf is optional on the list and required on the other 14."""
    document = openapi.load()
    for row in openapi.operations():
        operation = document["paths"][row.path][row.method.lower()]
        names = {each["$ref"].rpartition("/")[2] for each in operation["parameters"]}

        expected = "OptionalOnBehalfOf" if row.id == "listConversations" else "OnBehalfOf"
        assert expected in names, row.id


@pytest.mark.parametrize("name", ["openapi"])
def test_descriptions_cite_a_heading_of_the_page_or_a_reading(operations):
    """Each operation says where its statement comes from."""
    for each, operation, _ in operations:
        assert "Source: overview page, Available operations" in operation["description"], each
