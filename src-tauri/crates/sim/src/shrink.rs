//! A run that fails, made smaller: fewer steps, fewer faults, fewer tills, as long as it still fails.

use crate::faults::Fault;
use crate::run::{Plan, run};
use crate::template::Template;
use regulars_sync::connectors::head_office;
use std::path::Path;

/// The smallest run that was found to fail, and how it does.
pub fn shrink(template: &Template, base: &Path, failed: &Plan) -> (Plan, String) {
    let mut smallest = (failed.clone(), String::new());
    let fails = |plan: &Plan| run(template, base, plan).failure.map(|words| (shortened(plan, &words), words));
    match fails(failed) {
        Some(found) => smallest = found,
        None => return smallest,
    }
    loop {
        let before = smallest.0.clone();
        for plan in smaller(&before) {
            // Built on what was found meanwhile.
            let plan = merged(&smallest.0, &before, plan);
            if plan != smallest.0
                && let Some(found) = fails(&plan)
            {
                smallest = found;
            }
        }
        if smallest.0 == before {
            return smallest;
        }
    }
}

/// Nothing after the step that failed is needed.
fn shortened(plan: &Plan, words: &str) -> Plan {
    let step = words.strip_prefix("step ").and_then(|rest| rest.split(':').next()?.parse::<u32>().ok());
    Plan { steps: step.map_or(plan.steps, |step| (step + 1).min(plan.steps)), ..plan.clone() }
}

/// Runs that have a little less each.
fn smaller(plan: &Plan) -> Vec<Plan> {
    let mut all = Vec::new();
    for fault in Fault::ALL.iter().filter(|fault| !plan.without.contains(fault)) {
        let without = plan.without.iter().copied().chain([*fault]).collect();
        all.push(Plan { without, ..plan.clone() });
    }
    for tills in 1..plan.tills.unwrap_or(6) {
        all.push(Plan { tills: Some(tills), ..plan.clone() });
    }
    for share in [2, 4, 8, 16, 32] {
        all.push(Plan { steps: plan.steps - plan.steps / share, ..plan.clone() });
    }
    all
}

/// What `plan` has less than `before`, taken from `now` as well.
fn merged(now: &Plan, before: &Plan, plan: Plan) -> Plan {
    let mut without = now.without.clone();
    without.extend(plan.without.iter().filter(|fault| !before.without.contains(fault)));
    let tills = if plan.tills == before.tills { now.tills } else { plan.tills };
    let steps = if plan.steps == before.steps { now.steps } else { plan.steps.min(now.steps) };
    Plan { without, tills, steps, ..plan }
}

/// How to see a run again, line by line.
pub fn replay(plan: &Plan, remote: &str) -> String {
    let mut words = format!("cargo xtask sim --seeds 1 --seed {} --steps {}", plan.seed, plan.steps);
    if remote != head_office::KIND {
        words += &format!(" --remote {remote}");
    }
    if let Some(tills) = plan.tills {
        words += &format!(" --tills {tills}");
    }
    if !plan.without.is_empty() {
        let names: Vec<String> = plan.without.iter().map(|fault| format!("{fault:?}")).collect();
        words += &format!(" --without {}", names.join(","));
    }
    words + " --replay"
}
