"""The socket, as the control plane sees it: who is connected, and what goes wrong on purpose."""
