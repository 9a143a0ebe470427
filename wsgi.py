"""The entry point for web servers and the `flask` command. Never starts the scheduler."""

import gc

from app.factory import create_app
from config import Settings

app = create_app(Settings.from_env())
# What a start makes stays until the end. Looking through it for garbage again and again takes a
# third of the time of a list of ten thousand suppliers.
gc.freeze()
