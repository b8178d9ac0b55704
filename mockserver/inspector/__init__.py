"""The web page over the control plane: who is there, what they see, each request as it comes."""
