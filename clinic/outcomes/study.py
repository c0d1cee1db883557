"""The published study that this project was founded on: its numbers, and what has to be read beside them.

MacConnel, Earleywine, Radowitz: Rapid and sustained reduction of treatment-resistant PTSD symptoms after intravenous
ketamine in a real-world, psychedelic paradigm. J Psychopharmacol, online 14 October 2024, doi 10.1177/02698811241286726.
Numbers from its abstract; "62 %" in remission from PsyPost, 19 March 2025 (the count was not published: 72 and 73 of 117
both round to it). The abstract's d is reproduced by dividing by the root-mean-square SD, so it stands beside d_rms.
"""

CITATION = "MacConnel, Earleywine and Radowitz, J Psychopharmacol 2024, doi 10.1177/02698811241286726"
N = 117
BASELINE_MEAN, BASELINE_SD = 52.54, 12.01
ENDPOINT_MEAN, ENDPOINT_SD = 28.78, 16.61
CHANGE = -23.76
EFFECT_SIZE = 1.64
RESPONSES = 88
#: Of concomitant psychotherapy, the only significant moderator.
PSYCHOTHERAPY_EFFECT_SIZE = 0.51
REMISSION_PERCENT = 62

#: What has to be read beside the comparison (rule 36; section 1 of the clinical reference).
CAVEATS = (
    "The study does not publish its points for clinically significant change or remission, nor its follow-up window: "
    "definitions inferred, they may differ from ours.",
    "Neither has a control group: change mixes drug, expectation, psychotherapy and return to the average.",
    "Trials disagree: 67 % responders against 20 % on midazolam (n = 30); no dose effect in 158 veterans; pooled "
    "g 0.20 (−0.08 to 0.48) after bias correction.",
    "The 2023 VA/DoD guideline suggests against ketamine for PTSD, on very low quality evidence.",
    "One of the study’s institutions is the treating clinic. Its follow-up varied from days to months.",
)
