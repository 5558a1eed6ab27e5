//! What differs from place to place: which images, which addresses, which secrets.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Pods, list, storage};
use crate::{
    export::{
        FileSet, bundle,
        compose::{REGISTRY, TAG},
        yaml::Map,
    },
    model::Model,
};

/// Where the overlay lies.
const FOLDER: &str = "kubernetes/overlays/production";

/// The overlay, and the text that tells what it needs.
pub(super) fn files(model: &Model, all: &[Pods<'_>]) -> FileSet {
    let mut file = Map::spaced();
    file.set("apiVersion", "kustomize.config.k8s.io/v1beta1");
    file.set("kind", "Kustomization");
    file.set("namespace", bundle::system(model));
    file.set("resources", ["../../base"]);
    let images: Vec<_> = all.iter().filter(|it| it.is_ours()).collect();
    if !images.is_empty() {
        let images = images.into_iter().map(|it| {
            let name = it.image(model);
            Map::from([
                ("name", name.as_str().into()),
                ("newName", format!("{REGISTRY}/{name}").into()),
                ("newTag", TAG.into()),
            ])
        });
        file.set_with_comment(
            "images",
            list(images),
            "Where the pipeline pushes to, and what is to run: `kustomize edit set image`.",
        );
    }
    let mut asked: Vec<&str> = all
        .iter()
        .flat_map(|it| it.container.asked.iter().map(String::as_str))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    if !asked.is_empty() {
        let addresses = Map::from([
            ("name", "addresses".into()),
            ("literals", list(asked.iter().map(|it| format!("{it}=")))),
        ]);
        file.set_with_comment(
            "configMapGenerator",
            list([addresses]),
            "The addresses of what is outside, which no drawing says: a skeleton that needs one does\n\
             not start without it. Pods are replaced when one changes.",
        );
    }
    let mut files = FileSet::new();
    let title = "How the system runs in production: `kubectl apply -k` this folder.";
    files.insert(format!("{FOLDER}/kustomization.yaml"), file.to_file(title));
    files.insert("kubernetes/README.md".to_owned(), readme(model, all));
    files
}

fn readme(model: &Model, all: &[Pods<'_>]) -> String {
    let system = bundle::system(model);
    let mut text = format!(
        "# Kubernetes\n\n\
         `base` is the system as drawn; `overlays/production` says which images it runs from.\n\n\
         ```sh\n\
         kubectl kustomize overlays/production   # look at it\n\
         kubectl apply -k overlays/production\n\
         ```\n\n\
         The base closes the namespace `{system}`: pods reach each other only where the drawing\n\
         has a dependency, the gateway only where it has a route. Metrics may be asked for from\n\
         the namespace `monitoring`. A network plugin that enforces NetworkPolicy is needed.\n"
    );
    let mut secrets: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
    for pods in all {
        for (name, drawn) in storage::secrets(pods) {
            let entry = secrets.entry(name).or_insert((drawn, Vec::new()));
            entry.1.push(pods.id.as_str());
        }
    }
    if !secrets.is_empty() {
        text.push_str(
            "\n## Secrets\n\nNone is in a file here. Make each one before the first start:\n\n```sh\n",
        );
        for name in secrets.keys() {
            writeln!(
                text,
                "kubectl --namespace {system} create secret generic {name} --from-file=value=/dev/stdin"
            )
            .unwrap_or_default();
        }
        text.push_str("```\n\n| secret | read by |\n| --- | --- |\n");
        for (name, (_, readers)) in &secrets {
            writeln!(text, "| `{name}` | {} |", readers.join(", ")).unwrap_or_default();
        }
    }
    text
}

/// What a reader should know of the whole.
pub(super) fn notes(all: &[Pods<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    if all.iter().any(|it| !it.container.secrets.is_empty()) {
        notes.push(
            "No secret is in an exported file: kubernetes/README.md tells how to make them."
                .to_owned(),
        );
    }
    if all
        .iter()
        .any(|it| it.container.data.as_str() != "" && it.service.replicas.is_some_and(|n| n > 1))
    {
        notes.push(
            "A store with several pods gets a volume for each; that they copy from one another is for its own configuration."
                .to_owned(),
        );
    }
    notes
}
