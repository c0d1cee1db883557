"""What patients and clinicians write around an infusion, put together from sentences of our own."""

from clinic.transfer.synthetic.draws import Draw

_ARRIVED = (
    "Arrived on time with {escort}.",
    "Arrived a little early, {escort} comes at noon for the way home.",
    "Came with {escort}, who waits in the lounge.",
    "Escort confirmed by phone: {escort}.",
    "Ride home with {escort} confirmed.",
    "Here for infusion {number}; {escort} drives.",
)
_ESCORTS = ("a friend", "the spouse", "a sister", "a neighbor", "the adult son", "a parent", "a colleague", "a cousin")
_STATE = (
    "Slept badly, about four hours, but wants to go ahead.",
    "Slept well for the second night in a row.",
    "Somewhat tense; breathing exercise together for five minutes.",
    "Calm and curious about today.",
    "Nervous because the last session was intense; talked through what helped then.",
    "Says the week was quieter than the ones before.",
    "A difficult week: a call from the family brought a lot back.",
    "Looks rested, jokes with the nurse.",
    "Tired after a night shift; checked twice that today is a good day for this.",
    "Worried about losing control; reviewed how to signal that a hand would help.",
    "Mood flat, no thoughts of self-harm when asked.",
    "Hopeful after the first change in months.",
)
_READY = (
    "Fasted since last evening, clear fluids until 6 am.",
    "No food since 10 pm, water two hours ago.",
    "Took the morning tablets as usual.",
    "Held the stimulant this morning as agreed.",
    "No alcohol for a week.",
    "IV placed at the first attempt, left forearm.",
    "IV needed a second attempt; patient took it well.",
    "Reviewed the plan for nausea: ginger first, ondansetron if needed.",
    "Went over the playlist, the second half is softer on request.",
    "Reviewed after-effects and that there is no driving until tomorrow.",
)
_INTEND = (
    "to let {thing} come without pushing it away",
    "to look at {thing} from a little further off",
    "to be kinder to the person I was then",
    "to find out what is under the anger",
    "to put {thing} down for an hour",
    "to feel safe in my own body",
    "to ask what {thing} wants from me",
    "to trust the people in this room",
    "to remember my brother as he was before",
    "to breathe when {thing} shows up",
    "to let go of the need to understand everything",
    "to say goodbye to {thing}",
    "to listen, nothing else",
    "to notice one good thing and stay with it",
    "to forgive myself for surviving",
)
_THINGS = (
    "the night",
    "the fear",
    "the guilt",
    "the noise",
    "that day",
    "the shame",
    "the grief",
    "the dream",
    "the road",
)
_OPENINGS = (
    "I want {it}.",
    "Today: {it}.",
    "My intention is {it}.",
    "{It}.",
    "{It}, if I can.",
    "Like last time: {it}.",
)
_SAW = (
    "Described floating above a wide, slow river and being unafraid of the depth.",
    "Spent much of the hour in a house from childhood, opening one door after another.",
    "Colors and music blended; for the first time the memory was “like a film with the sound off”.",
    "Met a much younger self in a kitchen and sat down at the same table.",
    "Mostly darkness and warmth, hard to put into words.",
    "Felt very small under a night sky, and found that a relief.",
    "The memory came up for some minutes with strong sorrow, then passed.",
    "Little imagery today; more a sense of the body growing heavy and quiet.",
    "Saw the scene from the other side of the street and could look at all of it.",
    "Tears for most of the second half, afterwards “lighter, as if I had put down a bag”.",
    "A frightening start, tunnel and noise; the hand on the shoulder helped and it turned.",
    "Heard a grandmother's voice, which was comforting.",
    "Kept returning to the sentence “it is over”.",
    "Laughed at one point without knowing why.",
    "Walked through a forest that changed its seasons with the music.",
    "Thoughts circled around work; was a little disappointed.",
)
_UNDERSTOOD = (
    "Talked about how the blame had been a way to stay in control.",
    "Sees a link between the hypervigilance and never having been told that it ended.",
    "We stayed with what the anger protects.",
    "Could name the feeling as grief, not fear.",
    "Noticed that the body relaxed before the thoughts did.",
    "Connected the image to the first weeks after the event.",
    "Asked whether it is allowed to feel well; we took the question seriously.",
    "Said that the memory now “has edges”.",
    "Found it hard to speak; drew instead, and the drawing is kept by the patient.",
    "Wonders how to tell the family about any of this.",
    "Compared with the previous session there was less struggle.",
    "Some irritability yesterday evening, gone after a walk.",
    "Nightmares twice since, but went back to sleep both times.",
    "Drove past the place for the first time in years, with a friend.",
    "No change noticed so far, and said so openly.",
)
_NEXT = (
    "Will write half a page each evening until the next session.",
    "Plans a walk by the water on the weekend.",
    "Takes the sentence to therapy on Thursday.",
    "Agreed to call if sleep gets worse.",
    "Will try the grounding exercise before the commute.",
    "Asked for the same playlist next time.",
    "Wants to bring a photograph next time.",
    "Next: one phone call to an old friend.",
    "Will practise saying no once this week.",
    "No homework; rest was the wish and is the plan.",
    "Safety plan reviewed, unchanged.",
    "Handout on sleep given and talked through.",
)


def preparation_note(draw: Draw, number: int) -> str:
    """The nurse's lines before infusion `number` of the course."""
    arrived = draw.choice(_ARRIVED).format(escort=draw.choice(_ESCORTS), number=number)
    return " ".join([arrived, draw.choice(_STATE), *draw.sample(_READY, draw.choice((1, 2, 2)))])


def intention(draw: Draw) -> str:
    """The patient's own words."""
    it = draw.choice(_INTEND).format(thing=draw.choice(_THINGS))
    return draw.choice(_OPENINGS).format(it=it, It=it[0].upper() + it[1:])


def integration_note(draw: Draw) -> str:
    """What was worked through afterwards."""
    parts = [draw.choice(_SAW), *draw.sample(_UNDERSTOOD, draw.choice((1, 1, 2))), draw.choice(_NEXT)]
    return "\n\n".join([parts[0], " ".join(parts[1:])]) if draw.chance(0.3) else " ".join(parts)
