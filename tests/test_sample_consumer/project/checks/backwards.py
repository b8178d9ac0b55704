"""`-p checks.backwards`: the last test first."""


def pytest_collection_modifyitems(items):
    items.reverse()
