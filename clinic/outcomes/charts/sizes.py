"""How something is drawn (sections 5.6 and 5.7 of the clinical reference); of how many at least: small_numbers.py."""

#: Deciles of fewer are not worth the name.
FEWEST_FOR_DECILES = 20
#: Sessions of a course that are drawn one by one.
LAST_SESSION = 12
#: A curve of more steps is drawn at so many of them: a step of so many patients is too low to be seen.
MOST_STEPS = 60
#: The highest total.
HIGHEST = 80
#: What a first course had been, from best to worst; the last: not eligible, or never followed up.
FIRST_OUTCOMES = ("remission", "response", "none", "not_judged")
#: What a session's record can say of a part of the setting.
ANSWERS = ("yes", "no", "not_recorded")
