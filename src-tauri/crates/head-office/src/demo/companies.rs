//! Made-up companies, with the numbers that companies have in that country. None is looked up anywhere.

use super::one_of;
use super::places::Place;
use rand::{Rng, RngExt};
use regulars_domain::member::Company;

/// A company that is called after somebody.
pub(super) fn company(random: &mut impl Rng, place: &Place, family: &str) -> Company {
    let (before, after) = one_of(random, place.customs.company_names);
    let name = Some(format!("{before}{family}{after}"));
    match place.location.country.as_str() {
        // Mã số doanh nghiệp, which is the tax number: 01 is Hanoi.
        "VN" => {
            let number = format!("01{}", digits(random, 8));
            Company { name, registration_number: Some(number.clone()), tax_id: Some(number), vat_id: None }
        }
        // IČO, DIČ and IČ DPH.
        "SK" => {
            let tax_id = format!("20{}", digits(random, 8));
            let vat_id = Some(format!("SK{tax_id}"));
            Company { name, registration_number: Some(digits(random, 8)), tax_id: Some(tax_id), vat_id }
        }
        // SIREN, and the number for value added tax that follows from it.
        _ => {
            let siren = digits(random, 9);
            let key = (12 + 3 * (siren.parse::<u64>().unwrap_or(0) % 97)) % 97;
            let vat_id = Some(format!("FR{key:02}{siren}"));
            Company { name, registration_number: Some(siren.clone()), tax_id: Some(siren), vat_id }
        }
    }
}

fn digits(random: &mut impl Rng, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + random.random_range(0..10_u8))).collect()
}
