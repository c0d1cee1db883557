"""The infusion room in plain values: lists, scales and rules of one session, without Django and without a clock."""
