"""Tests normalisation, language by language."""

import pytest

from services.tts.normalization.normalize import normalize, normalize_plain
from services.tts.normalization.phrases import read_text, say_as
from services.tts.script.spans import Kind, Respelled, SayAs, Text
from services.tts.script.tokens import Token

ENGLISH = [
    ("1,250 people", "one thousand two hundred and fifty people"),
    ("3.14", "three point one four"),
    ("the 21st", "the twenty-first"),
    ("in 1984", "in nineteen eighty-four"),
    ("in 1905 and 2024", "in nineteen oh five and twenty twenty-four"),
    ("the 1980s", "the nineteen eighties"),
    ("1914–1918", "nineteen fourteen to nineteen eighteen"),
    ("10-20 cats", "ten to twenty cats"),
    ("-5 degrees", "minus five degrees"),
    ("1/2 cup and 3/4", "a half cup and three quarters"),
    ("2½ hours", "two and a half hours"),
    ("March 12, 2024", "March twelfth, twenty twenty-four"),
    ("the 3rd of May", "the third of May"),
    ("on 12 Sept. 2024", "on the twelfth of September twenty twenty-four"),
    ("03/12/2024", "March twelfth twenty twenty-four"),
    ("2024-03-12", "March twelfth twenty twenty-four"),
    ("at 7:45 pm", "at seven forty-five P M"),
    ("at 7:05", "at seven oh five"),
    ("at 12:00", "at twelve o’clock"),
    ("at 9 a.m. sharp", "at nine A M sharp"),
    ("$1,250.50", "one thousand two hundred and fifty dollars and fifty cents"),
    ("$1", "one dollar"),
    ("-$0.50", "minus fifty cents"),
    ("£2.01", "two pounds and one penny"),
    ("$5 million", "five million dollars"),
    ("€3.5bn", "three point five billion euros"),
    ("20 CHF", "twenty Swiss francs"),
    ("3.5 kg", "three point five kilograms"),
    ("1 km", "one kilometer"),
    ("5–10 km/h", "five to ten kilometers per hour"),
    ("-5 °C", "minus five degrees Celsius"),
    ("20%", "twenty percent"),
    ("+1 (555) 010-9999", "plus one, five five five, zero one zero, nine nine nine nine"),
    ("555-0199", "five five five, zero one nine nine"),
    ("https://www.example.com/a2", "W W W dot example dot com slash a two"),
    ("me.too@example.org", "me dot too at example dot org"),
    ("Dr. Smith vs. Mr. Lee", "Doctor Smith versus Mister Lee"),
    ("Main St. near St. Mary", "Main Street near Saint Mary"),
    ("No. 5, e.g. approx. 10", "number five, for example approximately ten"),
    ("Henry VIII", "Henry the eighth"),
    ("World War II", "World War two"),
    ("Chapter IV", "Chapter four"),
    ("A & B", "A and B"),
    ("007", "zero zero seven"),
]
BRITISH = [
    ("03/12/2024", "the third of December twenty twenty-four"),
    ("1.5 km", "one point five kilometres"),
]
GERMAN = [
    ("1.250 Leute", "eintausendzweihundertfünfzig Leute"),
    ("3,14", "drei Komma eins vier"),
    ("1 Tag, 1 Woche", "ein Tag, eine Woche"),
    ("der 3. Mann", "der dritte Mann"),
    ("am 3. Tag", "am dritten Tag"),
    ("im Jahr 1984", "im Jahr neunzehnhundertvierundachtzig"),
    ("2024", "zweitausendvierundzwanzig"),
    ("10–20 Katzen", "zehn bis zwanzig Katzen"),
    ("-5 Grad", "minus fünf Grad"),
    ("1/2 und 3/4", "ein halb und drei Viertel"),
    ("am 12. März 2024", "am zwölften März zweitausendvierundzwanzig"),
    ("Berlin, 12. März", "Berlin, zwölfter März"),
    ("vom 12.03.2024", "vom zwölften März zweitausendvierundzwanzig"),
    ("am 1.5. frei", "am ersten Mai frei"),
    ("um 14:30 Uhr", "um vierzehn Uhr dreißig"),
    ("um 1 Uhr", "um ein Uhr"),
    ("1.250,50 €", "eintausendzweihundertfünfzig Euro fünfzig"),
    ("5 Mio. €", "fünf Millionen Euro"),
    ("3,5 kg", "drei Komma fünf Kilogramm"),
    ("1 km", "ein Kilometer"),
    ("20 %", "zwanzig Prozent"),
    ("030 1234567", "null drei null, eins zwei drei vier fünf sechs sieben"),
    ("www.beispiel.de", "W W W Punkt beispiel Punkt de"),
    ("ich@beispiel.de", "ich ät beispiel Punkt de"),
    ("Dr. Müller, z. B. Nr. 5", "Doktor Müller, zum Beispiel Nummer fünf"),
    ("Ludwig XIV. kam", "Ludwig der Vierzehnte kam"),
    ("im XX. Jahrhundert", "im zwanzigsten Jahrhundert"),
    ("Kapitel IV", "Kapitel vier"),
]
FRENCH = [
    ("1 250 personnes", "mille deux cent cinquante personnes"),
    ("3,14", "trois virgule quatorze"),
    ("21 heures", "vingt et une heures"),
    ("la 1re fois, le 2e jour", "la première fois, le deuxième jour"),
    ("en 1984", "en mille neuf cent quatre-vingt-quatre"),
    ("10–20 chats", "dix à vingt chats"),
    ("-5 degrés", "moins cinq degrés"),
    ("1/2 et 3/4", "un demi et trois quarts"),
    ("le 1er mars 2024", "le premier mars deux mille vingt-quatre"),
    ("le 12/03/2024", "le douze mars deux mille vingt-quatre"),
    ("à 14h30", "à quatorze heures trente"),
    ("à 1 h", "à une heure"),
    ("1 250,50 €", "mille deux cent cinquante euros cinquante"),
    ("1,50 €", "un euro cinquante"),
    ("5 M€", "cinq millions d’euros"),
    ("3,5 kg", "trois virgule cinq kilogrammes"),
    ("20 %", "vingt pour cent"),
    ("01 23 45 67 89", "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf"),
    ("www.exemple.fr", "W W W point exemple point fr"),
    ("moi@exemple.fr", "moi arobase exemple point fr"),
    ("Mme Dupont et M. Martin, n° 5", "Madame Dupont et Monsieur Martin, numéro cinq"),
    ("Louis XIV au XXe siècle", "Louis quatorze au vingtième siècle"),
]
SPANISH = [
    ("1.250 personas", "mil doscientas cincuenta personas"),
    ("3,14", "tres coma catorce"),
    ("21 años, 1 hora", "veintiún años, una hora"),
    ("200 libras", "doscientas libras"),
    ("el 1.º, la 2ª, el 3er", "el primero, la segunda, el tercer"),
    ("en 1984", "en mil novecientos ochenta y cuatro"),
    ("10–20 gatos", "diez a veinte gatos"),
    ("-5 grados", "menos cinco grados"),
    ("1/2 y 3/4", "un medio y tres cuartos"),
    ("el 12 de marzo de 2024", "el doce de marzo de dos mil veinticuatro"),
    ("el 12/03/2024", "el doce de marzo de dos mil veinticuatro"),
    ("a las 14:30", "a las catorce treinta"),
    ("1.250,50 €", "mil doscientos cincuenta euros con cincuenta"),
    ("21 kg", "veintiún kilogramos"),
    ("20 %", "veinte por ciento"),
    ("+34 600 123 456", "más tres cuatro, seis cero cero, uno dos tres, cuatro cinco seis"),
    ("www.ejemplo.es", "W W W punto ejemplo punto es"),
    ("yo@ejemplo.es", "yo arroba ejemplo punto es"),
    ("el Sr. López, p. ej. EE. UU.", "el Señor López, por ejemplo Estados Unidos"),
    ("Felipe VI y Alfonso XIII", "Felipe sexto y Alfonso trece"),
    ("siglo XX", "siglo veinte"),
]
ITALIAN = [
    ("1.250 persone", "milleduecentocinquanta persone"),
    ("3,14", "tre virgola quattordici"),
    ("1 anno, 1 ora", "un anno, una ora"),
    ("il 1º, la 2ª", "il primo, la seconda"),
    ("nel 1984", "nel millenovecentottantaquattro"),
    ("10–20 gatti", "dieci a venti gatti"),
    ("-5 gradi", "meno cinque gradi"),
    ("1/2 e 3/4", "un mezzo e tre quarti"),
    ("il 1º marzo 2024", "il primo marzo duemilaventiquattro"),
    ("il 12/03/2024", "il dodici marzo duemilaventiquattro"),
    ("alle 14:30", "alle quattordici e trenta"),
    ("1.250,50 €", "milleduecentocinquanta euro e cinquanta"),
    ("1 kg", "un chilogrammo"),
    ("20%", "venti per cento"),
    ("+39 06 1234567", "più tre nove, zero sei, uno due tre quattro cinque sei sette"),
    ("www.esempio.it", "W W W punto esempio punto it"),
    ("io@esempio.it", "io chiocciola esempio punto it"),
    ("il Sig. Rossi, ecc.", "il Signor Rossi, eccetera."),
    ("Luigi XIV nel XX secolo", "Luigi quattordicesimo nel ventesimo secolo"),
]
PORTUGUESE = [
    ("1.250 pessoas", "mil duzentas e cinquenta pessoas"),
    ("3,14", "três vírgula catorze"),
    ("2 horas", "duas horas"),
    ("o 1º, a 2ª", "o primeiro, a segunda"),
    ("em 1984", "em mil novecentos e oitenta e quatro"),
    ("16", "dezasseis"),
    ("10–20 gatos", "dez a vinte gatos"),
    ("-5 graus", "menos cinco graus"),
    ("1/2 e 3/4", "um meio e três quartos"),
    ("a 12 de março de 2024", "a doze de março de dois mil e vinte e quatro"),
    ("a 12/03/2024", "a doze de março de dois mil e vinte e quatro"),
    ("às 14h30", "às catorze e trinta"),
    ("1.250,50 €", "mil duzentos e cinquenta euros e cinquenta"),
    ("1 kg", "um quilograma"),
    ("20%", "vinte por cento"),
    ("+351 912 345 678", "mais três cinco um, nove um dois, três quatro cinco, seis sete oito"),
    ("www.exemplo.pt", "W W W ponto exemplo ponto pt"),
    ("eu@exemplo.pt", "eu arroba exemplo ponto pt"),
    ("o Sr. Silva, n.º 5", "o Senhor Silva, número cinco"),
    ("João VI no século XX", "João sexto no século vinte"),
]
BRAZILIAN = [("16", "dezesseis"), ("R$ 2,50", "dois reais e cinquenta")]
DUTCH = [
    ("1.250 mensen", "duizendtweehonderdvijftig mensen"),
    ("3,14", "drie komma één vier"),
    ("de 1e, de 20ste", "de eerste, de twintigste"),
    ("in 1984", "in negentienhonderd vierentachtig"),
    ("10–20 katten", "tien tot twintig katten"),
    ("-5 graden", "min vijf graden"),
    ("3/4", "drie kwart"),
    ("op 12 maart 2024", "op twaalf maart tweeduizendvierentwintig"),
    ("op 12-03-2024", "op twaalf maart tweeduizendvierentwintig"),
    ("om 14:30 uur", "om veertien uur dertig"),
    ("€ 1.250,50", "duizendtweehonderdvijftig euro vijftig"),
    ("1 kg", "één kilogram"),
    ("20%", "twintig procent"),
    ("020 1234567", "nul twee nul, één twee drie vier vijf zes zeven"),
    ("www.voorbeeld.nl", "W W W punt voorbeeld punt nl"),
    ("ik@voorbeeld.nl", "ik apenstaartje voorbeeld punt nl"),
    ("dhr. Jansen, bijv. nr. 5", "de heer Jansen, bijvoorbeeld nummer vijf"),
    ("Willem III in de XXe eeuw", "Willem de Derde in de twintigste eeuw"),
]
TABLE = {
    "en-US": ENGLISH,
    "en-GB": BRITISH,
    "de": GERMAN,
    "fr-FR": FRENCH,
    "es": SPANISH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "pt-BR": BRAZILIAN,
    "nl": DUTCH,
}


