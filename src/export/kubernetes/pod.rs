//! A pod: one container without rights it does not need, and its probes.

use super::{
    Pods, list, names, storage,
    workload::{self, Controller},
};
use crate::{
    export::{
        bundle::{self, HealthTiming, Origin},
        yaml::{Map, Value},
    },
    model::{Model, ServiceKind},
};

/// Mebibytes of a folder that goes with the pod.
const TEMPORARY_MIB: u32 = 64;
/// Milliseconds that a start may take at least: a database that is ended while it makes its
/// files may never start again, and a small share of a processor makes every start slow.
const LEAST_START_MS: u64 = 60_000;
/// Seconds in which others learn that a pod is about to go.
const FAREWELL_SECONDS: u32 = 5;

/// The specification of a pod.
pub(super) fn spec(model: &Model, pods: &Pods<'_>, controller: Controller) -> Map {
    let mut spec = Map::from([
        ("serviceAccountName", pods.name.as_str().into()),
        ("automountServiceAccountToken", false.into()),
        ("enableServiceLinks", false.into()),
    ]);
    let grace = if pods.service.kind.is_store() || pods.service.kind == ServiceKind::Broker {
        60
    } else {
        bundle::STOP_SECONDS + FAREWELL_SECONDS
    };
    spec.set("terminationGracePeriodSeconds", grace);
    if controller == Controller::Job {
        spec.set("restartPolicy", "OnFailure");
    }
    spec.set("securityContext", identity(pods));
    if pods.service.replicas.is_some_and(|it| it > 1) {
        let spread = Map::from([
            ("maxSkew", 1_u32.into()),
            ("topologyKey", "kubernetes.io/hostname".into()),
            ("whenUnsatisfiable", "ScheduleAnyway".into()),
            (
                "labelSelector",
                Value::from([("matchLabels", super::selector(&pods.name).into())]),
            ),
        ]);
        spec.set("topologySpreadConstraints", list([spread]));
    }
    spec.set("containers", list([container(model, pods, controller)]));
    let volumes = storage::volumes(pods, TEMPORARY_MIB);
    if !volumes.is_empty() {
        spec.set("volumes", list(volumes));
    }
    spec
}

/// Whom the pod runs as.
fn identity(pods: &Pods<'_>) -> Map {
    let mut map = Map::default();
    let numbers = pods.container.user.split_once(':');
    if let Some((user, group)) = numbers
        .and_then(|(user, group)| Some((user.parse::<u32>().ok()?, group.parse::<u32>().ok()?)))
    {
        map.set("runAsNonRoot", true);
        map.set("runAsUser", user);
        map.set("runAsGroup", group);
        map.set("fsGroup", group);
    }
    map.set(
        "seccompProfile",
        Map::from([("type", "RuntimeDefault".into())]),
    );
    map
}

fn container(model: &Model, pods: &Pods<'_>, controller: Controller) -> Map {
    let mut map = Map::from([
        ("name", pods.name.as_str().into()),
        ("image", pods.image(model).into()),
        ("imagePullPolicy", "IfNotPresent".into()),
    ]);
    if !pods.container.command.is_empty() {
        // Our own images say an entry point, the others take their command behind theirs.
        let key = match bundle::origin(pods.service) {
            Origin::Ours(_) => "command",
            Origin::Program(_) | Origin::Foreign => "args",
        };
        map.set(key, literal(&pods.container.command));
    }
    if controller != Controller::Job {
        let ports = workload::ports(pods)
            .into_iter()
            .map(|(name, number, protocol)| {
                Map::from([
                    ("name", name.as_str().into()),
                    ("containerPort", number.into()),
                    ("protocol", workload::transport(protocol).into()),
                ])
            });
        map.set("ports", list(ports));
    }
    if !pods.container.environment.is_empty() {
        let reference = Value::from([("name", pods.name.as_str().into())]);
        map.set("envFrom", list([Map::from([("configMapRef", reference)])]));
    }
    if !pods.container.asked.is_empty() {
        let asked = pods.container.asked.iter().map(|name| {
            let from = Value::from([("name", "addresses".into()), ("key", name.as_str().into())]);
            Map::from([
                ("name", name.as_str().into()),
                ("valueFrom", Value::from([("configMapKeyRef", from)])),
            ])
        });
        map.set("env", list(asked));
    }
    map.set("resources", resources(pods));
    if controller != Controller::Job {
        probes(&mut map, pods);
        if bundle::origin(pods.service) != Origin::Foreign {
            // Traffic ends before the program does.
            let sleep = Value::from([("seconds", FAREWELL_SECONDS.into())]);
            map.set(
                "lifecycle",
                Value::from([("preStop", Value::from([("sleep", sleep)]))]),
            );
        }
    }
    map.set("securityContext", rights(pods));
    let mounts = storage::mounts(pods);
    if !mounts.is_empty() {
        map.set("volumeMounts", list(mounts));
    }
    map
}

