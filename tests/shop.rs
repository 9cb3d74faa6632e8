//! A shop as the stories have it: a head office, a line that can fail, and tills.

use regulars_testkit::cli::{Cli, Ended};
use regulars_testkit::faults::FaultProxy;
use regulars_testkit::folder::Folder;
use regulars_testkit::head_office::HeadOffice;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::ops::Deref;
use std::sync::OnceLock;

pub struct Shop {
    pub head_office: HeadOffice,
    pub line: FaultProxy,
    pub folder: Folder,
    token: String,
}

impl Shop {
    pub fn open() -> Self {
        Self::with(HeadOffice::start)
    }

    pub fn with(start: impl FnOnce(&std::path::Path) -> HeadOffice) -> Self {
        let folder = Folder::new();
        let head_office = start(&folder.join("head-office.db"));
        let line = FaultProxy::start(head_office.url());
        let token = head_office.till_token();
        Self { head_office, line, folder, token }
    }

    /// A till at Kim Ma, over the line that can fail.
    pub fn till(&self, name: &str) -> Till {
        self.till_made(name, &[])
    }

    /// A till whose clock is set by hand.
    pub fn till_with_test_clock(&self, name: &str, now: &str) -> Till {
        self.till_made(name, &["--test-clock", "--now", now])
    }

    /// A till whose shop is kept in step with one of the APIs that head office speaks, over the line that can fail.
    pub fn till_over(&self, kind: &str) -> Till {
        let (secret, url) = match kind {
            "head-office" => (self.token.clone(), self.line.url()),
            dialect => (self.head_office.token(&["--kind", dialect]), format!("{}/{dialect}", self.line.url())),
        };
        let cli = Cli::new(&self.folder.join(kind)).with("SECRET", &secret);
        let till = Till { cli };
        till.does(&format!("init --till {kind}"));
        let shop = "location add --code KM --name KM --country VN --currency VND";
        // Of those APIs only our own protocol tells head office of a shop.
        if kind != "head-office" {
            self.head_office.tell(&shop.split(' ').collect::<Vec<_>>());
        }
        let settings = match kind {
            "lumyri" => "--set app_id=14e43e28-7e6d-461e-b1c9-7c54736f4331",
            "valomnia" => "--set user_name=desk",
            _ => "",
        };
        till.does(&format!("remote add remote --kind {kind} --url {url} --secret-env SECRET {settings}"));
        till.does(&format!("{shop} --remote remote"));
        till
    }

    /// What two tills and head office have after each has told the others.
    pub fn settle(&self, one: &Till, other: &Till) {
        for till in [one, other, one] {
            till.sync();
        }
    }

    fn till_made(&self, name: &str, more: &[&str]) -> Till {
        let cli = Cli::new(&self.folder.join(name)).with("TILL_TOKEN", &self.token);
        cli.done(&[&["init", "--till", name], more].concat());
        let till = Till { cli };
        till.add_remote(&self.line.url());
        till.add_kim_ma();
        till
    }
}

/// A till that works alone, with shops in three currencies: KM in đồng, LY in euro, KW in dinar.
pub struct Alone {
    till: Till,
    pub folder: Folder,
}

/// The files of a till that was set up once and is copied for each story.
type Files = Vec<(OsString, Vec<u8>)>;

impl Alone {
    pub fn open() -> Self {
        static FILES: OnceLock<Files> = OnceLock::new();
        Self::copied(FILES.get_or_init(|| set_up(&[])))
    }

    /// The same with a clock that is set by hand.
    pub fn open_at(now: &str) -> Self {
        static FILES: OnceLock<Files> = OnceLock::new();
        let alone = Self::copied(FILES.get_or_init(|| set_up(&["--test-clock", "--now", "2020-01-01T00:00:00Z"])));
        alone.at(now);
        alone
    }

    fn copied(files: &Files) -> Self {
        let folder = Folder::new();
        let data_dir = folder.join("till");
        fs::create_dir(&data_dir).expect("a folder");
        for (name, bytes) in files {
            fs::write(data_dir.join(name), bytes).expect("written");
        }
        Self { till: Till { cli: Cli::new(&data_dir) }, folder }
    }
}

fn set_up(more: &[&str]) -> Files {
    let folder = Folder::new();
    let data_dir = folder.join("till");
    let till = Till { cli: Cli::new(&data_dir) };
    till.cli.done(&[&["init", "--till", "Alone"], more].concat());
    for (code, country, currency, zone) in [
        ("KM", "VN", "VND", "Asia/Ho_Chi_Minh"),
        ("LY", "FR", "EUR", "Europe/Paris"),
        ("KW", "KW", "KWD", "Asia/Kuwait"),
    ] {
        let words = format!("location add --code {code} --name {code} --country {country} --currency {currency}");
        till.does(&format!("{words} --time-zone {zone}"));
    }
    let files = fs::read_dir(&data_dir).expect("a folder").map(|file| file.expect("a file"));
    let files = files.filter(|file| file.path().is_file());
    files.map(|file| (file.file_name(), fs::read(file.path()).expect("read"))).collect()
}

