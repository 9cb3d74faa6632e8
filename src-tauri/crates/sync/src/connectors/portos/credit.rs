//! Credit at Portos: a balance that our entries are added to, never one that is set from a copy.
//!
//! The page shows `creditTransactions` only empty, so a trial finds out how a write is known again. Where the server keeps
//! our elements, an entry is there when an element has its id as `externalId`. Else each write leaves a mark in `meta`,
//! the ids of the last few, and what was read (balance, `_v`, mark) is noted before it leaves:
//!
//! | after a lost answer there stands | so the write |
//! |---|---|
//! | our id in the mark | took effect |
//! | balance and `_v` as noted | did not: it is sent again, over what was read now |
//! | a mark that still names the last of the noted one, and not ours | did not, the same |
//! | anything else | is for a person, who looks there |
//!
//! The new balance alone would not tell: another till may have added as much. Where neither elements nor `meta` are kept,
//! or an older `_v` is not refused, credit is not switched on.

use super::{Portos, Put};
use crate::connectors::rest::{Api, Book, Booked, Moved, members, merged_there};
use crate::credit::{Guards, Keeps, Proof, Trial, Tried};
use crate::trouble::{Cure, Effect, Trouble, problem};
use regulars_domain::ledger::EntryKind;
use regulars_domain::{Currency, EntryId, Money};
use regulars_store::balance::{Balance, Guard};
use regulars_store::outbox::{Claimed, IN_DOUBT};
use regulars_store::remotes::Problem;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// In `meta`: the ids of the last entries that were added.
pub(super) const MARK: &str = "Regulars:Credit";
/// So many ids: more tills than that do not write at one member while one of them waits for an answer. Where a till's folder
/// is copied with more than that unsent at one member, both could book the first of them. The page names no limit for a value
/// in `meta`; these are six hundred letters.
const MARKED: usize = 16;
/// So often a write is made anew because somebody was faster.
const MAX_RACES: usize = 4;

/// What stands at a member.
#[derive(Debug, PartialEq)]
struct There {
    balance: Money,
    version: i64,
    mark: String,
    /// The `externalId`s of the transactions.
    told: Vec<String>,
}

impl There {
    fn read(object: &Value, currency: Currency, label: Option<&str>) -> Result<Self, Problem> {
        let credit = object.get("credit").ok_or_else(|| unreadable("the remote tells no credit of this member"))?;
        let theirs = credit.get("currencyLabel").and_then(Value::as_str).filter(|told| !told.trim().is_empty());
        if theirs.is_some_and(|told| !told.eq_ignore_ascii_case(currency.code()) && Some(told) != label) {
            let message = format!("the remote's balance is in {}, not in {currency}", theirs.unwrap_or_default());
            return Err(problem("currency_differs", message));
        }
        let version = object.get("_v").and_then(Value::as_i64);
        let element = |element: &Value| element.get("externalId").and_then(Value::as_str).map(str::to_owned);
        let told = object.get("creditTransactions").and_then(Value::as_array);
        Ok(Self {
            balance: amount(credit.get("amount"), currency)?,
            version: version.ok_or_else(|| unreadable("the remote tells no version of this member"))?,
            mark: object.get("meta").and_then(|meta| meta.get(MARK)).and_then(Value::as_str).unwrap_or("").to_owned(),
            told: told.into_iter().flatten().filter_map(element).collect(),
        })
    }

    fn has_marked(&self, id: &str) -> bool {
        marked(&self.mark).any(|marked| marked == id)
    }

    /// Whether the mark names every write of a till since that one: nothing has fallen out at its end. Where there was none
    /// nobody can tell: somebody may have taken one away meanwhile with ours in it, as a registration does that arrives again.
    fn tells_all_since(&self, guard: &Guard) -> bool {
        marked(&guard.mark).next().is_some_and(|last| self.has_marked(last))
    }
}

fn marked(mark: &str) -> impl Iterator<Item = &str> {
    mark.split(' ').filter(|id| !id.is_empty())
}

fn unreadable(message: &str) -> Problem {
    Problem { field: Some("credit".to_owned()), ..problem("credit_unreadable", message) }
}

