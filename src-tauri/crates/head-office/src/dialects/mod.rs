//! The documented APIs of five other member systems, over the same members: `/lumyri`, `/portos`, `/stancer`, `/crmx`
//! and `/valomnia`. Clients of those systems can be pointed at head office, and everything can be tried without an
//! account anywhere.
//!
//! A dialect is a mapping. It shows a member in its own words, and makes of what it is sent a merge patch over the typed
//! member, of only what differs from what it showed: so a whole object that is sent back changes nothing that it has no
//! word for. What it was told and the member has no field for is kept in the member's meta, under a key that begins with
//! the dialect's name. Everything else is common: [`desk`] finds members, and changes them by the native protocol's own
//! changes, so that versions, feeds, conflicts, deletions and cards follow the same rules, and tills hear of it. Reading
//! and changing happen in one transaction.
//!
//! Choices where the pages are silent, for all of them:
//! - A token that is limited to shops sees and changes the members of those. What holds at a shop (validity, rates,
//!   labels) is shown and changed for the first of them by code; new members join that one. A token of all shops has the
//!   oldest shop for that.
//! - A member who turned out to be another one is not listed. Read or changed by their own id, the other one answers, so
//!   that nothing is lost; there is nothing of theirs to delete.
//! - A member with credit is not deleted before it is settled, as everywhere.
//! - A name is not asked for everywhere, but a member has one: then email, phone or id stands in, and the dialect goes on
//!   showing none.
//! - Where real servers may differ there is a setting ([`DialectSettings`], `regulars-hq --set KEY=VALUE`).

mod call;
mod crmx;
mod desk;
mod fields;
mod form;
mod lumyri;
mod multipart;
mod pass;
mod portos;
mod settings;
mod stancer;
mod valomnia;

pub use settings::DialectSettings;

use crate::error::HeadOfficeError;
use crate::http::HeadOffice;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;

/// The name of each dialect: of its tokens, its routes and its keys in meta.
pub(crate) const NAMES: [&str; 5] = ["lumyri", "portos", "stancer", "crmx", "valomnia"];

/// All of them, each below its name.
pub(crate) fn routes(head_office: &HeadOffice) -> Router<HeadOffice> {
    let guard = |routes, refuse| guarded(routes, head_office, refuse);
    Router::new()
        .nest("/lumyri", guard(lumyri::routes(), lumyri::refuse))
        .nest("/portos", guard(portos::routes(), portos::refuse))
        .nest("/stancer", guard(stancer::routes(), stancer::refuse))
        .nest("/valomnia", guard(valomnia::routes(), valomnia::refuse))
        .nest("/crmx", guard(crmx::routes(), crmx::refuse))
}

/// A dialect answers everything in its own form: also what is not there, what takes too long and a fault of ours.
fn guarded(
    routes: Router<HeadOffice>,
    head_office: &HeadOffice,
    refuse: fn(HeadOfficeError) -> Response,
) -> Router<HeadOffice> {
    let in_time = move |State(head_office): State<HeadOffice>, request: Request, next: Next| async move {
        if !form::is_text(request.uri().path()) {
            return refuse(HeadOfficeError::NotFound);
        }
        let answer = tokio::time::timeout(head_office.request_time(), next.run(request)).await;
        answer.unwrap_or_else(|_| refuse(HeadOfficeError::Timeout))
    };
    routes
        .fallback(move || async move { refuse(HeadOfficeError::NotFound) })
        .method_not_allowed_fallback(move || async move { refuse(HeadOfficeError::MethodNotAllowed) })
        .layer(from_fn_with_state(head_office.clone(), in_time))
        .layer(CatchPanicLayer::custom(move |_| refuse(HeadOfficeError::Internal)))
}
