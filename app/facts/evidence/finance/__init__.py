"""Financial health: annual statements by hand, and declared proxies where there is none."""
