"""Checks of whole repositories, one module a subject; what a module exports, rules may name."""
