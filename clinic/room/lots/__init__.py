"""The lots of ketamine that sessions drew from, and who received from each: what a recall asks for."""
