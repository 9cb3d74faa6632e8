//! The list of everything that a window can ask, and the program's state behind it: no till yet, a till that cannot
//! open, an open desk.

use super::desk::{self, Desk};
use super::views::cards::{BlockCard, CardAsked, CardCheck, DescribeCard, IssueCard, ReplaceCard, SerialMade};
use super::views::import::{BatchAsked, ImportAsked, ImportBatches, ImportRead, ImportState, ReadImport};
use super::views::member::{EditMember, Labels, MemberForm, PictureRead, PutLabel, ReadPicture, RemoveMember};
use super::views::members::{ExportAsked, ExportState, MemberRows, MembersAsked};
use super::views::money::{
    Adjust, CashOut, CashOutAsked, CashOutPreview, CreditHeld, GiveBack, HoldCredit, Paid, Pay, PayAsked, PayPreview,
    ReleaseCredit, ReturnAsked, ReturnPreview, SlipAsked, SlipShown, VisitIdMade, Void,
};
use super::views::remotes::{
    AddShop, ConnectShop, CreditSwitched, NewShop, RemoteAsked, RemoteSeen, RemotesView, SaveRemote, ShopAsked,
    SwitchCredit,
};
use super::views::settings::{Preferences, Printer, SaveAllowance, SaveShop, SaveTill, SettingsView, TypedRules};
use super::views::tasks::{DecisionAsked, Questions, ResolveQuestion, UnsettledList};
use super::views::twins::{Merge, MergeAsked, MergePreview, Twins, TwinsAsked};
use super::views::{
    AllowanceAdvice, AllowanceAsked, ChangeAsked, Desk as DeskView, Discard, EntryIdMade, Failure, Find, FindAnswer,
    MemberAsked, MemberCard, Nothing, PhoneAsked, PhoneRead, Register, Served, SetUp, StartState, SyncState, TopUp,
    TopUpAsked, TopUpPreview, Waiting, WorstCase, WorstCaseAsked,
};
use super::{
    cards, counter, export, form, import, money, remotes, set_up, settings, sync_screen, table, twins, unsettled,
};
use crate::Config;
use crate::error::AppError;
use crate::events::{Changed, Events, Topic};
use crate::till::Till;
use regulars_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::{Mutex, broadcast};

/// The list: what the whole program answers, and what an open desk answers. `reads` changes nothing; after `writes` the
/// change is sent and all screens ask again.
macro_rules! commands {
    (program { $($asked:ident($question:ty) -> $answer:ty = $how:path;)* }
     desk { $($kind:ident $name:ident($payload:ty) -> $view:ty = $function:path;)* }) => {
        impl App {
            async fn dispatch(self: &Arc<Self>, name: &str, payload: Value) -> Result<Value, AppError> {
                match name {
                    $(stringify!($asked) => written::<$answer>($how(self, read::<$question>(payload)?).await?),)*
                    $(stringify!($name) => {
                        let payload = read::<$payload>(payload)?;
                        self.at_desk::<$view>(Kind::$kind, move |desk| $function(desk, payload)).await
                    })*
                    unknown => Err(AppError::CallInvalid(format!("there is no {unknown}"))),
                }
            }
        }

        /// The list as TypeScript, each with its question and answer, and the types that they name.
        #[cfg(test)]
        pub(super) fn describe(types: &mut super::types::Types) {
            $(types.command::<$question, $answer>(stringify!($asked));)*
            $(types.command::<$payload, $view>(stringify!($name));)*
        }
    };
}

