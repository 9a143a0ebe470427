"""The entry point for web servers and the `flask` command. Never starts the scheduler."""

import gc

from app.factory import create_app
from config import Settings

app = create_app(Settings.from_env())
# What is loaded stays for as long as the process lives: looking through all of it for garbage
# cost a tenth of a second, in the middle of somebody's request.
gc.freeze()
