//! Commands that write one row, also while the server runs: tokens, join codes, shops.

use super::{Database, Failure, now};
use clap::{Args, ValueEnum};
use regulars_domain::location::{self, Location};
use regulars_head_office::access::{TokenFor, make_join_code, make_token, public_part};
use regulars_head_office::error::HeadOfficeError;
use regulars_head_office::storage::{Rows, Scope, Storage};
use std::collections::BTreeSet;

/// Who a token is for.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Till,
    Lumyri,
    Portos,
    Stancer,
    Crmx,
    Valomnia,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Till => "till",
            Self::Lumyri => "lumyri",
            Self::Portos => "portos",
            Self::Stancer => "stancer",
            Self::Crmx => "crmx",
            Self::Valomnia => "valomnia",
        }
    }
}

#[derive(Args)]
pub(super) struct TokenAdd {
    /// The path of the database, made where there is none.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
    /// Who it is for.
    #[arg(long, value_enum)]
    kind: Kind,
    /// A shop that it is limited to, by its code; may be given several times. Without it: all shops.
    #[arg(long = "location", value_name = "CODE")]
    locations: Vec<String>,
    /// A right beyond those of its kind; may be given several times. Portos: CustomerCreate, CustomerUpdate,
    /// CustomerDelete, CustomerSetDiscount, CustomerSetCredit, admin; where none is given, the first three. Stancer:
    /// `live` makes a key for live mode.
    #[arg(long = "right", value_name = "RIGHT")]
    rights: Vec<String>,
}

impl TokenAdd {
    pub(super) fn run(self) -> Result<(), Failure> {
        let scope = scope(&self.locations)?;
        let wanted = TokenFor { kind: self.kind.name().to_owned(), scope, rights: self.rights };
        let secret = write(&self.database, &wanted.scope, |rows| make_token(rows, &wanted, now()))?;
        if let (Kind::Portos, Some(public)) = (self.kind, public_part(&secret)) {
            println!("public key for signed requests: {public}");
        }
        println!("{secret}");
        Ok(())
    }
}

#[derive(Args)]
pub(super) struct JoinCodeAdd {
    /// The path of the database, made where there is none.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
    /// A shop that the till's token is limited to, by its code; may be given several times. Without it: all shops.
    #[arg(long = "location", value_name = "CODE")]
    locations: Vec<String>,
}

impl JoinCodeAdd {
    pub(super) fn run(self) -> Result<(), Failure> {
        let wanted = TokenFor { kind: "till".to_owned(), scope: scope(&self.locations)?, rights: Vec::new() };
        let code = write(&self.database, &wanted.scope, |rows| make_join_code(rows, &wanted, now()))?;
        println!("{code}");
        Ok(())
    }
}

#[derive(Args)]
pub(super) struct LocationAdd {
    /// The path of the database, made where there is none.
    #[arg(long, value_name = "PATH.db")]
    database: Database,
    /// Short code: 1 to 16 letters, digits or dashes.
    #[arg(long)]
    code: String,
    /// As people call it.
    #[arg(long)]
    name: String,
    /// ISO 3166 alpha-2, as VN.
    #[arg(long)]
    country: String,
    /// ISO 4217, as VND.
    #[arg(long)]
    currency: String,
    /// IANA name, as Asia/Ho_Chi_Minh.
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// The legal entity that owes the credit.
    #[arg(long, default_value = location::DEFAULT_ISSUER)]
    issuer: String,
}

impl LocationAdd {
    pub(super) fn run(self) -> Result<(), Failure> {
        let location = Location {
            code: self.code,
            name: self.name,
            country: self.country,
            currency: self.currency.parse()?,
            time_zone: self.time_zone,
            issuer: self.issuer,
        };
        let location = location.checked()?;
        let is_new = write(&self.database, &Scope::All, |rows| {
            if rows.find_location(&location.code)?.is_some() {
                return Ok(false);
            }
            let version = rows.next_version()?;
            rows.insert_location(&location, version)?;
            Ok(true)
        })?;
        if is_new { Ok(()) } else { Err(Failure::Input(format!("there is a shop {} already", location.code))) }
    }
}

fn scope(codes: &[String]) -> Result<Scope, Failure> {
    if codes.is_empty() {
        return Ok(Scope::All);
    }
    let codes: Result<BTreeSet<String>, _> = codes.iter().map(|code| location::code(code)).collect();
    Ok(Scope::Locations(codes?))
}

/// Writes in one transaction, where all the shops of the scope are known.
fn write<T>(
    database: &Database,
    scope: &Scope,
    mut work: impl FnMut(&mut dyn Rows) -> Result<T, HeadOfficeError>,
) -> Result<T, Failure> {
    let storage = database.open()?;
    let (mut unknown, mut answer) = (None, None);
    storage.write(&mut |rows| {
        unknown = first_unknown(rows, scope)?;
        if unknown.is_none() {
            answer = Some(work(rows)?);
        }
        Ok(())
    })?;
    if let Some(code) = unknown {
        return Err(Failure::Input(format!("there is no shop {code}: add it with `regulars-hq location add`")));
    }
    answer.ok_or_else(|| Failure::Other("nothing was written".to_owned()))
}

fn first_unknown(rows: &mut dyn Rows, scope: &Scope) -> Result<Option<String>, HeadOfficeError> {
    match scope {
        Scope::All => Ok(None),
        Scope::Locations(codes) => {
            for code in codes {
                if rows.find_location(code)?.is_none() {
                    return Ok(Some(code.clone()));
                }
            }
            Ok(None)
        }
    }
}
