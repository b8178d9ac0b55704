"""HTTP to the target: address and keys, transport, client, response schemas."""
