"""A sidebar of recent chats."""
