//! Lays a slip out for a roll of paper: lines of a fixed number of columns, the figure at the right, long names wrapped.
//!
//! Widths are counted after the text was made printable, as characters stand on paper. No commands of any printer here.

use super::code_page::{CodePage, width, width_of};
use super::words::{self, Language, Word};
use super::{Slip, SlipKind, SlipLabel, SlipLine, forms};
use serde::{Deserialize, Serialize};

/// How many columns a roll has, in the printer's standard letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub enum Columns {
    /// 58 mm paper.
    #[serde(rename = "32")]
    Columns32,
    /// 80 mm paper, as Epson's printers come.
    #[default]
    #[serde(rename = "42")]
    Columns42,
    /// 80 mm paper with narrower letters, as most compatible printers come.
    #[serde(rename = "48")]
    Columns48,
}

impl Columns {
    /// The number.
    pub const fn count(self) -> usize {
        match self {
            Self::Columns32 => 32,
            Self::Columns42 => 42,
            Self::Columns48 => 48,
        }
    }
}

/// On what, and in which words, a slip is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// The roll's width.
    pub columns: Columns,
    /// The printer's letters.
    pub page: CodePage,
    /// The member's language.
    pub language: Language,
}

/// One line on paper. Its text fits; only printable characters of the code page are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says, padded between label and figure.
    pub text: String,
    /// How it stands out.
    pub emphasis: Emphasis,
    /// Where it stands.
    pub align: Align,
}

/// How a line stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Emphasis {
    /// It does not.
    #[default]
    Plain,
    /// In bold.
    Bold,
    /// Bold and twice as high: the total keeps its columns.
    Total,
    /// Bold and twice as high and wide: two columns a letter.
    Banner,
}

impl Emphasis {
    const fn columns_a_letter(self) -> usize {
        match self {
            Self::Plain | Self::Bold | Self::Total => 1,
            Self::Banner => 2,
        }
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle. The printer puts it there: it knows the width of its paper best.
    Center,
}

/// The lines of a slip, from top to bottom.
pub fn lines(slip: &Slip, paper: Paper) -> Vec<Line> {
    let mut roll = Roll { paper, lines: Vec::new() };
    roll.heading(slip);
    roll.rule();
    roll.facts(slip);
    roll.rule();
    for line in &slip.lines {
        roll.figure(line);
    }
    roll.rule();
    roll.pair(words::word(Word::Reference, paper.language), &slip.reference, Emphasis::Plain);
    roll.lines
}

/// The slip as plain text, for a screen of fixed-width letters.
pub fn text(lines: &[Line], columns: Columns) -> String {
    let mut text = String::new();
    for line in lines {
        let indent = match line.align {
            Align::Left => 0,
            Align::Center => columns.count().saturating_sub(width(&line.text)) / 2,
        };
        text += &" ".repeat(indent);
        text += &line.text;
        text.push('\n');
    }
    text
}

/// The lines so far.
struct Roll {
    paper: Paper,
    lines: Vec<Line>,
}

impl Roll {
    fn heading(&mut self, slip: &Slip) {
        let language = self.paper.language;
        if slip.is_copy {
            self.centred(words::word(Word::Copy, language), Emphasis::Banner);
        }
        self.centred(&slip.shop, Emphasis::Bold);
        self.centred(&slip.till, Emphasis::Plain);
        self.centred(words::title(slip.kind, language), title_emphasis(slip.kind));
    }

    fn facts(&mut self, slip: &Slip) {
        let language = self.paper.language;
        self.pair(&forms::day(slip.printed_on, language), &slip.printed_time.to_string(), Emphasis::Plain);
        self.pair(words::word(Word::Member, language), &slip.member, Emphasis::Plain);
        let optional = [(Word::PhoneEnding, &slip.phone_ending), (Word::Receipt, &slip.receipt)];
        for (word, value) in optional {
            if let Some(value) = value {
                self.pair(words::word(word, language), value, Emphasis::Plain);
            }
        }
    }

