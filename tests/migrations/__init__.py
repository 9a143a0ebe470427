"""The schema's history: every revision goes up and down, and the head is what the models say."""
