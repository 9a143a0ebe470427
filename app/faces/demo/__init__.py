"""The demo company: its generator and its removal."""
