//! The whole member: how they stand, and the form that they are edited in.

use regulars_domain::membership::Moment;
use regulars_domain::{Date, MemberId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

answers! {
    #[serde(rename_all = "snake_case")]
    pub enum StatusState {
        Active,
        NotAMember,
        Inactive,
        NotYetValid,
        Expired,
        OnHold,
        Removed,
        Merged,
    }

    pub struct StatusView {
        pub state: StatusState,
        pub reason: Option<String>,
        pub on: Option<Moment>,
    }

    pub struct LabelView {
        pub name: String,
        pub color: Option<String>,
    }

    pub struct Labels {
        pub labels: Vec<LabelView>,
    }

    pub struct LastVisit {
        pub on: Date,
        pub location: String,
        pub is_here: bool,
    }

    /// A member as they are typed: the shape of `regulars-cli member add`. Edited by a merge patch (RFC 7396).
    pub struct MemberForm {
        pub member_id: MemberId,
        #[ts(type = "Record<string, unknown>")]
        pub input: Value,
        pub catalogue: Vec<LabelView>,
    }

    pub struct PictureRead {
        pub media_type: String,
        pub data: String,
    }
}

questions! {
    pub struct EditMember {
        pub member_id: MemberId,
        #[ts(type = "Record<string, unknown>")]
        pub patch: Value,
    }

    pub struct RemoveMember {
        pub member_id: MemberId,
        pub reason: String,
    }

    pub struct PutLabel {
        pub name: String,
        pub color: Option<String>,
    }

    /// A picture file as base64: it is made small, and comes back as it will be kept.
    pub struct ReadPicture {
        pub data: String,
    }
}
