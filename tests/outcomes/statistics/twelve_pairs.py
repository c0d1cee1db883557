"""Oracle O2 of the clinical rules: twelve patients, P01 to P12, before and after."""

BASELINE = [52, 61, 45, 38, 70, 33, 55, 48, 41, 64, 58, 36]
ENDPOINT = [28, 50, 44, 20, 35, 31, 22, 40, 46, 30, 29, 14]