commands! {
    program {
        start_state(Nothing) -> StartState = App::start_state;
        allowance_advice(AllowanceAsked) -> AllowanceAdvice = App::allowance_advice;
        worst_case(WorstCaseAsked) -> WorstCase = App::worst_case;
        set_up(SetUp) -> Nothing = App::set_up;
        sync_now(Nothing) -> SyncState = App::sync_now;
        hold_credit(HoldCredit) -> CreditHeld = App::hold_credit;
        release_credit(ReleaseCredit) -> Nothing = App::release_credit;
        pay(Pay) -> Paid = App::pay;
        cash_out(CashOut) -> MemberCard = App::cash_out;
        give_back(GiveBack) -> Paid = App::give_back;
        void(Void) -> MemberCard = App::void;
        ask_remote(Find) -> FindAnswer = App::ask_remote;
        export(ExportAsked) -> ExportState = App::export;
        save_remote(SaveRemote) -> RemotesView = App::save_remote;
        check_remote(RemoteAsked) -> RemoteSeen = App::check_remote;
        switch_credit(SwitchCredit) -> CreditSwitched = App::switch_credit;
    }
    desk {
        reads desk(Nothing) -> DeskView = desk::desk;
        reads find(Find) -> FindAnswer = counter::find;
        reads open_member(MemberAsked) -> MemberCard = counter::open_member;
        reads read_phone(PhoneAsked) -> PhoneRead = counter::read_phone;
        writes register(Register) -> MemberCard = counter::register;
        writes bring_here(MemberAsked) -> MemberCard = counter::bring_here;
        reads served_recently(Nothing) -> Served = desk::served_recently;

        reads member_form(MemberAsked) -> MemberForm = form::member_form;
        writes edit_member(EditMember) -> MemberCard = form::edit_member;
        writes remove_member(RemoveMember) -> Nothing = form::remove_member;
        reads labels(Nothing) -> Labels = form::labels;
        writes put_label(PutLabel) -> Labels = form::put_label;
        reads read_picture(ReadPicture) -> PictureRead = form::read_picture;
        reads picture(MemberAsked) -> Option<PictureRead> = form::picture;

        reads check_card(CardAsked) -> CardCheck = cards::check_card;
        reads new_serial(Nothing) -> SerialMade = cards::new_serial;
        writes issue_card(IssueCard) -> MemberCard = cards::issue_card;
        writes block_card(BlockCard) -> MemberCard = cards::block_card;
        writes unblock_card(CardAsked) -> MemberCard = cards::unblock_card;
        writes replace_card(ReplaceCard) -> MemberCard = cards::replace_card;
        writes describe_card(DescribeCard) -> MemberCard = cards::describe_card;

        reads find_twins(TwinsAsked) -> Twins = twins::find_twins;
        reads preview_merge(MergeAsked) -> MergePreview = twins::preview_merge;
        writes merge(Merge) -> MemberCard = twins::merge;
        writes unmerge(MemberAsked) -> MemberCard = twins::unmerge;

        reads new_entry_id(Nothing) -> EntryIdMade = counter::new_entry_id;
        reads new_visit_id(Nothing) -> VisitIdMade = money::new_visit_id;
        reads preview_top_up(TopUpAsked) -> TopUpPreview = counter::preview_top_up;
        writes top_up(TopUp) -> MemberCard = counter::top_up;
        reads preview_pay(PayAsked) -> PayPreview = money::preview_pay;
        reads preview_return(ReturnAsked) -> ReturnPreview = money::preview_return;
        reads preview_cash_out(CashOutAsked) -> CashOutPreview = money::preview_cash_out;
        writes adjust(Adjust) -> MemberCard = money::adjust;
        reads slip(SlipAsked) -> SlipShown = settings::slip;
        reads print_slip(SlipAsked) -> Nothing = settings::print_slip;

        reads list_members(MembersAsked) -> MemberRows = table::list_members;
        reads export_state(Nothing) -> ExportState = export::export_state;
        reads stop_export(Nothing) -> ExportState = export::stop_export;
        reads read_import(ReadImport) -> ImportRead = import::read_import;
        reads check_import(ImportAsked) -> ImportState = import::check_import;
        reads take_import(ImportAsked) -> ImportState = import::take_import;
        reads import_state(Nothing) -> ImportState = import::import_state;
        reads cancel_import(Nothing) -> ImportState = import::cancel_import;
        reads undo_import(BatchAsked) -> ImportState = import::undo_import;
        reads import_batches(Nothing) -> ImportBatches = import::import_batches;

        reads waiting(Nothing) -> Waiting = sync_screen::waiting;
        reads questions(Nothing) -> Questions = sync_screen::questions;
        reads unsettled(Nothing) -> UnsettledList = unsettled::unsettled;
        writes resolve_question(ResolveQuestion) -> Nothing = sync_screen::resolve_question;
        writes bring_back(DecisionAsked) -> MemberCard = sync_screen::bring_back;
        writes retry_change(ChangeAsked) -> Nothing = sync_screen::retry_change;
        writes discard_change(Discard) -> Nothing = sync_screen::discard_change;
        writes confirm_change(ChangeAsked) -> Nothing = sync_screen::confirm_change;

        reads settings(Nothing) -> SettingsView = settings::settings;
        configures save_preferences(Preferences) -> Nothing = settings::save_preferences;
        configures save_shop(SaveShop) -> SettingsView = settings::save_shop;
        configures save_till(SaveTill) -> Nothing = settings::save_till;
        configures save_allowance(SaveAllowance) -> SettingsView = settings::save_allowance;
        configures save_credit_rules(TypedRules) -> SettingsView = settings::save_credit_rules;
        configures save_printer(Printer) -> SettingsView = settings::save_printer;
        reads test_printer(Nothing) -> Nothing = settings::test_printer;
        reads remotes(Nothing) -> RemotesView = remotes::remotes;
        configures remove_remote(RemoteAsked) -> RemotesView = remotes::remove_remote;
        reads new_shop(Nothing) -> NewShop = remotes::new_shop;
        writes add_shop(AddShop) -> RemotesView = remotes::add_shop;
        configures serve_shop(ShopAsked) -> RemotesView = remotes::serve_shop;
        writes connect_shop(ConnectShop) -> RemotesView = remotes::connect_shop;
    }
}

