"""The mock in tests: the pytest plugin, the world builder, handles of a running mock."""
