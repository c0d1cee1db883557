"""What to weigh before ketamine is given: contraindications and medicines that interact (section 4.6, rule 57).

Each warning carries its source: a name is a source of the clinical rules, "unconfirmed" is general knowledge that was
not read in one. All are warnings to acknowledge, none blocks; a medical director decides what a clinic makes of them.
Which medicines belong to a class, and their trade names, is general knowledge too and never complete: no match is no
clearance.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNCONFIRMED = "Unconfirmed"
_KETALAR = "Ketalar label"
#: Both labels name the hazard of a rise in blood pressure; not every condition below stands in both.
_PRESSURE = "Ketalar label; Spravato prescribing information, in part"
#: Years; caution above it (section 4.6).
_CAUTION_ABOVE_AGE = 65


@dataclass(frozen=True)
class Warned:
    """A warning. `name` is stored and never changes; `words` say what it means; `source` who says so."""

    name: str
    words: str
    source: str


@dataclass(frozen=True)
class Contraindication(Warned):
    """A condition of the patient: `hold` means absolute, or to be put right first; otherwise it asks for caution."""

    hold: bool = False


@dataclass(frozen=True)
class Interaction(Warned):
    """A class of medicines, found by `prefixes`: how the words of a medicine's name begin, in lower case."""

    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A medicine of the patient, as it was written, and what it warns of."""

    warned: Interaction
    medicine: str


CONTRAINDICATIONS: tuple[Contraindication, ...] = (
    Contraindication(
        "hypersensitivity",
        "Allergy to ketamine or esketamine: it may come back, and worse.",
        "Ketalar label; Spravato prescribing information",
        hold=True,
    ),
    Contraindication(
        "aneurysm",
        "Aneurysm or arteriovenous malformation: a rise in blood pressure may rupture it.",
        _PRESSURE,
        hold=True,
    ),
    Contraindication(
        "recent_stroke",
        "Recent stroke, or bleeding in the brain: a rise in blood pressure is a serious hazard.",
        _PRESSURE,
        hold=True,
    ),
    Contraindication(
        "aortic_dissection",
        "Aortic dissection: a rise in blood pressure may extend it.",
        _PRESSURE,
        hold=True,
    ),
    Contraindication(
        "unstable_coronary",
        "Unstable angina or a recent heart attack: pulse and blood pressure rise, and with them the heart's work.",
        _PRESSURE,
        hold=True,
    ),
    Contraindication(
        "heart_failure",
        "Decompensated heart failure: a rise in blood pressure is a serious hazard.",
        _PRESSURE,
        hold=True,
    ),
    Contraindication(
        "psychosis", "Active psychosis or schizophrenia: ketamine may make it worse.", _UNCONFIRMED, hold=True
    ),
    Contraindication("mania", "Active mania: ketamine may make it worse.", _UNCONFIRMED, hold=True),
    Contraindication("pregnancy", "Pregnancy: ketamine is not recommended.", _KETALAR, hold=True),
    Contraindication(
        "intoxication", "Intoxicated now: what both do together cannot be foreseen.", _UNCONFIRMED, hold=True
    ),
    Contraindication(
        "uncontrolled_hypertension",
        "Uncontrolled high blood pressure: ketamine raises it further.",
        _UNCONFIRMED,
        hold=True,
    ),
    Contraindication(
        "liver",
        "Severe liver disease or raised liver values: ketamine may harm the liver and stay longer in the body.",
        f"{_UNCONFIRMED}; the Ketalar label asks for liver tests with repeated use",
    ),
    Contraindication(
        "cystitis",
        "Cystitis: repeated ketamine may harm the bladder.",
        f"{_UNCONFIRMED}; the Ketalar label says to consider stopping with urinary pain",
    ),
    Contraindication(
        "raised_pressure_in_head_or_eye",
        "Raised pressure in the head or the eye: ketamine may raise it further.",
        _UNCONFIRMED,
    ),
    Contraindication(
        "hyperthyroidism", "Untreated overactive thyroid: pulse and blood pressure may rise more.", _UNCONFIRMED
    ),
    Contraindication("sleep_apnoea", "Sleep apnoea: breathing may stop under sedation.", _UNCONFIRMED),
    Contraindication(
        "substance_use", "Substance use disorder: ketamine can be misused and cause craving.", _UNCONFIRMED
    ),
    Contraindication(
        "personality_or_dissociative",
        "Personality or dissociative disorder: dissociation may distress more and last longer.",
        _UNCONFIRMED,
    ),
)

INTERACTIONS: tuple[Interaction, ...] = (
    Interaction(
        "benzodiazepine",
        "Benzodiazepines can shorten or weaken the benefit of ketamine, and sedate deeply together with it.",
        "Andrade 2017; Veraart 2021; sedation: Ketalar label",
        (
            *("alprazolam", "chlordiazepoxide", "clobazam", "clonazepam", "clorazepate", "diazepam", "estazolam"),
            *("flurazepam", "lorazepam", "lormetazepam", "midazolam", "nitrazepam", "oxazepam", "quazepam"),
            *("temazepam", "triazolam", "ativan", "halcion", "klonopin", "librium", "onfi", "restoril", "rivotril"),
            *("serax", "tranxene", "valium", "versed", "xanax"),
        ),
    ),
    Interaction(
        "lamotrigine",
        "Lamotrigine weakened the effect of ketamine in 2 of 5 studies.",
        "Veraart 2021",
        ("lamotrigine", "lamictal"),
    ),
    Interaction(
        "maoi",
        "MAO inhibitors may raise blood pressure with ketamine; reports of tranylcypromine saw no change.",
        "Veraart 2021, case reports; the warning for blood pressure is this project's own",
        (
            *("isocarboxazid", "moclobemide", "phenelzine", "rasagiline", "selegiline", "tranylcypromine"),
            *("aurorix", "azilect", "eldepryl", "emsam", "manerix", "marplan", "nardil", "parnate", "zelapar"),
        ),
    ),
    Interaction(
        "antipsychotic",
        "Clozapine, haloperidol and risperidone possibly interact with ketamine.",
        "Veraart 2021, possible",
        ("clozapine", "haloperidol", "risperidone", "clozaril", "haldol", "risperdal"),
    ),
    Interaction(
        "naltrexone",
        "Whether naltrexone weakens the effect of ketamine is not clear: the evidence is mixed.",
        _UNCONFIRMED,
        ("naltrexone", "contrave", "revia", "vivitrol"),
    ),
    Interaction(
        "cyp_inducer",
        "Inducers of CYP2B6 or CYP3A4 lower the exposure to ketamine.",
        "Andrade 2017",
        (
            *("carbamazepine", "efavirenz", "hypericum", "phenobarbital", "phenytoin", "primidone", "rifabutin"),
            *("rifampicin", "rifampin", "st john", "st. john", "dilantin", "rifadin", "sustiva", "tegretol"),
        ),
    ),
    Interaction(
        "cyp_inhibitor",
        "Inhibitors of CYP2B6 or CYP3A4 raise the exposure to ketamine.",
        "Andrade 2017",
        (
            *("clarithromycin", "clopidogrel", "cobicistat", "diltiazem", "erythromycin", "fluconazole", "grapefruit"),
            *("itraconazole", "ketoconazole", "nefazodone", "posaconazole", "ritonavir", "ticlopidine", "verapamil"),
            *("voriconazole", "biaxin", "norvir", "paxlovid", "plavix"),
        ),
    ),
    Interaction(
        "theophylline",
        "Theophylline and aminophylline with ketamine lower the threshold for seizures: avoid them together.",
        _KETALAR,
        ("aminophylline", "theophylline", "elixophyllin", "theo-24", "theochron", "uniphyl"),
    ),
    Interaction(
        "opioid",
        "Opioids and ketamine together can sedate deeply.",
        _KETALAR,
        (
            *("buprenorphine", "butorphanol", "codeine", "dihydrocodeine", "fentanyl", "heroin", "hydrocodone"),
            *("hydromorphone", "levorphanol", "meperidine", "methadone", "morphine", "nalbuphine", "opium"),
            *("oxycodone", "oxymorphone", "pethidine", "tapentadol", "tramadol", "butrans", "demerol", "dilaudid"),
            *("duragesic", "norco", "nucynta", "oxycontin", "percocet", "roxicodone", "sublocade", "suboxone"),
            *("subutex", "ultram", "vicodin", "zubsolv"),
        ),
    ),
    Interaction(
        "depressant",
        "Sleeping pills, gabapentinoids, barbiturates, alcohol and other sedatives can sedate deeply with ketamine.",
        _KETALAR,
        (
            *("alcohol", "butalbital", "carisoprodol", "eszopiclone", "ethanol", "gabapentin", "pentobarbital"),
            *("phenobarbital", "pregabalin", "primidone", "secobarbital", "sodium oxybate", "zaleplon", "zolpidem"),
            *("zopiclone", "ambien", "fioricet", "gralise", "horizant", "lunesta", "lyrica", "neurontin", "xyrem"),
            *("xywav",),
        ),
    ),
    Interaction(
        "stimulant",
        "Stimulants, sympathomimetics and vasopressin can raise pulse and blood pressure further with ketamine.",
        _KETALAR,
        (
            *("amfetamine", "amphetamine", "armodafinil", "atomoxetine", "cocaine", "dexamfetamine"),
            *("dexmethylphenidate", "dextroamphetamine", "ephedrine", "epinephrine", "lisdexamfetamine"),
            *("methamphetamine", "methylphenidate", "midodrine", "modafinil", "norepinephrine", "phentermine"),
            *("phenylephrine", "pseudoephedrine", "solriamfetol", "vasopressin", "adderall", "adipex", "concerta"),
            *("desoxyn", "dexedrine", "focalin", "nuvigil", "provigil", "ritalin", "strattera", "sudafed", "vyvanse"),
        ),
    ),
)

AGE = Warned("age", "Older than 65 years: give ketamine with caution.", _UNCONFIRMED)


#: Infusions after which liver enzymes and urinary symptoms are asked for again (rule 58; the Ketalar label on repeated use).
_CHECK_EVERY = 6
PERIODIC = Warned(
    "periodic_check",
    "Liver enzymes and urinary symptoms are due to be checked: six more infusions were given within a year.",
    "Ketalar label; every six infusions is this project's own",
)


def periodic_check(infusions_in_a_year: int) -> Warned | None:
    """The check that is due before this infusion, after each six that were given; None in between."""
    due = infusions_in_a_year > 0 and infusions_in_a_year % _CHECK_EVERY == 0
    return PERIODIC if due else None


def interactions_of(medicine_names: Iterable[str]) -> list[Match]:
    """What the patient's medicines warn of: by medicine as they come, then in the order of `INTERACTIONS`.

    A prefix counts at the beginning of a word, in capitals or not: "Lorazepam 1 mg" matches, "norlorazepam" does not.
    """
    return [
        Match(warned, medicine)
        for medicine in dict.fromkeys(medicine_names)
        for warned in INTERACTIONS
        if _BEGINNINGS[warned.name].search(medicine)
    ]


def _beginning(prefixes: Iterable[str]) -> re.Pattern[str]:
    """A word that begins with one of the prefixes; a space in one stands for any white space, or none."""
    wanted = "|".join(r"\s*".join(map(re.escape, prefix.split())) for prefix in prefixes)
    return re.compile(rf"(?<!\w)(?:{wanted})", re.IGNORECASE)


_BEGINNINGS = {warned.name: _beginning(warned.prefixes) for warned in INTERACTIONS}


def age_warning(age: int | None) -> Warned | None:
    """The caution for a patient older than 65 years; None for others, and when the age is not known."""
    return AGE if age is not None and age > _CAUTION_ABOVE_AGE else None
