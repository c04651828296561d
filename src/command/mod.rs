//! One use case a file: wire, run, save, report.

mod account;
mod ask;
mod attempt;
mod ca;
mod check;
mod crawl;
mod direct;
mod doctor;
mod explain;
mod failure;
mod history;
mod login;
mod login_report;
mod login_users;
mod logins;
mod logout;
mod manual;
mod mask;
mod method;
mod open;
mod prove;
mod proxy;
mod proxy_options;
mod record;
mod relay;
mod roster;
mod run;
mod scripted;
mod sessions;
mod show;
mod site;
mod table;
mod verify;
mod wire;

pub use failure::report;
pub use run::run;
