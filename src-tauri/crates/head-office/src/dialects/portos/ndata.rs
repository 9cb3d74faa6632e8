//! NData: filters and orders as query parameters. Of the operators only `gt` and `lt` are known from the vendor's pages;
//! the others are those of the language that they say it is inspired by.

use super::{Failure, invalid};
use regulars_domain::Timestamp;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// What kind of value a filter is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    Instant,
}

/// A condition: all of them must hold.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Equal(Operand),
    NotEqual(Operand),
    Compared(Operand, &'static [Ordering]),
    OneOf(Vec<Operand>),
    NoneOf(Vec<Operand>),
    Contains(String),
    Missing(bool),
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Text(String),
    Number(f64),
    Flag(bool),
    Instant(Timestamp),
}

/// Reads `OP[:ARG[:ARG]][;OP…]`. What does not begin with an operator is a value that must be equal.
pub(super) fn read(member: &str, kind: Kind, text: &str) -> Result<Vec<Condition>, Failure> {
    text.split(';').map(|part| condition(member, kind, part.trim())).collect()
}

fn condition(member: &str, kind: Kind, text: &str) -> Result<Condition, Failure> {
    let one = |text: &str| operand(member, kind, text);
    let Some((operator, argument)) = text.split_once(':') else {
        return if text == "null" { Ok(Condition::Missing(true)) } else { Ok(Condition::Equal(one(text)?)) };
    };
    let several = || match kind {
        // An instant has colons of its own.
        Kind::Instant => Err(unknown(member, operator)),
        Kind::Text | Kind::Number | Kind::Flag => argument.split(':').map(one).collect(),
    };
    Ok(match operator {
        "eq" => Condition::Equal(one(argument)?),
        "ne" | "neq" => Condition::NotEqual(one(argument)?),
        "gt" => Condition::Compared(one(argument)?, &[Ordering::Greater]),
        "gte" | "ge" => Condition::Compared(one(argument)?, &[Ordering::Greater, Ordering::Equal]),
        "lt" => Condition::Compared(one(argument)?, &[Ordering::Less]),
        "lte" | "le" => Condition::Compared(one(argument)?, &[Ordering::Less, Ordering::Equal]),
        "in" => Condition::OneOf(several()?),
        "nin" => Condition::NoneOf(several()?),
        "contains" | "like" if kind == Kind::Text => Condition::Contains(argument.to_lowercase()),
        "null" if argument == "true" || argument == "false" => Condition::Missing(argument == "true"),
        // A value may have colons too; a word before the first one is meant as an operator.
        word if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            return Err(unknown(member, operator));
        }
        _ => Condition::Equal(one(text)?),
    })
}

fn unknown(member: &str, operator: &str) -> Failure {
    invalid(member, &format!("The operator {operator} is not known here."))
}

fn operand(member: &str, kind: Kind, text: &str) -> Result<Operand, Failure> {
    let read = match kind {
        Kind::Text => Some(Operand::Text(text.to_owned())),
        Kind::Number => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Operand::Number),
        Kind::Flag => text.to_lowercase().parse().ok().map(Operand::Flag),
        Kind::Instant => instant(text).map(Operand::Instant),
    };
    read.ok_or_else(|| invalid(member, &format!("{text} is no value of this member.")))
}

/// An instant; a day is its beginning, and no zone is UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let with_time = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    with_time.parse().or_else(|_| format!("{with_time}Z").parse()).ok()
}

