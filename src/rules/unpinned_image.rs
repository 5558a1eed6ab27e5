//! O06: an image without a tag, or with `latest`.

use super::{Context, Findings, Fix, Rule, fix::change_service};
use crate::model::{Severity, technology};

pub(super) const RULE: Rule = Rule {
    code: "O06",
    name: "unpinned-image",
    severity: Severity::Warning,
    summary: "An image has no tag, or the tag latest.",
    explanation: "\
What runs then depends on the day it was pulled: two hosts run different versions, and there is no way back. \
Name the version, or the digest. An image that is built here is left out.",
    source: "Common practice; Docker and Kubernetes both advise it.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (number, id, service) in context.services() {
        if service.build.is_some() || !is_unpinned(&service.image) {
            continue;
        }
        let name = context.name(number);
        let message = if tag(&service.image).is_some() {
            format!("{name} runs {}, whatever that is today", service.image)
        } else {
            format!("{name} runs {} without a version", service.image)
        };
        let fix = pinned(&service.image).map(|image| {
            let edit = change_service(id, service, "image", |it| image.clone_into(&mut it.image));
            Fix::new(format!("Use {image}"), vec![edit])
        });
        findings
            .report(vec![context.element(number)], message)
            .fix(fix);
    }
}

/// Whether what an image name means changes with time. One with a variable is unknown.
pub(super) fn is_unpinned(image: &str) -> bool {
    let is_known = !image.is_empty() && !image.contains(['$', '@']);
    is_known && tag(image).is_none_or(|it| it == "latest")
}

fn tag(image: &str) -> Option<&str> {
    let (name, tag) = image.rsplit_once(':')?;
    // In `registry:5000/name` the colon belongs to the registry's port.
    (!name.is_empty() && !tag.contains('/')).then_some(tag)
}

/// The same official image with a version that exists, if it is a known one.
fn pinned(image: &str) -> Option<&'static str> {
    let official = |image: &str| {
        let name = tag(image).map_or(image, |it| &image[..image.len() - it.len() - 1]);
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        name.strip_prefix("library/").unwrap_or(name).to_owned()
    };
    technology::of_image(image)?
        .image
        .filter(|it| official(it) == official(image))
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_unpinned};
    use crate::rules::testing::{fixes, messages};

    #[test]
    fn versions_digests_and_variables_are_fine() {
        for image in [
            "",
            "redis:8",
            "a/b@sha256:00",
            "a:${TAG}",
            "host:5000/a/b:1",
        ] {
            assert!(!is_unpinned(image), "{image}");
        }
        for image in ["redis", "redis:latest", "host:5000/a/b", "a/b"] {
            assert!(is_unpinned(image), "{image}");
        }
    }

    #[test]
    fn a_known_image_gets_a_version_that_exists() {
        let text =
            "x(a{image=redis}, b{image=shop/b:latest}, c{image=docker.io/library/mysql:latest})";
        assert_eq!(
            messages(&RULE, text),
            "warning: a runs redis without a version\n\
             warning: b runs shop/b:latest, whatever that is today\n\
             warning: c runs docker.io/library/mysql:latest, whatever that is today\n"
        );
        assert_eq!(
            fixes(&RULE, text),
            "Use redis:8.2.2-alpine\nUse mysql:8.4.6\n"
        );
    }

    #[test]
    fn another_product_with_the_same_engine_is_not_replaced() {
        assert_eq!(fixes(&RULE, "x(a{image=postgis/postgis})"), "");
        assert_eq!(fixes(&RULE, "x(a{image=nginx})"), "");
    }
}