/// Whether a command changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "they are words of the list above")]
enum Kind {
    reads,
    writes,
    configures,
}

/// A running program.
pub struct App {
    config: Config,
    events: Events,
    stage: Mutex<Stage>,
}

/// Where the program stands.
enum Stage {
    /// Nobody has asked yet.
    Closed,
    /// There is no till in the folder, or one whose set-up was cut short.
    FirstStart(Option<Box<Till>>),
    /// The till cannot open.
    Failed(Failure),
    /// The desk is open.
    Open(Arc<Desk>),
}

impl App {
    /// Starts in the folder, inside a tokio runtime. Never fails: a till that cannot open says so when it is asked.
    pub fn start(config: Config) -> Arc<Self> {
        Arc::new(Self { config, events: Events::default(), stage: Mutex::new(Stage::Closed) })
    }

    /// Answers a call of the window, by its name in the list.
    ///
    /// # Errors
    /// The failure, with code, field and facts.
    pub async fn call(self: &Arc<Self>, name: &str, payload: Value) -> Result<Value, Failure> {
        match self.dispatch(name, payload).await {
            Ok(answer) => Ok(answer),
            Err(error) => {
                match error.code() {
                    "internal" => tracing::error!(%error, name, "a call failed"),
                    // The next start moves the file aside and saves what can be read.
                    "file_damaged" => self.note_damaged().await,
                    _ => {}
                }
                Err(Failure::from(error))
            }
        }
    }

    async fn note_damaged(&self) {
        if let Ok(desk) = self.desk().await
            && let Err(error) = desk.till.store().note_damaged()
        {
            tracing::error!(%error, "noting that the file is damaged");
        }
    }

    /// Hears of changes from now on.
    pub fn listen(&self) -> broadcast::Receiver<Changed> {
        self.events.listen()
    }

