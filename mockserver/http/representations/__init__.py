"""How users, groups, messages and conversations are shown in answers, and what is kept of it."""
