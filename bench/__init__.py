"""How fast is it? Benchmarks that print ratios from one run; each has its own command, none is a test."""
