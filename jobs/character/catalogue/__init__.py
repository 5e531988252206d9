"""The catalogue: all that a look can be chosen from, each thing with the words that describe it.

It knows nothing of how it is chosen or drawn.
"""