/// Words in which Kubernetes must not put variables: `$(` is doubled.
fn literal(words: &[String]) -> Value {
    list(words.iter().map(|it| it.replace("$(", "$$(")))
}

fn resources(pods: &Pods<'_>) -> Value {
    let (cpu, memory) = (pods.container.cpu_millis, pods.container.memory_mib);
    // Memory cannot be taken back, so it is asked for in full.
    Value::from([
        (
            "requests",
            Value::from([
                ("cpu", format!("{}m", cpu.div_ceil(4)).into()),
                ("memory", format!("{memory}Mi").into()),
            ]),
        ),
        (
            "limits",
            Value::from([
                ("cpu", format!("{cpu}m").into()),
                ("memory", format!("{memory}Mi").into()),
            ]),
        ),
    ])
}

fn rights(pods: &Pods<'_>) -> Map {
    let mut capabilities = Map::from([("drop", ["ALL"].into())]);
    if !pods.container.rights.is_empty() {
        capabilities.set("add", list(pods.container.rights.iter().copied()));
    }
    let mut map = Map::from([("allowPrivilegeEscalation", false.into())]);
    if pods.container.read_only {
        map.set("readOnlyRootFilesystem", true);
    }
    if bundle::origin(pods.service) != Origin::Foreign {
        map.set("capabilities", capabilities);
    }
    map
}

/// Readiness asks for the service itself and not for those it needs: otherwise one
/// broken service would take all its callers out of traffic.
fn probes(map: &mut Map, pods: &Pods<'_>) {
    let Some(question) = question(pods) else {
        return;
    };
    let timing = pods.container.timing;
    let start = with(&question, timing, |it| {
        let period = it.interval_ms.clamp(1_000, 5_000);
        let checks = it.interval_ms.saturating_mul(it.retries.into());
        let patience = it.start_period_ms.saturating_add(checks);
        HealthTiming {
            interval_ms: period,
            // What may fail while it starts, in tries.
            retries: u32::try_from(patience.max(LEAST_START_MS).div_ceil(period))
                .unwrap_or(u32::MAX),
            ..it
        }
    });
    map.set("startupProbe", start);
    map.set("readinessProbe", with(&question, timing, |it| it));
    // Whoever is slow to answer is taken out of traffic first, and restarted last.
    let live = with(&question, timing, |it| HealthTiming {
        retries: it.retries.saturating_mul(2),
        ..it
    });
    map.set("livenessProbe", live);
}

fn with(
    question: &Map,
    timing: HealthTiming,
    change: impl Fn(HealthTiming) -> HealthTiming,
) -> Map {
    let timing = change(timing);
    let seconds = |ms: u64| u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
    let mut probe = question.clone();
    probe.set("periodSeconds", seconds(timing.interval_ms));
    probe.set("timeoutSeconds", seconds(timing.timeout_ms));
    probe.set("failureThreshold", timing.retries.max(1));
    probe
}

/// How the pod is asked: by HTTP where it is known to answer, else by what Compose runs.
fn question(pods: &Pods<'_>) -> Option<Map> {
    let service = pods.service;
    let command = service.health.as_ref().map(|it| &it.command);
    let is_said = command.is_some_and(|it| !it.is_empty());
    let path = match bundle::origin(service) {
        Origin::Ours(_) => bundle::health_path(service),
        // Of an image that nobody knows only the design can say that it speaks HTTP.
        Origin::Foreign if service.health.is_some() => bundle::health_path(service),
        Origin::Program(_) | Origin::Foreign => None,
    };
    if let Some(path) = path.filter(|_| !is_said) {
        let get = Value::from([
            ("path", path.into()),
            ("port", bundle::health_port(service).into()),
        ]);
        return Some(Map::from([("httpGet", get)]));
    }
    let words = &pods.container.health;
    let words: Vec<String> = match words.first().map(String::as_str) {
        Some("CMD") => words[1..].to_vec(),
        Some("CMD-SHELL") => {
            let shell = ["sh".to_owned(), "-c".to_owned()];
            shell
                .into_iter()
                .chain(words[1..].iter().cloned())
                .collect()
        }
        Some(_) | None => return None,
    };
    let command = list(words.iter().map(|it| it.replace("$(", "$$(")));
    Some(Map::from([("exec", Value::from([("command", command)]))]))
}

/// The name of the volume a secret comes in.
pub(super) fn secret_volume(name: &str) -> String {
    format!("secret-{}", names::secret(name))
        .chars()
        .take(63)
        .collect()
}
