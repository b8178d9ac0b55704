"""The inspector: a web page over the control plane with users, conversations and requests."""
