"""Documents with many shared schemas: each is compared once, however many lead to it."""

import datetime as dt
import io
import json
from functools import cache

import pytest

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.rules.context import Pair
from duologue.contracts.diff.rules.operations import compare_pair
from duologue.contracts.diff.sources import open_source
from support.documents.large_documents import USES, dense_document

TODAY = dt.date(2026, 1, 1)


@cache
def compared(schemas):
    """Return both documents' pair after its comparison, the findings, and the text's length."""
    texts = [json.dumps(dense_document(schemas, is_changed=each)) for each in (False, True)]
    sides = [Document(open_source("-", io.BytesIO(text.encode()))) for text in texts]
    pair = Pair(*sides)
    return pair, compare_pair(pair, TODAY), len(texts[0])


@pytest.mark.parametrize("schemas", [40, 160])
def test_two_changes_are_found_at_each_operation_with_a_value(schemas):
    _, found, _ = compared(schemas)

    for word in ("maxLength 101 became 50", 'value "c" was removed'):
        hits = {
            each.operation for each in found if word in each.sentence and each.side == "request"
        }
        assert len(hits) == USES, word
    assert {each.severity for each in found if each.side == "request"} == {Severity.BREAKING}


def test_the_work_grows_with_the_document_and_not_with_its_square():
    """Comparisons are counted, and the characters of the schemas that are compiled."""
    costs = []
    for schemas in (40, 160):
        pair, _, size = compared(schemas)
        direction = pair.direction(request=True)
        validators = (direction.witnesses.old.validators, direction.witnesses.new.validators)
        compiled = max(each.compiled_characters for each in validators)
        costs.append((direction.comparison.pairs_compared / schemas, compiled / size))

    (pairs, characters), (pairs_of_4_times, characters_of_4_times) = costs
    assert pairs_of_4_times <= 1.2 * pairs
    assert characters_of_4_times <= 1.2 * characters
