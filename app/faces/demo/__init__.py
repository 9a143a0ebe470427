"""The demo company: its cast, its stories, the generator that makes it and its removal."""
