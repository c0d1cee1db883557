"""PCL-5: PTSD Checklist for DSM-5, 20 items of 0 to 4 points, total 0 to 80.

Weathers, Litz, Keane, Palmieri, Marx & Schnurr (2013), US Department of Veterans Affairs, National Center for
PTSD, www.ptsd.va.gov. Month form of 29 August 2023, week form of 11 April 2018. In the public domain, not
copyrighted. The wording is the publisher's: never edit it (rule 2); a test holds its checksum.

The scores suggest, they do not diagnose: a provisional result needs a clinical interview (rule 5). No
severity bands exist (rule 9). The week form has no validated cut-point.
"""

from assessments.instruments.base import EndorsedRule, Form, Instrument, Item, Option, ReviewLimit, Subscale

TEXTS = (
    "Repeated, disturbing, and unwanted memories of the stressful experience?",
    "Repeated, disturbing dreams of the stressful experience?",
    "Suddenly feeling or acting as if the stressful experience were actually happening again "
    "(as if you were actually back there reliving it)?",
    "Feeling very upset when something reminded you of the stressful experience?",
    "Having strong physical reactions when something reminded you of the stressful experience "
    "(for example, heart pounding, trouble breathing, sweating)?",
    "Avoiding memories, thoughts, or feelings related to the stressful experience?",
    "Avoiding external reminders of the stressful experience "
    "(for example, people, places, conversations, activities, objects, or situations)?",
    "Trouble remembering important parts of the stressful experience?",
    "Having strong negative beliefs about yourself, other people, or the world "
    "(for example, having thoughts such as: I am bad, there is something seriously wrong with me, "
    "no one can be trusted, the world is completely dangerous)?",
    "Blaming yourself or someone else for the stressful experience or what happened after it?",
    "Having strong negative feelings such as fear, horror, anger, guilt, or shame?",
    "Loss of interest in activities that you used to enjoy?",
    "Feeling distant or cut off from other people?",
    "Trouble experiencing positive feelings "
    "(for example, being unable to feel happiness or have loving feelings for people close to you)?",
    "Irritable behavior, angry outbursts, or acting aggressively?",
    "Taking too many risks or doing things that could cause you harm?",
    "Being “superalert” or watchful or on guard?",
    "Feeling jumpy or easily startled?",
    "Having difficulty concentrating?",
    "Trouble falling or staying asleep?",
)

MONTH = Form(
    id="month",
    label="Past month",
    recall_days=30,
    instruction=(
        "Below is a list of problems that people sometimes have in response to a very stressful experience. "
        "Keeping your worst event in mind, please read each problem carefully and then select one of the "
        "numbers to the right to indicate how much you have been bothered by that problem in the past month."
    ),
    stem="In the past month, how much were you bothered by:",
    day_rank=1,
)
WEEK = Form(
    id="week",
    label="Past week",
    recall_days=7,
    instruction=(
        "Below is a list of problems that people sometimes have in response to a very stressful experience. "
        "Please read each problem and then select one of the options to indicate how much you have been "
        "bothered by that problem in the past week."
    ),
    stem="In the past week, how much were you bothered by:",
    day_rank=0,
)

# The symptom clusters of DSM-5 (rule 3): 0-20, 0-8, 0-28 and 0-24 points.
CLUSTERS = (
    Subscale("B", "Intrusion", (1, 2, 3, 4, 5)),
    Subscale("C", "Avoidance", (6, 7)),
    Subscale("D", "Negative changes in thinking and mood", (8, 9, 10, 11, 12, 13, 14)),
    Subscale("E", "Arousal and reactivity", (15, 16, 17, 18, 19, 20)),
)
# Rule 5: an item is endorsed from 2 points ("Moderately") up; this many endorsed items in each cluster.
ENDORSED_FROM = 2
ENDORSED_NEEDED = {"B": 1, "C": 1, "D": 2, "E": 2}


#: The provisional DSM-5 rule: enough endorsed items in every cluster (rules 5, 6); not a diagnosis.
DSM_RULE = EndorsedRule(
    label="DSM-5 rule",
    at_least=ENDORSED_FROM,
    needed=tuple((cluster, ENDORSED_NEEDED[cluster.id]) for cluster in CLUSTERS),
)

INSTRUMENT = Instrument(
    id="pcl5",
    title="PTSD Checklist for DSM-5 (PCL-5)",
    source=(
        "Weathers et al. (2013), US Department of Veterans Affairs, National Center for PTSD; "
        "month form of 29 August 2023, week form of 11 April 2018; public domain"
    ),
    items=tuple(Item(number, text) for number, text in enumerate(TEXTS, start=1)),
    options=(
        Option(0, "Not at all"),
        Option(1, "A little bit"),
        Option(2, "Moderately"),
        Option(3, "Quite a bit"),
        Option(4, "Extremely"),
    ),
    forms=(MONTH, WEEK),
    subscales=CLUSTERS,
    review_limits=(ReviewLimit(item=16, at_least=3),),  # rule 10: risk taking, "Quite a bit" or more
    rule=DSM_RULE,
)
