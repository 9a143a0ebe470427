"""Evidence about suppliers from outside deliveries: statements, country indicators, sub-tiers."""
