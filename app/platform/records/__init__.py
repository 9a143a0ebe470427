"""What people keep beside the facts: files attached to a record, with the day they prove."""