    fn figure(&mut self, line: &SlipLine) {
        let Paper { language, page, .. } = self.paper;
        let label = label(line, language);
        let amount = line.amount.map(|amount| forms::money(amount, language, page)).unwrap_or_default();
        let emphasis = if line.is_total { Emphasis::Total } else { Emphasis::Plain };
        self.pair(&label, &amount, emphasis);
    }

    fn rule(&mut self) {
        self.push("-".repeat(self.columns()), Emphasis::Plain, Align::Left);
    }

    fn centred(&mut self, text: &str, emphasis: Emphasis) {
        for part in wrapped(&self.printed(text), self.columns() / emphasis.columns_a_letter()) {
            self.push(part, emphasis, Align::Center);
        }
    }

    /// A label at the left and its value at the right, on one line where they fit.
    fn pair(&mut self, label: &str, value: &str, emphasis: Emphasis) {
        let columns = self.columns();
        let mut left = wrapped(&self.printed(label), columns);
        let mut right = wrapped(&self.printed(value), columns).into_iter();
        let first = right.next().unwrap_or_default();
        // The first of the value stands beside the last of the label: a figure is never parted from its word.
        let last = left.pop().unwrap_or_default();
        if width(&last) + 1 + width(&first) <= columns {
            left.push(apart(&last, &first, columns));
        } else {
            left.extend([last, apart("", &first, columns)]);
        }
        left.extend(right.map(|part| apart("", &part, columns)));
        for text in left {
            self.push(text, emphasis, Align::Left);
        }
    }

    /// Where the page cannot write the slip's language, all of the slip goes without marks: some with and some without
    /// would look like mistakes.
    fn printed(&self, text: &str) -> String {
        let Paper { page, language, .. } = self.paper;
        if page.has_letters(words::letters(language)) { page.printed(text) } else { page.without_marks(text) }
    }

    fn push(&mut self, text: String, emphasis: Emphasis, align: Align) {
        self.lines.push(Line { text, emphasis, align });
    }

    const fn columns(&self) -> usize {
        self.paper.columns.count()
    }
}

/// A void shouts, so that the member sees that the money they paid in is not there.
const fn title_emphasis(kind: SlipKind) -> Emphasis {
    match kind {
        SlipKind::Void => Emphasis::Banner,
        SlipKind::Sale | SlipKind::TopUp | SlipKind::Return | SlipKind::CashOut | SlipKind::Adjustment => {
            Emphasis::Bold
        }
    }
}

/// The word for a figure with its rate or reason.
fn label(line: &SlipLine, language: Language) -> String {
    let word = words::label(line.label, language);
    let Some(detail) = &line.detail else { return word.to_owned() };
    match line.label {
        SlipLabel::Discount | SlipLabel::Earned => format!("{word} {}", forms::percent(detail, language)),
        SlipLabel::Bill
        | SlipLabel::CreditUsed
        | SlipLabel::LeftToCollect
        | SlipLabel::PaidInCash
        | SlipLabel::PaidInCard
        | SlipLabel::PaidInTransfer
        | SlipLabel::PaidInOther
        | SlipLabel::PaidOutCash
        | SlipLabel::PaidOutCard
        | SlipLabel::PaidOutTransfer
        | SlipLabel::PaidOutOther
        | SlipLabel::GivenBack
        | SlipLabel::TakenBack
        | SlipLabel::Corrected
        | SlipLabel::BalanceAfter
        | SlipLabel::WaitingToBeConfirmed => format!("{word}, {detail}"),
    }
}

/// Both at their edges. Nothing is padded behind the last word.
fn apart(left: &str, right: &str, columns: usize) -> String {
    if right.is_empty() {
        return left.to_owned();
    }
    let gap = columns.saturating_sub(width(left) + width(right));
    format!("{left}{}{right}", " ".repeat(gap))
}

/// The words of a text in lines of at most so many columns. A word that is longer than a line is cut.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| cut(word, columns)) {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(&word) <= columns => {
                line.push(' ');
                *line += &word;
            }
            Some(_) | None => lines.push(word),
        }
    }
    lines
}

fn cut(word: &str, columns: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for character in word.chars() {
        if let Some(part) = parts.last_mut().filter(|part| width(part) + width_of(character) <= columns) {
            part.push(character);
        } else {
            parts.push(character.to_string());
        }
    }
    parts
}
