//! A small live system to watch: real HTTP services that call one another through
//! real circuit breakers, each speaking another dialect of health.
//!
//! The services are those of `examples/shop`; who calls whom, within which time and
//! behind which breaker, is read from that design, so that what is drawn is what
//! runs. A script lets the bank slow down, refuse and recover, once a minute.
//! Everything runs on loopback, and dropping the [`Cluster`] stops it.

mod breaker;
mod dialect;
mod journal;
mod line;
mod process;
mod roles;
mod script;

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use tokio::{
    net::TcpListener,
    sync::{broadcast, watch},
    task::JoinSet,
    time::MissedTickBehavior,
};

use self::{journal::Journal, line::Line, process::Process, script::Phase};
use crate::{
    model::{EnvironmentId, Model, ServiceId},
    project::{self, Environment, Project},
};

pub use breaker::State;
pub use dialect::Condition;
pub use journal::{Change, Transition};

/// The design that runs.
pub const SHOP: &str = include_str!("../../examples/shop/shop.meshboard.json");
/// The environment of that design that observes the cluster.
pub const ENVIRONMENT: &str = "demo";
/// The first port of that environment, as it stands in the design.
pub const PORT_BASE: u16 = 7_100;

/// How often time passes for breakers and health is judged.
const PULSE: Duration = Duration::from_millis(50);

/// How the cluster is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The port of the first instance, in the order of the environment; the others
    /// follow. `None` takes free ports.
    pub port_base: Option<u16>,
    /// Decides when exactly calls are made.
    pub seed: u64,
    /// How many times as fast as usual: 1 to watch, more for tests.
    pub speed: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port_base: None,
            seed: 1,
            speed: 1,
        }
    }
}

/// Why the demo could not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The design inside the program cannot be used.
    #[error("the demo's own design cannot be used: {0}")]
    Design(String),
    /// There are not enough ports from there on.
    #[error("the demo needs {count} ports, from {base} on there are fewer: take a lower one")]
    NoPorts {
        /// The first port.
        base: u16,
        /// How many are needed.
        count: usize,
    },
    /// A port cannot be listened on.
    #[error("cannot listen on {address}: {reason}; take another port base, or none for free ports")]
    Port {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        reason: io::Error,
    },
    /// The HTTP client could not be made.
    #[error("cannot make HTTP calls: {0}")]
    Http(reqwest::Error),
}

/// What all services of the cluster share.
#[derive(Debug)]
struct Network {
    http: reqwest::Client,
    addresses: BTreeMap<ServiceId, Vec<String>>,
    journal: Journal,
    speed: u32,
}

/// A running shop; dropping it stops every service.
#[derive(Debug)]
pub struct Cluster {
    project: Project,
    network: Arc<Network>,
    /// Holds the tasks, which end with it.
    _tasks: JoinSet<()>,
    /// Lets open connections end when it goes.
    _stop: watch::Sender<()>,
}

impl Cluster {
    /// Starts every service; must be called from within a tokio runtime.
    pub async fn start(options: Options) -> Result<Self, DemoError> {
        let mut project = shop()?;
        let environment = demo_environment(&project)?;
        let listeners = listen(&environment, options.port_base).await?;

        let mut addresses: BTreeMap<ServiceId, Vec<String>> = BTreeMap::new();
        for (service, address, _) in &listeners {
            let instances = addresses.entry(service.clone()).or_default();
            instances.push(format!("http://{address}"));
        }
        observe_at(&mut project, environment, &addresses)?;

        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(DemoError::Http)?;
        let network = Arc::new(Network {
            http,
            addresses,
            journal: Journal::new(),
            speed: options.speed.max(1),
        });
        let (stop, stopped) = watch::channel(());
        let mut tasks = JoinSet::new();
        let (script, phase) = watch::channel(Phase::Well);
        let mut processes = Vec::new();
        for (service, _, listener) in listeners {
            let process = Arc::new(process(&project.model, service, &network, &phase));
            processes.push(Arc::clone(&process));
            tasks.spawn(process::serve(process, listener, stopped.clone()));
        }
        for (number, process) in processes.iter().enumerate() {
            for (habit_number, habit) in process.role.habits.iter().enumerate() {
                let seed = options.seed ^ ((number as u64) << 8 | habit_number as u64);
                tasks.spawn(process::repeat(Arc::clone(process), habit, seed));
            }
        }
        tasks.spawn(pulse(processes, script, Arc::clone(&network)));
        Ok(Self {
            project,
            network,
            _tasks: tasks,
            _stop: stop,
        })
    }

