"""Servers that tests start, stand in for or put in front of another one."""
