"""Of how many patients something is drawn, and how (rule 31; sections 5.6 and 5.7 of the clinical reference)."""

#: Rule 31: nothing is drawn of fewer patients.
FEWEST_DRAWN = 5
#: Deciles of fewer are not worth the name.
FEWEST_FOR_DECILES = 20
#: More bars, lines or points than these cannot be told apart: curves, deciles or counts stand for them.
MOST_MARKS = 300
#: Sessions of a course that are drawn one by one.
LAST_SESSION = 12
#: A curve of more steps is drawn at so many of them: a step of so many patients is too low to be seen.
MOST_STEPS = 60
#: The highest total, and the points on each side of a cell of totals; the last cell also holds the total of 80.
HIGHEST, CELL = 80, 4
#: What a first course had been, from best to worst; the last: not eligible, or never followed up.
FIRST_OUTCOMES = ("remission", "response", "none", "not_judged")
#: What a session's record can say of a part of the setting.
ANSWERS = ("yes", "no", "not_recorded")
