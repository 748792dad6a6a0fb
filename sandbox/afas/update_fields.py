"""The fields of the UpdateConnectors: id, kind with length, label. Ids and lengths are those that AFAS documents."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "KnPerson": """
        PadAdr:b0:Postadres is adres; AutoNum:b0:Autonummering; MatchPer:s1:Persoon vergelijken op;
        BcId:i0:Organisatie/persoon (intern); BcCo:s15:Nummer; SeNm:s10:Zoeknaam; CaNm:s80:Roepnaam;
        FiNm:s50:Voornaam; In:s15:Voorletters; Is:s15:Voorvoegsel; LaNm:s80:Achternaam;
        SpNm:b0:Geboortenaam apart vastleggen; IsBi:s15:Voorvoegsel geboortenaam; NmBi:s80:Geboortenaam;
        IsPa:s15:Voorvoegsel partner; NmPa:s80:Geboortenaam partner; ViUs:s20:Naamgebruik; ViGe:s20:Geslacht;
        PsNa:s20:Nationaliteit; DaBi:d0:Geboortedatum; CoBi:s3:Geboorteland; RsBi:s50:Geboorteplaats;
        SoSe:s25:Burgerservicenummer; Sdla:s10:Persoonlijke ID; ViCs:s20:Burgerlijke staat; DaMa:d0:Huwelijksdatum;
        DaDi:d0:Datum scheiding; DaDe:d0:Datum overlijden; TtId:s3:Titel/aanhef; TtEx:s3:Titel achter naam;
        LeHe:s255:Briefaanhef; TeNr:s255:Telefoonnr. werk; TeN2:s255:Telefoonnr. privé; FaNr:s255:Fax werk;
        MbNr:s255:Mobiel werk; MbN2:s255:Mobiel privé; EmAd:s255:E-mail werk; EmA2:s255:E-mail privé;
        HoPa:s255:Homepage; Corr:b0:Correspondentie; ViMd:s20:Voorkeursmedium; Re:s0:Opmerking; StId:s20:Status;
        SocN:s255:Social media; CrIb:s9:CRIB-nummer; Face:s255:Facebook; Link:s255:LinkedIn; Twtr:s255:X;
        LgId:s3:Taal; CoLw:s2:Land wetgeving; CcNr:s30:KvK-nummer; CcDa:d0:Datum KvK; BrNr:s30:Vestigingsnummer;
        FiNr:s9:Fiscaal nummer; EmAm:s20:Aantal medewerkers; SBIc:s10:SBI-code; FileId:s32:Bestand;
        FileName:s255:Naam bestand; FileStream:s0:Afbeelding;
        AddToPortal:b0:Toegang tot de portal;
        EmailPortal:s255:E-mail toegang
    """,
    "KnOrganisation": """
        PadAdr:b0:Postadres is adres; AutoNum:b0:Autonummering; MatchOga:s1:Organisatie vergelijken op;
        BcId:i0:Organisatie/persoon (intern); BcCo:s15:Nummer; SeNm:s10:Zoeknaam; Nm:s255:Naam; ViLe:s20:Rechtsvorm;
        ViLb:s20:Branche; CcNr:s30:KvK-nummer; CcDa:d0:Datum KvK; BrNr:s30:Vestigingsnummer;
        NmRg:s80:Statutaire naam; RsRg:s50:Statutaire vestiging; TtId:s3:Titel/aanhef; LeHe:s255:Briefaanhef;
        OuId:s10:Organisatie-eenheid; TeNr:s255:Telefoonnr. werk; FaNr:s255:Fax werk; MbNr:s255:Mobiel werk;
        EmAd:s255:E-mail werk; HoPa:s255:Homepage; Corr:b0:Correspondentie; ViMd:s20:Voorkeursmedium;
        Re:s0:Opmerking; FiNr:s9:Fiscaal nummer; StId:s20:Status; EmAm:s20:Aantal medewerkers;
        SocN:s255:Social media; CrIb:s9:CRIB-nummer; Face:s255:Facebook; Link:s255:LinkedIn; Twtr:s255:X;
        LgId:s3:Taal; XpRe:s40:Externe sleutel; SBIc:s10:SBI-code; BcPa:s15:Onderdeel van organisatie;
        FileId:s32:Bestand id; FileName:s255:Naam bestand; FileStream:s0:Afbeelding
    """,
    "KnBasicAddressAdr": """
        CoId:s3:Land; PbAd:b0:Postbusadres; StAd:s255:Toev. voor straat; Ad:s60:Straat; HmNr:i0:Huisnummer;
        HmAd:s30:Toev. aan huisnr.; ZpCd:s15:Postcode; Rs:s50:Woonplaats; AdAd:s255:Toevoeging aan adres;
        BeginDate:d0:Ingangsdatum adreswijziging; ResZip:b0:Zoek woonplaats bij postcode
    """,
    "KnContact": """
        BcCoOga:s15:Nummer organisatie; BcCoPer:s15:Nummer persoon; PadAdr:b0:Postadres is adres;
        ExAd:s255:Afdeling; CdId:i0:Contact; ViKc:s20:Soort contact; ViFu:s20:Functie;
        FuDs:s50:Functie op visitekaart; Corr:b0:Correspondentie; ViMd:s20:Voorkeursmedium;
        TeNr:s255:Telefoonnr. werk; FaNr:s255:Fax werk; MbNr:s255:Mobiel werk; EmAd:s255:E-mail werk;
        HoPa:s255:Homepage; Re:s0:Opmerking; Bl:b0:Geblokkeerd; AtLn:s255:T.a.v.-regel; LeHe:s255:Briefaanhef;
        SocN:s255:Social media; Face:s255:Facebook; Link:s255:LinkedIn; Twtr:s255:X;
        AddToPortal:b0:Toegang tot de portal;
        EmailPortal:s255:E-mail toegang
    """,
    "KnSalesRelationOrg": """
        DbId:s16:Debiteurnummer; Iban:s40:Voorkeur Iban nummer; BaAc:s40:Voorkeur bank-/gironummer;
        CoId:s3:Voorkeur bank-/gironummer land code; IsDb:b0:Is debiteur; ToAc:s16:Preferred contra account;
        VaId:s21:VAT identification number; PaCd:s5:Betalingsvoorwaarde; VeId:s16:Vertegenwoordiger; LgId:s3:Taal;
        CuId:s3:Valuta; DsId:i0:Deviating reminder set; EmId:s15:Resp. person; VaDu:s3:Btw-plicht; PfId:s16:Profiel;
        PrLi:n0:% Line discount; PrFc:n0:Invoice discount (%); ClPc:n0:Credit restriction (%);
        PrPt:n0:Payment discount (%); Krli:n0:Kredietlimiet; FaTo:s16:Invoice to; TrPt:s16:Transporter;
        PrDl:i0:Delivery priority; PrVn:s16:Use prices from; PrLs:s5:Preferred price list;
        VkMa:s15:Preferred warehouse; Bl:b0:Geblokkeerd voor levering; BlTl:b0:Volledig blokkeren;
        VaLi:b0:VAT listing; LDId:s15:Main declarant; VaYN:b0:Deviating VAT rate group; DuYN:b0:Send reminder;
        VaIg:s20:Group administration code; VaGu:s20:Status monitoring; DsGr:s5:Discount group; NtPr:b0:Net price;
        VtIn:b0:Price incl. VAT; InTx:s40:Invoice text; CITo:b0:Compress entire invoice;
        TxTc:s40:Compress text at total; StMa:b0:Strict maximum; MaIn:n0:Maximum invoice amount;
        StMi:b0:Strict minimum; MiIn:n0:Minimum invoice amount; RoOf:s5:Rounding method; DeId:s15:Declarant;
        PaSp:b0:Collection specification; AuPa:b0:Automatisch incasseren; PaCo:b0:Compress;
        SiPA:b0:One-off direct debit mandate required; WaOr:b0:Order/quotation warning; WaTx:s255:Warning text;
        CsTy:s1:CBS types; Rm:s0:Opmerking; CdDa:i0:Preferred delivery address; CtP1:i0:Contactpersoon;
        CtP2:i0:Extra contact person; ColA:s16:Summary account; CsDa:d0:Customer since; BcBy:s15:Entered by;
        DeCo:s20:Leveringsconditie; CtI1:i0:Voorkeur contact; InPv:s20:Voorkeur factuur; SoId:s8:Order sorting;
        VaBc:s20:Barcode type; BaCo:s30:Barcode; CoDs:s8:Discount/surcharge scale;
        MnOr:b0:Sales contact order number/ref. required;
        EDDn:b0:Addressing EDI packing slip accord. to EDI invoice; VaA1:s10:VaA1; VaA2:s10:VaA2; VaA3:s10:VaA3;
        VaA4:s10:VaA4; VaA5:s10:VaA5; Pwrd:s255:Password; AtCd:s255:Activation code; AcTp:s255:Account type;
        OrPr:s20:Processing order; AsGr:s5:Product range; AsYN:b0:Allow different product range;
        OINr:s40:OIN number; VaDt:s20:SEPA collection method; EnId:s50:eConnection company ID;
        VaTp:s20:Sales contact type; ReCo:b0:Apply disposal fee; EORI:s17:EORI number
    """,
}
"""By object; kinds: s text, b yes or no, i whole number, n number, d date. A length of 0 is none."""

VALUES: Mapping[str, str] = {
    "MatchPer": "0=Zoek op BcCo; 1=Burgerservicenummer; 2=Naam; 3=Naam en e-mail werk; 4=Naam en mobiel werk; "
    "5=Naam en telefoon werk; 6=Naam en geboortedatum; 7=Altijd nieuw toevoegen",
    "MatchOga": "0=Zoek op BcCo; 1=KvK-nummer; 2=Fiscaal nummer; 3=Naam; 4=Adres; 5=Postadres; "
    "6=Altijd nieuw toevoegen",
    "ViGe": "M=Man; O=Onbekend; V=Vrouw; X=Non-binair",
    "ViMd": "EMA=E-mail; FAX=Fax; PRS=Persoonlijk; PST=Post; TEL=Telefoonnr.",
    "ViKc": "AFD=Afdeling bij organisatie; PRS=Persoon bij organisatie; AFL=Afleveradres; ORG=Organisatie; PER=Persoon",
    "DeCo": "0=Deellevering toestaan; 1=Regel volledig uitleveren; 2=Order volledig uitleveren; "
    "3=Geen backorders leveren",
    "InPv": "A=Afdrukken; B=Afdrukken + e-mail PDF; E=E-mail PDF; F=eVerbinding (UBL); S=In dossier zetten; "
    "U=E-mail PDF + E-factuur (UBL); X=Reeds verstrekt; Y=Niet verstrekken",
}
"""Fields with a fixed set of values."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "KnPerson": {
        "SeNm": "search_name",
        "CaNm": "first_name",
        "Is": "prefix",
        "LaNm": "surname",
        "ViGe": "gender",
        "TeNr": "phone",
        "MbNr": "mobile",
        "EmAd": "email",
        "LgId": "language",
        "CcNr": "coc_number",
    },
    "KnOrganisation": {
        "SeNm": "search_name",
        "Nm": "name",
        "TeNr": "phone",
        "MbNr": "mobile",
        "EmAd": "email",
        "LgId": "language",
        "CcNr": "coc_number",
    },
    "KnContact": {
        "ExAd": "department",
        "FuDs": "function",
        "TeNr": "phone",
        "MbNr": "mobile",
        "EmAd": "email",
        "Bl": "blocked",
    },
    "KnSalesRelationOrg": {
        "PaCd": "pay_condition",
        "CuId": "currency",
        "Krli": "credit_limit",
        "Bl": "blocked",
        "BlTl": "fully_blocked",
        "AuPa": "auto_payment",
    },
    "KnBasicAddressAdr": {
        "CoId": "country",
        "Ad": "street",
        "HmNr": "number",
        "HmAd": "addition",
        "ZpCd": "postcode",
        "Rs": "city",
    },
}
"""Columns of the tables behind fields; other fields are kept beside them, under their own id."""
