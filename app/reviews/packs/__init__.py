"""Review packs and printed scorecards: content from the database, rendered once, stored."""
