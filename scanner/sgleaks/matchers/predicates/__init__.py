"""Predicates of rules, one module a subject; what a module exports in ``__all__``, rules may name."""
