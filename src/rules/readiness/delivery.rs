//! How services get built, shipped and observed.

use super::{Checklist, Group, Practice};
use crate::{
    edit::Edit,
    model::{Build, Service, ServiceId, ServiceKind},
    rules::{
        Context, Fix, fix::change_service, missing_health_check::add_health, unpinned_image, words,
    },
};

/// Where the metrics of most programs are.
const USUAL_METRICS_PATH: &str = "/metrics";
/// How a log reads well by machine.
const USUAL_LOG_FORMAT: &str = "json";

/// Everything we run is an image of one version.
pub(super) fn containers(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    for (number, id, service) in context.services() {
        if !service.kind.is_deployed() {
            continue;
        }
        if service.build.is_none() && service.image.is_empty() {
            let message = format!(
                "nothing says which image {} runs from, or what it is built from",
                context.name(number)
            );
            list.miss(context.element(number), message, origin(id, service));
        } else if service.build.is_some() || !unpinned_image::is_unpinned(&service.image) {
            list.tick();
        }
    }
    list.miss_all(super::found(&unpinned_image::RULE, context));
    list.done("Containers", Group::Today, 2)
}

/// The official image of what a service runs, or a folder to build our own code from.
fn origin(id: &ServiceId, service: &Service) -> Option<Fix> {
    if let Some(image) = service.known_technology().and_then(|it| it.image) {
        let edit = change_service(id, service, "image", |it| image.clone_into(&mut it.image));
        return Some(Fix::new(format!("Use {image}"), vec![edit]));
    }
    if !service.kind.is_our_code() {
        return None;
    }
    let folder = format!("services/{id}");
    let edit = change_service(id, service, "build", |it| {
        it.build = Some(Build {
            context: folder.clone(),
            ..Build::default()
        });
    });
    Some(Fix::new(format!("Build from {folder}"), vec![edit]))
}

/// Our code, without programs of others that run from a known image.
fn is_ours(service: &Service) -> bool {
    let is_known_program = service
        .known_technology()
        .is_some_and(|it| it.image.is_some());
    service.kind.is_our_code() && !is_known_program
}

/// A pipeline can build, test and ship everything we write.
pub(super) fn automation(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    for (number, id, service) in context.services() {
        if !is_ours(service) {
            continue;
        }
        let lacks_technology = service.known_technology().is_none();
        let lacks_origin = service.build.is_none() && service.image.is_empty();
        let name = context.name(number);
        let message = match (lacks_technology, lacks_origin) {
            (false, false) => {
                list.tick();
                continue;
            }
            (true, _) => {
                format!("{name} names no known technology, so that no pipeline can test it")
            }
            (false, true) => {
                format!("{name} names no image and no folder, so that no pipeline can build it")
            }
        };
        let fix = (!lacks_technology).then(|| origin(id, service)).flatten();
        list.miss(context.element(number), message, fix);
    }
    list.done("Automated testing and deployment", Group::Next, 1)
}

/// Everything we write can be asked, measured and read.
pub(super) fn monitoring(context: &Context<'_>) -> Practice {
    let mut list = Checklist::default();
    for (number, id, service) in context.services() {
        if !is_ours(service) {
            continue;
        }
        let lacks = lacks(service);
        if lacks.is_empty() {
            list.tick();
            continue;
        }
        let lacks = words::list(&lacks);
        let message = format!("{} has no {lacks}", context.name(number));
        let fix = Fix::new(format!("Add {lacks}"), vec![observable(id, service)]);
        list.miss(context.element(number), message, Some(fix));
    }
    list.done("Monitoring and logging", Group::Next, 1)
}

/// What nobody could observe a service by. A job answers nobody, so that its log must do.
fn lacks(service: &Service) -> Vec<&'static str> {
    let answers = service.kind == ServiceKind::Service;
    let all = [
        (answers && service.health.is_none(), "health check"),
        (answers && service.metrics_path.is_empty(), "metrics path"),
        (service.log_format.is_empty(), "log format"),
    ];
    let missing = all.into_iter().filter(|(is_missing, _)| *is_missing);
    missing.map(|(_, name)| name).collect()
}

fn observable(id: &ServiceId, service: &Service) -> Edit {
    let metrics_path = service
        .known_technology()
        .and_then(|it| it.metrics_path)
        .unwrap_or(USUAL_METRICS_PATH);
    change_service(id, service, "monitoring", |it| {
        if it.kind == ServiceKind::Service {
            add_health(it);
            if it.metrics_path.is_empty() {
                metrics_path.clone_into(&mut it.metrics_path);
            }
        }
        if it.log_format.is_empty() {
            USUAL_LOG_FORMAT.clone_into(&mut it.log_format);
        }
    })
}
