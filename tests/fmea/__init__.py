"""Tests of FMEA registers."""
