"""What is beside the API: routes under /_mock for those who run the mock."""