    /// The shop's design, whose environment [`ENVIRONMENT`] leads to this cluster.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Where each service's instances listen, such as `http://127.0.0.1:7100`.
    pub fn addresses(&self) -> &BTreeMap<ServiceId, Vec<String>> {
        &self.network.addresses
    }

    /// Everything that changes from now on.
    pub fn transitions(&self) -> broadcast::Receiver<Transition> {
        self.network.journal.listen()
    }
}

/// The shop's design as it is in the program.
pub fn shop() -> Result<Project, DemoError> {
    project::parse(SHOP.as_bytes()).map_err(|error| DemoError::Design(error.to_string()))
}

fn demo_environment(project: &Project) -> Result<Environment, DemoError> {
    match project.environments.get(ENVIRONMENT) {
        Some(environment) => Ok(Environment::clone(environment)),
        None => Err(DemoError::Design(format!(
            "it has no environment {ENVIRONMENT:?}"
        ))),
    }
}

/// Takes a port for every instance of the environment.
async fn listen(
    environment: &Environment,
    port_base: Option<u16>,
) -> Result<Vec<(ServiceId, SocketAddr, TcpListener)>, DemoError> {
    let instances: Vec<&ServiceId> = environment
        .targets
        .iter()
        .flat_map(|(service, target)| target.instances.iter().map(move |_| service))
        .collect();
    let mut listeners = Vec::new();
    for (number, service) in instances.iter().enumerate() {
        let port = match port_base {
            None => 0,
            Some(base) => {
                let no_ports = DemoError::NoPorts {
                    base,
                    count: instances.len(),
                };
                base.checked_add(number as u16).ok_or(no_ports)?
            }
        };
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let refused = |reason| DemoError::Port {
            address: wanted,
            reason,
        };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        listeners.push(((*service).clone(), address, listener));
    }
    Ok(listeners)
}

/// Lets the demo's environment lead to where the services really are.
fn observe_at(
    project: &mut Project,
    mut environment: Environment,
    addresses: &BTreeMap<ServiceId, Vec<String>>,
) -> Result<(), DemoError> {
    for (service, target) in &mut environment.targets {
        target.instances = addresses.get(service).cloned().unwrap_or_default();
    }
    let id = EnvironmentId::new(ENVIRONMENT).map_err(|it| DemoError::Design(it.to_string()))?;
    project.environments.insert(id, Arc::new(environment));
    Ok(())
}

fn process(
    model: &Model,
    service: ServiceId,
    network: &Arc<Network>,
    phase: &watch::Receiver<Phase>,
) -> Process {
    let lines = model
        .dependencies_of(&service)
        .map(|(_, it)| Line::new(it, network.speed))
        .collect();
    Process {
        role: roles::of(service.as_str()),
        service,
        lines,
        network: Arc::clone(network),
        phase: phase.clone(),
        answered: AtomicU64::new(0),
        failed: AtomicU64::new(0),
    }
}

/// Plays the script, lets time pass for breakers, and notes whose health changed.
async fn pulse(processes: Vec<Arc<Process>>, script: watch::Sender<Phase>, network: Arc<Network>) {
    let start = Instant::now();
    let mut known = BTreeMap::new();
    let mut ticks = tokio::time::interval((PULSE / network.speed).max(Duration::from_millis(5)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let phase = script::phase_at(start.elapsed() * network.speed);
        script.send_if_modified(|it| std::mem::replace(it, phase) != phase);

        let mut now: BTreeMap<&ServiceId, (Condition, String)> = BTreeMap::new();
        for process in &processes {
            process.tick();
            let condition = process.condition();
            // A service is as well as its best instance.
            let best = now
                .entry(&process.service)
                .or_insert_with(|| condition.clone());
            if condition.0 < best.0 {
                *best = condition;
            }
        }
        for (service, (to, cause)) in now {
            let from = known.insert(service.clone(), to).unwrap_or(Condition::Up);
            if from != to {
                let service = service.clone();
                let change = Change::Health { service, from, to };
                network.journal.note(change, cause);
            }
        }
    }
}
