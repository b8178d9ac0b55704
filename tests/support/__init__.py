"""What tests share: fakes, builders, and the independent second server."""
