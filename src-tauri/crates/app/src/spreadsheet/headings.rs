//! The words that stand over columns, in the languages of the shops: what each says about the cells below it.
//!
//! Words are folded ([`fold`]): small letters without marks, everything else a space. Money is never guessed from a
//! part of a header: "points balance" is no money.

use super::columns::ImportField;
use regulars_domain::fold::fold;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// It names a field.
    Field(ImportField),
    /// A name, and the other columns tell which.
    SomeName,
    /// Something that no import takes. Its cells are not looked at: a tax number looks like a phone number.
    Other,
}

/// How sure it is, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// Words within a longer header.
    Contained,
    /// The header less what it says about whose it is, in what currency, and which of several.
    Cleaned,
    /// The whole header.
    Whole,
}

/// The longest header that is looked up, in bytes: a column with a sentence over it is not guessed.
const MAX_HEADER: usize = 200;

/// What phrases say, divided by commas.
const WORDS: [(Heading, &str); 14] = [
    (
        Heading::Field(ImportField::FullName),
        "full name, fullname, customer name, client name, member name, display name, contact name, customer, \
         client, member, name and surname, first and last name, ho ten, ho va ten, ho ten kh, ten day du, \
         ten khach hang, ten kh, ten khach, ten thanh vien, ten hoi vien, khach hang, nom complet, \
         nom et prenom, nom prenom, prenom et nom, prenom nom, nom du client, meno a priezvisko, cele meno, \
         meno zakaznika, zakaznik, jmeno a prijmeni, cele jmeno, jmeno zakaznika, vor und nachname, \
         vor und zuname, vollstandiger name, kundenname, kunde",
    ),
    (
        Heading::Field(ImportField::Given),
        "given, given name, given names, first name, firstname, forename, ten rieng, ten goi, prenom, prenoms, \
         krstne meno, krestni jmeno, vorname, rufname",
    ),
    (
        Heading::Field(ImportField::Family),
        "family, family name, last name, lastname, surname, ho, ho dem, ho lot, ho va dem, ho va ten dem, \
         ho va ten lot, ho va chu lot, nom de famille, priezvisko, prijmeni, nachname, familienname, zuname",
    ),
    (Heading::SomeName, "name, ten, nom, meno, jmeno"),
    (
        Heading::Field(ImportField::Phone),
        "phone, phone number, phone no, telephone, telephone number, tel, tel no, mobile, mobile phone, \
         mobile number, mobile no, cell, cellphone, cell phone, contact number, whatsapp, sdt, so dt, dt, \
         so dien thoai, dien thoai, dien thoai di dong, di dong, so di dong, dtdd, zalo, portable, \
         numero de telephone, n de telephone, tel portable, telephone portable, mobil, telefon, telefonne cislo, \
         telefonni cislo, cislo telefonu, tel cislo, tel c, mobilny telefon, mobilni telefon, handy, \
         handynummer, telefonnummer, mobilnummer, mobiltelefon, rufnummer",
    ),
    (
        Heading::Field(ImportField::Email),
        "email, e mail, mail, email address, e mail address, thu dien tu, dia chi email, hop thu, courriel, \
         adresse email, adresse e mail, adresse mail, emailova adresa, e mailova adresa, mailova adresa, \
         e mail adresse, emailadresse",
    ),
    (
        Heading::Field(ImportField::Birthday),
        "birthday, birth date, birthdate, date of birth, dob, born, born on, ngay sinh, sinh nhat, \
         ngay thang nam sinh, sn, date de naissance, naissance, ne le, anniversaire, datum narodenia, \
         narodeniny, datum narozeni, narozeniny, geburtstag, geburtsdatum, geboren, geboren am",
    ),
    (
        Heading::Field(ImportField::Card),
        "card, card number, card no, card id, card serial, loyalty card, loyalty card number, membership card, \
         member card, serial, serial number, barcode, the, so the, ma the, ma so the, the thanh vien, so the thanh vien, \
         ma the thanh vien, ma vach, carte, numero de carte, n de carte, no carte, carte de fidelite, \
         numero de carte de fidelite, code barres, karta, cislo karty, vernostna karta, vernostni karta, \
         cislo vernostnej karty, karte, kartennummer, kartennr, kundenkarte, kundenkartennummer",
    ),
    (
        Heading::Field(ImportField::OpeningBalance),
        "opening balance, balance, store credit, credit, credit balance, store credit balance, card balance, \
         so du, so du dau, so du dau ky, so du the, so du vi, so du tai khoan, so du hien tai, solde, \
         solde initial, solde actuel, avoir, solde avoir, zostatok, pociatocny zostatok, zustatek, \
         pocatecni zustatek, kredit, guthaben, startguthaben, saldo, kontostand, anfangsbestand",
    ),
    (
        Heading::Field(ImportField::Label),
        "label, labels, tag, tags, group, groups, segment, segments, category, categories, nhom, nhan, \
         phan loai, phan nhom, phan khuc, groupe, groupes, etiquette, etiquettes, categorie, skupina, skupiny, \
         stitok, stitky, stitek, kategoria, kategorie, gruppe, gruppen, kundengruppe, etikett, etiketten, \
         schlagworte",
    ),
    (
        Heading::Field(ImportField::Note),
        "note, notes, remark, remarks, comment, comments, memo, ghi chu, chu thich, remarque, remarques, \
         commentaire, commentaires, poznamka, poznamky, notiz, notizen, bemerkung, bemerkungen, anmerkung, \
         anmerkungen, kommentar",
    ),
    (
        Heading::Field(ImportField::Reference),
        "reference, reference number, ref, ref no, id, code, customer id, customer code, customer number, \
         customer no, customer ref, client id, client number, client no, member id, member code, member number, \
         member no, membership number, membership no, membership id, external id, ma, ma so, ma kh, \
         ma khach hang, ma thanh vien, ma hoi vien, ma tham chieu, identifiant, code client, numero client, \
         numero de client, n client, reference client, numero d adherent, kod, kod zakaznika, cislo zakaznika, \
         zakaznicke cislo, cislo clena, referencia, kundennummer, kundennr, kunden nr, kd nr, mitgliedsnummer, \
         mitglieds nr, referenz",
    ),
    (
        Heading::Field(ImportField::MemberSince),
        "member since, customer since, since, join date, joined, joined on, joined at, date joined, \
         registration date, registered, registered on, registered at, signup date, sign up date, created, \
         created at, created on, creation date, date created, ngay tham gia, ngay gia nhap, ngay dang ky, \
         ngay dk, ngay tao, ngay lap the, ngay vao, thanh vien tu, hoi vien tu, membre depuis, client depuis, \
         date d inscription, date inscription, inscrit le, inscription, date de creation, clen od, zakaznik od, \
         datum registracie, registrovany, datum registrace, registrovan, mitglied seit, kunde seit, seit, \
         beitritt, beitrittsdatum, registriert am, registrierungsdatum, anlagedatum",
    ),
    (
        Heading::Other,
        "fax, tax, tax id, tax code, vat, vat id, mst, ma so thue, cmnd, cccd, so cmnd, so cccd, can cuoc, \
         id card, national id, passport, ho chieu, siret, siren, tva, ico, dic, ic dph, iban, bank account, \
         so tai khoan, stt, points, diem, points balance, so du diem, postcode, zip, psc, plz, last visit, \
         last purchase, last order, lan mua cuoi, mua lan cuoi, emergency contact, expiry, expiry date, \
         valid until, ngay het han, cong no",
    ),
];

