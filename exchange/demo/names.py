"""Words that people and places are made of. Every person of the demo is invented; no name list of real voters is here.

Weights are rough shares per mille of common US names: a frequent name must be frequent, or matching looks too easy.
"""

from __future__ import annotations

LAST_NAMES: tuple[tuple[str, float], ...] = (
    ("Smith", 80), ("Johnson", 64), ("Williams", 53), ("Brown", 47), ("Jones", 46), ("Miller", 40), ("Davis", 37),
    ("Garcia", 32), ("Rodriguez", 28), ("Wilson", 26), ("Martinez", 27), ("Anderson", 26), ("Taylor", 25),
    ("Thomas", 25), ("Hernandez", 22), ("Moore", 24), ("Martin", 23), ("Jackson", 24), ("Thompson", 22),
    ("White", 22), ("Lopez", 19), ("Lee", 21), ("Gonzalez", 18), ("Harris", 20), ("Clark", 19), ("Lewis", 18),
    ("Robinson", 18), ("Walker", 17), ("Perez", 15), ("Hall", 16), ("Young", 16), ("Allen", 16), ("Sanchez", 13),
    ("Wright", 15), ("King", 15), ("Scott", 15), ("Green", 14), ("Baker", 14), ("Adams", 14), ("Nelson", 14),
    ("Hill", 13), ("Campbell", 13), ("Mitchell", 13), ("Roberts", 12), ("Carter", 12), ("Phillips", 12),
    ("Evans", 12), ("Turner", 12), ("Torres", 10), ("Parker", 11), ("Collins", 11), ("Edwards", 11), ("Stewart", 11),
    ("Flores", 9), ("Morris", 10), ("Nguyen", 10), ("Murphy", 10), ("Rivera", 9), ("Cook", 10), ("Rogers", 10),
    ("Morgan", 9), ("Peterson", 9), ("Cooper", 9), ("Reed", 9), ("Bailey", 9), ("Bell", 9), ("Gomez", 8),
    ("Kelly", 9), ("Howard", 9), ("Ward", 8), ("Cox", 8), ("Diaz", 7), ("Richardson", 8), ("Wood", 8), ("Watson", 7),
    ("Brooks", 7), ("Bennett", 7), ("Gray", 7), ("James", 7), ("Reyes", 6), ("Cruz", 6), ("Hughes", 6), ("Price", 6),
    ("Myers", 6), ("Long", 6), ("Foster", 6), ("Sanders", 6), ("Ross", 6), ("Morales", 5), ("Powell", 5),
    ("Sullivan", 5), ("Russell", 5), ("Ortiz", 5), ("Jenkins", 5), ("Perry", 5), ("Butler", 5), ("Barnes", 5),
    ("Fisher", 5), ("Henderson", 5), ("Coleman", 5), ("Simmons", 4), ("Patterson", 4), ("Jordan", 4),
    ("Reynolds", 4), ("Hamilton", 4), ("Graham", 4), ("Kim", 4), ("Patel", 4), ("Wallace", 4), ("Stoltzfus", 3),
    ("Yoder", 3), ("Zimmerman", 3), ("Schwartz", 2), ("Kowalski", 2), ("Novak", 2), ("Petrov", 1), ("Chen", 3),
    ("Wang", 3), ("Khan", 2), ("Ali", 2), ("Hussein", 1), ("Okafor", 1), ("Oxendine", 2), ("Locklear", 2),
    ("McDonald", 3), ("McCarthy", 2), ("MacLeod", 1), ("St. Clair", 1), ("Van Dyke", 1), ("de la Cruz", 1),
    ("De Luca", 1), ("O'Brien", 2), ("O'Neill", 2), ("O'Connor", 2), ("D'Angelo", 1), ("Núñez", 2), ("Muñoz", 2),
    ("Peña", 1), ("Gutiérrez", 1), ("Müller", 1), ("Béchard", 1), ("Smith-Jones", 1), ("Garcia-Lopez", 1),
)  # fmt: skip

