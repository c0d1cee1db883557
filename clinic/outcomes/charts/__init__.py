"""What the dashboard draws of the clinic, as plain values: small, without any id, nothing of fewer than five patients.

One module a panel. Each is given the `Clinic` (charts/clinic.py) and gives what is stored in the published summary, from
which clinic/outcomes/drawings makes words, tables and what the scripts draw.
"""
