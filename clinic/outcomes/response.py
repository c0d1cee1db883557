"""Response and remission: readings, courses and criteria in; one row per outcome course and window out.

One implementation for one course or a hundred thousand (rules 12-27b). No clock: `as_of` is an argument.

**readings**: one row per current, not voided PCL-5 form.
    reading_id int64 · patient_id int64 · completed_on datetime64 (clinic-local day, midnight, no zone) ·
    completed_at datetime64 UTC or NaT (when only the day is known) · recall_days int (7 week form, 30 month form) ·
    answered_sum int · missing_items int · most_missing_in_cluster int (largest count of unanswered items in one cluster) ·
    dsm_rule_not_met bool (certainly not met, whatever the unanswered items are) ·
    index_event_id int64 (0 = names none) · entry_order int64 (order of first entry; a correction keeps its place)
**courses**: one row per given infusion (completed or stopped early with more than 0 mg) of a course that is not voided.
    course_id int64 · patient_id int64 · number int (unique in the patient) · phase str (induction, maintenance, booster) ·
    criterion_a_not_met bool · started_at datetime64 UTC · started_on datetime64 (clinic-local day, midnight, no zone)

**Evaluation.courses**: one row per outcome course (induction with a given infusion up to `as_of`), by patient_id, then first infusion.
    course_id · patient_id · number · is_index (the patient's first outcome course, rule 12a) ·
    first_infusion_on · last_infusion_on (of the induction) · induction_infusions · induction_complete (4 within 28 days) ·
    infusions (the induction's and those of the maintenance and booster courses that follow it) ·
    criterion_a_not_met · eligible (rule 18) · status · reason (in words) · provisional (undefined unless the status rests on a
    follow-up) · response_lost_on (RELAPSED only: first reading without response after the last one with it) ·
    baseline_id, _on, _total, _recall_days · weekly_baseline · baseline_prorated ·
    latest_id, _on, _total (the follow-up the status rests on) · rise_on (rule 10: latest follow-up that is `worsening_points` or
    more over the baseline, whatever the status) · first_response_on · first_remission_on (rule 27) ·
    response_index_on (rule 26: day of the PRIMARY endpoint if it is a response; of EOS if there is no PRIMARY endpoint) ·
    loss_of_response_on, loss_of_remission_on (first reading after that day without it; remission only if held at that day) ·
    next_induction_on · next_top_up_on (first maintenance or booster infusion after the induction's last, before the next
    induction) · last_reading_on (last follow-up)
**Evaluation.windows[name]**: the same rows in the same order, for "EOS", "PRIMARY", "M3", "M6", "M12" and "LAST".
    course_id · opens_on · closes_on (LAST: 1 and 31 days after the last induction infusion) · due (rule 29) ·
    endpoint_id, _on, _day (days after the last induction infusion), _total, _recall_days, _prorated ·
    reduction · response · remission · worsened · reliable_change · reliable_and_below (undefined if the baseline itself is) ·
    category (rule 23) · mixed_recall · covers_pretreatment · covers_series · sustained_response (rule 25, M3, M6, M12)
Outcomes are given whenever both readings exist, eligible or not. Days are datetime64 (NaT = none); totals and day counts
nullable Int64; a yes or no that may be undefined is nullable boolean.
"""
