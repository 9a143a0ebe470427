"""Scheduling agreements: what their releases call for, and which receipts serve which call-off."""
