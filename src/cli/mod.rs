//! Arguments, settings, exit codes, and what is shown to people and machines.

mod args;
mod attach_args;
mod crawl_args;
mod driver_args;
mod environment;
mod exit;
mod gateway_args;
mod handover_args;
mod length;
mod method_args;
mod output;
mod progress;
mod proxy_args;
mod push_args;
mod sessions_args;
mod size;
mod stand_in_args;
mod target_args;
mod when;

pub use args::{
    Args, CheckArgs, Command, Common, ExplainArgs, LoginArgs, LogoutArgs, OpenArgs, ProxyArgs, RecordArgs,
    VerifyArgs,
};
pub use attach_args::{Attached, HarvestArgs, InjectArgs};
pub use crawl_args::CrawlArgs;
pub use driver_args::{StandIn, Wanted};
pub use environment::Environment;
pub use exit::Exit;
pub use gateway_args::{GatewayArgs, Idle};
pub use handover_args::{ExecArgs, ExportArgs, FormatChoice, ImportArgs};
pub use length::Length;
pub use method_args::{Chosen, MethodArgs, MethodName};
pub use output::{Output, plural};
pub use progress::Progress;
pub use proxy_args::{HistoryArgs, ProxyOptions};
pub use push_args::{PushArgs, PushTo, PushZapArgs};
pub use sessions_args::{SessionsAction, SiteArgs};
pub use size::{Size, bytes};
pub use stand_in_args::{DriversAction, Name, StandInEnvironment};
pub use target_args::Target;
pub use when::{ago, until};
