// Made by `cargo xtask types` from the dispatch list of regulars-app. Do not edit.

export type AddShop = { name: string, code: string, country: string, currency: string, 
/**
 * The name of the remote that it is kept in step with; absent: this till alone.
 */
remote: string | null, 
/**
 * Its id there; empty: its code.
 */
pos_id: string, };
export type Adjust = { member_id: string, entry_id: string, 
/**
 * Signed.
 */
amount: Money, reason: string, };
export type AliasView = { member_id: string, full_name: string, merged_at: string, };
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
export type BatchAsked = { batch: string, };
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
export type BlockCard = { serial_number: string, reason: BlockReason, };
export type BlockReason = "lost" | "stolen" | "damaged" | "other";
export type CardAsked = { serial_number: string, };
export type CardCheck = { serial_number: string, 
/**
 * Whose card it is already.
 */
in_use_by: CardHolder | null, };
export type CardDid = "issued" | "blocked" | "unblocked" | "changed" | "taken_away";
export type CardFilter = "has_card" | "none" | "blocked";
export type CardHolder = { member_id: string, full_name: string, state: CardState, };
export type CardRefused = { card: CardView, member_name: string, };
export type CardState = "active" | "inactive" | "not_yet_valid" | "expired" | "blocked";
export type CardView = { serial_number: string, 
/**
 * The last four characters.
 */
ending: string, is_virtual: boolean, processor: string | null, state: CardState, status_reason: string | null, status_at: string | null, issued_at: string | null, 
/**
 * The first and the last day on which it may be used, by the shop's calendar.
 */
valid_from: string | null, valid_until: string | null, replaced_by: string | null, note: string | null, };
export type CashOut = { member_id: string, 
/**
 * The entry to be: the same id twice books once.
 */
entry_id: string, amount: Money, tender: Tender, card: string | null, };
export type CashOutAsked = { member_id: string, amount_minor: number, };
export type CashOutPreview = { cashable: Money, balance_after: Money, 
/**
 * Set where that much needs a card: above which sum.
 */
proof_above: Money | null, };
export type ChangeAsked = { change_id: string, };
export type ChangeState = { "state": "waiting" } | { "state": "sending" } | { "state": "unanswered" } | { "state": "next_try", at: string, } | { "state": "after", made_at: string, } | { "state": "needs_you", failure: Failure, can_retry: boolean, can_discard: boolean, can_confirm: boolean, 
/**
 * What an edit changes, field by field; empty where it is none.
 */
edited: Array<EditedField>, };
export type ChangeWhat = { "what": "location", name: string, } | { "what": "location_edited", name: string, } | { "what": "registered" } | { "what": "edited", fields: Array<string>, } | { "what": "joined", location: string, } | { "what": "at_shop_edited", fields: Array<string>, location: string, } | { "what": "removed" } | { "what": "erased" } | { "what": "entry", kind: EntryKind, tender: Tender | null, } | { "what": "visit", kind: VisitKind, } | { "what": "label", name: string, };
export type Changed = { 
/**
 * What.
 */
topic: "desk" | "members" | "sync" | "import" | "export", };
export type CheckupView = { 
/**
 * What was found and put right.
 */
repaired: number, 
/**
 * What was found and could not be put right, by code.
 */
left: Array<string>, 
/**
 * Actions that were cut off before anybody was told that they are done.
 */
unfinished: number, };
export type Choice = "till" | "remote";
export type ClockTime = string;
export type CodePage = "pc437" | "pc858" | "wpc1252" | "tcvn3" | "utf8";
export type ComparedView = { at: string, is_same: boolean, 
/**
 * Changes that head office had lost, and is told again.
 */
told_again: number, 
/**
 * What it lacks and this till cannot tell it.
 */
not_ours: number, };
export type ConnectShop = { code: string, remote: string, pos_id: string, };
export type CountryView = { code: string, currency: string | null, };
export type CreditFilter = "has_credit" | "none" | "owes";
export type CreditHeld = { is_held: boolean, };
export type CreditRules = { 
/**
 * How long the latest entry can be undone by void, in minutes.
 */
void_minutes: number, 
/**
 * What members earn who have no rate of their own.
 */
earn_percent: string, 
/**
 * How long a reward can be used, in days; absent: for ever.
 */
reward_valid_days: number | null, 
/**
 * Above this a card is asked before credit is used, in minor units; absent: never.
 */
proof_above_minor: number | null, };
export type CreditSwitched = { remotes: RemotesView, 
/**
 * The key of the test member there, where it could not be deleted.
 */
left_behind: string | null, };
export type CreditView = { balance: Money, pending: Money, as_of: string | null, usable: Money, home: LedgerHome, 
/**
 * What the member owes, where the account is overdrawn.
 */
owes: Money | null, 
/**
 * What of the balance is a reward.
 */
rewards: Money, 
/**
 * What runs out next, and on which day.
 */
next_expiry: NextExpiry | null, 
/**
 * What may be paid out as money.
 */
cashable: Money, };
export type CurrencyView = { code: string, decimals: number, };
export type DecisionAsked = { decision: number, };
export type DescribeCard = { serial_number: string, note: string, processor: string, valid_from: string | null, valid_until: string | null, };
export type Desk = { till_name: string, location: LocationView, language: string, sync: SyncState, members_here: number, is_key_in_file: boolean, preferences: Preferences, has_printer: boolean, };
export type Discard = { change_id: string, reason: string, };
export type EditMember = { member_id: string, patch: Record<string, unknown>, };
export type EditedField = { 
/**
 * As in an edit.
 */
field: string, before: unknown, after: unknown, };
export type EntryIdMade = { entry_id: string, };
export type EntryKind = "top_up" | "redeem" | "earn" | "return_to_credit" | "cash_out" | "adjust" | "expire" | "void" | "opening";
export type ExportAsked = { what: ExportWhat, };
export type ExportStage = "idle" | "writing" | "written" | "stopped" | "failed";
export type ExportState = { stage: ExportStage, what: ExportWhat, 
/**
 * Members that were gone through, of how many.
 */
done: number, total: number, 
/**
 * Where the file is, or will be.
 */
path: string, rows: number, problem: Failure | null, };
export type ExportWhat = "members" | "ledger";
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
export type FieldHome = { field: string, home: Home, };
export type Find = { query: string, };
export type FindAnswer = { answer: FindKind, as_of: string | null, is_complete: boolean, members: Array<MemberHit>, has_more: boolean, refused_card: CardRefused | null, 
/**
 * Whether the shop's remote can be asked for what nobody here is.
 */
can_ask: boolean, };
export type FindKind = "found" | "several" | "elsewhere" | "card_refused" | "not_in_copy" | "remote_found" | "remote_none" | "remote_cannot_tell" | "remote_unreachable" | "too_short";
export type FirstStartDefaults = { language: string, till_name: string, country: string, currency: string, time_zone: string, has_keychain: boolean, countries: Array<CountryView>, currencies: Array<CurrencyView>, };
export type GiveBack = { 
/**
 * The visit to be made.
 */
return_id: string, 
/**
 * The sale.
 */
visit_id: string, amount: Money, };
export type HeadOfficeInput = { url: string, join_code: string, };
export type HistoryLine = { id: string, at: string, what: HistoryWhat, amount: Money | null, balance: Money | null, place: Place, receipt: string | null, 
/**
 * Set where the line is about an entry.
 */
entry_id: string | null, 
/**
 * Set where the line belongs to a visit.
 */
visit_id: string | null, 
/**
 * Whether it was undone since.
 */
is_void: boolean, 
/**
 * Whether it can be undone now, by void.
 */
can_void: boolean, 
/**
 * Whether something of that sale can be given back.
 */
can_return: boolean, 
/**
 * Whether a slip can be shown.
 */
has_slip: boolean, 
/**
 * Set where a value that lost can be brought back.
 */
bring_back: number | null, };
export type HistoryWhat = { "what": "entry", kind: EntryKind, tender: Tender | null, location: string, percent: string | null, reason: string | null, 
/**
 * What a void undid.
 */
undid: Undid | null, } | { "what": "visit", kind: VisitKind, location: string, bill: Money, } | { "what": "registered" } | { "what": "edited", fields: Array<string>, } | { "what": "card", ending: string, did: CardDid, reason: string | null, } | { "what": "joined", location: string, } | { "what": "merged", name: string, } | { "what": "unmerged" } | { "what": "removed" } | { "what": "decided", field: string, kept: KeptView, is_by_person: boolean, lost: unknown, };
export type HoldCredit = { member_id: string, visit_id: string, credit: Money, };
export type Home = "there" | "partly" | "here";
export type ImportAsked = { import_id: string, 
/**
 * Field by column name.
 */
map: { [key in string]: string }, 
/**
 * The total of opening balances that the owner expects.
 */
expect_total_minor: number | null, };
export type ImportBatch = { batch: string, at: string, file_name: string, members: number, opening_total: Money, is_undone: boolean, };
export type ImportBatches = { batches: Array<ImportBatch>, };
export type ImportColumn = { 
/**
 * As in the file's first row, numbered where several are the same there; `A`, `B` where that says nothing.
 */
name: string, 
/**
 * What the first rows hold.
 */
samples: Array<string>, 
/**
 * The field that it looks like: `full_name`, `phone`, and so on.
 */
field: string | null, };
export type ImportNote = { 
/**
 * As the spreadsheet counts it; the headings are row 1.
 */
row: number, name: string | null, failure: Failure, };
export type ImportRead = { import_id: string, file_name: string, encoding: string, 
/**
 * `,` `;` or a tab.
 */
separator: string, rows: number, columns: Array<ImportColumn>, 
/**
 * The fields that a column can be.
 */
fields: Array<string>, };
export type ImportReport = { batch: string | null, new: number, updated: number, unchanged: number, twins: number, errors: number, opening_total: Money, 
/**
 * Whether the total is the one that was expected.
 */
total_agrees: boolean | null, 
/**
 * Twins and errors, by row; at most 500.
 */
notes: Array<ImportNote>, };
export type ImportStage = "idle" | "checking" | "checked" | "taking" | "taken" | "cancelled" | "undoing" | "undone" | "failed";
export type ImportState = { stage: ImportStage, done: number, total: number, report: ImportReport | null, problem: Failure | null, };
export type IssueCard = { member_id: string, serial_number: string, is_virtual: boolean, };
export type KeptView = "ours" | "theirs" | "both" | "undecided";
export type LabelView = { name: string, color: string | null, };
export type Labels = { labels: Array<LabelView>, };
export type LastVisit = { on: string, location: string, is_here: boolean, };
export type LedgerHome = "head_office" | "this_till";
export type Link = "none" | "connecting" | "online" | "offline";
export type LocationInput = { code: string, name: string, country: string, currency: string, time_zone: string, };
export type LocationView = { code: string, name: string, country: string, currency: string, decimals: number, time_zone: string, };
export type MemberAsked = { member_id: string, };
export type MemberCard = { id: string, full_name: string, is_company: boolean, tax_id: string | null, reference: string | null, status: StatusView, labels: Array<LabelView>, risk: Risk | null, discount_percent: string | null, 
/**
 * The last day on which the discount holds.
 */
valid_until: string | null, earn_percent: string | null, on_account: OnAccount | null, staff_note: StaffNote | null, last_visit: LastVisit | null, cards: Array<CardView>, 
/**
 * Members who turned out to be this one.
 */
aliases: Array<AliasView>, has_picture: boolean, initials: string, phone: string | null, phone_ending: string | null, email: string | null, birthday: Birthday | null, note: string | null, member_since: string | null, is_here: boolean, elsewhere: Array<string>, credit: CreditView, history: Array<HistoryLine>, needs_you: boolean, };
export type MemberForm = { member_id: string, input: Record<string, unknown>, catalogue: Array<LabelView>, };
export type MemberHit = { id: string, full_name: string, initials: string, phone: string | null, phone_ending: string | null, birth_year: number | null, member_since: string | null, elsewhere: Array<string>, balance: Money, is_company: boolean, tax_id: string | null, reference: string | null, labels: Array<LabelView>, last_visit: LastVisit | null, card_ending: string | null, status: StatusView, };
export type MemberRow = { id: string, full_name: string, phone: string | null, email: string | null, reference: string | null, card_ending: string | null, labels: Array<LabelView>, status: StatusView, member_since: string | null, last_visit: LastVisit | null, balance: Money, needs_you: boolean, };
export type MemberRows = { 
/**
 * How many the filter lets through, over all pages.
 */
total: number, offset: number, rows: Array<MemberRow>, };
export type MembersAsked = { 
/**
 * Words of the name, a number, an email: as in the counter's field.
 */
text: string, status: StatusFilter | null, label: string | null, card: CardFilter | null, credit: CreditFilter | null, 
/**
 * 1 to 12.
 */
birthday_month: number | null, 
/**
 * No visit for so many months, by the shop's calendar.
 */
not_seen_months: number | null, has_consent: boolean | null, waits: boolean | null, needs_you: boolean | null, sort: MembersSort, descending: boolean, offset: number, limit: number, };
export type MembersSort = "name" | "member_since" | "last_visit" | "balance";
export type Merge = { winner_id: string, loser_id: string, 
/**
 * The fields that the one that stays takes over.
 */
take: Array<string>, };
export type MergeAsked = { winner_id: string, loser_id: string, };
export type MergeField = { 
/**
 * As in an edit: `email`, `cards/8400…`.
 */
field: string, winner: unknown, loser: unknown, 
/**
 * Whether the one that stays takes this over unless somebody chooses otherwise: it has nothing there itself.
 */
is_taken: boolean, 
/**
 * Whether both have something, so that somebody may choose.
 */
differs: boolean, };
export type MergePreview = { winner: MemberHit, loser: MemberHit, fields: Array<MergeField>, winner_balance: Money, loser_balance: Money, balance_after: Money, cards_after: number, 
/**
 * Shops that the one that stays joins by this.
 */
joins: Array<string>, };
export type MergedField = { field: string, before: unknown, 
/**
 * Absent where this till changed nothing there.
 */
till: unknown, 
/**
 * Absent where the remote changed nothing there.
 */
remote: unknown, kept: KeptView, };
export type Money = { 
/**
 * Minor units: cents, or whole đồng.
 */
minor: number, 
/**
 * ISO 4217.
 */
currency: string, };
export type NewShop = { country: string, currency: string, countries: Array<CountryView>, currencies: Array<CurrencyView>, };
export type NextExpiry = { amount: Money, on: string, };
export type Nothing = Record<string, never>;
export type OnAccount = { 
/**
 * At most.
 */
limit: Money | null, 
/**
 * Now, as the remote tells it.
 */
balance: Money | null, };
export type OnlyWith = { key: string, value: string, };
export type Paid = { member: MemberCard, visit_id: string, credit_used: Money, left_to_collect: Money, earned: Money, };
export type Pay = { member_id: string, visit_id: string, bill: Money, credit: Money, receipt: string | null, 
/**
 * The card that was scanned to prove who it is.
 */
card: string | null, };
export type PayAsked = { member_id: string, bill_minor: number, 
/**
 * Absent: none.
 */
credit_minor: number | null, };
export type PayPreview = { bill: Money, discount_percent: string, discount: Money, 
/**
 * The most credit that can be used for this bill now.
 */
max_credit: Money, credit_used: Money, left_to_collect: Money, earn_percent: string, earned: Money, 
/**
 * What the earning is reckoned from.
 */
earn_base: Money, 
/**
 * What of the credit used is a reward, and earns nothing.
 */
reward_used: Money, balance: Money, balance_after: Money, usable_after: Money, 
/**
 * Set where using that much credit needs a card: above which sum.
 */
proof_above: Money | null, };
export type PhoneAsked = { phone: string, };
export type PhoneRead = { display: string | null, is_valid: boolean, };
export type PictureRead = { media_type: string, data: string, };
export type Place = "here" | "head_office" | "needs_you" | "this_till";
export type Preferences = { theme: Theme, 
/**
 * 100 to 200.
 */
text_size: number, 
/**
 * Key by action, where it is not the usual one.
 */
keys: { [key in string]: string }, scanner: Scanner, 
/**
 * Whether "served just now" hides names after a minute.
 */
hides_served: boolean, };
export type Printer = { 
/**
 * `host:port`; empty for none.
 */
address: string, code_page: CodePage, 
/**
 * Characters in a line: 32, 42 or 48.
 */
columns: number, };
export type PullProgress = { done: number, total: number, is_first: boolean, };
export type PutLabel = { name: string, color: string | null, };
export type Question = { change_id: string, member_id: string | null, member_name: string | null, 
/**
 * What the remote is called that the change goes to.
 */
remote_name: string | null, 
/**
 * Set where it is about what holds at a shop.
 */
location: string | null, 
/**
 * When this till made its change.
 */
made_at: string, 
/**
 * When the remote's was made, by its clock: the latest of them.
 */
remote_at: string | null, fields: Array<QuestionField>, 
/**
 * What was merged beside them already.
 */
merged: Array<MergedField>, };
export type QuestionField = { 
/**
 * As in an edit.
 */
field: string, before: unknown, till: unknown, remote: unknown, };
export type Questions = { questions: Array<Question>, };
export type ReadImport = { file_name: string, 
/**
 * The file as base64.
 */
data: string, };
export type ReadPicture = { data: string, };
export type Register = { 
/**
 * A member as the command line has it.
 */
input: Record<string, unknown>, 
/**
 * The card that they get at once.
 */
card: string | null, };
export type ReleaseCredit = { visit_id: string, };
export type RemoteAsked = { name: string, };
export type RemoteCan = { 
/**
 * Whether all members can be listed: else strangers never come by themselves.
 */
lists: boolean, names_shops: boolean, keeps_credit: boolean, 
/**
 * Whether a trial can prove that it may keep credit.
 */
tries_credit: boolean, deletes: boolean, finds: boolean, 
/**
 * What registering somebody takes.
 */
needs: Array<string>, fields: Array<FieldHome>, };
export type RemoteCredit = { 
/**
 * Whether credit travels there.
 */
is_on: boolean, currency: string, proved_at: string, };
export type RemoteKind = { kind: string, settings: Array<RemoteSetting>, can: RemoteCan, };
export type RemoteSeen = { 
/**
 * How many members there are; absent where it does not say.
 */
members: number | null, 
/**
 * The shops that this till may serve; absent for all.
 */
locations: Array<string> | null, 
/**
 * How far its clock is from this one.
 */
clock_ahead_seconds: number | null, 
/**
 * What the account there may not do; absent where it does not say.
 */
lacks: Array<string> | null, };
export type RemoteSetting = { key: string, 
/**
 * What may be chosen, the usual one first; empty where it is typed.
 */
choices: Array<string>, is_required: boolean, only_with: OnlyWith | null, };
export type RemoteShop = { code: string, name: string, 
/**
 * The name of the remote that it is kept in step with.
 */
remote: string | null, pos_id: string, 
/**
 * Whether this window's counter serves it.
 */
is_counter: boolean, 
/**
 * Whether that remote has members of it: then it stays there.
 */
is_settled: boolean, 
/**
 * Whether members come to it that its remote does not say a shop of.
 */
takes_strangers: boolean, };
export type RemoteState = { "state": "unused" } | { "state": "connecting" } | { "state": "reached" } | { "state": "problem", failure: Failure, };
export type RemoteView = { name: string, kind: string, url: string, 
/**
 * What its connector takes, as far as it is set.
 */
settings: { [key in string]: string }, 
/**
 * Whether a secret is kept. The secret itself never comes here.
 */
has_secret: boolean, has_certificate: boolean, may_be_plain: boolean, 
/**
 * Whether its key is for tests or for real members, where the two are told apart.
 */
mode: string | null, state: RemoteState, pull: PullProgress | null, last_exchange_at: string | null, waiting: number, needs_you: number, 
/**
 * Whether nothing here is about it.
 */
can_remove: boolean, 
/**
 * What a trial proved of its credit, where one did.
 */
credit: RemoteCredit | null, };
export type RemotesView = { remotes: Array<RemoteView>, 
/**
 * The shops that this till serves.
 */
shops: Array<RemoteShop>, kinds: Array<RemoteKind>, };
export type RemoveMember = { member_id: string, reason: string, };
export type ReplaceCard = { old: string, new: string, reason: BlockReason, is_virtual: boolean, };
export type ResolveQuestion = { change_id: string, 
/**
 * Per field, whose value is to stand.
 */
choices: { [key in string]: Choice }, };
export type ReturnAsked = { visit_id: string, amount_minor: number, };
export type ReturnPreview = { receipt: string | null, 
/**
 * What of the sale can still be given back.
 */
returnable: Money, 
/**
 * What is given back in all: less than asked where the reward was spent already.
 */
amount: Money, 
/**
 * What goes back to where the credit was taken from.
 */
to_lots: Money, 
/**
 * What was paid otherwise, and becomes credit.
 */
as_returns: Money, 
/**
 * What was earned by the sale, and is taken back.
 */
taken_back: Money, balance_after: Money, };
export type ReturnedSale = { visit_id: string, receipt: string | null, on: string, };
export type Risk = { 
/**
 * In the remote's words.
 */
name: string | null, 
/**
 * `#RRGGBB`.
 */
color: string | null, };
export type SaveAllowance = { allowance: Allowance, 
/**
 * How many tills the worst case is reckoned for.
 */
tills: number, };
export type SaveRemote = { name: string, 
/**
 * Whether it is to be a new one: then nobody may have the name yet.
 */
is_new: boolean, 
/**
 * What one that is there is to be called from now on; absent: as it is.
 */
new_name: string | null, kind: string, url: string, settings: { [key in string]: string }, 
/**
 * Absent: the one that is kept.
 */
secret: string | null, 
/**
 * Absent: the one that is kept; empty: none.
 */
certificate: string | null, may_be_plain: boolean, 
/**
 * The shops that members come to, by code, where the remote does not say; absent: as it is.
 */
members_of: Array<string> | null, };
export type SaveShop = { name: string, time_zone: string, 
/**
 * Absent: as it is; empty: the shop itself.
 */
issuer: string | null, };
export type SaveTill = { till_name: string, language: string, };
export type Scanner = { prefix: string, suffix: ScannerSuffix, max_gap_ms: number, min_length: number, };
export type ScannerSuffix = "enter" | "tab" | "none";
export type SerialMade = { serial_number: string, };
export type Served = { members: Array<ServedMember>, };
export type ServedMember = { id: string, full_name: string, initials: string, phone_ending: string | null, };
export type SetUp = { language: string, till_name: string, location: LocationInput, head_office: HeadOfficeInput | null, allowance: Allowance, key_in_file: boolean, };
export type SettingsLocation = { code: string, name: string, country: string, currency: string, decimals: number, time_zone: string, 
/**
 * The legal entity that owes the credit, where the owner has said who.
 */
issuer: string | null, 
/**
 * Why that cannot change any more, by code; absent where it can.
 */
issuer_stays: string | null, 
/**
 * Whether head office is told what the shop is, and tells other tills.
 */
is_told: boolean, 
/**
 * Other shops that this till knows.
 */
others: Array<string>, };
export type SettingsView = { language: string, till_name: string, location: SettingsLocation, allowance: Allowance, 
/**
 * The most that all accounts together can be overdrawn by, with that many tills.
 */
worst_case: Money, tills: number, credit_rules: CreditRules, printer: Printer, code_pages: Array<CodePage>, preferences: Preferences, is_key_in_file: boolean, 
/**
 * What was found after the program was not closed the last time.
 */
checkup: CheckupView | null, 
/**
 * When this shop was last compared with head office, and whether anything differed then.
 */
compared: ComparedView | null, 
/**
 * Those that a shop can be in, by IANA name.
 */
time_zones: Array<string>, data_folder: string, version: string, };
export type ShopAsked = { code: string, };
export type Slip = { 
/**
 * The shop's name.
 */
shop: string, 
/**
 * The till's name.
 */
till: string, 
/**
 * The shop's day when it is printed: today's for a copy.
 */
printed_on: string, 
/**
 * The shop's clock when it is printed.
 */
printed_time: ClockTime, 
/**
 * What happened.
 */
kind: SlipKind, 
/**
 * Printed before: a copy says so, so that nobody hands in one sale twice.
 */
is_copy: boolean, 
/**
 * The member's name.
 */
member: string, 
/**
 * The last digits of the member's phone; never the whole number, for slips are left lying about.
 */
phone_ending: string | null, 
/**
 * The receipt of the cash register.
 */
receipt: string | null, 
/**
 * The figures, from top to bottom.
 */
lines: Array<SlipLine>, 
/**
 * The short id of the entry or visit; see [`reference()`].
 */
reference: string, };
export type SlipAsked = { visit_id: string | null, entry_id: string | null, is_copy: boolean, };
export type SlipKind = "sale" | "top_up" | "return" | "cash_out" | "adjustment" | "void";
export type SlipLabel = "bill" | "discount" | "credit_used" | "left_to_collect" | "earned" | "paid_in_cash" | "paid_in_card" | "paid_in_transfer" | "paid_in_other" | "paid_out_cash" | "paid_out_card" | "paid_out_transfer" | "paid_out_other" | "given_back" | "taken_back" | "corrected" | "balance_after" | "waiting_to_be_confirmed";
export type SlipLine = { 
/**
 * What it is.
 */
label: SlipLabel, 
/**
 * A rate in percent as decimal text ("10", "2.5") for `discount` and `earned`; for the others a few words of the
 * shop's own, as the reason of a correction.
 */
detail: string | null, 
/**
 * How much; signed where it takes away.
 */
amount: Money | null, 
/**
 * The one that the eye should find.
 */
is_total: boolean, };
export type SlipShown = { slip: Slip, has_printer: boolean, };
export type StaffNote = { 
/**
 * What.
 */
text: string, 
/**
 * Who.
 */
author?: string | null, 
/**
 * When.
 */
on?: string | null, };
export type StartState = { "stage": "first_start", defaults: FirstStartDefaults, } | { "stage": "ready" } | { "stage": "failed", failure: Failure, };
export type StatusFilter = "active" | "inactive" | "not_yet_valid" | "expired" | "on_hold";
export type StatusState = "active" | "not_a_member" | "inactive" | "not_yet_valid" | "expired" | "on_hold" | "removed" | "merged";
export type StatusView = { state: StatusState, reason: string | null, on: string | null, };
export type SwitchCredit = { name: string, is_on: boolean, 
/**
 * The currency of its balances, by somebody who knows; absent where nobody was asked.
 */
currency: string | null, };
export type SyncState = { remote_name: string | null, link: Link, last_exchange_at: string | null, waiting: number, 
/**
 * Changes, and credit to be settled.
 */
needs_you: number, 
/**
 * How many of those are credit, as far as it was looked for.
 */
unsettled: number, pull: PullProgress | null, problem: Failure | null, is_running: boolean, 
/**
 * How far head office's clock is ahead of this computer's, where that is more than two minutes.
 */
clock_off_ms: number | null, };
export type Tender = "cash" | "card" | "transfer" | "other";
export type Theme = "system" | "light" | "dark";
export type TopUp = { member_id: string, entry_id: string, amount: Money, tender: Tender, };
export type TopUpAsked = { member_id: string, amount_minor: number, };
export type TopUpPreview = { balance: Money, pending: Money, balance_after: Money, usable: Money, usable_after: Money, 
/**
 * What of the top-up goes to what the member owes.
 */
repays: Money | null, };
export type Twin = { member: MemberHit, signs: Array<TwinSign>, };
export type TwinSign = "same_phone" | "near_phone" | "same_card" | "same_email" | "same_name" | "near_name" | "same_birthday";
export type Twins = { twins: Array<Twin>, };
export type TwinsAsked = { 
/**
 * What is in the form so far, in the shape of `register`.
 */
input: Record<string, unknown>, card: string | null, 
/**
 * The member that is being edited.
 */
except: string | null, };
export type TypedRules = { 
/**
 * In minutes.
 */
void_minutes: number, 
/**
 * Decimal text.
 */
earn_percent: string, 
/**
 * In days; absent or 0: for ever.
 */
reward_valid_days: number | null, 
/**
 * In minor units; absent: never.
 */
proof_above_minor: number | null, };
export type Undid = { kind: EntryKind, tender: Tender | null, amount: Money, };
export type UnsettledAccount = { member_id: string, member_name: string | null, 
/**
 * Whose credit it is, where an owner has said who.
 */
issuer: string | null, 
/**
 * How much too much they had: more than zero.
 */
amount: Money, 
/**
 * The sale of which so much more came back than was paid; `null` where the account is overdrawn.
 */
too_much_back_of: ReturnedSale | null, };
export type UnsettledList = { 
/**
 * The first of them.
 */
accounts: Array<UnsettledAccount>, 
/**
 * How many there are.
 */
total: number, };
export type VisitIdMade = { visit_id: string, };
export type VisitKind = "sale" | "return" | "void";
export type Void = { entry_id: string, reason: string, };
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
  hold_credit: [HoldCredit, CreditHeld];
  release_credit: [ReleaseCredit, Nothing];
  pay: [Pay, Paid];
  cash_out: [CashOut, MemberCard];
  give_back: [GiveBack, Paid];
  void: [Void, MemberCard];
  ask_remote: [Find, FindAnswer];
  export: [ExportAsked, ExportState];
  save_remote: [SaveRemote, RemotesView];
  check_remote: [RemoteAsked, RemoteSeen];
  switch_credit: [SwitchCredit, CreditSwitched];
  desk: [Nothing, Desk];
  find: [Find, FindAnswer];
  open_member: [MemberAsked, MemberCard];
  read_phone: [PhoneAsked, PhoneRead];
  register: [Register, MemberCard];
  bring_here: [MemberAsked, MemberCard];
  served_recently: [Nothing, Served];
  member_form: [MemberAsked, MemberForm];
  edit_member: [EditMember, MemberCard];
  remove_member: [RemoveMember, Nothing];
  labels: [Nothing, Labels];
  put_label: [PutLabel, Labels];
  read_picture: [ReadPicture, PictureRead];
  picture: [MemberAsked, PictureRead | null];
  check_card: [CardAsked, CardCheck];
  new_serial: [Nothing, SerialMade];
  issue_card: [IssueCard, MemberCard];
  block_card: [BlockCard, MemberCard];
  unblock_card: [CardAsked, MemberCard];
  replace_card: [ReplaceCard, MemberCard];
  describe_card: [DescribeCard, MemberCard];
  find_twins: [TwinsAsked, Twins];
  preview_merge: [MergeAsked, MergePreview];
  merge: [Merge, MemberCard];
  unmerge: [MemberAsked, MemberCard];
  new_entry_id: [Nothing, EntryIdMade];
  new_visit_id: [Nothing, VisitIdMade];
  preview_top_up: [TopUpAsked, TopUpPreview];
  top_up: [TopUp, MemberCard];
  preview_pay: [PayAsked, PayPreview];
  preview_return: [ReturnAsked, ReturnPreview];
  preview_cash_out: [CashOutAsked, CashOutPreview];
  adjust: [Adjust, MemberCard];
  slip: [SlipAsked, SlipShown];
  print_slip: [SlipAsked, Nothing];
  list_members: [MembersAsked, MemberRows];
  export_state: [Nothing, ExportState];
  stop_export: [Nothing, ExportState];
  read_import: [ReadImport, ImportRead];
  check_import: [ImportAsked, ImportState];
  take_import: [ImportAsked, ImportState];
  import_state: [Nothing, ImportState];
  cancel_import: [Nothing, ImportState];
  undo_import: [BatchAsked, ImportState];
  import_batches: [Nothing, ImportBatches];
  waiting: [Nothing, Waiting];
  questions: [Nothing, Questions];
  unsettled: [Nothing, UnsettledList];
  resolve_question: [ResolveQuestion, Nothing];
  bring_back: [DecisionAsked, MemberCard];
  retry_change: [ChangeAsked, Nothing];
  discard_change: [Discard, Nothing];
  confirm_change: [ChangeAsked, Nothing];
  settings: [Nothing, SettingsView];
  save_preferences: [Preferences, Nothing];
  save_shop: [SaveShop, SettingsView];
  save_till: [SaveTill, Nothing];
  save_allowance: [SaveAllowance, SettingsView];
  save_credit_rules: [TypedRules, SettingsView];
  save_printer: [Printer, SettingsView];
  test_printer: [Nothing, Nothing];
  remotes: [Nothing, RemotesView];
  remove_remote: [RemoteAsked, RemotesView];
  new_shop: [Nothing, NewShop];
  add_shop: [AddShop, RemotesView];
  serve_shop: [ShopAsked, RemotesView];
  connect_shop: [ConnectShop, RemotesView];
};
