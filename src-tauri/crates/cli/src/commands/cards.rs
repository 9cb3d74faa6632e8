//! `card issue | block | unblock | replace`.

use super::members::document;
use crate::args::Card as Command;
use crate::output::Done;
use regulars_app::AppError;
use regulars_app::cards;
use regulars_app::till::Till;
use regulars_domain::MemberId;
use regulars_domain::member::SerialNumber;

pub fn run(till: &Till, command: Command) -> Result<Done, AppError> {
    match command {
        Command::Issue { member, serial, is_virtual } => {
            let (serial, is_virtual) = match serial {
                Some(serial) => (SerialNumber::parse(&serial)?, is_virtual),
                None => (cards::new_serial(till)?, true),
            };
            cards::issue(till, member, &serial, is_virtual)?;
            holder(till, member)
        }
        Command::Block { serial, reason } => holder(till, cards::block(till, &serial, reason.parse()?)?),
        Command::Unblock { serial } => holder(till, cards::unblock(till, &serial)?),
        Command::Replace { old, new, reason } => {
            let new = SerialNumber::parse(&new)?;
            holder(till, cards::replace(till, &old, &new, reason.parse()?, None)?)
        }
    }
}

fn holder(till: &Till, member: MemberId) -> Result<Done, AppError> {
    Ok(Done::new(document(till, member)?))
}
