"""The entry point for web servers and the `flask` command. Never starts the scheduler."""

from app.factory import create_app
from config import Settings

app = create_app(Settings.from_env())
