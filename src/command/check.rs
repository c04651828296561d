//! Checks a configuration, and tells all that is wrong with it, or what it holds.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    failure::Usage,
    wire::{CONFIG, Wire, read_config},
};
use crate::{
    cli::{CheckArgs, Exit, plural},
    context::{Config, Context, Problem, Weight, schema},
};

pub(super) fn run(wire: &Wire, args: &CheckArgs) -> Result<Exit> {
    if args.schema {
        let schema = schema();
        wire.output.line(format_args!("{schema:#}"))?;
        wire.output.document(&schema)?;
        return Ok(Exit::Done);
    }
    let path = file(wire, args)?;
    match read_config(&path) {
        Ok(config) => fine(wire, &path, &config),
        Err(problems) => {
            let bad = problems.of(Weight::Problem).count();
            tell(wire, &path, &problems.list)?;
            wire.output.line(plural(bad, "problem"))?;
            wire.output.document(&document(&path, &problems.list, &[]))?;
            Ok(Exit::Usage)
        }
    }
}

fn file(wire: &Wire, args: &CheckArgs) -> Result<PathBuf> {
    let none = || {
        let hint = format!("name one, as in `handstamp check plan.yaml`, or write `{CONFIG}` here");
        Usage::new("there is no configuration to check", &hint).into()
    };
    args.file.clone().or_else(|| wire.config_file()).ok_or_else(none)
}

fn fine(wire: &Wire, path: &Path, config: &Config) -> Result<Exit> {
    tell(wire, path, &config.remarks)?;
    wire.output.line(format_args!("{} is fine", path.display()))?;
    for context in &config.contexts {
        wire.output.line(format_args!("  {}", summary(context)))?;
    }
    wire.output.document(&document(path, &config.remarks, &config.contexts))?;
    Ok(Exit::Done)
}

fn tell(wire: &Wire, path: &Path, all: &[Problem]) -> Result<()> {
    for problem in all {
        wire.output.line(problem.told(&path.display().to_string()))?;
    }
    Ok(())
}

/// A context on one line.
fn summary(context: &Context) -> String {
    let users: Vec<_> = context.users.iter().map(|user| user.name.as_str()).collect();
    let names = if users.is_empty() { String::new() } else { format!(": {}", users.join(", ")) };
    format!(
        "context `{}`: authentication {}, verification {}, session management {}, {}{names}",
        context.name,
        context.authentication.word(),
        context.verification.strategy.word(),
        context.management.word(),
        plural(users.len(), "user"),
    )
}

fn document(path: &Path, found: &[Problem], contexts: &[Context]) -> Value {
    let of = |weight| found.iter().filter(|p| p.weight == weight).map(problem).collect::<Vec<_>>();
    let contexts: Vec<_> = contexts.iter().map(context).collect();
    let problems = of(Weight::Problem);
    json!({
        "schema": "handstamp.check/1", "file": path.display().to_string(), "fine": problems.is_empty(),
        "problems": problems, "remarks": of(Weight::Remark), "contexts": contexts,
    })
}

fn problem(problem: &Problem) -> Value {
    json!({
        "line": problem.line, "column": problem.column, "key": problem.key, "message": problem.message,
        "hint": problem.hint,
    })
}

fn context(context: &Context) -> Value {
    let names: Vec<_> = context.users.iter().map(|user| user.name.as_str()).collect();
    let origins: Vec<_> = context.origins().iter().map(ToString::to_string).collect();
    json!({
        "name": context.name, "origins": origins, "authentication": context.authentication.word(),
        "verification": context.verification.strategy.word(), "sessionManagement": context.management.word(),
        "users": names, "forcedUser": context.forced_user,
    })
}
