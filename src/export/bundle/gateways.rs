//! Which program each gateway is, and where its configuration lies.

use super::{is_plain_path, port};
use crate::model::{Model, Service, ServiceId, ServiceKind};

/// A proxy we write configuration for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::export) struct GatewayProgram {
    /// The id of its technology.
    pub(in crate::export) id: &'static str,
    /// As people write it.
    pub(in crate::export) title: &'static str,
    /// The folder of its files.
    folder: &'static str,
    /// Each file, and where its container wants it.
    pub(in crate::export) files: &'static [(&'static str, &'static str)],
}

/// Every proxy we write for; a gateway of which nothing is said is the first.
const PROGRAMS: [GatewayProgram; 5] = [
    GatewayProgram {
        id: "nginx",
        title: "nginx",
        folder: "gateway",
        files: &[("nginx.conf", "/etc/nginx/nginx.conf")],
    },
    GatewayProgram {
        id: "envoy",
        title: "Envoy",
        folder: "envoy",
        files: &[("envoy.yaml", "/etc/envoy/envoy.yaml")],
    },
    GatewayProgram {
        id: "traefik",
        title: "Traefik",
        folder: "traefik",
        files: &[
            ("traefik.yaml", "/etc/traefik/traefik.yaml"),
            ("dynamic.yaml", "/etc/traefik/dynamic.yaml"),
        ],
    },
    GatewayProgram {
        id: "caddy",
        title: "Caddy",
        folder: "caddy",
        files: &[("Caddyfile", "/etc/caddy/Caddyfile")],
    },
    GatewayProgram {
        id: "haproxy",
        title: "HAProxy",
        folder: "haproxy",
        files: &[("haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg")],
    },
];

/// A gateway of a design, and its program.
#[derive(Debug, Clone)]
pub(in crate::export) struct Gateway<'a> {
    /// Its id.
    pub(in crate::export) id: &'a ServiceId,
    /// As drawn.
    pub(in crate::export) service: &'a Service,
    /// What it is.
    pub(in crate::export) program: &'static GatewayProgram,
    /// Where its files lie in the bundle.
    folder: String,
}

impl Gateway<'_> {
    /// The path of one of its files in the bundle.
    pub(in crate::export) fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.folder)
    }

    /// Each file's path in the bundle, and where its container wants it.
    pub(in crate::export) fn mounts(&self) -> impl Iterator<Item = (String, &'static str)> {
        let files = self.program.files.iter();
        files.map(|(file, target)| (self.path(file), *target))
    }

    /// The port it listens on.
    pub(in crate::export) fn port(&self) -> u16 {
        port(self.service)
    }
}

/// The proxy a gateway is: as said, or nginx because nothing is said.
pub(in crate::export) fn gateway_program(service: &Service) -> Option<&'static GatewayProgram> {
    if service.kind != ServiceKind::Gateway {
        return None;
    }
    match service.known_technology() {
        Some(known) => PROGRAMS.iter().find(|it| it.id == known.id),
        None if service.technology.is_empty() && service.image.is_empty() => PROGRAMS.first(),
        None => None,
    }
}

/// Whether nginx is the program of this gateway: as said, or because nothing is said.
pub(in crate::export) fn is_nginx(service: &Service) -> bool {
    gateway_program(service).is_some_and(|it| it.id == "nginx")
}

/// Every gateway we write configuration for.
pub(in crate::export) fn gateways(model: &Model) -> Vec<Gateway<'_>> {
    let found = |(id, it)| Some((id, gateway_program(it)?));
    let all: Vec<_> = model
        .services
        .iter()
        .filter_map(|(id, it)| found((id, it)).map(|(id, program)| (id, it, program)))
        .collect();
    let folder = |id: &ServiceId, program: &GatewayProgram| {
        let is_only = all.iter().filter(|it| it.2 == program).count() == 1;
        if is_only {
            program.folder.to_owned()
        } else {
            format!("{}/{id}", program.folder)
        }
    };
    all.iter()
        .map(|(id, service, program)| Gateway {
            id,
            service,
            program,
            folder: folder(id, program),
        })
        .collect()
}

/// The gateways that this program runs.
pub(in crate::export) fn gateways_of<'a>(model: &'a Model, program: &str) -> Vec<Gateway<'a>> {
    let mut all = gateways(model);
    all.retain(|it| it.program.id == program);
    all
}

/// What a gateway target says where it has nothing to write.
pub(in crate::export) fn no_gateway(model: &Model, title: &str) -> String {
    let mut services = model.services.values();
    if services.any(|it| it.kind == ServiceKind::Gateway) {
        format!("No gateway of this design is {title}: its technology says which program it is.")
    } else {
        "There is no gateway in this design: draw one and give it routes.".to_owned()
    }
}

/// The path on which a gateway answers for itself; one that no route of it takes.
pub(in crate::export) fn gateway_health_path(model: &Model, gateway: &ServiceId) -> String {
    let wanted = model
        .services
        .get(gateway)
        .and_then(|it| it.health.as_ref())
        .map(|it| it.path.as_str())
        .filter(|it| is_plain_path(it) && *it != "/");
    let is_taken = |path: &str| {
        model
            .routes_of(gateway)
            .any(|(_, it)| it.path_prefix == path)
    };
    let mut path = wanted.unwrap_or("/healthz").to_owned();
    while is_taken(&path) {
        path.insert_str(0, "/-");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{gateway_health_path, gateways, gateways_of};
    use crate::model::{ServiceId, testing::model};

    #[test]
    fn only_gateways_of_nginx_or_of_nothing_else_are_its() {
        let model =
            model("x(a:gateway, b:gateway{technology=envoy}, c:gateway{technology=nginx}, d)");
        let paths = |program| {
            let gateways = gateways_of(&model, program);
            let mounts = gateways
                .iter()
                .flat_map(|it| it.mounts().collect::<Vec<_>>());
            mounts.map(|it| it.0).collect::<Vec<_>>()
        };
        assert_eq!(
            paths("nginx"),
            ["gateway/a/nginx.conf", "gateway/c/nginx.conf"]
        );
        assert_eq!(paths("envoy"), ["envoy/envoy.yaml"]);
        assert_eq!(gateways(&model).len(), 3);
    }

    #[test]
    fn a_gateway_answers_for_itself_where_no_route_does() {
        let model = model("x(g:gateway, a); g/healthz -> a; g/-/healthz -> a");
        let path = gateway_health_path(&model, &ServiceId::new("g").unwrap());
        assert_eq!(path, "/-/-/healthz");
    }
}
