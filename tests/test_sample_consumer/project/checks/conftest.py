import pytest
from sidebar.client import Chats


@pytest.fixture
def ana(mockserver):
    """Ana's sidebar."""
    return Chats(mockserver.url, mockserver.api_key, "ana")
