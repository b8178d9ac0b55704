"""What every test of the documents starts from."""

import pytest

from duologue import openapi


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path_factory, monkeypatch):
    """No test reads or leaves a bundle in the user's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(params=["openapi", "stage"])
def name(request):
    return request.param


@pytest.fixture
def document(name):
    return openapi.load(name)


@pytest.fixture
def operations(document):
    """(operationId, operation, path item) of each operation, parameters of the path included."""
    return [
        (operation["operationId"], operation, item)
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
