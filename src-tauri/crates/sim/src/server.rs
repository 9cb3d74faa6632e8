//! Head office in the process: its real handlers over a real database on a disk that can fail.

use crate::clock::MachineClock;
use crate::disk::{Disk, Fate, Tear};
use crate::marks::{self, Marks};
use crate::system::System;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use rand::rngs::StdRng;
use regulars_domain::EntryId;
use regulars_head_office::{HeadOffice, Limits, SqliteStorage, router};
use regulars_sync::Clock;
use regulars_sync::transport::{Request, Response};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower::ServiceExt;

/// The name of its database in its folder.
pub const DATABASE: &str = "head-office.db";
/// The note beside it.
pub const LIFE_NOTE: &str = "head-office.db.life";

pub struct Server {
    folder: PathBuf,
    /// Below this tills ask for everything.
    path: String,
    /// How often it was started: each time it makes other ids.
    starts: u64,
    pub disk: Arc<Disk>,
    pub clock: Arc<MachineClock>,
    running: Option<(HeadOffice, Router)>,
    /// What looks into its database from beside, while it runs.
    beside: Mutex<Option<Connection>>,
    /// Of a Portos that keeps no elements: what its writes booked.
    marks: Option<Mutex<Marks>>,
}

impl Server {
    /// Over a copy of the template's folder.
    pub fn new(folder: PathBuf, clock: Arc<MachineClock>, system: &System) -> Self {
        Self::over(Disk::under(&folder), folder, clock, system)
    }

    pub fn over(disk: Arc<Disk>, folder: PathBuf, clock: Arc<MachineClock>, system: &System) -> Self {
        let marks = system.keeps_no_elements().then(Mutex::default);
        let mut server = Self {
            folder,
            path: system.path(),
            starts: 0,
            disk,
            clock,
            running: None,
            beside: Mutex::default(),
            marks,
        };
        server.start();
        server
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    pub fn start(&mut self) {
        let storage = Arc::new(SqliteStorage::open(&self.database()).expect("head office's database opens"));
        let many = NonZeroU32::new(u32::MAX).expect("more than zero");
        let limits = Limits { requests_a_second: many, burst: many, ..Limits::default() };
        let clock = Arc::clone(&self.clock);
        self.starts += 1;
        let head_office = HeadOffice::seeded(storage, Arc::new(move || clock.now()), limits, self.starts);
        self.running = Some((head_office.clone(), router(head_office)));
    }

    /// Stops it as a new version does, does something to its folder, and starts it.
    pub fn restart(&mut self, work: impl FnOnce(&Path)) {
        self.stop();
        self.disk.die();
        self.disk.come_back_after_kill().expect("the disk comes back");
        work(&self.folder);
        self.start();
    }

    pub fn cut_power(&mut self, tear: Tear, random: &mut StdRng) {
        self.disk.die();
        self.stop();
        self.disk.come_back_after_power_cut(tear, random).expect("the disk comes back");
    }

    fn stop(&mut self) {
        *lock(&self.beside) = None;
        self.running = None;
    }

    pub fn set_fate(&self, fate: Fate) {
        self.disk.set_fate(fate);
    }

    /// Hands it a till's request, and answers as it does; `None` where it is down or dies meanwhile.
    pub async fn ask(&self, request: &Request) -> Option<Response> {
        self.ask_at(&self.path, request).await
    }

    /// The same for whoever asks elsewhere.
    pub async fn ask_at(&self, path: &str, request: &Request) -> Option<Response> {
        let (_, router) = self.running.as_ref()?;
        let router = router.clone();
        self.look_at_marks(|marks, there| marks.asked(request, there));
        let method = request.method.name();
        let mut building = HttpRequest::builder().method(method).uri(format!("{path}{}", request.path));
        for (name, value) in &request.headers {
            building = building.header(*name, value);
        }
        let says_what = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if request.body.is_some() && !says_what {
            building = building.header("content-type", "application/json");
        }
        let asked = building.body(Body::from(request.body.clone().unwrap_or_default())).expect("a request");
        let answer = router.oneshot(asked).await.expect("an answer");
        let status = answer.status().as_u16();
        let (retry_after, date, location, cookies) = {
            let all = |name| answer.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
            let first = |name| all(name).next().map(str::to_owned);
            (first("retry-after"), first("date"), first("location"), all("set-cookie").map(str::to_owned).collect())
        };
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body").to_vec();
        if self.disk.is_dead() {
            return None;
        }
        self.look_at_marks(Marks::answered);
        let body = if self.marks.is_some() { marks::without_elements(body) } else { body };
        Some(Response { status, retry_after, date, cookies, location, body })
    }

    /// Per entry there the one of a till that it was booked for, where the till had no other way to say so than its mark.
    pub fn booked_for(&self) -> BTreeMap<EntryId, EntryId> {
        self.look_at_marks(Marks::answered);
        self.marks.as_ref().map(|marks| lock(marks).booked_for.clone()).unwrap_or_default()
    }

    fn look_at_marks(&self, look: impl FnOnce(&mut Marks, &Connection)) {
        // Nothing is read from a disk that is dead, and nothing comes to it either.
        if let Some(marks) = self.marks.as_ref().filter(|_| !self.disk.is_dead()) {
            self.read(|connection| look(&mut lock(marks), connection));
        }
    }

    /// Posts what ran out, as it does every hour.
    pub async fn expire(&self) -> Result<(), String> {
        let Some((head_office, _)) = &self.running else { return Ok(()) };
        let fails_with_its_disk = head_office.expire_lots().await;
        let again = head_office.expire_lots().await;
        match (fails_with_its_disk, again) {
            (Ok(_), Ok(booked)) if booked > 0 => Err(format!("{booked} lots ran out twice, or not by what was left")),
            (_, _) => Ok(()),
        }
    }

    /// What stands in its database, beside what it does itself.
    pub fn read<T>(&self, look: impl FnOnce(&Connection) -> T) -> T {
        look(lock(&self.beside).get_or_insert_with(|| open(&self.database())))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).expect("the database opens")
}