/// An amount to the digit: what the currency has no coin for is no amount.
fn amount(told: Option<&Value>, currency: Currency) -> Result<Money, Problem> {
    let no_amount = || unreadable("the remote's balance is no amount of its currency");
    let Some(Value::Number(number)) = told else { return Err(no_amount()) };
    let text = number.to_string();
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Money::parse(text, currency).map_err(|_| no_amount())
}

fn number(amount: Money) -> Value {
    amount.decimal().parse::<f64>().map_or(Value::Null, |number| json!(number))
}

/// The balance that an answer tells, where it can be read.
pub(super) fn told(object: &Value, proof: &Proof, place: &str) -> Option<Balance> {
    let there = There::read(object, proof.currency, proof.label.as_deref()).ok()?;
    let (issuer, place) = (proof.issuer.clone(), place.to_owned());
    Some(Balance { amount: there.balance, issuer, version: there.version, place })
}

/// What is to be done at a member who was read.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// The entries are in the balance.
    IsThere,
    /// These are not.
    Lacks(Vec<usize>),
    /// Nobody can tell.
    InDoubt,
}

/// What is known of earlier tries to write.
#[derive(Clone, Debug)]
struct Earlier {
    /// What the last one found and made of it, where nobody knows what became of it.
    guard: Option<Guard>,
    /// Whether there may have been any.
    may_be_there: bool,
    /// Whether another copy of this till's file, or the one that was lost, may have made one, whose notes are not here.
    is_copied: bool,
    /// Whether a person looked since, and says that it is not there.
    is_said_lacking: bool,
}

impl Earlier {
    /// One that was refused for its version: unless it arrived twice, and the first time took effect.
    const REFUSED: Self = Self { guard: None, may_be_there: true, is_copied: false, is_said_lacking: false };

    fn of(claimed: &Claimed) -> Self {
        let Claimed { guard, may_be_there, is_copied, is_said_lacking, .. } = claimed.clone();
        Self { guard, may_be_there, is_copied: is_copied && may_be_there, is_said_lacking }
    }
}

fn verdict(there: &There, ids: &[String], keeps: Keeps, earlier: &Earlier) -> Verdict {
    let lacks = |lacks: Vec<usize>| if lacks.is_empty() { Verdict::IsThere } else { Verdict::Lacks(lacks) };
    let all = || (0..ids.len()).collect();
    match (keeps, &earlier.guard) {
        (Keeps::Transactions, _) => lacks(all_but(ids, |id| there.told.iter().any(|told| told == id))),
        (Keeps::Mark, None) if !earlier.may_be_there && earlier.is_said_lacking => lacks(all()),
        // Also where none was made: another copy of this till's file may have been faster.
        (Keeps::Mark, _) if ids.first().is_some_and(|first| there.has_marked(first)) => Verdict::IsThere,
        (Keeps::Mark, Some(guard)) => {
            let is_untouched = (there.version, there.balance.minor) == (guard.version, guard.before_minor);
            if is_untouched || there.tells_all_since(guard) { lacks(all()) } else { Verdict::InDoubt }
        }
        (Keeps::Mark, None) if earlier.is_copied => Verdict::InDoubt,
        (Keeps::Mark, None) => lacks(all()),
    }
}

fn all_but(ids: &[String], is_there: impl Fn(&str) -> bool) -> Vec<usize> {
    ids.iter().enumerate().filter(|(_, id)| !is_there(id)).map(|(index, _)| index).collect()
}

/// What of a member as they were read is written anew: the balance, and what the write is known by. The rest stays to the
/// byte.
fn with_entries(there: &There, object: &Value, keeps: Keeps, entries: &[Moved], after: Money) -> Map<String, Value> {
    let mut body = members(object);
    let mut credit = body.get("credit").map(members).unwrap_or_default();
    credit.insert("amount".to_owned(), number(after));
    body.insert("credit".to_owned(), Value::Object(credit));
    match keeps {
        Keeps::Transactions => {
            let mut all = body.get("creditTransactions").and_then(Value::as_array).cloned().unwrap_or_default();
            all.extend(entries.iter().map(element));
            body.insert("creditTransactions".to_owned(), Value::Array(all));
        }
        Keeps::Mark => {
            let ours = entries.first().map(|entry| entry.id.to_string());
            let earlier = marked(&there.mark).map(str::to_owned);
            let mark: Vec<String> = ours.into_iter().chain(earlier).take(MARKED).collect();
            let mut meta = body.get("meta").map(members).unwrap_or_default();
            meta.insert(MARK.to_owned(), json!(mark.join(" ")));
            body.insert("meta".to_owned(), Value::Object(meta));
        }
    }
    body
}

