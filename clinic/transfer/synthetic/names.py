"""Names to compose invented people from. Given and family names meet by chance alone: nobody here is a real person."""

from patients.models import Gender

_FEMALE = """
Adaeze Agnieszka Amara Anaïs Anneliese Ayesha Beatriz Bronwen Camille Chiara Clémence Dalia Delphine Divya Eilidh Elif
Esperanza Fadila Fernanda Freya Giulia Hadiya Hana Heloísa Inês Ingrid Itzel Jacinda Jia-Li Josefína Kamala Keisha
Laleh Leocadia Linnéa Lourdes Mairéad Maren Marisol Mei-Ling Nadia Naomi Niamh Nkechi Oksana Ondine Paloma Priscilla
Raquel Rosalind Ruth Saoirse Sabine Shirin Signe Solveig Soraya Tamsin Thandiwe Tova Ulrike Valentina Wilhelmina Xiomara
Yael Yuki Zahra Zoë
"""
_MALE = """
Abel Adebayo Ahmed Alasdair Anselm António Arjun Bartholomew Bjørn Caleb Chidi Ciarán Cornelius Cyrus Dariusz Desmond
Dimitri Eamon Ebenezer Elías Emeka Farid Florian François Gareth Giorgos Håkon Hamish Hiroshi Idris Ignacio Ibrahim Jamal
Javier Jean-Luc Joaquín Jürgen Kwame Lachlan Lars Leopold Luca Malik Marcelo Mateo Mirosław Nikolai Oluwaseun Orlando
Osvaldo Piotr Quincy Rafael Rhodri Rohan Samuel Sanjay Sergio Søren Tadeusz Tariq Thaddeus Tomás Ugo Vikram Wendell
Xavier Yusuf Zoltán
"""
_EITHER = """
Addison Arden Ash Blair Briar Casey Ellis Emery Finley Harper Indigo Jules Kai Lennox Marlow Morgan Noor Oakley Quinn
Remy River Robin Rowan Sage Sky Tatum Winter Wren
"""
_FAMILY = """
Abernathy-Cole Achterberg Adeyemi-Ross Aldermoor Ålander Amankwah Annesley Arbogast Arrieta Bakshi Balogun-Pike Barrowclough
Beaulieu-Marsh Bergqvist Birdsall Blackwater Boateng Bouchard-Lee Brannigan Brzezicki Calloway-Finch Carvalho-Dias Castañeda
Chikwanha Chu-Reyes Clatterbuck Coldwell Corrigan Cruickshank D'Aurelio D'Souza-Brand Dąbrowa Dalgaard De_la_Roca
Delacroix-Webb Desjardins Devereaux-Kane Drăgan Dunmore Eastwick Echeverri Ekström Ellwick Espinoza-Hart Fairweather
Faulkenrath Ferreira-Lund Fitzmorris Fjeldstad Foxcroft Gallowglass Garamendi Gathright Glasswell Goldhaber Gråberg
Grzelak Guadarrama Gustafsdottir Hallowell Hanrahan Hasegawa-Brook Haverstock Hjelm Holloway-Obi Horvathy Hrubý Ibarrondo
Igwebuike Ilves Inverarity Iturbide Jaramillo-Voss Jelinek Jørstad Kaczor Kaleka Karlsdotter Kavanaugh-Lin Kekoa Keswani
Kilpatrick-Boyd Kjærgaard Komorowicz Kyeremeh L'Estrange Lachapelle Landsvik Lazarov Leatherwood Ledesma-Cruz Lindqvist-Mora
Llewelyn-Haas Lovelace-Tan Łukomski MacAllan-Reed Macready Mahlangu Maldonado-Frost Marchetti McAnally McGillycuddy Mbanefo-Stone
Meriwether Middlebrook Moldovanu Montague-Iyer Mwangura Nakashima-Holt Narváez Ní_Dhuinn Nordhaug Novotná-Bell Núñez-Varela
O'Carrick O'Dacey O'Shaughnessy-Dean Obuya Odenkirchen Okonjo-Hale Olafsdottir Ossington Oyelaran Pachulski Paravel Peabody-Ruiz
Pemberwick Penhaligon Petrosyan-Hall Quackenbush Quintanar Quisenberry Rademacher Ramnarine Ravensdale Redfeather Renaud-Sykes
Rocheforte Rosendahl Ruthersby Šafránek Sandoval-Thorn Sargsyan Sepúlveda-King Shackelworth Silverhorn Skarsholm Sørhaug
St._Claire-Dow Stanislawczyk Sørensdatter Tamagni Tanaka-Wells Thistlewood Tirmizi Torvaldsen Tremaine-Cho
Trevelyan-Shah Ulvang Umeh-Carter Underhill-Rao Urquiola Vaclavík Van_der_Meulen Vantongeren Vásquez-Lowe Verhoeven-Ito
Villanueva-Ash Vossberg Wachterhauser Walkingstick Weatherby-Sun Wijeratne-Fox Winterbourne Wyszkowski Xochihua Yarborough-Kim
Ybarrola Zabriskie Zapatero-Glenn Zielonka Zografou Zumwalt-Perez
"""
_STREETS = (
    "Alder Birchgate Cooper's Curlew Ferryman Granary Heron Juniper Kiln Lantern Larkspur Millrace Orchard Quarry"
)
_KINDS = "Avenue Close Court Lane Road Street Terrace Way"
_TOWNS = "Ashgrove_Landing Brindle_Falls Cold_Harbor_Point Dunlin_Bay Fenwick_Mills Harrow_Bend Marrow_Creek Saltmeadow"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


FEMALE, MALE, EITHER, FAMILY = _words(_FEMALE), _words(_MALE), _words(_EITHER), _words(_FAMILY)
GIVEN: dict[str, tuple[str, ...]] = {
    Gender.FEMALE: FEMALE,
    Gender.MALE: MALE,
    Gender.NONBINARY: EITHER,
    Gender.OTHER: EITHER,
    Gender.NOT_RECORDED: EITHER + FEMALE + MALE,
}
STREETS = tuple(f"{street} {kind}" for street in _words(_STREETS) for kind in _words(_KINDS))
TOWNS = _words(_TOWNS)
#: Domains that RFC 2606 keeps free for examples: no message can reach anybody.
DOMAINS = ("example.com", "example.net", "example.org")
