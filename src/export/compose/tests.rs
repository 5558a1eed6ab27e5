//! What a compose file says, read back.

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::json;

use super::EXPORTER;
use crate::{
    export::Export,
    model::{Model, ServiceId, testing::model},
};

fn export(model: &Model) -> Export {
    (EXPORTER.export)(model).unwrap()
}

/// Looks at the compose file of a design.
fn looked(model: &Model, look: impl FnOnce(&Yaml<'_>)) {
    let export = export(model);
    let text = &export.files["compose.yaml"];
    let documents = Yaml::load_from_str(text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    look(&documents[0]);
}

fn words(list: &Yaml<'_>) -> Vec<String> {
    let words = list.as_sequence().into_iter().flatten();
    words.map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn keys(map: &Yaml<'_>) -> Vec<String> {
    let keys = map.as_mapping().into_iter().flatten();
    keys.map(|(key, _)| key.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_store_is_healthy_limited_hardened_and_stays_inside() {
    let design = "x(a{technology=go}, d:database{technology=postgres published=5432}); a -> d";
    looked(&model(design), |file| {
        let store = &file["services"]["d"];
        assert_eq!(store["image"].as_str(), Some("postgres:17.6-alpine"));
        assert!(store.as_mapping_get("ports").is_none());
        assert_eq!(words(&store["networks"]), ["x_data"]);
        assert_eq!(words(&store["healthcheck"]["test"])[0], "CMD-SHELL");
        assert_eq!(words(&store["cap_drop"]), ["ALL"]);
        assert_eq!(store["read_only"].as_bool(), Some(true));
        assert!(
            store["deploy"]["resources"]["limits"]["memory"]
                .as_str()
                .is_some()
        );
        assert_eq!(file["networks"]["x_data"]["internal"].as_bool(), Some(true));
        let caller = &file["services"]["a"];
        assert_eq!(
            caller["depends_on"]["d"]["condition"].as_str(),
            Some("service_healthy")
        );
        assert_eq!(
            caller["environment"]["D_PASSWORD_FILE"].as_str(),
            Some("/run/secrets/d_password")
        );
        assert_eq!(words(&caller["secrets"]), ["d_password"]);
        assert_eq!(
            file["secrets"]["d_password"]["file"].as_str(),
            Some("./secrets/d_password.txt")
        );
    });
    let notes = export(&model(design)).notes.join("\n");
    assert!(notes.contains("a store is not published"), "{notes}");
}

#[test]
fn a_drawn_command_replaces_what_an_image_starts() {
    let mut design = model("x(a{technology=go}, b{image=x:1}, r:cache{technology=redis})");
    for id in ["a", "b", "r"] {
        let mut service = design.services[id].as_ref().clone();
        service.command = vec!["run".to_owned(), "$it".to_owned()];
        *design.services.get_mut(id).unwrap() = service.into();
    }
    looked(&design, |file| {
        for (id, key, other) in [
            ("a", "entrypoint", "command"),
            ("b", "command", "entrypoint"),
            ("r", "command", "entrypoint"),
        ] {
            let service = &file["services"][id];
            assert_eq!(words(&service[key]), ["run", "$$it"], "{id}");
            assert!(service.as_mapping_get(other).is_none(), "{id}");
        }
    });
}

#[test]
fn a_published_port_is_bound_to_this_machine() {
    looked(
        &model("x(g:gateway, a{technology=go port=80 published=8000})"),
        |file| {
            for (id, outside) in [("g", "8080"), ("a", "8000")] {
                let port = &file["services"][id]["ports"][0];
                assert_eq!(port["host_ip"].as_str(), Some("127.0.0.1"));
                assert_eq!(port["published"].as_str(), Some(outside));
            }
        },
    );
}

#[test]
fn what_a_caller_needs_to_know_stands_in_its_environment() {
    looked(
        &model(
            "x(a{technology=go env.B_TIMEOUT_MS=9}, b{technology=go}, e:external); a -> b{timeout=70 retries=1}; a -> e",
        ),
        |file| {
            let environment = &file["services"]["a"]["environment"];
            assert_eq!(environment["B_URL"].as_str(), Some("http://b:8080"));
            assert_eq!(environment["B_RETRIES"].as_str(), Some("1"));
            assert_eq!(
                environment["B_TIMEOUT_MS"].as_str(),
                Some("9"),
                "the design's own wins"
            );
            assert_eq!(environment["E_URL"].as_str(), Some("${E_URL:-}"));
            assert!(file["services"].as_mapping_get("e").is_none());
        },
    );
    let export = export(&model("x(a{technology=go}, e:external); a -> e"));
    assert!(export.files[".env.example"].contains("\nE_URL=\n"));
}

#[test]
fn a_text_is_meant_as_it_stands_unless_an_import_read_it_with_variables() {
    let mut model = model("x(a{env.A=${X}}, b{env.A=v env.B=new image=i:1})");
    let id = ServiceId::new("b").unwrap();
    let mut imported = model.services[&id].as_ref().clone();
    imported
        .secrets
        .insert("DB_PASSWORD".to_owned(), "PASS".to_owned());
    let keys = json!({
        "environment": ["A=${X:-v}", "B=${Y:-old}", "DB_PASSWORD=${PASS:?set it}"],
        "image": "i:${TAG:-1}",
    });
    let source = json!({"name": "b_1", "keys": keys});
    imported.extra.insert("compose_source".to_owned(), source);
    model.services.insert(id, imported.into());
    looked(&model, |file| {
        let text = |service: &str, name: &str| {
            let environment = &file["services"][service]["environment"];
            environment[name].as_str().unwrap().to_owned()
        };
        assert_eq!(text("a", "A"), "$${X}");
        assert_eq!(text("b_1", "A"), "${X:-v}");
        assert_eq!(
            text("b_1", "B"),
            "new",
            "an edit wins over what was written"
        );
        assert_eq!(text("b_1", "DB_PASSWORD"), "${PASS:?set it}");
        assert_eq!(
            file["services"]["b_1"]["image"].as_str(),
            Some("i:${TAG:-1}")
        );
        assert!(file.as_mapping_get("secrets").is_none());
    });
}

#[test]
fn kept_entries_of_a_list_stand_for_the_models_own() {
    let mut model = model("(a{image=x:1 port=80 published=8080 port=81 published=8081})");
    let mut service = model.services["a"].as_ref().clone();
    let kept = json!({"ports": ["0.0.0.0:8080:80/tcp"]});
    service.extra.insert("compose".to_owned(), kept);
    *model.services.get_mut("a").unwrap() = service.into();
    looked(&model, |file| {
        let ports = &file["services"]["a"]["ports"];
        assert_eq!(ports.as_sequence().map(Vec::len), Some(2));
        assert_eq!(ports[0]["target"].as_integer(), Some(81));
        assert_eq!(ports[1].as_str(), Some("0.0.0.0:8080:80/tcp"));
    });
}

#[test]
fn imported_settings_come_back_as_they_were_and_nothing_is_added() {
    let mut model = model("(a{image=x/y:1 after.b=healthy replicas=2}, b{image=z:2})");
    for (id, extra) in [
        (
            "a",
            json!({"labels": {"on": "yes"}, "networks": {"front": {"aliases": ["w"]}}, "deploy": {"mode": "replicated"}}),
        ),
        ("b", json!({})),
    ] {
        let mut service = model.services[id].as_ref().clone();
        service.extra.insert("compose".to_owned(), extra);
        *model.services.get_mut(id).unwrap() = service.into();
    }
    let top = json!({"version": "3", "name": "old", "networks": {"front": {"driver": "bridge"}}, "x-any": [1, 2.5, null]});
    model.extra.insert("compose".to_owned(), top);
    looked(&model, |file| {
        assert_eq!(keys(file), ["name", "services", "networks", "x-any"]);
        assert_eq!(file["name"].as_str(), Some("old"));
        assert_eq!(file["networks"]["front"]["driver"].as_str(), Some("bridge"));
        assert_eq!(file["x-any"][1].as_floating_point(), Some(2.5));
        let a = &file["services"]["a"];
        assert_eq!(
            keys(a),
            ["image", "depends_on", "deploy", "labels", "networks"]
        );
        assert_eq!(a["labels"]["on"].as_str(), Some("yes"));
        assert_eq!(words(&a["networks"]["front"]["aliases"]), ["w"]);
        assert_eq!(a["deploy"]["mode"].as_str(), Some("replicated"));
        assert_eq!(a["deploy"]["replicas"].as_integer(), Some(2));
        assert_eq!(
            a["depends_on"]["b"]["condition"].as_str(),
            Some("service_healthy")
        );
        assert_eq!(keys(&file["services"]["b"]), ["image"]);
    });
}

#[test]
fn a_job_ends_and_who_waits_for_it_waits_for_its_end() {
    looked(
        &model("x(j:job{technology=go}, a{technology=go after.j=completed})"),
        |file| {
            assert_eq!(
                file["services"]["j"]["restart"].as_str(),
                Some("on-failure:3")
            );
            assert!(
                file["services"]["j"]
                    .as_mapping_get("healthcheck")
                    .is_none()
            );
            let condition = &file["services"]["a"]["depends_on"]["j"]["condition"];
            assert_eq!(condition.as_str(), Some("service_completed_successfully"));
        },
    );
}

#[test]
fn an_image_of_which_nothing_is_known_keeps_its_rights_and_a_note_says_so() {
    let design = model("x(a{image=ghcr.io/x/y:1})");
    looked(&design, |file| {
        let a = &file["services"]["a"];
        assert!(a.as_mapping_get("user").is_none() && a.as_mapping_get("read_only").is_none());
        assert_eq!(words(&a["security_opt"]), ["no-new-privileges:true"]);
    });
    assert!(export(&design).notes[0].contains("Nothing is known of the image of a"));
}

#[test]
fn a_newer_postgres_keeps_its_data_one_folder_further_up() {
    looked(&model("x(d:database{image=postgres:18.1})"), |file| {
        let volume = &file["services"]["d"]["volumes"][0];
        assert_eq!(volume["target"].as_str(), Some("/var/lib/postgresql"));
        assert_eq!(words(&file["services"]["d"]["cap_add"])[0], "CHOWN");
    });
}

#[test]
fn every_secret_is_explained_and_kept_out_of_git() {
    let export = export(&model(
        "x(a{technology=go}, r:broker{technology=rabbitmq}); a => r{publish}",
    ));
    let readme = &export.files["secrets/README.md"];
    let (password, settings) = (
        readme.find("> r_password.txt"),
        readme.find("> r_credentials.conf"),
    );
    assert!(password.is_some() && password < settings, "{readme}");
    assert!(export.files["secrets/.gitignore"].contains("\n*\n"));
}

#[test]
fn a_broker_finds_its_data_again_and_a_team_is_called_one_once() {
    let mut design = model("x(r:broker{technology=rabbitmq}, d:database{technology=postgres})");
    let mut boundary = design.boundaries["x"].as_ref().clone();
    boundary.team = "Team blue".to_owned();
    *design.boundaries.get_mut("x").unwrap() = boundary.into();
    looked(&design, |file| {
        assert_eq!(file["services"]["r"]["hostname"].as_str(), Some("r"));
        assert!(file["services"]["d"].as_mapping_get("hostname").is_none());
    });
    let text = export(&design).files["compose.yaml"].clone();
    assert!(text.contains("# x, Team blue\n"), "{text}");
}

#[test]
fn elasticsearch_reads_its_password_whatever_rights_its_file_has() {
    looked(&model("x(e:search{technology=elasticsearch})"), |file| {
        let service = &file["services"]["e"];
        let command = words(&service["command"]).join(" ");
        assert!(command.contains("cat /run/secrets/e_password"), "{command}");
        let environment = &service["environment"];
        assert!(
            environment
                .as_mapping_get("ELASTIC_PASSWORD_FILE")
                .is_none()
        );
    });
}

#[test]
fn a_full_cache_forgets_and_a_full_folder_does_not_end_its_container() {
    let mut design = model("x(r:cache{technology=redis}, s:database{technology=redis})");
    for id in ["r", "s"] {
        let mut service = design.services[id].as_ref().clone();
        service.resources.memory_mib = Some(96);
        *design.services.get_mut(id).unwrap() = service.into();
    }
    looked(&design, |file| {
        let command = words(&file["services"]["r"]["command"]);
        assert_eq!(command[1..3], ["--maxmemory", "64mb"]);
        assert!(file["services"]["s"].as_mapping_get("command").is_none());
        let folder = &words(&file["services"]["r"]["tmpfs"])[0];
        assert!(folder.contains("size=24m"), "{folder}");
    });
}

#[test]
fn a_gateway_that_asks_for_addresses_once_starts_again_with_those_it_leads_to() {
    for (technology, restarts) in [("nginx", Some(true)), ("envoy", None)] {
        let design = format!("x(g:gateway{{technology={technology}}}, a); g/a -> a");
        looked(&model(&design), |file| {
            let step = &file["services"]["g"]["depends_on"]["a"];
            let restart = step.as_mapping_get("restart").and_then(Yaml::as_bool);
            assert_eq!(restart, restarts, "{technology}");
        });
    }
}

#[test]
fn an_address_with_a_password_is_put_together_and_what_others_issue_is_given() {
    let mut design = model("x(a, d-b:database{technology=postgres}); a -> d-b");
    let mut service = design.services["a"].as_ref().clone();
    for name in ["DATABASE_URL", "BANK_API_KEY", "SESSION_SECRET"] {
        let file = name.to_lowercase();
        service.secrets.insert(name.to_owned(), file);
    }
    *design.services.get_mut("a").unwrap() = service.into();
    let export = export(&design);
    let readme = &export.files["secrets/README.md"];
    for line in [
        "printf 'postgresql://app:%s@d-b:5432/app' \"$(cat d_b_password.txt)\" > database_url.txt",
        "printf '%s' 'VALUE' > bank_api_key.txt",
        "openssl rand -hex 32 | tr -d '\\n' > session_secret.txt",
    ] {
        assert!(readme.contains(&format!("\n{line}\n")), "{line}: {readme}");
    }
}
