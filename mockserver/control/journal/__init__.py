"""What came and what was answered: the journal, its views, the changes since the start."""