/// In the form of the vendor's sibling product.
fn element(entry: &Moved) -> Value {
    let kind = match entry.kind {
        EntryKind::TopUp | EntryKind::Earn | EntryKind::ReturnToCredit | EntryKind::Opening => "Deposit",
        EntryKind::Redeem | EntryKind::CashOut | EntryKind::Expire => "Withdrawal",
        EntryKind::Adjust => "Adjustment",
        EntryKind::Void => "Correction",
    };
    // Undoing a deposit may take, and a deposit gives.
    let kind = if kind == "Deposit" && entry.amount.minor < 0 { "Correction" } else { kind };
    json!({
        "externalId": entry.id.to_string(),
        "amount": { "amount": number(entry.amount), "currency": entry.amount.currency.code() },
        "type": kind,
    })
}

fn ids_of(entries: &[Moved]) -> Vec<String> {
    entries.iter().map(|entry| entry.id.to_string()).collect()
}

/// Why entries have no place in the balances that were proved to be there.
fn is_of_another_ledger(book: &Book, proof: &Proof) -> Option<Problem> {
    if book.issuer != proof.issuer {
        let message = format!("the balances at the remote are those of {}, not of {}", proof.issuer, book.issuer);
        return Some(problem("issuer_differs", message));
    }
    let other = book.entries.iter().find(|entry| entry.amount.currency != proof.currency)?.amount.currency;
    Some(problem("currency_differs", format!("the remote's balances are in {}, not in {other}", proof.currency)))
}

fn sum(balance: Money, entries: &[Moved]) -> Result<Money, Problem> {
    let too_much = |_| problem("amount_too_large", "the balance at the remote would be more than one can be");
    entries.iter().try_fold(balance, |sum, entry| sum.plus(entry.amount)).map_err(too_much)
}

fn in_doubt(there: &There, guard: Option<&Guard>) -> Problem {
    let now = there.balance;
    let expected = guard.map_or_else(String::new, |guard| {
        let money = |minor| Money::new(minor, now.currency);
        format!("; before it was {}, with this {}", money(guard.before_minor), money(guard.after_minor))
    });
    let message = format!(
        "no answer came, and it cannot be seen whether this is in the remote's balance, now {now}{expected}: look there"
    );
    problem(IN_DOUBT, message)
}

impl Portos {
    /// Adds entries that are not there yet to the balance that was read just before, once.
    pub(super) async fn book_entries(
        &self,
        book: &Book,
        claimed: &Claimed,
        guards: &Guards,
    ) -> Result<Booked, Trouble> {
        let Some(proof) = &self.proof else {
            let message = "the remote was set up anew meanwhile: let its credit be tried again, then send this again";
            return Ok(Booked::NeedsPerson(problem("no_home_for_money", message), None));
        };
        if let Some(problem) = is_of_another_ledger(book, proof) {
            return Ok(Booked::NeedsPerson(problem, None));
        }
        let (ids, mut earlier) = (ids_of(&book.entries), Earlier::of(claimed));
        for _ in 0..MAX_RACES {
            let Some(object) = self.read(&book.key).await? else { return Ok(Booked::Gone) };
            if object.get("id").and_then(Value::as_str).is_some_and(|id| id != book.key) {
                return Ok(Booked::NeedsPerson(merged_there(), None));
            }
            let there = match There::read(&object, proof.currency, proof.label.as_deref()) {
                Ok(there) => there,
                Err(problem) => return Ok(Booked::NeedsPerson(problem, Some(object))),
            };
            let lacking: Vec<Moved> = match verdict(&there, &ids, proof.keeps, &earlier) {
                Verdict::IsThere => return Ok(Booked::Object(object)),
                Verdict::InDoubt => {
                    return Ok(Booked::NeedsPerson(in_doubt(&there, earlier.guard.as_ref()), Some(object)));
                }
                Verdict::Lacks(lacking) => lacking.into_iter().map(|index| book.entries[index].clone()).collect(),
            };
            let after = match sum(there.balance, &lacking) {
                Ok(after) => after,
                Err(problem) => return Ok(Booked::NeedsPerson(problem, Some(object))),
            };
            let guard = Guard {
                version: there.version,
                before_minor: there.balance.minor,
                after_minor: after.minor,
                mark: there.mark.clone(),
            };
            guards.note(claimed.id, guard.clone()).await?;
            let body = with_entries(&there, &object, proof.keeps, &lacking, after);
            match self.put(&book.key, Value::Object(body).to_string().into_bytes()).await {
                Ok(Put::Done(now)) => {
                    return Ok(match There::read(&now, proof.currency, proof.label.as_deref()) {
                        Ok(there) if there.balance != after => {
                            Booked::NeedsPerson(in_doubt(&there, Some(&guard)), Some(now))
                        }
                        Ok(_) => Booked::Object(now),
                        Err(problem) => Booked::NeedsPerson(problem, Some(now)),
                    });
                }
                // It is read again, whether it took effect.
                Ok(Put::Silent) => earlier = Earlier { guard: Some(guard), ..Earlier::REFUSED },
                Ok(Put::Moved) => {
                    guards.drop(claimed.id).await?;
                    earlier = Earlier::REFUSED;
                }
                Err(trouble) => {
                    if trouble.effect != Effect::Unknown {
                        guards.drop(claimed.id).await?;
                    }
                    return Err(trouble);
                }
            }
        }
        Err(Trouble::alone("changed_meanwhile", "somebody else keeps changing this member at the remote"))
    }

