def recompute_changed(**kwargs):
    pass
