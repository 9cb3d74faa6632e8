//! Numbers as Excel shows long ones: `9.45E+08`. Whether all digits are still there decides whether it can be undone.

/// A number in scientific notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scientific {
    /// All its digits are there; this is the number written out, with a point where it has decimals.
    Exact(String),
    /// Some are gone, and nobody knows which they were.
    Rounded,
}

/// The largest exponent that is written out: longer numbers are no phone, card or amount.
const MAX_EXPONENT: usize = 30;

impl Scientific {
    /// Reads scientific notation, or `None` where this is none. A negative exponent is none: no cell here is that small.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['E', 'e'])?;
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
        let is_number =
            !whole.is_empty() && !exponent.is_empty() && [whole, fraction, exponent].into_iter().all(all_digits);
        is_number.then(|| match exponent.parse::<usize>() {
            Ok(places) if places <= fraction.len().min(MAX_EXPONENT) => Self::Exact(moved(whole, fraction, places)),
            Ok(_) | Err(_) => Self::Rounded,
        })
    }
}

/// The number with its point moved to the right.
fn moved(whole: &str, fraction: &str, places: usize) -> String {
    let (shifted, rest) = fraction.split_at(places);
    match rest.trim_end_matches('0') {
        "" => format!("{whole}{shifted}"),
        rest => format!("{whole}{shifted}.{rest}"),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