    /// Writes, reads back and undoes credit at a member whom nobody else has, and deletes them.
    pub(super) async fn prove_credit(&self, trial: &Trial) -> Result<Tried, Trouble> {
        let key = trial_key(&self.place, &trial.till);
        let proved = self.prove_at(&key, trial.currency).await;
        let left_behind = self.delete(&key).await.is_err().then_some(key);
        match (proved, left_behind) {
            (Ok((keeps, label)), left_behind) => Ok(Tried { keeps, label, left_behind }),
            (Err(trouble), None) => Err(trouble),
            (Err(trouble), Some(key)) => {
                let message = format!("{}; the test member {key} may be left there", trouble.problem.message);
                Err(Trouble { problem: Problem { message, ..trouble.problem }, ..trouble })
            }
        }
    }

    async fn prove_at(&self, key: &str, currency: Currency) -> Result<(Keeps, Option<String>), Trouble> {
        if self.read(key).await?.is_none() {
            let body = json!({
                "id": key, "externalId": "Regulars credit trial", "isActive": true, "firstName": "Regulars",
                "lastName": "credit trial", "note": "Made to try credit, and deleted at once.", "cards": [], "meta": {},
            });
            self.put(key, body.to_string().into_bytes()).await?;
        }
        for keeps in [Keeps::Transactions, Keeps::Mark] {
            if let Some(label) = self.round(key, keeps, currency).await? {
                return Ok((keeps, label));
            }
        }
        Err(against("credit_unmarked", "the server keeps nothing that a write of credit could be known by again"))
    }