    /// Ends background work and closes the till's file.
    pub async fn stop(&self) {
        match std::mem::replace(&mut *self.stage.lock().await, Stage::Closed) {
            Stage::Open(desk) => desk.close().await,
            Stage::Closed | Stage::FirstStart(_) | Stage::Failed(_) => {}
        }
    }

    /// Opens the till where that was not done yet, or did not work: what was wrong may be right by now.
    async fn start_state(self: &Arc<Self>, _: Nothing) -> Result<StartState, AppError> {
        let mut stage = self.stage.lock().await;
        if matches!(*stage, Stage::Closed | Stage::Failed(_)) {
            *stage = self.open().await;
        }
        Ok(match &*stage {
            Stage::Open(_) => StartState::Ready,
            Stage::Failed(failure) => StartState::Failed { failure: failure.clone() },
            Stage::Closed | Stage::FirstStart(_) => {
                StartState::FirstStart { defaults: set_up::defaults(self.config.locale.as_deref()) }
            }
        })
    }

    async fn open(&self) -> Stage {
        let folder = self.config.data_dir.clone();
        let opened = blocking(move || Till::open(&folder, None)).await;
        match opened {
            Ok((till, opened)) => {
                let is_unclean = opened.was_unclean || opened.salvaged.is_some() || opened.rebuilt.is_some();
                if is_unclean {
                    tracing::warn!(?opened, "the till was not closed properly the last time");
                }
                match crate::locations::list(&till) {
                    Ok(locations) if locations.iter().any(|location| location.is_ours) => {
                        let desk = Arc::new(Desk::open(till, self.events.clone()));
                        if is_unclean {
                            desk.look_after_a_crash(opened);
                        }
                        Stage::Open(desk)
                    }
                    Ok(_) => Stage::FirstStart(Some(Box::new(till))),
                    Err(error) => Stage::Failed(error.into()),
                }
            }
            Err(AppError::NotSetUp) => Stage::FirstStart(None),
            Err(error) => Stage::Failed(error.into()),
        }
    }

    async fn set_up(self: &Arc<Self>, asked: SetUp) -> Result<Nothing, AppError> {
        let mut stage = self.stage.lock().await;
        match std::mem::replace(&mut *stage, Stage::FirstStart(None)) {
            Stage::Open(desk) => {
                *stage = Stage::Open(desk);
                return Err(AppError::Store(StoreError::AlreadySetUp));
            }
            Stage::FirstStart(Some(till)) => {
                let finished = set_up::finish(&till, asked).await;
                *stage = match &finished {
                    Ok(()) => Stage::Open(Arc::new(Desk::open(*till, self.events.clone()))),
                    Err(_) => Stage::FirstStart(Some(till)),
                };
                finished?;
            }
            Stage::Closed | Stage::Failed(_) | Stage::FirstStart(None) => {
                match set_up::set_up(&self.config.data_dir, asked).await {
                    Ok(till) => *stage = Stage::Open(Arc::new(Desk::open(till, self.events.clone()))),
                    Err(error) => {
                        // Half made, perhaps: what lies in the folder now says where the program stands.
                        *stage = self.open().await;
                        return Err(error);
                    }
                }
            }
        }
        self.events.tell(Topic::Desk);
        Ok(Nothing {})
    }

    async fn allowance_advice(self: &Arc<Self>, asked: AllowanceAsked) -> Result<AllowanceAdvice, AppError> {
        set_up::allowance_advice(&asked)
    }

    async fn worst_case(self: &Arc<Self>, asked: WorstCaseAsked) -> Result<WorstCase, AppError> {
        set_up::worst_case(&asked)
    }

    async fn sync_now(self: &Arc<Self>, _: Nothing) -> Result<SyncState, AppError> {
        let desk = self.desk().await?;
        desk.background.exchange_now().await;
        blocking(move || desk::sync_state(&desk)).await
    }

