"""Names of columns that a mailing has no business with: Dutch and English, and AFAS's own ids. Pure.

A name is cut into words (``GeboorteDatum``, ``Geb. datum`` and ``DATE_OF_BIRTH`` alike), and whole words are compared:
a hospital (``Ziekenhuis``) is no illness, a surname at birth (``Geslachtsnaam``) no gender, ``Blocked`` no lock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Danger(StrEnum):
    """Why a column should not reach a mailing; the worst first, and that one is named."""

    NATIONAL_ID = "national identification number"
    BIRTH = "date or place of birth"
    BANK = "bank account or card"
    DOCUMENT = "passport or identity document"
    GENDER = "gender"
    ORIGIN = "nationality or origin"
    MARITAL = "marital status or family"
    HEALTH = "health or absence"
    PAY = "salary or income"
    CREDENTIAL = "password or other credential"
    BELIEF = "religion, belief, politics or trade union"
    SEXUALITY = "sexual orientation"
    LIKENESS = "photo, signature or biometric data"
    CRIMINAL = "criminal record"


@dataclass(frozen=True, slots=True)
class _Words:
    """What gives a danger away.

    :param whole: whole words, or several that belong together written as one (``dateofbirth``).
    :param inside: what is looked for anywhere in a name, since Dutch glues words together; never part of another word.
    """

    whole: frozenset[str]
    inside: tuple[str, ...] = ()


def _words(whole: str, inside: str = "") -> _Words:
    return _Words(frozenset(whole.split()), tuple(inside.split()))


_TABLE: Mapping[Danger, _Words] = {
    # A fiscal number (FiNr) of a person is the BSN. SoSe, DaBi, ViGe, ...: ids of AFAS's own KnPerson.
    Danger.NATIONAL_ID: _words(
        "bsn bsnnr bsnnummer sose ssn sofi sofinr finr nin nationalid nationalidnumber nationalinsurancenumber "
        "fiscaalnr fiscaalnummer fiscalnumber rijksregisternummer",
        "burgerservice sofinummer socialsecurity omzetbelastingnummer",
    ),
    Danger.BIRTH: _words(
        "dabi cobi rsbi dob birthday birthdate birthplace birthyear dateofbirth datebirth placeofbirth countryofbirth "
        "yearofbirth age gebdat gebdatum verjaardag",
        "geboortedat geboorteplaats geboorteland geboortejaar leeftijd",
    ),
    Danger.BANK: _words(
        "iban ibannr ibannummer ibannumber rekeningnr rekeningnummer banknr banknummer bankaccount bankaccountnumber "
        "baac creditcard creditcardnumber cardnumber cvc giro gironummer",
        "bankrekening creditcardn tegenrekening",
    ),
    Danger.DOCUMENT: _words(
        "passport passportnumber idcard idbewijs idkaart identitycard identitydocument residencepermit visumnummer "
        "driverslicense driverslicence driverlicense drivinglicense drivinglicence legitimatie",
        "paspoort identiteitsbewijs identiteitskaart legitimatiebewijs rijbewijs verblijfsvergunning "
        "vreemdelingennummer",
    ),
    Danger.GENDER: _words("gender genderid geslacht vige sex sekse geslachtscode gendercode"),
    Danger.ORIGIN: _words(
        "psna nationality nationaliteit citizenship ethnicity ethnic ethnicorigin ras herkomstland huidskleur",
        "nationaliteit etniciteit etnischeafkomst migratieachtergrond",
    ),
    Danger.MARITAL: _words(
        "vics maritalstatus civilstatus married spouse echtgenoot echtgenote gehuwd gescheiden weduwe weduwnaar "
        "aantalkinderen numberofchildren weddingdate trouwdatum",
        "burgerlijkestaat huwelijk",
    ),
    Danger.HEALTH: _words(
        "health healthstatus sick sickness sickleave illness disease absence absences medical disability pregnant "
        "pregnancy ziek ziekte ziekmelding ziekmeldingen ziektes medisch zwanger zwangerschap handicap allergie "
        "allergies allergy diagnose diagnosis",
        "verzuim ziekteverzuim arbeidsongeschikt arbeidshandicap zorgverzekering medischegegevens",
    ),
    Danger.PAY: _words(
        "salary wage wages income payroll payscale loon uurloon maandloon jaarloon brutoloon nettoloon loonschaal "
        "inkomen jaarinkomen",
        "salaris loonheffing loonbelasting loonbeslag",
    ),
    Danger.CREDENTIAL: _words(
        "pwrd passwd pincode secret apikey accesstoken passphrase", "password wachtwoord toegangscode"
    ),
    Danger.BELIEF: _words(
        "religion religious faith religie geloof godsdienst kerkgenootschap politicalparty politicalopinion "
        "politiekevoorkeur tradeunion unionmember vakbond vakbondslid",
        "geloofsovertuiging levensovertuiging",
    ),
    Danger.SEXUALITY: _words("sexualorientation sexuality seksualiteit geaardheid", "seksuelegeaardheid"),
    Danger.LIKENESS: _words(
        "photo photos picture portrait avatar foto fotos portret signature handtekening fingerprint biometric",
        "pasfoto profielfoto profilephoto vingerafdruk biometri",
    ),
    Danger.CRIMINAL: _words("criminal criminalrecord vog conviction", "strafblad strafrecht omtrentgedrag"),
}
_LONGEST_PHRASE = 4
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def danger_of(*names: str) -> Danger | None:
    """What a column, or a connector, holds by its names; None when nothing gives it away.

    :param names: id, label and description, in any order; empty ones say nothing.
    """
    forms = [each for name in names for each in _forms(name)]
    glued = ["".join(_cut(name)) for name in names]
    for danger, words in _TABLE.items():
        if any(form in words.whole for form in forms):
            return danger
        if any(part in name for part in words.inside for name in glued):
            return danger
    return None


def _forms(name: str) -> list[str]:
    """Every word of a name, and every row of up to four that stand together, written as one."""
    parts = _cut(name)
    return [
        "".join(parts[start:end])
        for start in range(len(parts))
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(parts)) + 1)
    ]


def _cut(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [part.casefold() for part in _PARTS.findall(bare)]
