"""Who supplies our suppliers: links as they were told, names that mean the same, shared nodes."""