    /// Adds one of the currency and takes it away again. Answers what the server calls the currency, where the write is
    /// known again in that way; nothing where it is not.
    async fn round(&self, key: &str, keeps: Keeps, currency: Currency) -> Result<Option<Option<String>>, Trouble> {
        let one = Money::parse("1", currency).map_err(|error| against("internal", &error.to_string()))?;
        let (object, there) = self.trial_member(key, currency).await?;
        let moved = |there: &There, amount: Money| {
            let (from, to) = (there.balance.minor, amount.minor);
            Moved {
                id: EntryId::of_balance(&self.place, key.as_bytes(), there.version, from, to),
                kind: EntryKind::Adjust,
                amount,
            }
        };
        let entry = moved(&there, one);
        let written = sum(there.balance, std::slice::from_ref(&entry)).map_err(against_problem)?;
        let body = Value::Object(with_entries(&there, &object, keeps, std::slice::from_ref(&entry), written));
        let body = body.to_string().into_bytes();
        match self.put(key, body.clone()).await {
            // Only the elements are what it may refuse.
            Err(trouble) if keeps == Keeps::Transactions && is_invalid(&trouble) => return Ok(None),
            Err(trouble) => return Err(trouble),
            Ok(Put::Moved) => return Err(against("changed_meanwhile", "somebody changed the test member meanwhile")),
            Ok(Put::Done(_) | Put::Silent) => {}
        }
        let (object, back) = self.trial_member(key, currency).await?;
        let (is_kept, id) = (back.balance == written, entry.id.to_string());
        let is_known = match keeps {
            Keeps::Transactions => back.told.contains(&id),
            Keeps::Mark => back.has_marked(&id),
        };
        let is_version_checked = back.version != there.version && matches!(self.put(key, body).await?, Put::Moved);
        // From how it stands now, for it was perhaps written twice.
        let (object, back) = if is_version_checked { (object, back) } else { self.trial_member(key, currency).await? };
        let undone = Money::new(there.balance.minor.saturating_sub(back.balance.minor), currency);
        let undoing = Moved { kind: EntryKind::Void, ..moved(&back, undone) };
        let body = with_entries(&back, &object, keeps, &[undoing], there.balance);
        if undone.minor != 0 && matches!(self.put(key, Value::Object(body).to_string().into_bytes()).await?, Put::Moved)
        {
            return Err(against("changed_meanwhile", "somebody changed the test member meanwhile"));
        }
        let (object, end) = self.trial_member(key, currency).await?;
        match () {
            () if end.balance != there.balance => {
                Err(against("credit_not_undone", "credit that was written could not be taken back"))
            }
            () if !is_version_checked => {
                Err(against("version_unchecked", "the server does not refuse what was made of an older version"))
            }
            () if !is_kept && keeps == Keeps::Mark => {
                Err(against("credit_not_kept", "credit that was written was not there when it was read back"))
            }
            () if !(is_kept && is_known) => Ok(None),
            () => Ok(Some(label_of(&object))),
        }
    }

    async fn trial_member(&self, key: &str, currency: Currency) -> Result<(Value, There), Trouble> {
        let object = self.read(key).await?;
        let object = object.ok_or_else(|| against("not_there", "the test member is not there after it was made"))?;
        let label = label_of(&object);
        let there = There::read(&object, currency, label.as_deref()).map_err(against_problem)?;
        Ok((object, there))
    }
}

/// The test member of a till at a remote: the next trial finds who was left behind.
fn trial_key(place: &str, till: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["trial of credit", place, till] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    super::words::hex_of(&hash.finalize()[..12])
}

