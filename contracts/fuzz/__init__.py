"""The generated half: Schemathesis behind one adapter, and the triage of what it finds."""
