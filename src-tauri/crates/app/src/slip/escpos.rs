//! The bytes of a slip for receipt printers that understand ESC/POS, Epson's commands that nearly all makers follow.
//!
//! Commands come from the crate `escpos`, letters from [`super::code_page`]. Nothing is sent here.

use super::code_page::{CodePage, Encoder};
use super::paper::{Align, Emphasis, Line};
use super::printer::PrintError;
use escpos::driver::Driver;
use escpos::errors::Result;
use escpos::printer::Printer;
use escpos::utils::{JustifyMode, Protocol};
use std::cell::RefCell;

/// Lines fed before the cut, so that the last one is past the tear bar of a printer without a knife.
const LINES_BEFORE_CUT: u8 = 4;

/// The bytes that print those lines and cut the paper.
///
/// # Errors
/// `internal`, where the crate finds a command of ours out of its range.
pub fn bytes(lines: &[Line], page: CodePage) -> std::result::Result<Vec<u8>, PrintError> {
    let mut printer = Printer::new(Collected::default(), Protocol::default(), None);
    compose(&mut printer, lines, page).map_err(|error| PrintError::Composition(error.to_string()))?;
    Ok(printer.driver().bytes.into_inner())
}

fn compose(printer: &mut Printer<Collected>, lines: &[Line], page: CodePage) -> Result<()> {
    let mut encoder = Encoder::new(page);
    printer.init()?.custom(&encoder.selection())?;
    let (mut emphasis, mut align) = (Emphasis::default(), Align::default());
    for line in lines {
        if line.emphasis != emphasis {
            emphasize(printer, line.emphasis)?;
            emphasis = line.emphasis;
        }
        if line.align != align {
            printer.justify(justification(line.align))?;
            align = line.align;
        }
        printer.custom(&encoder.encode(&line.text))?.custom(b"\n")?;
    }
    // A partial cut: the slip hangs by a corner until it is taken, and does not fall behind the counter.
    printer.feeds(LINES_BEFORE_CUT)?.partial_cut()?.print()?;
    Ok(())
}

fn emphasize(printer: &mut Printer<Collected>, emphasis: Emphasis) -> Result<()> {
    let (bold, width, height) = match emphasis {
        Emphasis::Plain => (false, 1, 1),
        Emphasis::Bold => (true, 1, 1),
        Emphasis::Total => (true, 1, 2),
        Emphasis::Banner => (true, 2, 2),
    };
    printer.bold(bold)?.size(width, height)?;
    Ok(())
}

const fn justification(align: Align) -> JustifyMode {
    match align {
        Align::Left => JustifyMode::LEFT,
        Align::Center => JustifyMode::CENTER,
    }
}

/// A printer made of memory.
#[derive(Default)]
struct Collected {
    bytes: RefCell<Vec<u8>>,
}

impl Driver for Collected {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        self.bytes.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}
