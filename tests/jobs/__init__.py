"""Tests of the ledger, its worker and its page."""