impl Deref for Alone {
    type Target = Till;

    fn deref(&self) -> &Till {
        &self.till
    }
}

pub struct Till {
    pub cli: Cli,
}

impl Till {
    pub fn add_remote(&self, url: &str) {
        let words =
            ["remote", "add", "head office", "--kind", "head-office", "--url", url, "--secret-env", "TILL_TOKEN"];
        self.cli.done(&words);
    }

    fn add_kim_ma(&self) {
        let place = ["--code", "KM", "--name", "Kim Ma", "--country", "VN", "--currency", "VND"];
        let more = ["--time-zone", "Asia/Ho_Chi_Minh", "--remote", "head office"];
        self.cli.done(&[&["location", "add"], &place[..], &more[..]].concat());
    }

    /// Registers somebody; answers the id.
    pub fn register(&self, name: &str, phone: &str) -> String {
        self.register_at(name, phone, &[])
    }

    pub fn register_at(&self, name: &str, phone: &str, more: &[&str]) -> String {
        let member = json!({ "name": { "full": name }, "phone": phone }).to_string();
        let ended = self.cli.run_with_input(&[&["member", "add", "--location", "KM", "-"], more].concat(), &member);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.json["id"].as_str().expect("an id").to_owned()
    }

    pub fn edit(&self, member: &str, patch: &Value) -> Value {
        let ended = self.cli.run_with_input(&["member", "edit", member, "-"], &patch.to_string());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.json
    }

    /// Registers a whole member at a shop, or is told why not.
    pub fn try_add(&self, location: &str, member: &Value) -> Ended {
        self.cli.run_with_input(&["member", "add", "--location", location, "-"], &member.to_string())
    }

    /// Registers a whole member at a shop; answers the id.
    pub fn add(&self, location: &str, member: &Value) -> String {
        let ended = self.try_add(location, member);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.json["id"].as_str().expect("an id").to_owned()
    }

    pub fn show(&self, member: &str) -> Value {
        self.does(&format!("member show {member}"))
    }

    /// Runs a line of words without spaces in them, which must be done.
    pub fn does(&self, line: &str) -> Value {
        self.ends(0, line)
    }

    /// Runs a line of words without spaces in them, which must end so.
    pub fn ends(&self, code: i32, line: &str) -> Value {
        self.cli.ends(code, &line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a line that a rule forbids, or that cannot be understood; answers the code and the field.
    pub fn refuses(&self, exit: i32, line: &str) -> (String, Option<String>) {
        let error = self.ends(exit, line);
        let field = error["field"].as_str().map(str::to_owned);
        (error["code"].as_str().unwrap_or_else(|| panic!("{line}: {error}")).to_owned(), field)
    }

    /// Sets the clock of a till made for tests.
    pub fn at(&self, now: &str) -> &Self {
        self.does(&format!("location list --now {now}"));
        self
    }

    /// What waits to be sent; a till without a remote keeps it for the day when it gets one.
    pub fn count_of_changes(&self) -> usize {
        self.does("outbox list").as_array().map_or(0, Vec::len)
    }

    pub fn top_up(&self, member: &str, amount: &str) -> Value {
        self.cli.done(&["credit", "top-up", member, amount, "--location", "KM", "--tender", "cash"])
    }

    pub fn balance(&self, member: &str) -> i64 {
        self.cli.done(&["credit", "balance", member])["balance"]["minor"].as_i64().expect("an amount")
    }

    /// Pushes and pulls until nothing waits.
    pub fn sync(&self) -> Value {
        self.cli.done(&["sync", "--until-idle"])
    }

    /// What is found at a shop: the exit code, the kind of answer, the names.
    pub fn look(&self, location: &str, query: &str) -> (i32, String, Vec<String>) {
        let ended = self.cli.run(&["member", "find", "--location", location, "--", query]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let names = ended.json["members"].as_array().into_iter().flatten();
        let names = names.map(|member| text(&member["name"]["full"])).collect();
        let answer = [&ended.json["answer"], &ended.json["code"]].into_iter().find(|value| value.is_string());
        (ended.code, text(answer.unwrap_or(&Value::Null)), names)
    }

    /// The names that a phone number finds.
    pub fn find(&self, phone: &str) -> Vec<String> {
        let found = self.cli.run(&["member", "find", "--location", "KM", phone]).json;
        let names = found["members"].as_array().expect("an answer").iter();
        names.map(|member| member["name"]["full"].as_str().expect("a name").to_owned()).collect()
    }
}
