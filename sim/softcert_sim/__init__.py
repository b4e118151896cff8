"""The simulated world: computers, drives, people, clock, wire; the scenario language, its runner and the command line."""
