"""Tests with clients that other people wrote."""
