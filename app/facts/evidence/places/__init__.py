"""Places: suppliers' sites on the map, the ways goods take, the country tables behind risks."""
