"""Glue that every floor uses: database, errors, clock, formatting, web, PDF and charts."""
