"""Every number of table 4.3 with what must be found below, at and above it: literals, written out by hand."""

#: number | how it is asked | below it | at it | above it. The number is a field of `Limits`, or a fixed bound. A cell is
#: `value -` when nothing is found, else `value level sign-offs`, of the row's own number unless another follows. A line
#: that begins with `|` continues the one above.
TABLE = """
# Weight kg: reject outside 25-350; override change >10 %; warn <40, >180 or older than 30 d
weight_kg smallest                     | weight_kg | 24.99 reject 0 accepted | 25 warn 0 warn_weight_below_kg
    | 25.01 warn 0 warn_weight_below_kg
weight_kg largest                      | weight_kg | 349.99 warn 0 warn_weight_above_kg
    | 350 warn 0 warn_weight_above_kg | 350.01 reject 0 accepted
override_weight_change_above_percent   | weight, was 100 | 109.99 -        | 110 -           | 110.01 override 1
override_weight_change_above_percent   | weight, was 100 | 89.99 override 1 | 90 -           | 90.01 -
warn_weight_below_kg                   | weight_kg       | 39.99 warn 0    | 40 -            | 40.01 -
warn_weight_above_kg                   | weight_kg       | 179.99 -        | 180 -           | 180.01 warn 0
warn_weight_age_above_days             | weight_age_days | 29 -            | 30 -            | 31 warn 0

# Dose mg/kg IV: reject <=0 or >4.5; override >2.0 (two sign-offs), >1.5; warn <0.3, >1.2, step >+0.25 or >+50 %
mg_per_kg smallest                     | mg_per_kg | -0.0001 reject 0 accepted | 0 reject 0 accepted
    | 0.0001 warn 0 warn_dose_below_mg_per_kg
mg_per_kg largest                      | mg_per_kg | 4.4999 override 2 cap_dose_above_mg_per_kg
    | 4.5 override 2 cap_dose_above_mg_per_kg | 4.5001 reject 0 accepted
cap_dose_above_mg_per_kg               | mg_per_kg | 1.9999 override 1 override_dose_above_mg_per_kg
    | 2 override 1 override_dose_above_mg_per_kg | 2.0001 override 2
override_dose_above_mg_per_kg          | mg_per_kg | 1.4999 warn 0 warn_dose_above_mg_per_kg
    | 1.5 warn 0 warn_dose_above_mg_per_kg | 1.5001 override 1
warn_dose_above_mg_per_kg              | mg_per_kg       | 1.1999 -        | 1.2 -           | 1.2001 warn 0
warn_dose_below_mg_per_kg              | mg_per_kg       | 0.2999 warn 0   | 0.3 -           | 0.3001 -
warn_dose_step_above_mg_per_kg         | dose, was 0.8   | 1.0499 -        | 1.05 -          | 1.0501 warn 0
warn_dose_step_above_percent           | dose, was 0.4   | 0.5999 -        | 0.6 -           | 0.6001 warn 0

# Total mg: reject >500; override >200; warn >120
mg smallest                            | mg              | -0.01 reject 0 accepted | 0 -     | 0.01 -
mg largest                             | mg | 499.99 override 1 override_total_above_mg
    | 500 override 1 override_total_above_mg | 500.01 reject 0 accepted
override_total_above_mg                | mg | 199.99 warn 0 warn_total_above_mg | 200 warn 0 warn_total_above_mg
    | 200.01 override 1
warn_total_above_mg                    | mg              | 119.99 -        | 120 -           | 120.01 warn 0

# Minutes: reject outside 1-600; override <20 or >180; warn <40 or >90
minutes smallest                       | minutes | 0.9 reject 0 accepted | 1 override 1 override_minutes_below
    | 1.1 override 1 override_minutes_below
minutes largest                        | minutes | 599.9 override 1 override_minutes_above
    | 600 override 1 override_minutes_above | 600.1 reject 0 accepted
override_minutes_below                 | minutes | 19.9 override 1 | 20 warn 0 warn_minutes_below
    | 20.1 warn 0 warn_minutes_below
override_minutes_above                 | minutes | 179.9 warn 0 warn_minutes_above | 180 warn 0 warn_minutes_above
    | 180.1 override 1
warn_minutes_below                     | minutes         | 39.9 warn 0     | 40 -            | 40.1 -
warn_minutes_above                     | minutes         | 89.9 -          | 90 -            | 90.1 warn 0

# Rate mg/kg/min: override >0.05; warn >0.03 (1.0 mg/kg in 20 minutes, 1.2 mg/kg in 40)
override_rate_above_mg_per_kg_per_min  | rate in 20 min | 0.9999 warn 0 warn_rate_above_mg_per_kg_per_min
    | 1 warn 0 warn_rate_above_mg_per_kg_per_min | 1.0001 override 1
warn_rate_above_mg_per_kg_per_min      | rate in 40 min  | 1.1999 -        | 1.2 -           | 1.2001 warn 0

# 100 mg/mL vial: override unless the dilution is recorded
override_undiluted_from_mg_per_ml      | vial_mg_per_ml  | 99.9 -          | 100 override 1  | 100.1 override 1

# mg against mg/kg x weight: override >5 %; warn >1 % (1 mg/kg x 100 kg, to either side)
override_mg_mismatch_above_percent     | mg, not 100 | 104.99 warn 0 warn_mg_mismatch_above_percent
    | 105 warn 0 warn_mg_mismatch_above_percent | 105.01 override 1
override_mg_mismatch_above_percent     | mg, not 100 | 94.99 override 1 | 95 warn 0 warn_mg_mismatch_above_percent
    | 95.01 warn 0 warn_mg_mismatch_above_percent
warn_mg_mismatch_above_percent         | mg, not 100     | 100.99 -        | 101 -           | 101.01 warn 0
warn_mg_mismatch_above_percent         | mg, not 100     | 98.99 warn 0    | 99 -            | 99.01 -

# Interval: reject <0 h; override <20 h; warn <48 h, >6 in 14 d, >10 in 30 d (hours as minutes: 20 h are 1200, 48 h 2880)
interval smallest                      | minutes since | -1 reject 0 after_previous_start
    | 0 override 1 override_interval_below_hours | 1 override 1 override_interval_below_hours
override_interval_below_hours          | minutes since | 1199 override 1 | 1200 warn 0 warn_interval_below_hours
    | 1201 warn 0 warn_interval_below_hours
warn_interval_below_hours              | minutes since   | 2879 warn 0     | 2880 -          | 2881 -
warn_infusions_in_14_days_above        | in 14 days      | 5 -             | 6 -             | 7 warn 0
warn_infusions_in_30_days_above        | in 30 days      | 9 -             | 10 -            | 11 warn 0
14 days                                | 7th, days ago   | 13 warn 0 warn_infusions_in_14_days_above | 14 - | 15 -
30 days                                | 11th, days ago  | 29 warn 0 warn_infusions_in_30_days_above | 30 - | 31 -

# Pre BP: reject outside 40-300, 20-200, not SBP>DBP; override >=160 or >=100; warn >=140 or >=90, SBP <90
systolic_mmhg smallest                 | before systolic_mmhg | 39 reject 0 accepted
    | 40 warn 0 warn_before_systolic_below_mmhg | 41 warn 0 warn_before_systolic_below_mmhg
systolic_mmhg largest                  | before systolic_mmhg | 299 override 1 override_before_systolic_from_mmhg
    | 300 override 1 override_before_systolic_from_mmhg | 301 reject 0 accepted
diastolic_mmhg smallest                | before diastolic_mmhg | 19 reject 0 accepted | 20 - | 21 -
diastolic_mmhg largest                 | before diastolic_mmhg | 199 override 1 override_before_diastolic_from_mmhg
    | 200 override 1 override_before_diastolic_from_mmhg | 201 reject 0 accepted
systolic above diastolic               | over diastolic 80 | 79 reject 0 above_diastolic | 80 reject 0 above_diastolic
    | 81 -
override_before_systolic_from_mmhg     | before systolic_mmhg | 159 warn 0 warn_before_systolic_from_mmhg
    | 160 override 1 | 161 override 1
override_before_diastolic_from_mmhg    | before diastolic_mmhg | 99 warn 0 warn_before_diastolic_from_mmhg
    | 100 override 1 | 101 override 1
warn_before_systolic_from_mmhg         | before systolic_mmhg  | 139 -     | 140 warn 0      | 141 warn 0
warn_before_diastolic_from_mmhg        | before diastolic_mmhg | 89 -      | 90 warn 0       | 91 warn 0
warn_before_systolic_below_mmhg        | before systolic_mmhg  | 89 warn 0 | 90 -            | 91 -

# During BP: reject as before; notify >=160/100; act >=180/110 on 2 readings 5 min apart, or >=200/120 once
systolic_mmhg smallest                 | systolic_mmhg   | 39 reject 0 accepted | 40 - | 41 -
systolic_mmhg largest                  | systolic_mmhg | 299 act 0 act_once_systolic_from_mmhg
    | 300 act 0 act_once_systolic_from_mmhg | 301 reject 0 accepted
diastolic_mmhg smallest                | diastolic_mmhg  | 19 reject 0 accepted | 20 - | 21 -
diastolic_mmhg largest                 | diastolic_mmhg | 199 act 0 act_once_diastolic_from_mmhg
    | 200 act 0 act_once_diastolic_from_mmhg | 201 reject 0 accepted
notify_systolic_from_mmhg              | systolic_mmhg   | 159 -           | 160 notify 0    | 161 notify 0
notify_diastolic_from_mmhg             | diastolic_mmhg  | 99 -            | 100 notify 0    | 101 notify 0
act_repeated_systolic_from_mmhg        | systolic_mmhg | 179 notify 0 notify_systolic_from_mmhg | 180 notify 0
    | 181 notify 0
act_repeated_systolic_from_mmhg        | 2nd systolic_mmhg | 179 notify 0 notify_systolic_from_mmhg | 180 act 0
    | 181 act 0
act_repeated_diastolic_from_mmhg       | diastolic_mmhg | 109 notify 0 notify_diastolic_from_mmhg | 110 notify 0
    | 111 notify 0
act_repeated_diastolic_from_mmhg       | 2nd diastolic_mmhg | 109 notify 0 notify_diastolic_from_mmhg | 110 act 0
    | 111 act 0
act_once_systolic_from_mmhg            | systolic_mmhg | 199 notify 0 act_repeated_systolic_from_mmhg | 200 act 0
    | 201 act 0
act_once_diastolic_from_mmhg           | diastolic_mmhg | 119 notify 0 act_repeated_diastolic_from_mmhg | 120 act 0
    | 121 act 0
two_readings_apart_minutes             | minutes at 180 | 4 notify 0 act_repeated_systolic_from_mmhg
    | 5 act 0 act_repeated_systolic_from_mmhg | 6 act 0 act_repeated_systolic_from_mmhg

# Rise from baseline: warn SBP +30 or DBP +20 (from 100/60)
warn_systolic_rise_above_mmhg          | systolic, was 100 | 129 -         | 130 -           | 131 warn 0
warn_diastolic_rise_above_mmhg         | diastolic, was 60 | 79 -          | 80 -            | 81 warn 0

# HR: reject outside 20-250; warn <50 or >110; act <40, >130, or >120 for 5 min
heart_rate_per_min smallest            | heart_rate_per_min | 19 reject 0 accepted
    | 20 act 0 act_heart_rate_below_per_min | 21 act 0 act_heart_rate_below_per_min
heart_rate_per_min largest             | heart_rate_per_min | 249 act 0 act_heart_rate_above_per_min
    | 250 act 0 act_heart_rate_above_per_min | 251 reject 0 accepted
warn_heart_rate_below_per_min          | heart_rate_per_min | 49 warn 0    | 50 -            | 51 -
warn_heart_rate_above_per_min          | heart_rate_per_min | 109 -        | 110 -           | 111 warn 0
act_heart_rate_below_per_min           | heart_rate_per_min | 39 act 0 | 40 warn 0 warn_heart_rate_below_per_min
    | 41 warn 0 warn_heart_rate_below_per_min
act_heart_rate_above_per_min           | heart_rate_per_min | 129 notify 0 act_repeated_heart_rate_above_per_min
    | 130 notify 0 act_repeated_heart_rate_above_per_min | 131 act 0
act_repeated_heart_rate_above_per_min  | heart_rate_per_min | 119 warn 0 warn_heart_rate_above_per_min
    | 120 warn 0 warn_heart_rate_above_per_min | 121 notify 0
act_repeated_heart_rate_above_per_min  | 2nd heart_rate_per_min | 119 warn 0 warn_heart_rate_above_per_min
    | 120 warn 0 warn_heart_rate_above_per_min | 121 act 0
two_readings_apart_minutes             | minutes at 121/min | 4 notify 0 act_repeated_heart_rate_above_per_min
    | 5 act 0 act_repeated_heart_rate_above_per_min | 6 act 0 act_repeated_heart_rate_above_per_min

# SpO2 %: reject outside 50-100; warn <94; act <92 on room air; on oxygen act <90 (Aldrete, section 4.4)
spo2_percent smallest                  | spo2_percent | 49 reject 0 accepted
    | 50 act 0 act_spo2_on_room_air_below_percent | 51 act 0 act_spo2_on_room_air_below_percent
spo2_percent largest                   | spo2_percent    | 99 -            | 100 -           | 101 reject 0 accepted
warn_spo2_below_percent                | spo2_percent    | 93 warn 0       | 94 -            | 95 -
act_spo2_on_room_air_below_percent     | spo2_percent | 91 act 0 | 92 warn 0 warn_spo2_below_percent
    | 93 warn 0 warn_spo2_below_percent
act_spo2_on_oxygen_below_percent       | SpO2 on oxygen | 89 act 0 | 90 warn 0 warn_spo2_below_percent
    | 91 warn 0 warn_spo2_below_percent

# RR /min: reject outside 0-60; warn <10 or >24; act <8
respirations_per_min smallest          | respirations_per_min | -1 reject 0 accepted
    | 0 act 0 act_respirations_below_per_min | 1 act 0 act_respirations_below_per_min
respirations_per_min largest           | respirations_per_min | 59 warn 0 warn_respirations_above_per_min
    | 60 warn 0 warn_respirations_above_per_min | 61 reject 0 accepted
warn_respirations_below_per_min        | respirations_per_min | 9 warn 0   | 10 -            | 11 -
warn_respirations_above_per_min        | respirations_per_min | 23 -       | 24 -            | 25 warn 0
act_respirations_below_per_min         | respirations_per_min | 7 act 0 | 8 warn 0 warn_respirations_below_per_min
    | 9 warn 0 warn_respirations_below_per_min

# Temperature: reject outside 30.0-43.0 (our own); no line
temperature_celsius smallest           | temperature_celsius | 29.9 reject 0 accepted | 30.0 -   | 30.1 -
temperature_celsius largest            | temperature_celsius | 42.9 -       | 43.0 -         | 43.1 reject 0 accepted

# Sedation: reject outside MOAA/S 0-5, RASS -5 to +4; warn MOAA/S <=3, RASS <=-2 or >=+2; act MOAA/S <=2, RASS <=-3
moaa_s smallest                        | moaa_s | -1 reject 0 accepted | 0 act 0 act_moaa_s_at_most
    | 1 act 0 act_moaa_s_at_most
moaa_s largest                         | moaa_s          | 4 -             | 5 -             | 6 reject 0 accepted
rass smallest                          | rass | -6 reject 0 accepted | -5 act 0 act_rass_at_most
    | -4 act 0 act_rass_at_most
rass largest                           | rass | 3 warn 0 warn_rass_at_least | 4 warn 0 warn_rass_at_least
    | 5 reject 0 accepted
warn_moaa_s_at_most                    | moaa_s          | 2 act 0 act_moaa_s_at_most | 3 warn 0 | 4 -
act_moaa_s_at_most                     | moaa_s | 1 act 0 | 2 act 0 | 3 warn 0 warn_moaa_s_at_most
warn_rass_at_most                      | rass            | -3 act 0 act_rass_at_most | -2 warn 0 | -1 -
warn_rass_at_least                     | rass            | 1 -             | 2 warn 0        | 3 warn 0
act_rass_at_most                       | rass | -4 act 0 | -3 act 0 | -2 warn 0 warn_rass_at_most

# Vitals schedule: warn overdue >5 min; baseline <=15 min before start; every 10 min during; every 15 min after
vitals_baseline_within_minutes         | since baseline      | 14 -        | 15 -            | 16 warn 0
vitals_during_every_minutes            | during, no grace    | 9 -         | 10 -            | 11 warn 0
vitals_recovery_every_minutes          | recovery, no grace  | 14 -        | 15 -            | 16 warn 0
warn_vitals_overdue_above_minutes      | during | 14 - | 15 - | 16 warn 0 vitals_during_every_minutes
warn_vitals_overdue_above_minutes      | recovery | 19 - | 20 - | 21 warn 0 vitals_recovery_every_minutes

# NPO: override clear <2 h or light meal <6 h; warn fatty meal <8 h
override_clear_fluid_below_hours       | clear_fluid_hours   | 1.99 override 1 | 2 -         | 2.01 -
override_light_meal_below_hours        | light_meal_hours    | 5.99 override 1 | 6 -         | 6.01 -
warn_fatty_meal_below_hours            | fatty_meal_hours    | 7.99 warn 0 | 8 -             | 8.01 -

# Pregnancy test: override older than 7 d (168 h); warn >72 h
override_pregnancy_test_above_hours    | pregnancy_test_age_hours | 167.99 warn 0 warn_pregnancy_test_above_hours
    | 168 warn 0 warn_pregnancy_test_above_hours | 168.01 override 1
warn_pregnancy_test_above_hours        | pregnancy_test_age_hours | 71.99 - | 72 -           | 72.01 warn 0

# Consent age: warn >365 d
warn_consent_age_above_days            | consent_age_days    | 364 -       | 365 -           | 366 warn 0

# Observation after end: override <30 min; warn <60 min
override_observation_below_minutes     | observation_minutes | 29 override 1
    | 30 warn 0 warn_observation_below_minutes | 31 warn 0 warn_observation_below_minutes
warn_observation_below_minutes         | observation_minutes | 59 warn 0   | 60 -            | 61 -

# Aldrete: reject outside 0-10; override <9 or any domain 0
aldrete_total smallest                 | aldrete_total | -1 reject 0 accepted | 0 override 1 override_aldrete_below
    | 1 override 1 override_aldrete_below
aldrete_total largest                  | aldrete_total       | 9 -         | 10 -            | 11 reject 0 accepted
override_aldrete_below                 | aldrete_total       | 8 override 1 | 9 -            | 10 -
aldrete_domains smallest               | Aldrete domain      | -1 reject 0 accepted | 0 override 1 required | 1 -
aldrete_domains largest                | Aldrete domain      | 1 -         | 2 -             | 3 reject 0 accepted

# BP at discharge: override >20 % above baseline and >=160/100; warn >20 % above baseline (from 100/80 and 120/80)
warn_discharge_pressure_above_percent  | leaves, systolic was 100  | 119 - | 120 -           | 121 warn 0
warn_discharge_pressure_above_percent  | leaves, diastolic was 80  | 95 -  | 96 -            | 97 warn 0
override_discharge_systolic_from_mmhg  | leaves, systolic was 100 | 159 warn 0 warn_discharge_pressure_above_percent
    | 160 override 1 | 161 override 1
override_discharge_diastolic_from_mmhg | leaves, diastolic was 80 | 99 warn 0 warn_discharge_pressure_above_percent
    | 100 override 1 | 101 override 1
"""
