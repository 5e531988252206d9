"""The catalogue: all that a look can be chosen from, each thing with the words that describe it."""
