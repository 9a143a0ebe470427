"""How much hangs on how few: concentration of spend, backups, our share of a supplier's sales."""
