//! The TypeScript types of the page, made from the dispatch list. `cargo xtask types` writes them; this test tells when
//! they are out of date.

use super::dispatch::describe;
use super::views::Failure;
use crate::events::Changed;
use std::collections::BTreeMap;
use std::path::Path;
use ts_rs::{Config, TS, TypeVisitor};

const HEADER: &str = "// Made by `cargo xtask types` from the dispatch list of regulars-app. Do not edit.\n\n";

/// What has been described so far.
pub(super) struct Types {
    config: Config,
    /// By name: the order in which types are met is another with each build.
    declarations: BTreeMap<String, String>,
    commands: String,
}

impl Types {
    /// Describes a command with its question and answer.
    pub(super) fn command<Q: TS + 'static, A: TS + 'static>(&mut self, name: &str) {
        self.visit::<Q>();
        self.visit::<A>();
        let (question, answer) = (Q::name(&self.config), A::name(&self.config));
        self.commands += &format!("  {name}: [{question}, {answer}];\n");
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        T::visit_dependencies(self);
        T::visit_generics(self);
        if T::output_path().is_some() {
            self.declarations.insert(T::name(&self.config), format!("export {}\n", T::decl(&self.config)));
        }
    }
}

fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Types { config, declarations: BTreeMap::new(), commands: String::new() };
    types.visit::<Failure>();
    describe(&mut types);
    types.visit::<Changed>();
    let Types { declarations, commands, .. } = types;
    let declarations: String = declarations.into_values().collect();
    format!(
        "{HEADER}{declarations}\n/** What can be asked of the core: per command its payload and its answer. */\nexport type Commands = {{\n{commands}}};\n"
    )
}

#[test]
fn the_types_of_the_page_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/api/generated.ts");
    let made = typescript();
    if std::env::var_os("REGULARS_WRITE_TYPES").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let there = std::fs::read_to_string(&path).expect("the page's types");
    assert!(there == made, "run `cargo xtask types`");
}
