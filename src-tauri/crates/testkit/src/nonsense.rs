//! Nonsense for whoever reads what others wrote: a document in which something is not what it should be.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::{Map, Number, Value};

/// A text that is longer than any field.
const LONG: usize = 100_000;
/// Deeper than a document of ours ever is, and no deeper than a reader may be asked to go.
const DEEP: usize = 100;

/// The same bytes with something wrong in them: in one place of a JSON document, or in any byte of what is none.
pub fn garbled(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed);
    match serde_json::from_slice(bytes) {
        Ok(mut document) if random.random_bool(0.9) => {
            spoil(&mut document, &mut random);
            document.to_string().into_bytes()
        }
        _ => {
            let mut bytes = bytes.to_vec();
            if !bytes.is_empty() {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
            bytes
        }
    }
}

/// Goes down to any place of a document, and leaves something else there.
pub fn spoil(value: &mut Value, random: &mut StdRng) {
    let goes_on = random.random_bool(0.85);
    match value {
        Value::Array(items) if goes_on && !items.is_empty() => {
            let at = random.random_range(0..items.len());
            match random.random_range(0..10) {
                0 => items.push(items[at].clone()),
                1 => drop(items.remove(at)),
                _ => spoil(&mut items[at], random),
            }
        }
        Value::Object(fields) if goes_on && !fields.is_empty() => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = &keys[random.random_range(0..keys.len())];
            match random.random_range(0..10) {
                0 => drop(fields.remove(key)),
                1 => drop(fields.insert("nobody_knows_it".to_owned(), anything(random))),
                _ => spoil(fields.get_mut(key).unwrap_or(&mut Value::Null), random),
            }
        }
        other => *other = anything(random),
    }
}

fn anything(random: &mut impl Rng) -> Value {
    match random.random_range(0..16) {
        0 => Value::Null,
        1 => Value::Bool(random.random()),
        2 => Value::from(0),
        3 => Value::from(-1),
        4 => Value::from(i64::MAX),
        5 => Value::from(u64::MAX),
        6 => Number::from_f64(0.1).map_or(Value::Null, Value::Number),
        7 => Number::from_f64(-1e308).map_or(Value::Null, Value::Number),
        8 => Value::from(""),
        9 => Value::from("a\u{0}b\u{202e}c"),
        10 => Value::from("🙈'; DROP TABLE members; --"),
        11 => Value::from("x".repeat(LONG)),
        12 => Value::from("9999-99-99T99:99:99Z"),
        13 => Value::Array(Vec::new()),
        14 => Value::Object(Map::new()),
        _ => (0..DEEP).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
    }
}