impl Condition {
    /// Whether it holds for a value; for nothing only where nothing is asked for, or something else is not.
    pub(super) fn holds(&self, value: Option<&Operand>) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::Missing(true) | Self::NotEqual(_) | Self::NoneOf(_));
        };
        match self {
            Self::Equal(other) => value == other,
            Self::NotEqual(other) => value != other,
            Self::Compared(other, wanted) => value.compare(other).is_some_and(|order| wanted.contains(&order)),
            Self::OneOf(others) => others.contains(value),
            Self::NoneOf(others) => !others.contains(value),
            Self::Contains(part) => matches!(value, Operand::Text(text) if text.to_lowercase().contains(part)),
            Self::Missing(is_missing) => !is_missing,
        }
    }

    /// The one value that this asks for, where it asks for one.
    pub(super) fn exact(&self) -> Option<&str> {
        match self {
            Self::Equal(Operand::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl Operand {
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Flag(a), Self::Flag(b)) => Some(a.cmp(b)),
            (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            (_, _) => None,
        }
    }
}

/// One key of an order, and whether it goes down: `a`, `-a`, `a:asc`, `a:desc`, in any capitals.
pub(super) fn orders(text: &str) -> Result<Vec<(String, bool)>, Failure> {
    let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
    keys.map(|key| {
        let (name, is_descending) = match (key.strip_prefix('-'), key.split_once(':')) {
            (Some(name), None) => (name, true),
            (None, Some((name, direction))) if direction.eq_ignore_ascii_case("desc") => (name, true),
            (None, Some((name, direction))) if direction.eq_ignore_ascii_case("asc") => (name, false),
            (None, None) => (key, false),
            (_, _) => return Err(invalid("$sort", "An order is a name, with - before it or :asc or :desc behind.")),
        };
        Ok((name.to_owned(), is_descending))
    })
    .collect()
}

/// The value of a member of a model by its path, in any capitals: `Company.Name`.
pub(super) fn member<'a>(model: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(model, |value, name| {
        let found = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    })
}

/// A number of a body as decimal text: never with an exponent, and without zeros that say nothing.
pub(super) fn decimal(number: &Number) -> Option<String> {
    let text = number.to_string();
    if text.contains(['e', 'E']) {
        return None;
    }
    Some(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(kind: Kind, text: &str, value: Option<Operand>) -> bool {
        let conditions = read("Member", kind, text).expect("conditions");
        conditions.iter().all(|condition| condition.holds(value.as_ref()))
    }

    #[test]
    fn filters_say_what_they_say() {
        let number = |number| Some(Operand::Number(number));
        let text = |text: &str| Some(Operand::Text(text.to_owned()));
        for (filter, value, expected) in [
            ("0.05", number(0.05), true),
            ("gt:0;lt:50", number(50.0), false),
            ("gt:0;lt:50", number(49.9), true),
            ("gte:5", number(5.0), true),
            ("le:5", number(5.1), false),
            ("ne:5", number(5.0), false),
            ("in:1:2:3", number(2.0), true),
            ("nin:1:2:3", number(2.0), false),
            ("gt:0", None, false),
            ("null", None, true),
            ("null:false", number(1.0), true),
        ] {
            assert_eq!(holds(Kind::Number, filter, value), expected, "{filter}");
        }
        assert!(holds(Kind::Text, "1:host:62d5542c9c104378d6db9a79:", text("1:host:62d5542c9c104378d6db9a79:")));
        assert!(holds(Kind::Text, "contains:ABC", text("xabcx")));
        let at = |text: &str| Some(Operand::Instant(text.parse().expect("an instant")));
        assert!(holds(Kind::Instant, "gt:2022-11-01T00:00:00Z", at("2022-11-01T00:00:01Z")));
        assert!(holds(Kind::Instant, "2022-11-01T00:00:00.00Z", at("2022-11-01T00:00:00Z")));
        assert!(!holds(Kind::Instant, "lt:2022-11-01", at("2022-11-01T00:00:00Z")));
        for (kind, wrong) in [
            (Kind::Number, "between:1:2"),
            (Kind::Number, "x"),
            (Kind::Number, "gt:"),
            (Kind::Flag, "yes"),
            (Kind::Instant, "in:2022-11-01T00:00:00Z"),
            (Kind::Number, "contains:1"),
        ] {
            assert!(read("Member", kind, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_order_is_read_in_each_spelling() {
        let read = |text: &str| orders(text).ok();
        let key = |name: &str, down| (name.to_owned(), down);
        assert_eq!(read("lastName,-firstName"), Some(vec![key("lastName", false), key("firstName", true)]));
        assert_eq!(read("a:ASC,b:desc"), Some(vec![key("a", false), key("b", true)]));
        assert_eq!(read("a:up"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_filter_or_refused(text in ".*") {
            for kind in [Kind::Text, Kind::Number, Kind::Flag, Kind::Instant] {
                let _read_or_refused = read("Member", kind, &text);
            }
            let _read_or_refused = orders(&text);
        }
    }
}
