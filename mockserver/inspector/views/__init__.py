"""What each part of the inspector shows, as plain values for the templates."""
