"""How much slower are we than the least that could do it? Ratios of one run on one machine, never absolutes."""
