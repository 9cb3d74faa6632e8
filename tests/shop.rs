//! A shop as the stories have it: a head office, a line that can fail, and tills.

use regulars_testkit::cli::Cli;
use regulars_testkit::faults::FaultProxy;
use regulars_testkit::folder::Folder;
use regulars_testkit::head_office::HeadOffice;
use serde_json::{Value, json};

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

    fn till_made(&self, name: &str, more: &[&str]) -> Till {
        let cli = Cli::new(&self.folder.join(name)).with("TILL_TOKEN", &self.token);
        cli.done(&[&["init", "--till", name], more].concat());
        let till = Till { cli };
        till.add_remote(&self.line.url());
        till.add_kim_ma();
        till
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

    pub fn edit(&self, member: &str, patch: &Value) {
        let ended = self.cli.run_with_input(&["member", "edit", member, "-"], &patch.to_string());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
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

    /// The names that a phone number finds.
    pub fn find(&self, phone: &str) -> Vec<String> {
        let found = self.cli.run(&["member", "find", "--location", "KM", phone]).json;
        let names = found["members"].as_array().expect("an answer").iter();
        names.map(|member| member["name"]["full"].as_str().expect("a name").to_owned()).collect()
    }
}