def said(text: str, language: str) -> str:
    return "".join(written if spoken is None else spoken for written, spoken in read_text(text, language))


@pytest.mark.parametrize(
    ("language", "text", "spoken"), [(tag, *row) for tag, rows in TABLE.items() for row in rows]
)
def test_a_text_is_normalised_in_its_language(language: str, text: str, spoken: str) -> None:
    assert said(text, language) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 in v1.2.3 by MP3",
        "open 24/7 for B2B",
        "I MIX CD and DC",
        "a 5G phone",
        "13/13/2024",
        "so it is.",
        "X is Mr X",
        "12345678901234567890",
        "11/2 of it",
    ],
)
def test_unclear_text_is_left_to_the_engine(text: str) -> None:
    assert said(text, "en-US") == text


def test_text_in_an_unsupported_language_is_unchanged() -> None:
    assert said("Det kostar 5 kr 1984", "sv") == "Det kostar 5 kr 1984"


def test_no_character_is_lost() -> None:
    for language, rows in TABLE.items():
        for text, _ in rows:
            assert "".join(written for written, _ in read_text(text, language)) == text


@pytest.mark.parametrize(
    "part",
    [
        "a-",
        "a.",
        "a'",
        "a@",
        "1 ",
        "1.",
        "1-",
        "111 ",
        "!",
        "0 12",
        "www.",
        "+1 ",
        "A II",
        "1/",
        "[a ",
        "“",
        "12. ",
        "'90s ",
        "1:02:",
        "9:00-",
        "$1k-",
        "1 €-",
        "#1",
        ".5",
        "2024-",
        "Mo-",
        "1.-",
        "St. ",
        "1+",
    ],
)
@pytest.mark.parametrize("language", ["en-US", "de", "fr-FR"])
@pytest.mark.timeout(30)
def test_no_text_makes_the_search_slow(part: str, language: str) -> None:
    """A search that backtracks over the whole text takes minutes here."""
    text = part * (20_000 // len(part)) + "x"
    assert "".join(written for written, _ in read_text(text, language)) == text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Eggs, etc. Then", "Eggs, et cetera. Then"),
        ("eggs, etc. and", "eggs, et cetera and"),
        ("at 7 p.m. Then", "at seven P M. Then"),
    ],
)
def test_an_abbreviation_may_end_a_sentence(text: str, spoken: str) -> None:
    assert said(text, "en-US") == spoken


