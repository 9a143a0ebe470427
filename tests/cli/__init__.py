"""The command line: what each command prints, stores and ends with."""
