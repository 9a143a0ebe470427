"""Mail that waits to be sent: kept with the change it tells of, sent by a job."""
