"""Tests of people, sign-in and sessions."""