@pytest.mark.parametrize(
    ("kind", "order", "text", "spoken"),
    [
        (Kind.CHARACTERS, "", "aB-3", "A B dash three"),
        (Kind.CARDINAL, "", "1984", "one thousand nine hundred and eighty-four"),
        (Kind.ORDINAL, "", "3", "third"),
        (Kind.DATE, "dmy", "3/4/2024", "April third twenty twenty-four"),
        (Kind.DATE, "ymd", "2024.04.03", "April third twenty twenty-four"),
        (Kind.DATE, "md", "4/3", "April third"),
        (Kind.DATE, "", "4/3/2024", "April third twenty twenty-four"),
        (Kind.TIME, "", "14:05", "fourteen oh five"),
        (Kind.TELEPHONE, "", "5550199", "five five five zero one nine nine"),
        (Kind.CURRENCY, "", "USD 5", "five dollars"),
        (Kind.DATE, "dmy", "soon", "soon"),
    ],
)
def test_say_as(kind: Kind, order: str, text: str, spoken: str) -> None:
    assert say_as(SayAs(kind, order), text, "en-US") == spoken


LONG = "9" * 5000


@pytest.mark.parametrize("language", list(TABLE))
@pytest.mark.parametrize(
    "number", [LONG, f"{LONG}th", f"{LONG}½", f"{LONG} 1/2", f"1/1/{LONG}", "²", "1,x", "1.x"]
)
def test_a_number_that_has_no_words_is_read_otherwise(language: str, number: str) -> None:
    """Covers too many digits for words, signs that only look like digits, and letters after a comma."""
    assert said(number, language)
    for kind in Kind:
        assert say_as(SayAs(kind), number, language)


def test_words_are_shown_as_they_are_written() -> None:
    tokens = normalize_plain("On March 12, 2024 it cost $5.", "en-US")
    assert [token.shown for token in tokens] == ["On", "March", "12", "2024", "it", "cost", "$5"]
    assert "".join(token.spoken + token.tail + token.gap for token in tokens) == (
        "On March twelfth, twenty twenty-four it cost five dollars."
    )


@pytest.mark.parametrize("text", ["http://①.com/①", "²@a.com", "www.a.b/²"])
def test_signs_that_are_digits_only_by_name_are_no_numbers(text: str) -> None:
    assert normalize_plain(text, "en-US")


def test_a_respelling_of_punctuation_is_a_word_of_its_own() -> None:
    spans = (Text("a"), Text("!", reading=Respelled("loud")), Text("?"))
    found = [token for token in normalize(spans, lambda _: "") if isinstance(token, Token)]
    assert [(token.spoken, token.tail) for token in found] == [("a", ""), ("loud", "?")]