fn label_of(object: &Value) -> Option<String> {
    let label = object.get("credit")?.get("currencyLabel")?.as_str()?.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// What speaks against credit there.
fn against(code: &str, message: &str) -> Trouble {
    against_problem(problem(code, message))
}

fn against_problem(problem: Problem) -> Trouble {
    Trouble { problem, cure: Cure::SendLess, effect: Effect::None, retry_after: None }
}

/// Whether it is the content that was refused, not who sends it.
fn is_invalid(trouble: &Trouble) -> bool {
    trouble.effect == Effect::None && trouble.cure == Cure::SendLess && trouble.problem.code == "refused"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn there(version: i64, minor: i64, mark: &str, told: &[&str]) -> There {
        let told = told.iter().map(|id| (*id).to_owned()).collect();
        There { balance: Money::new(minor, currency("EUR")), version, mark: mark.to_owned(), told }
    }

    fn guard(mark: &str) -> Option<Guard> {
        Some(Guard { version: 5, before_minor: 100, after_minor: 150, mark: mark.to_owned() })
    }

    /// What stands there, what is known of earlier tries, and what is to be done.
    #[test]
    fn what_a_lost_answer_means_follows_from_what_stands_there() {
        let earlier = |guard: Option<Guard>| Earlier { guard, ..Earlier::REFUSED };
        let fresh = Earlier { may_be_there: false, ..Earlier::REFUSED };
        let asked = Earlier { may_be_there: false, is_said_lacking: true, ..Earlier::REFUSED };
        let copied = Earlier { is_copied: true, ..Earlier::REFUSED };
        let lacks = || Verdict::Lacks(vec![0]);
        for (there, earlier, expected) in [
            (there(5, 100, "", &[]), fresh.clone(), lacks()),
            // Sent by another copy of the till's file, which this one knows nothing of.
            (there(6, 150, "us", &[]), fresh, Verdict::IsThere),
            // A person looked, and says that it is not there.
            (there(6, 100, "us", &[]), asked, lacks()),
            (there(5, 100, "", &[]), earlier(guard("")), lacks()),
            (there(6, 150, "us", &[]), earlier(guard("")), Verdict::IsThere),
            (there(9, 400, "d c us a", &[]), earlier(guard("a")), Verdict::IsThere),
            // As much as ours, by somebody else.
            (there(6, 150, "", &[]), earlier(guard("")), Verdict::InDoubt),
            // Perhaps ours was there, and was taken away before the other came.
            (there(6, 150, "b", &[]), earlier(guard("")), Verdict::InDoubt),
            (there(6, 150, "b a", &[]), earlier(guard("a")), lacks()),
            (there(6, 100, "a", &[]), earlier(guard("a")), lacks()),
            // Ours may have fallen out at the end.
            (there(9, 500, "e d c b", &[]), earlier(guard("a")), Verdict::InDoubt),
            (there(9, 500, "e d c b", &[]), earlier(guard("")), Verdict::InDoubt),
            (there(6, 100, "", &[]), earlier(guard("a")), Verdict::InDoubt),
            (there(5, 120, "", &[]), earlier(guard("")), Verdict::InDoubt),
            // Refused for its version, or asked for and not answered: nothing was written unless it is seen.
            (there(6, 150, "us", &[]), earlier(None), Verdict::IsThere),
            (there(6, 150, "b", &[]), earlier(None), lacks()),
            (there(6, 150, "us", &[]), copied.clone(), Verdict::IsThere),
            (there(6, 150, "b", &[]), copied, Verdict::InDoubt),
        ] {
            assert_eq!(verdict(&there, &["us".to_owned()], Keeps::Mark, &earlier), expected, "{there:?} {earlier:?}");
        }
        let ids = ["us".to_owned(), "too".to_owned()];
        for (told, expected) in [
            (&["us", "too"][..], Verdict::IsThere),
            (&["us"], Verdict::Lacks(vec![1])),
            (&["b"], Verdict::Lacks(vec![0, 1])),
        ] {
            let verdict = verdict(&there(9, 1, "", told), &ids, Keeps::Transactions, &earlier(guard("")));
            assert_eq!(verdict, expected, "{told:?}");
        }
    }

    #[test]
    fn an_amount_is_read_to_the_digit_or_not_at_all() {
        for (code, told, expected) in [
            ("EUR", "0.0", Some(0)),
            ("EUR", "12.5", Some(1_250)),
            ("EUR", "-0.07", Some(-7)),
            ("EUR", "1234567.89", Some(123_456_789)),
            ("EUR", "0.1", Some(10)),
            ("EUR", "1.005", None),
            ("VND", "1250000.0", Some(1_250_000)),
            ("VND", "12.5", None),
            ("EUR", "1e30", None),
            ("EUR", "null", None),
            ("EUR", "\"5\"", None),
        ] {
            let value: Value = serde_json::from_str(told).expect("json");
            let read = amount(Some(&value), currency(code)).ok().map(|amount| amount.minor);
            assert_eq!(read, expected, "{told} {code}");
            if let (Some(minor), Value::Number(_)) = (read, &value) {
                assert_eq!(
                    amount(Some(&number(Money::new(minor, currency(code)))), currency(code))
                        .ok()
                        .map(|read| read.minor),
                    Some(minor)
                );
            }
        }
    }

    #[test]
    fn a_mark_names_the_last_few_and_no_more() {
        let entry = |n: u8| Moved {
            id: EntryId::of_balance("", &[n], 0, 0, 0),
            kind: EntryKind::TopUp,
            amount: Money::new(1, currency("EUR")),
        };
        let many: Vec<String> = (0..MARKED).map(|n| format!("m{n}")).collect();
        let there = there(5, 100, &many.join(" "), &[]);
        let body =
            with_entries(&there, &json!({ "meta": { "x": "y" } }), Keeps::Mark, &[entry(1), entry(2)], there.balance);
        assert_eq!(body["meta"][MARK], json!(format!("{} {}", entry(1).id, many[..MARKED - 1].join(" "))));
        assert_eq!(body["meta"]["x"], json!("y"));
    }
}
