"""The control plane: routes under /_mock for those who run the mock."""
