//! Why a context or a user of it is not to be had.

/// Why a context or user was not found in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No context has this name.
    #[error("there is no context `{name}`\nhint: {hint}")]
    NoContext {
        /// The name that was asked for.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// No user of the context has this name.
    #[error("context `{context}` has no user `{name}`\nhint: {hint}")]
    NoUser {
        /// The context.
        context: String,
        /// The name that was asked for.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// There are several contexts, and none was named.
    #[error("there are several contexts\nhint: choose one with --context: {names}")]
    ManyContexts {
        /// Their names.
        names: String,
    },
    /// There are several users, and none was named.
    #[error("context `{context}` has several users\nhint: choose one with --user: {names}")]
    ManyUsers {
        /// The context.
        context: String,
        /// Their names.
        names: String,
    },
    /// The context has no users.
    #[error("context `{context}` has no users\nhint: add one under `users` in the configuration")]
    NoUsers {
        /// The context.
        context: String,
    },
}
