//! Kubernetes: a kustomize base that runs the system, and an overlay that adapts it.
//!
//! Every workload may be called by those the drawing says and by nobody else. The
//! gateways of a design become Gateway API resources: which program answers there is
//! the cluster's choice. References: <https://kubernetes.io/docs/reference/>,
//! <https://gateway-api.sigs.k8s.io/reference/spec/>.

mod fields;
mod gateway;
mod names;
mod network;
mod overlay;
mod pod;
mod scaling;
mod storage;
mod workload;

#[cfg(test)]
mod tests;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Origin},
    compose::shared::{Container, container},
    fields::Scope,
    yaml::{Map, Value},
};
use crate::model::{Model, Service, ServiceId};

pub(super) const EXPORTER: Exporter = Exporter {
    id: "kubernetes",
    title: "Kubernetes",
    purpose: "clusters",
    checked_by: &["kubectl kustomize", "kubernetes-validate"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

/// Where the base lies.
const BASE: &str = "kubernetes/base";

/// A service that becomes pods.
#[derive(Debug)]
struct Pods<'a> {
    id: &'a ServiceId,
    service: &'a Service,
    /// Its name in the cluster.
    name: String,
    container: Container,
    /// Ports that only a route knows of.
    routed: Vec<u16>,
}

impl<'a> Pods<'a> {
    fn of(
        model: &'a Model,
        (id, service): (&'a ServiceId, &'a Service),
        callers: &network::Callers<'_>,
    ) -> Self {
        let mut container = container(model, id, service);
        names::tell(model, id, &mut container.environment);
        if let Some(folder) = postgres_folder(service, &container) {
            let told = &mut container.environment;
            told.entry("PGDATA".to_owned()).or_insert(folder);
        }
        Self {
            id,
            service,
            name: names::service(id),
            routed: callers.routed_ports(id, service),
            container,
        }
    }

    /// Whether it runs our own code, in an image that the pipeline builds.
    fn is_ours(&self) -> bool {
        self.service.image.is_empty() && !matches!(bundle::origin(self.service), Origin::Program(_))
    }

    /// The image's name without registry and tag where the pipeline builds it, else
    /// the image itself.
    fn image(&self, model: &Model) -> String {
        match bundle::origin(self.service) {
            _ if !self.service.image.is_empty() => self.service.image.clone(),
            Origin::Program(known) => known.image.unwrap_or_default().to_owned(),
            Origin::Ours(_) | Origin::Foreign => format!("{}-{}", bundle::system(model), self.id),
        }
    }

    fn labels(&self, model: &Model) -> Map {
        let mut labels = selector(&self.name);
        labels.set("app.kubernetes.io/part-of", bundle::system(model));
        if let Some(boundary) = &self.service.boundary {
            labels.set("app.kubernetes.io/component", boundary.as_str());
        }
        if let Some(criticality) = self.service.criticality {
            labels.set("criticality", criticality.to_string());
        }
        labels
    }
}

/// Where `PostgreSQL` keeps its data, if a volume is mounted: it wants a folder that its own
/// user has made, and whoever mounts a volume is another.
fn postgres_folder(service: &Service, container: &Container) -> Option<String> {
    let known = service.known_technology();
    if bundle::is_imported(service) || known.is_none_or(|it| it.id != "postgres") {
        return None;
    }
    let drawn = storage::lasting(service).map(|it| it.target.as_str());
    let mut mounted = std::iter::once(container.data.as_str()).chain(drawn);
    let folder = mounted.find(|it| it.starts_with("/var/lib/postgresql"))?;
    Some(format!("{folder}/pgdata"))
}

fn selector(name: &str) -> Map {
    Map::from([("app.kubernetes.io/name", name.into())])
}

/// A resource with everything that all of them have.
fn resource(version: &str, kind: &str, name: &str, labels: Map) -> Map {
    let mut metadata = Map::from([("name", name.into())]);
    if !labels.is_empty() {
        metadata.set("labels", labels);
    }
    Map::from([
        ("apiVersion", version.into()),
        ("kind", kind.into()),
        ("metadata", metadata.into()),
    ])
}

/// Several resources in one file.
fn documents(title: &str, all: &[Map]) -> String {
    let mut text = String::new();
    for (number, it) in all.iter().enumerate() {
        if number == 0 {
            text.push_str(&it.to_file(title));
        } else {
            text.push_str("---\n");
            text.push_str(&it.to_file(""));
        }
    }
    text
}

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    let callers = network::Callers::of(model);
    let mut all: Vec<Pods<'_>> = Vec::new();
    for (id, service) in &model.services {
        // What the gateway of a cluster does needs no pods of ours.
        if bundle::is_container(service) && bundle::gateway_program(service).is_none() {
            all.push(Pods::of(model, (id, service), &callers));
        }
    }
    let mut resources = vec!["namespace.yaml".to_owned()];
    for pods in &all {
        let file = format!("{}.yaml", pods.id);
        let text = documents(&title(model, pods), &workload::all(model, pods, &callers));
        export.files.insert(format!("{BASE}/{file}"), text);
        resources.push(file);
        export.notes.extend(workload::notes(pods));
    }
    for gateway in bundle::gateways(model) {
        let file = format!("{}.yaml", gateway.id);
        let (text, notes) = gateway::file(model, &gateway);
        export.files.insert(format!("{BASE}/{file}"), text);
        export.notes.extend(notes);
        resources.push(file);
    }
    export.files.insert(
        format!("{BASE}/namespace.yaml"),
        network::namespace(model, &all),
    );
    let mut file = Map::spaced();
    file.set("apiVersion", "kustomize.config.k8s.io/v1beta1");
    file.set("kind", "Kustomization");
    file.set("namespace", bundle::system(model));
    file.set("resources", resources);
    let text = file.to_file("What runs everywhere; `kubectl apply -k` an overlay instead.");
    export
        .files
        .insert(format!("{BASE}/kustomization.yaml"), text);
    export.files.extend(overlay::files(model, &all));
    export.notes.extend(overlay::notes(&all));
    Ok(export)
}

fn title(model: &Model, pods: &Pods<'_>) -> String {
    let called = model.service_name(pods.id);
    let mut parts = vec![called.lines().collect::<Vec<_>>().join(" ")];
    if let Some(team) = model.team_of(pods.id) {
        let team = team.lines().collect::<Vec<_>>().join(" ");
        parts.push(bundle::team_words(&team));
    }
    parts.join(", ")
}

fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(Into::into).collect())
}
