//! Whole imports, from texts.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use crate::{
    import::{ImportError, Imported, Request, compose::COMPOSE},
    model::{Access, Mode, Protocol, ServiceKind, StartCondition},
};

/// Imports the first text; the others can be named by it.
pub(super) fn import_files(files: &[(&str, &str)], named: usize) -> Result<Imported, ImportError> {
    let contents: BTreeMap<PathBuf, Vec<u8>> = files
        .iter()
        .map(|(name, text)| {
            (
                PathBuf::from(format!("shop/{name}")),
                text.as_bytes().to_vec(),
            )
        })
        .collect();
    let paths: Vec<_> = files
        .iter()
        .take(named)
        .map(|(name, _)| PathBuf::from(format!("shop/{name}")))
        .collect();
    let read = |path: &Path| {
        contents
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    (COMPOSE.import)(&Request {
        files: &paths,
        read: &read,
        variables: &BTreeMap::new(),
    })
}

pub(super) fn import(text: &str) -> Imported {
    import_files(&[("compose.yaml", text)], 1).unwrap()
}

fn refused(text: &str) -> String {
    let error = import_files(&[("compose.yaml", text)], 1).unwrap_err();
    error.to_string()
}

/// `a -> b sync call Http [compose.yaml:3 X]`, one a line.
fn dependencies(imported: &Imported) -> String {
    let all: Vec<_> = imported
        .project
        .model
        .dependencies
        .values()
        .map(|it| {
            let seen: Vec<_> = it
                .evidence
                .iter()
                .map(|it| format!("{}:{} {}", it.file, it.line.unwrap_or(0), it.text))
                .collect();
            let arrow = if it.mode == Mode::Sync { "->" } else { "=>" };
            format!("{} {arrow} {} [{}]", it.from, it.to, seen.join(", "))
        })
        .collect();
    all.join("\n")
}

pub(super) const SHOP: &str = r#"
name: shop
x-logging: &logging
  logging: {driver: json-file}
services:
  gateway:
    image: nginx:1.29
    ports: ["80:8080"]
    depends_on: [orders]
    <<: *logging
  orders:
    build: {context: ./orders, args: [STAGE=prod], cache_from: [x]}
    environment:
      STOCK_URL: http://stock:8080/v1
      DATABASE_URL: postgres://orders@orders-db:5432/orders
      BROKER_HOST: broker
    depends_on:
      orders-db: {condition: service_healthy, restart: true}
    healthcheck:
      test: curl -f http://localhost:3000/health || exit 1
      interval: 1m30s
      timeout: 2s
    ports: [{target: 3000, published: "3000", app_protocol: grpc}]
    deploy:
      replicas: 3
      resources: {limits: {cpus: "0.5", memory: 256M, pids: 9}}
      restart_policy: {condition: any}
    restart: always
    networks: [front, back]
  stock:
    image: ghcr.io/shop/stock:${TAG:-1.0}
    command: serve --cache-host cache "two words"
    networks: [back]
  orders-db: {image: postgres:17, volumes: ["data:/var/lib/postgresql/data", "./x:/y:ro,z"], networks: [back]}
  broker: {image: rabbitmq:4, networks: [back]}
  cache: {image: redis:8, networks: [back]}
volumes: {data: }
networks: {front: , back: {internal: true}}
"#;

#[test]
fn a_shop_becomes_services_with_kinds_and_technologies() {
    let model = import(SHOP).project.model;
    assert_eq!(model.name, "shop");
    let kinds: Vec<_> = model
        .services
        .iter()
        .map(|(id, it)| format!("{id}:{}:{}", it.kind, it.technology))
        .collect();
    assert_eq!(
        kinds.join(" "),
        "broker:Broker:rabbitmq cache:Cache:redis gateway:Gateway:nginx orders:Service: orders-db:Database:postgres stock:Service:"
    );
    let orders = &model.services["orders"];
    assert_eq!(orders.build.as_ref().unwrap().context, "./orders");
    assert_eq!(orders.build.as_ref().unwrap().arguments["STAGE"], "prod");
    assert_eq!(orders.replicas, Some(3));
    assert_eq!(orders.resources.cpu_millis, Some(500));
    assert_eq!(orders.resources.memory_mib, Some(256));
    let health = orders.health.as_ref().unwrap();
    assert_eq!((health.path.as_str(), health.port), ("/health", None));
    assert_eq!(
        (health.interval_ms, health.timeout_ms),
        (Some(90_000), Some(2000))
    );
    assert_eq!(model.services["stock"].image, "ghcr.io/shop/stock:1.0");
    assert_eq!(
        model.services["stock"].command,
        ["serve", "--cache-host", "cache", "two words"]
    );
    model.check_references().unwrap();
}

#[test]
fn dependencies_come_with_their_evidence_and_start_orders_apart() {
    let imported = import(SHOP);
    assert_eq!(
        dependencies(&imported),
        "orders => broker [compose.yaml:16 BROKER_HOST]\n\
         orders -> orders-db [compose.yaml:15 DATABASE_URL]\n\
         orders -> stock [compose.yaml:14 STOCK_URL]\n\
         stock -> cache [compose.yaml:32 command]"
    );
    let model = &imported.project.model;
    let broker = &model.dependencies["orders-broker"];
    assert_eq!(
        (broker.access, broker.protocol),
        (Access::Publish, Some(Protocol::Amqp))
    );
    let database = &model.dependencies["orders-orders-db"];
    assert_eq!(
        (database.access, database.protocol),
        (Access::Call, Some(Protocol::Sql))
    );
    assert_eq!(
        model.services["orders"].starts_after["orders-db"],
        StartCondition::Healthy
    );
    assert_eq!(
        model.services["gateway"].starts_after["orders"],
        StartCondition::Started
    );
    assert!(
        imported
            .notes
            .iter()
            .any(|it| it.starts_with("1 start order from depends_on"))
    );
}

#[test]
fn what_is_not_modelled_is_kept_as_it_was_written() {
    let model = import(SHOP).project.model;
    let kept = |id: &str| model.services[id].extra["compose"].to_string();
    assert_eq!(
        kept("orders"),
        r#"{"build":{"cache_from":["x"]},"depends_on":{"orders-db":{"restart":true}},"deploy":{"resources":{"limits":{"pids":9}},"restart_policy":{"condition":"any"}},"healthcheck":{"test":"curl -f http://localhost:3000/health || exit 1"},"networks":["front","back"],"restart":"always"}"#
    );
    assert_eq!(
        kept("orders-db"),
        r#"{"networks":["back"],"volumes":["./x:/y:ro,z"]}"#
    );
    assert_eq!(
        model.services["stock"].extra["compose_source"].to_string(),
        r#"{"keys":{"image":"ghcr.io/shop/stock:${TAG:-1.0}"}}"#
    );
    let top = &model.extra["compose"];
    assert_eq!(top["networks"]["back"]["internal"], true);
    assert!(top["volumes"].get("data").is_some());
    assert!(top.get("x-logging").is_some());
}

#[test]
fn networks_propose_boundaries_only_where_they_separate() {
    let model = import(SHOP).project.model;
    let members: Vec<_> = model
        .services
        .iter()
        .filter_map(|(id, it)| Some(format!("{id}:{}", it.boundary.as_ref()?)))
        .collect();
    assert_eq!(
        members.join(" "),
        "broker:back cache:back orders-db:back stock:back"
    );
    let together =
        "services: {a: {image: x, networks: [n]}, b: {image: x, networks: [n]}}\nnetworks: {n: {}}";
    assert!(import(together).project.model.boundaries.is_empty());
}

#[test]
fn secrets_stay_where_they_are() {
    let compose = "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: ${PW}\n      PLAIN: $TAG\n    secrets: [cert]\nsecrets: {cert: {file: ./c}}\n";
    let files = [("compose.yaml", compose), (".env", "PW=hush\nTAG=7\n")];
    let model = import_files(&files, 1).unwrap().project.model;
    let service = &model.services["a"];
    assert_eq!(service.environment["PLAIN"], "7");
    assert!(!service.environment.contains_key("DB_PASSWORD"));
    assert_eq!(service.secrets["DB_PASSWORD"], "PW");
    assert_eq!(service.secrets["/run/secrets/cert"], "cert");
    let everything = serde_json::to_string(&model).unwrap();
    assert!(!everything.contains("hush"));
}

#[test]
fn later_files_lie_over_earlier_ones() {
    let base = "services: {a: {image: x, ports: ['1:1'], environment: [A=1]}}";
    let over = "services: {a: {image: y, ports: ['2:2'], environment: {B: 2}}}";
    let files = [("a.yaml", base), ("b.yaml", over)];
    let model = import_files(&files, 2).unwrap().project.model;
    let service = &model.services["a"];
    assert_eq!(service.image, "y");
    assert_eq!(service.ports.len(), 2);
    assert_eq!(service.environment.len(), 2);
    assert_eq!(model.name, "shop");
}

#[test]
fn services_extend_others_and_files_include_others() {
    let main = "include: [sub/more.yaml]\nservices:\n  a:\n    extends: {file: sub/base.yaml, service: base}\n    environment: [B=2]\n";
    let base = "services:\n  root: {image: x, environment: {A: 1}}\n  base: {extends: root, env_file: [v.env], build: ., volumes: ['./d:/d', '../e:/e']}\n";
    let more = "services: {c: {image: z:$TAG}}";
    let files = [
        ("compose.yaml", main),
        ("sub/base.yaml", base),
        ("sub/v.env", "C=http://c:80\n"),
        ("sub/more.yaml", more),
        ("sub/.env", "TAG=9\n"),
    ];
    let imported = import_files(&files, 1).unwrap();
    assert_eq!(dependencies(&imported), "a -> c [v.env:1 C]");
    let model = imported.project.model;
    let service = &model.services["a"];
    let environment = format!("{:?}", service.environment);
    assert_eq!(environment, r#"{"A": "1", "B": "2", "C": "http://c:80"}"#);
    let build = service.build.as_ref().unwrap();
    let sources: Vec<_> = service.volumes.iter().map(|it| &it.source).collect();
    assert_eq!(build.context, "./sub");
    assert_eq!(sources, ["./sub/d", "./sub/../e"]);
    assert_eq!(model.services["c"].image, "z:9");
}

#[test]
fn circles_of_files_end_with_a_message() {
    let circle = [("compose.yaml", "include: [compose.yaml]\nservices: {}")];
    let error = import_files(&circle, 1).unwrap_err();
    assert_eq!(
        error.what,
        "the files under include lead back to themselves"
    );
    assert_eq!(
        refused("services: {a: {extends: b}, b: {extends: a}}"),
        "shop/compose.yaml:1: b extends itself in the end: remove one extends of the circle"
    );
}

#[test]
fn names_become_ids_and_stay_readable() {
    let text = "services: {order_svc: {image: x}, order-svc: {image: y, environment: {A_URL: 'http://order_svc'}}}";
    let imported = import(text);
    let model = &imported.project.model;
    assert_eq!(model.services["order-svc"].image, "y");
    assert_eq!(model.services["order-svc-2"].name, "order_svc");
    assert_eq!(
        model.services["order-svc-2"].extra["compose_source"]["name"],
        "order_svc"
    );
    assert_eq!(
        dependencies(&imported),
        "order-svc -> order-svc-2 [compose.yaml:1 A_URL]"
    );
}

#[test]
fn aliases_and_links_are_host_names_too() {
    let text = "services:\n  a: {image: x, environment: {U: 'http://shop-db:1'}, links: ['c:store'], command: ['--url', 'http://store']}\n  b: {image: x, networks: {default: {aliases: [shop-db]}}}\n  c: {image: x}\n";
    assert_eq!(
        dependencies(&import(text)),
        "a -> b [compose.yaml:2 U]\na -> c [compose.yaml:2 links: c:store, compose.yaml:2 command]"
    );
}

#[test]
fn jobs_are_what_others_wait_for_to_end() {
    let text = "services:\n  migrate: {image: x}\n  seed: {image: x, restart: 'no', profiles: [seed]}\n  a: {image: x, depends_on: {migrate: {condition: service_completed_successfully}}}\n";
    let imported = import(text);
    let kind = |id: &str| imported.project.model.services[id].kind;
    assert_eq!(kind("migrate"), ServiceKind::Job);
    assert_eq!(kind("seed"), ServiceKind::Job);
    assert_eq!(kind("a"), ServiceKind::Service);
    assert!(
        imported
            .notes
            .contains(&"seed starts only with the profile seed.".to_owned())
    );
}

#[test]
fn what_compose_refuses_is_refused_in_plain_words() {
    for (text, message) in [
        (
            "- a",
            "1: a compose file is a mapping, but here stands a list: write services: and the services below it",
        ),
        (
            "# nothing\n",
            "shop/compose.yaml: there is nothing in it: write at least one service under services",
        ),
        (
            "services: {a: {image: 'x:${V:?set the tag}'}}",
            "1: services.a.image needs the variable V, which is not set (set the tag): set V in .env beside the first file, or in the environment",
        ),
        (
            "services: {a: {image: 'x:${V'}}",
            "1: services.a.image: the variable in \"x:${V\" is not closed or has no name: write ${NAME}, or $$ for a dollar",
        ),
        (
            "services: {a: {image: x, ports: [abc]}}",
            "1: a: \"abc\" is no port of a container: write it as 8080:80, or as 127.0.0.1:8080:80/tcp",
        ),
        (
            "services: {a: {image: x, healthcheck: {test: [CMD, x], interval: 5x}}}",
            "1: a: \"5x\" is no duration: write it as 10s or 1m30s",
        ),
        (
            "services: {a: {image: x, mem_limit: abc}}",
            "1: a: \"abc\" is no amount of memory: write it as 512m or 2g",
        ),
        (
            "services: {a: {image: x, command: 'echo \"a'}}",
            "1: a: the command has a quote that is not closed: close it, or write the command as a list of words",
        ),
        (
            "services: {a: {image: x, scale: 2, deploy: {replicas: 3}}}",
            "1: a: scale and deploy.replicas say different things: keep one of them",
        ),
    ] {
        let refusal = refused(text);
        assert!(
            refusal.ends_with(message),
            "{refusal}\n  expected {message}"
        );
    }
}

#[test]
fn unset_variables_are_empty_and_told() {
    let imported = import("services: {a: {image: 'x:$TAG'}}");
    assert_eq!(imported.project.model.services["a"].image, "x:");
    assert!(imported.notes[0].starts_with("The variable TAG is not set"));
}
