"""Reads the jobs of any RQ application from its Redis, with nothing installed in the application.

Nothing here runs what Redis holds, and reading changes nothing there.
"""
