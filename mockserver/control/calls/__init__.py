"""What each operation of the control document does, by its heading."""
