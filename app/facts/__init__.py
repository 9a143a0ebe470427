"""What happened: suppliers, deliveries, evidence."""
