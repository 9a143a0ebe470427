"""The supplier master: identities, sites, categories, parts and approved sources."""