    async fn pay(self: &Arc<Self>, asked: Pay) -> Result<Paid, AppError> {
        let desk = self.desk().await?;
        let paid = money::pay(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(paid)
    }

    async fn hold_credit(self: &Arc<Self>, asked: HoldCredit) -> Result<CreditHeld, AppError> {
        money::hold_credit(&*self.desk().await?, asked).await
    }

    async fn release_credit(self: &Arc<Self>, asked: ReleaseCredit) -> Result<Nothing, AppError> {
        money::release_credit(&*self.desk().await?, asked).await
    }

    async fn cash_out(self: &Arc<Self>, asked: CashOut) -> Result<MemberCard, AppError> {
        let desk = self.desk().await?;
        let card = money::cash_out(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(card)
    }

    async fn give_back(self: &Arc<Self>, asked: GiveBack) -> Result<Paid, AppError> {
        let desk = self.desk().await?;
        let paid = money::give_back(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(paid)
    }

    async fn void(self: &Arc<Self>, asked: Void) -> Result<MemberCard, AppError> {
        let desk = self.desk().await?;
        let card = money::void(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(card)
    }

    async fn ask_remote(self: &Arc<Self>, asked: Find) -> Result<FindAnswer, AppError> {
        let desk = self.desk().await?;
        let answer = counter::ask_remote(&desk, asked).await?;
        if !answer.members.is_empty() {
            self.events.tell(Topic::Members);
        }
        Ok(answer)
    }

    async fn export(self: &Arc<Self>, asked: ExportAsked) -> Result<ExportState, AppError> {
        let desk = self.desk().await?;
        let folder = self.config.documents_dir.clone().unwrap_or_else(|| self.config.data_dir.join("exports"));
        blocking(move || export::export(&desk, asked, &folder)).await
    }

    async fn save_remote(self: &Arc<Self>, asked: SaveRemote) -> Result<RemotesView, AppError> {
        let desk = self.desk().await?;
        let saved = remotes::save_remote(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(saved)
    }

    async fn check_remote(self: &Arc<Self>, asked: RemoteAsked) -> Result<RemoteSeen, AppError> {
        let desk = self.desk().await?;
        let seen = remotes::check_remote(&desk, asked).await?;
        desk.background.wake();
        Ok(seen)
    }

    async fn switch_credit(self: &Arc<Self>, asked: SwitchCredit) -> Result<CreditSwitched, AppError> {
        let desk = self.desk().await?;
        let switched = remotes::switch_credit(&desk, asked).await?;
        self.tell_of_change(&desk);
        Ok(switched)
    }

    fn tell_of_change(&self, desk: &Desk) {
        desk.background.wake();
        self.events.tell(Topic::Sync);
        self.events.tell(Topic::Members);
    }

    async fn desk(&self) -> Result<Arc<Desk>, AppError> {
        match &*self.stage.lock().await {
            Stage::Open(desk) => Ok(Arc::clone(desk)),
            Stage::Closed | Stage::FirstStart(_) | Stage::Failed(_) => Err(AppError::NotSetUp),
        }
    }

    async fn at_desk<T: Serialize + Send + 'static>(
        self: &Arc<Self>,
        kind: Kind,
        work: impl FnOnce(&Desk) -> Result<T, AppError> + Send + 'static,
    ) -> Result<Value, AppError> {
        let desk = self.desk().await?;
        let for_work = Arc::clone(&desk);
        let answer = blocking(move || work(&for_work)).await?;
        match kind {
            Kind::reads => {}
            Kind::writes => self.tell_of_change(&desk),
            Kind::configures => self.events.tell(Topic::Desk),
        }
        written(answer)
    }
}

/// SQLite blocks, so it is never called from a task that others wait behind.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(AppError::Internal))
}

fn read<T: DeserializeOwned>(payload: Value) -> Result<T, AppError> {
    serde_json::from_value(payload).map_err(|error| AppError::CallInvalid(error.to_string()))
}

fn written<T: Serialize>(answer: T) -> Result<Value, AppError> {
    serde_json::to_value(answer).map_err(|error| AppError::CallInvalid(error.to_string()))
}
