"""What is put on the table: meetings and review packs."""
