"""Readers of foreign bytes, each with what must hold of any: run for seconds by the tests, for hours by `make fuzz`."""
