"""People, sign-in and server-side sessions."""
