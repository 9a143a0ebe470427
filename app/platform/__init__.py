"""What every feature stands on: imports, accounts, jobs, records."""