/// Words that say whose it is, in what currency, or which of several: less than what it is.
const ASIDES: &str = "khach, kh, customer, customers, client, clients, member, members, zakaznika, \
    zakaznik, clena, kunde, kunden, du, de, la, le, of, your, vnd, dong, eur, euro, usd, czk, gbp, in, no, main";

/// What a header says, if it says anything.
pub(super) fn heading(header: &str) -> Option<(Heading, Certainty)> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let folded = fold(header);
    if let Some(heading) = meaning(&spaced(&folded)) {
        return Some((heading, Certainty::Whole));
    }
    let cleaned = cleaned(&folded);
    if let Some(heading) = meaning(&cleaned) {
        return Some((heading, Certainty::Cleaned));
    }
    contained(&cleaned).map(|heading| (heading, Certainty::Contained))
}

fn meaning(words: &str) -> Option<Heading> {
    WORDS.iter().find(|(_, phrases)| phrases.split(", ").any(|phrase| phrase == words)).map(|(heading, _)| *heading)
}

/// Letters and digits, with one space for everything between them.
fn spaced(folded: &str) -> String {
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Without brackets, and without asides and counters at either end: "SĐT khách hàng 1 (di động)" is "sdt". One by one,
/// until what is left means something: "số dư" must not lose its second word as the French "du".
fn cleaned(folded: &str) -> String {
    let before_brackets = folded.split(['(', '[', '{']).next().unwrap_or_default();
    let spaced = spaced(before_brackets);
    // Each of the two words means something else by itself: "hạng" is a rank.
    let spaced = ["khach hang", "thanh vien", "hoi vien"].iter().fold(spaced, |text, pair| text.replace(pair, "kh"));
    let mut words: Vec<&str> = spaced.split(' ').collect();
    while meaning(&words.join(" ")).is_none() && words.last().is_some_and(|word| is_aside(word)) {
        words.pop();
    }
    while meaning(&words.join(" ")).is_none() && words.first().is_some_and(|word| is_aside(word)) {
        words.remove(0);
    }
    words.join(" ")
}

fn is_aside(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit()) || ASIDES.split(", ").any(|aside| aside == word)
}

/// The longest phrase that stands within a header, of those that are long enough not to stand there by chance.
fn contained(words: &str) -> Option<Heading> {
    let padded = format!(" {words} ");
    let is_guessed =
        |heading: &Heading| !matches!(heading, Heading::Field(ImportField::OpeningBalance) | Heading::SomeName);
    let guessed = WORDS.iter().filter(|(heading, _)| is_guessed(heading));
    let phrases = guessed.flat_map(|(heading, phrases)| phrases.split(", ").map(move |phrase| (*heading, phrase)));
    let long = phrases.filter(|(_, phrase)| phrase.contains(' ') || phrase.len() >= 5);
    let within = long.filter(|(_, phrase)| padded.contains(&format!(" {phrase} ")));
    within.max_by_key(|(_, phrase)| phrase.len()).map(|(heading, _)| heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_says_two_things_and_all_are_folded() {
        let phrases: Vec<&str> = WORDS.iter().flat_map(|(_, phrases)| phrases.split(", ")).collect();
        for (place, phrase) in phrases.iter().enumerate() {
            assert_eq!(*phrase, spaced(&fold(phrase)), "as a header is folded");
            assert!(!phrases[..place].contains(phrase), "{phrase} is there twice");
        }
    }
}
