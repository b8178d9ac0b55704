"""The rules: which difference of two documents breaks whom."""
