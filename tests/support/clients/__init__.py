"""Other programs that tests need: browsers, npm packages, the UI kits."""
