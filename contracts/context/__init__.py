"""What a check is given: context, conversations, test data, run-scoped fixtures."""
