"""The scenes: what can be behind a person, each a function of the place in the picture."""
