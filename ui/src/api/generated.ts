// Made by `cargo xtask types` from the dispatch list of regulars-app. Do not edit.

export type Allowance = { 
/**
 * Per member and outage.
 */
per_member_minor: number, 
/**
 * Per redemption.
 */
per_transaction_minor: number, 
/**
 * Of this till, per outage, over all members.
 */
per_till_minor: number, 
/**
 * How old a balance may be, in hours.
 */
max_age_hours: number, };
export type AllowanceAdvice = { allowance: Allowance, };
export type AllowanceAsked = { currency: string, };
export type Birthday = { 
/**
 * 1 to 12.
 */
month: number, 
/**
 * 1 to 31, as the month has it.
 */
day: number, 
/**
 * The year, where it is known.
 */
year: number | null, };
export type ChangeAsked = { change_id: string, };
export type ChangeState = { "state": "waiting" } | { "state": "sending" } | { "state": "unanswered" } | { "state": "next_try", at: string, } | { "state": "after", made_at: string, } | { "state": "needs_you", failure: Failure, can_retry: boolean, can_discard: boolean, };
export type ChangeWhat = { "what": "location", name: string, } | { "what": "registered" } | { "what": "edited", fields: Array<string>, } | { "what": "joined", location: string, } | { "what": "entry", kind: EntryKind, tender: Tender | null, };
export type Changed = { 
/**
 * What.
 */
topic: "desk" | "members" | "sync", };
export type CountryView = { code: string, currency: string | null, };
export type CreditView = { balance: Money, pending: Money, as_of: string | null, usable: Money, home: LedgerHome, };
export type CurrencyView = { code: string, decimals: number, };
export type Desk = { till_name: string, location: LocationView, language: string, sync: SyncState, members_here: number, is_key_in_file: boolean, };
export type Discard = { change_id: string, reason: string, };
export type EntryIdMade = { entry_id: string, };
export type EntryKind = "top_up" | "redeem" | "earn" | "return_to_credit" | "cash_out" | "adjust" | "expire" | "void" | "opening";
export type Failure = { 
/**
 * The stable code.
 */
code: string, 
/**
 * A sentence in English.
 */
message: string, 
/**
 * The field that it is about.
 */
field: string | null, 
/**
 * What a sentence in another language needs.
 */
facts: Record<string, unknown>, };
export type Find = { query: string, };
export type FindAnswer = { answer: FindKind, as_of: string | null, is_complete: boolean, total: number, members: Array<MemberHit>, };
export type FindKind = "found" | "several" | "elsewhere" | "not_in_copy" | "too_short";
export type FirstStartDefaults = { language: string, till_name: string, country: string, currency: string, time_zone: string, has_keychain: boolean, countries: Array<CountryView>, currencies: Array<CurrencyView>, };
export type HeadOfficeInput = { url: string, join_code: string, };
export type HistoryLine = { id: string, at: string, what: HistoryWhat, amount: Money | null, balance: Money | null, place: Place, };
export type HistoryWhat = { "what": "entry", kind: EntryKind, tender: Tender | null, location: string, } | { "what": "registered" } | { "what": "edited", fields: Array<string>, } | { "what": "joined", location: string, };
export type LedgerHome = "head_office" | "this_till";
export type Link = "none" | "connecting" | "online" | "offline";
export type LocationInput = { code: string, name: string, country: string, currency: string, time_zone: string, };
export type LocationView = { code: string, name: string, country: string, currency: string, decimals: number, };
export type MemberAsked = { member_id: string, };
export type MemberCard = { id: string, full_name: string, initials: string, phone: string | null, phone_ending: string | null, email: string | null, birthday: Birthday | null, note: string | null, member_since: string | null, is_here: boolean, elsewhere: Array<string>, credit: CreditView, history: Array<HistoryLine>, needs_you: boolean, };
export type MemberHit = { id: string, full_name: string, initials: string, phone: string | null, phone_ending: string | null, birth_year: number | null, member_since: string | null, elsewhere: Array<string>, balance: Money, };
export type MemberInput = { 
/**
 * The name.
 */
name: NameInput, 
/**
 * The phone number in any spelling.
 */
phone: string | null, 
/**
 * The email address.
 */
email: string | null, 
/**
 * The birthday.
 */
birthday: Birthday | null, 
/**
 * What a cashier should know.
 */
note: string | null, };
export type Money = { 
/**
 * Minor units: cents, or whole đồng.
 */
minor: number, 
/**
 * ISO 4217.
 */
currency: string, };
export type NameInput = { 
/**
 * As the member writes it.
 */
full: string | null, };
export type Nothing = Record<string, never>;
export type PhoneAsked = { phone: string, };
export type PhoneRead = { display: string | null, is_valid: boolean, };
export type Place = "here" | "head_office" | "needs_you" | "this_till";
export type PullProgress = { done: number, total: number, is_first: boolean, };
export type Register = { input: MemberInput, };
export type Served = { members: Array<ServedMember>, };
export type ServedMember = { id: string, full_name: string, initials: string, phone_ending: string | null, };
export type SetUp = { language: string, till_name: string, location: LocationInput, head_office: HeadOfficeInput | null, allowance: Allowance, key_in_file: boolean, };
export type StartState = { "stage": "first_start", defaults: FirstStartDefaults, } | { "stage": "ready" } | { "stage": "failed", failure: Failure, };
export type SyncState = { remote_name: string | null, link: Link, last_exchange_at: string | null, waiting: number, needs_you: number, pull: PullProgress | null, problem: Failure | null, is_running: boolean, };
export type Tender = "cash" | "card" | "transfer" | "other";
export type TopUp = { member_id: string, entry_id: string, amount: Money, tender: Tender, };
export type TopUpAsked = { member_id: string, amount_minor: number, };
export type TopUpPreview = { balance: Money, pending: Money, balance_after: Money, usable: Money, usable_after: Money, };
export type Waiting = { changes: Array<WaitingChange>, total: number, };
export type WaitingChange = { change_id: string, made_at: string, member_id: string | null, member_name: string | null, what: ChangeWhat, amount: Money | null, state: ChangeState, tries: number, };
export type WorstCase = { overspend: Money, };
export type WorstCaseAsked = { allowance: Allowance, currency: string, tills: number, };

/** What can be asked of the core: per command its payload and its answer. */
export type Commands = {
  start_state: [Nothing, StartState];
  allowance_advice: [AllowanceAsked, AllowanceAdvice];
  worst_case: [WorstCaseAsked, WorstCase];
  set_up: [SetUp, Nothing];
  sync_now: [Nothing, SyncState];
  desk: [Nothing, Desk];
  find: [Find, FindAnswer];
  open_member: [MemberAsked, MemberCard];
  read_phone: [PhoneAsked, PhoneRead];
  register: [Register, MemberCard];
  bring_here: [MemberAsked, MemberCard];
  new_entry_id: [Nothing, EntryIdMade];
  preview_top_up: [TopUpAsked, TopUpPreview];
  top_up: [TopUp, MemberCard];
  served_recently: [Nothing, Served];
  waiting: [Nothing, Waiting];
  retry_change: [ChangeAsked, Nothing];
  discard_change: [Discard, Nothing];
};
