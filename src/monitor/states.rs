//! The words for what is observed: whether an answer came, how well a service is, and
//! the state of a breaker. Health and circuit are two axes.

/// Whether an answer came, and if not, why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// An answer came and was understood.
    #[default]
    Ok,
    /// The host's name leads nowhere.
    NameUnknown,
    /// Nobody listens there.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The encrypted connection failed.
    TlsFailed,
    /// The connection broke off.
    Reset,
    /// 401 or 403: who asks is not allowed to.
    AuthDenied,
    /// 404: there is nothing at this path.
    NotFound,
    /// The answer was longer than the limit.
    TooLarge,
    /// The answer made no sense.
    Unparseable,
    /// It leads where polling is not allowed: a metadata address, another host by redirect.
    Blocked,
}

impl Reach {
    /// What people call it, to follow a comma or to stand in parentheses.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "answers",
            Self::NameUnknown => "name unknown",
            Self::Refused => "connection refused",
            Self::TimedOut => "no answer in time",
            Self::TlsFailed => "encrypted connection failed",
            Self::Reset => "connection broke off",
            Self::AuthDenied => "access denied",
            Self::NotFound => "nothing at this path",
            Self::TooLarge => "answer too long",
            Self::Unparseable => "answer makes no sense",
            Self::Blocked => "address not allowed",
        }
    }

    /// Whether no answer came at all.
    pub fn is_network_error(self) -> bool {
        matches!(
            self,
            Self::NameUnknown | Self::Refused | Self::TimedOut | Self::TlsFailed | Self::Reset
        )
    }
}

/// How well a service says, or seems, to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Health {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Well.
    Up,
    /// Works, but not as it should.
    Degraded,
    /// Does not work.
    Down,
    /// Taken out by an operator.
    OutOfService,
    /// Not yet.
    Starting,
}

impl Health {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::OutOfService => "out of service",
            Self::Starting => "starting",
        }
    }

    /// Whether it does not work: down, or taken out.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Down | Self::OutOfService)
    }
}

/// The state of a circuit breaker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Circuit {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass on trial.
    HalfOpen,
    /// Calls are refused because an operator said so.
    ForcedOpen,
    /// Calls pass and nothing protects them.
    Disabled,
    /// Calls pass, nothing protects them, but they are counted.
    MetricsOnly,
    /// Open or half-open; the source does not say which.
    NotClosed,
    /// A proxy has taken this many of so many hosts out.
    Ejected {
        /// Taken out.
        count: u32,
        /// Of so many.
        of: u32,
    },
    /// A proxy's limit of concurrent calls is reached now.
    Overflow,
}

impl Circuit {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::ForcedOpen => "forced open",
            Self::Disabled => "disabled",
            Self::MetricsOnly => "metrics only",
            Self::NotClosed => "not closed",
            Self::Ejected { .. } => "hosts ejected",
            Self::Overflow => "overflow",
        }
    }

    /// Whether it refuses calls, or lets only some pass.
    pub fn is_tripped(self) -> bool {
        match self {
            Self::Open
            | Self::HalfOpen
            | Self::ForcedOpen
            | Self::NotClosed
            | Self::Overflow
            | Self::Ejected { .. } => true,
            Self::Unknown | Self::Closed | Self::Disabled | Self::MetricsOnly => false,
        }
    }

    /// How bad it is: the worst of several instances has the greatest.
    pub fn severity(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Closed => 1,
            Self::MetricsOnly => 2,
            Self::Disabled => 3,
            Self::Overflow => 4,
            Self::HalfOpen => 5,
            Self::Ejected { .. } => 6,
            Self::NotClosed => 7,
            Self::Open => 8,
            Self::ForcedOpen => 9,
        }
    }
}

/// Whether a source said so, or it follows from what it said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// The source said so.
    #[default]
    Reported,
    /// It follows from what the source said.
    Inferred,
}
