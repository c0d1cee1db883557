"""What each chart of the dashboard is given (`data`), and the same numbers as rows of its table.

A chart draws nothing that its table does not say: both are made here of the same values.
"""
