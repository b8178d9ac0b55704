"""Paths of the vendor's API that the mock does not play."""

from __future__ import annotations

import re

_PATHS = re.compile(
    r"/v3/(?:"
    r"roles|apikeys|api_keys|apps|bots|ai-agents|webhooks|calls|calls/.+|files/.+|data_import/.+"
    r"|ai/.+|admin/users/.+|campaigns/.+|user/messages/.+"
    r"|moderation/.+|notifications/.+|announcements|campaigns|metrics|extensions"
    r"|roles/.+|bots/.+|ai-agents/.+|webhooks/.+|extensions/.+|conversations/pinned"
    r"|messages/[^/]+/(?:reactions(?:/.+)?|receipts|flagged|pin|saved?|interacted|read|delivered)"
    r"|messages/[^/]+/thread/subscription|threads|(?:users|groups)/[^/]+/threads"
    r"|users/[^/]+/(?:friends|groups|conversations|conversation/pin|block|unblock|session)"
    r"|groups/[^/]+/(?:conversation/pin|promote|demote|scope)"
    r"|user_sessions/.+|me/.+"
    r")/?\Z"
)


def is_of_the_service(path: str) -> bool:
    """Return whether the vendor's service answers at the path, as far as its guides say."""
    return _PATHS.match(path) is not None
