"""From a basis to pages: one module per section, pure, all wording in one place."""
