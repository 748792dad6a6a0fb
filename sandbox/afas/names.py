"""Word lists for invented Dutch customers. Every address is below ``.example``, which nobody can own."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("," if "," in text else None))


FIRST_NAMES = _words(
    "Jan Anna Pieter Els Willem Maria Kees Sanne Daan Emma Lars Fleur Bram Noor Joost Lotte Ruben Iris Thijs Eva "
    "Hendrik Marieke Sjoerd Femke Gijs Roos Maarten Inge Koen Saskia Jeroen Anouk Bas Linda Tom Chantal Rik Yara "
    "Stijn Vera René Zoë Chloë André Renée Loïs Noël Fenna Jürgen José Ömer Yasmin Mehmet Fatima Wouter Hanneke"
)
PREFIXES = ("", "", "", "", "", "de", "van", "van de", "van den", "van der", "ter", "ten", "in 't", "op den", "van 't")
SURNAMES = _words(
    "Jansen Vries Berg Bakker Visser Smit Meijer Boer Mulder Bos Vos Peters Hendriks Dekker Brouwer Wit Dijkstra Smits "
    "Graaf Meer Linden Jacobs Veen Kramer Heuvel Wal Kuipers Post Koster Prins Blom Huisman Peeters Jong Kuiper Beek "
    "Schouten Willems Hoekstra Verhoeven Groot Bosch Leeuwen Hoven Broek Zijlstra Postma Müller Østergård Daniëls "
    "Reünis Boven Horst Kolk Straten Vliet Waard Zand Molenaar Timmerman"
)
TRADES = _words(
    "Bakkerij Slagerij Bloemisterij Kwekerij Garage Drukkerij Timmerbedrijf Installatiebedrijf Kaasmakerij Brouwerij "
    "Wijnhandel Boekhandel Apotheek Fietsenmakerij Schildersbedrijf Transportbedrijf Hoveniersbedrijf Makelaardij "
    "Accountantskantoor Adviesbureau Bouwbedrijf Meubelmakerij Rederij Visserij Kapsalon Opticien Zuivelhandel "
    "Ingenieursbureau Uitgeverij Sportschool"
)
TRADE_NAMES = _words(
    "De Korenaar,Het Anker,De Gouden Leeuw,Noorderlicht,De Vuurtoren,Zonneveld,De Linde,Het Hof,De Zwaan,Waterland,"
    "De Molenwiek,Rozenburg,De Eendracht,Het Vosje,Oud Zuid,De Blauwe Reiger,Morgenrood,De Sluis,Het Klavertje,"
    "De Dageraad,Veldzicht,De Drie Kroontjes,Het Spoor,Duinrand,De Haven,Zuiderkruis,De Pelikaan,Kanaalzicht,"
    "De Gans,Het Lint"
)
FORMS = ("B.V.", "B.V.", "V.O.F.", "& Zn.", "", "N.V.")
STREETS = _words(
    "Stadsring Dorpsstraat Kerkstraat Molenweg Stationsweg Julianalaan Beatrixlaan Industrieweg Havenkade Nieuwstraat "
    "Schoolstraat Parallelweg Lindelaan Eikenlaan Beukenhof Kastanjeplein Marktplein Zandpad Oudegracht Singel "
    "Burgemeestersingel Wilhelminapark Zeedijk Vlasakker Handelsweg Spoorlaan Kanaaldijk Ringweg Hoogstraat "
    "Achterweg"
)
CITIES = _words(
    "Amersfoort Utrecht Rotterdam Amsterdam Groningen Eindhoven Tilburg Almere Breda Nijmegen Enschede Haarlem "
    "Arnhem Zaandam Apeldoorn Zwolle Maastricht Leiden Dordrecht Zoetermeer Deventer Delft Alkmaar Leeuwarden "
    "Middelburg Hoorn Roermond Gouda Tiel Veenendaal"
)
FUNCTIONS = ("Directeur", "Inkoper", "Administratie", "Planner", "Hoofd verkoop", "Secretaresse", "Controller", None)
GROUPS = ("Detailhandel", "Groothandel", "Zakelijk", "Particulier", None)
AREAS = ("020", "010", "030", "033", "040", "050", "053", "058", "070", "071", "073", "074", "076", "077", "078", "079")


def phone_spelling(style: int, area: str, digits: str) -> str:
    """One Dutch number in one of the spellings that people use.

    :param digits: seven digits behind a three-digit area code.
    """
    short = area[1:]
    spellings = (
        f"{area}-{digits}",
        f"+31 {short} {digits[:3]} {digits[3:5]} {digits[5:]}",
        f"{area}{digits}",
        f"({area}) {digits[:3]} {digits[3:]}",
        f"0031{short}{digits}",
    )
    return spellings[style % len(spellings)]
