"""Every number that is printed of many patients, with its interval: one module for each kind of question.

normal           intervals, and the normal quantiles behind them
numbers          rows of numbers, mean and SD, t interval
rates            x of n (Wilson), the difference of two rates (Newcombe), limits of a funnel plot
paired           the same patients before and after: change, effect sizes, signed ranks
effect_sizes     noncentral-t interval and Hedges' correction
reliable_change  change beyond the error of measurement (Jacobson & Truax)
survival         time until something is lost (Kaplan & Meier)
groups           different patients side by side (Welch)
missing          what the missing could do to a rate

What has no value is None (a rate of nobody, the SD of one patient), never 0, NaN or infinity. Intervals are
two-sided 95 %. Nothing is hidden here: what rests on too few patients to be printed (rule 31: n < 5, n < 10)
is for the page to decide. What is impossible (a missing value, more events than patients) is a ValueError.

Sources: sections 5.1-5.10 and rules 26-35 of the clinical rules; each module names its publications.
"""
