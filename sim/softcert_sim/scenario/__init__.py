"""The scenario language: what a file may say (`registry`, `schema`), how it is read (`marks`, `loader`, `model`).

The verbs themselves stand outside of this package; they register here, and everything else is read off the registry.
"""