# older, middle, younger: first names age with their bearers
WOMEN: tuple[tuple[str, ...], ...] = (
    ("Mary", "Patricia", "Linda", "Barbara", "Susan", "Carol", "Deborah", "Nancy", "Karen", "Donna", "Sharon",
     "Ruth", "Judith", "Shirley", "Betty", "Dorothy", "Kathleen", "Rosa", "Gloria", "Margaret", "Joyce", "Carmen"),
    ("Jennifer", "Lisa", "Michelle", "Kimberly", "Amy", "Angela", "Melissa", "Stephanie", "Nicole", "Heather",
     "Elizabeth", "Tamika", "María", "Ana", "Christine", "Rachel", "Laura", "Julie", "Katherine", "Wendy", "Zoë",
     "Denise"),
    ("Ashley", "Jessica", "Emily", "Hannah", "Madison", "Olivia", "Alexis", "Taylor", "Jasmine", "Aaliyah", "Sofía",
     "Isabella", "Brianna", "Chloë", "Grace", "Mei", "Priya", "Fatima", "Destiny", "Anna-Marie", "Renée", "Kayla"),
)  # fmt: skip
MEN: tuple[tuple[str, ...], ...] = (
    ("James", "John", "Robert", "William", "Richard", "Thomas", "Charles", "Gary", "Larry", "Ronald", "Donald",
     "Kenneth", "George", "Frank", "Raymond", "Walter", "Harold", "Jose", "Carlos", "Willie", "Eugene", "Stanley"),
    ("Michael", "David", "Christopher", "Brian", "Kevin", "Jason", "Jeffrey", "Scott", "Eric", "Anthony", "Mark",
     "Timothy", "Juan", "Luis", "Terrence", "Andrew", "Jesús", "Sean", "Craig", "Darnell", "André", "Patrick"),
    ("Joshua", "Matthew", "Tyler", "Jacob", "Brandon", "Ethan", "Austin", "Zachary", "Jordan", "DeShawn", "Noah",
     "Liam", "Logan", "Caleb", "Mateo", "Jean-Luc", "Omar", "Wei", "Arjun", "José", "Malik", "Elijah"),
)  # fmt: skip
MIDDLE_NAMES: tuple[tuple[str, ...], tuple[str, ...]] = (
    ("Ann", "Marie", "Lynn", "Lee", "Jean", "Rose", "Grace", "Jane", "Renee", "Louise", "Isabel", "Elaine"),
    ("Michael", "James", "Allen", "Edward", "Joseph", "Wayne", "Ray", "Scott", "Paul", "Lee", "Luis", "Antonio"),
)
STREETS: tuple[str, ...] = (
    "Main", "Oak", "Maple", "Church", "Walnut", "Chestnut", "Pine", "Market", "Washington", "Franklin", "Elm",
    "Cherry", "Spring", "Highland", "Park", "Mill", "Cedar", "Locust", "Lincoln", "Liberty", "Broad", "Spruce",
    "Hickory", "Dogwood", "Magnolia", "Cardinal", "Martin Luther King Jr", "Old Mill", "St. James", "Quaker Meadow",
    "N 5th", "S 22nd", "W Third", "E King", "Tobacco", "Blue Ridge", "Carolina Beach", "Pennsylvania",
)  # fmt: skip
STREET_KINDS: tuple[str, ...] = ("St", "St", "St", "Ave", "Ave", "Rd", "Rd", "Dr", "Ln", "Ct", "Blvd", "Pl", "Way")
CANVASSERS: tuple[str, ...] = (
    "Alvarez, Dana", "Boone, Terry", "Castillo, Ruth", "Dufresne, Guy", "Ellison, Kim", "Farrow, Jess",
    "Grant, Imani", "Holt, Peter", "Iyer, Meena", "Jarvis, Cole", "Kessler, Ada", "Lindqvist, Per",
)  # fmt: skip
