"""Responses agreed beforehand: what is done, by whom and with what money when a trigger fires."""
