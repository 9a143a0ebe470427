"""What every screen stands on: access, sessions, CSRF, headers, error pages, lists, exports.

Holds the protocols (Actor, Authoriser, SessionStore) that `platform.accounts` implements
and `app.factory` wires. Knows no feature.
"""
