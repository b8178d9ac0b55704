"""What has happened in the mock, as server-sent events."""
