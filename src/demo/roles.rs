//! Which service of the shop does what: its dialect, its answers, its habits.
//!
//! Who calls whom, within which time and behind which breaker, is not said here: it
//! comes from the design, so that what is drawn is what runs.

use super::dialect::{BreakerDialect, HealthDialect};

/// What one service does.
#[derive(Debug)]
pub(super) struct Role {
    /// The service's id in the shop.
    pub(super) service: &'static str,
    /// How it tells of its health.
    pub(super) health: HealthDialect,
    /// Where.
    pub(super) health_path: &'static str,
    /// How it tells of its breakers.
    pub(super) breakers: BreakerDialect,
    /// Milliseconds its own part of an answer takes.
    pub(super) latency_ms: u64,
    /// What it can be asked.
    pub(super) work: &'static [Work],
    /// What it does unasked.
    pub(super) habits: &'static [Habit],
}

/// Something a service can be asked, and whom it asks for that.
#[derive(Debug)]
pub(super) struct Work {
    /// The path it is asked at.
    pub(super) path: &'static str,
    /// Whom it asks, one after the other.
    pub(super) steps: &'static [Step],
}

/// One call to another service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The service.
    pub(super) to: &'static str,
    /// The path there.
    pub(super) path: &'static str,
    /// Of a hundred requests, how many need it.
    pub(super) percent: u32,
}

/// Something a service does again and again.
#[derive(Debug)]
pub(super) struct Habit {
    /// Milliseconds between two times, on average.
    pub(super) every_ms: u64,
    /// Whom it calls.
    pub(super) step: Step,
}

const fn always(to: &'static str, path: &'static str) -> Step {
    Step {
        to,
        path,
        percent: 100,
    }
}

/// Three orders a second: a breaker that needs five calls opens within two seconds.
const ORDER_EVERY_MS: u64 = 350;
const BROWSE_EVERY_MS: u64 = 250;
const CONSUME_EVERY_MS: u64 = 500;

const fn consumes(path: &'static str) -> [Habit; 1] {
    [Habit {
        every_ms: CONSUME_EVERY_MS,
        step: always("events", path),
    }]
}

/// A service that only answers.
const PLAIN: Role = Role {
    service: "",
    health: HealthDialect::Words,
    health_path: "/health",
    breakers: BreakerDialect::None,
    latency_ms: 3,
    work: &[],
    habits: &[],
};

/// Every role, sorted by service.
pub(super) const ALL: &[Role] = &[
    Role {
        service: "bank",
        health: HealthDialect::HealthJson,
        latency_ms: 60,
        work: &[Work {
            path: "/charges",
            steps: &[],
        }],
        ..PLAIN
    },
    Role {
        service: "catalog",
        health: HealthDialect::HealthJson,
        breakers: BreakerDialect::StateSet,
        latency_ms: 8,
        work: &[Work {
            path: "/catalog",
            steps: &[
                always("catalog-cache", "/products"),
                Step {
                    to: "search",
                    path: "/search",
                    percent: 40,
                },
                Step {
                    to: "catalog-db",
                    path: "/products",
                    percent: 30,
                },
                Step {
                    to: "events",
                    path: "/product-changed",
                    percent: 5,
                },
            ],
        }],
        ..PLAIN
    },
    Role {
        service: "catalog-cache",
        health: HealthDialect::Hellofresh,
        latency_ms: 1,
        work: &[Work {
            path: "/products",
            steps: &[],
        }],
        ..PLAIN
    },
    Role {
        service: "catalog-db",
        health: HealthDialect::Verbose,
        latency_ms: 6,
        work: &[Work {
            path: "/products",
            steps: &[],
        }],
        ..PLAIN
    },
    Role {
        service: "events",
        health: HealthDialect::MicroProfile,
        latency_ms: 2,
        work: &[
            Work {
                path: "/order-placed",
                steps: &[],
            },
            Work {
                path: "/product-changed",
                steps: &[],
            },
        ],
        ..PLAIN
    },
    Role {
        service: "gateway",
        health: HealthDialect::Ok,
        breakers: BreakerDialect::StateSet,
        latency_ms: 2,
        work: &[
            Work {
                path: "/orders",
                steps: &[always("orders", "/orders")],
            },
            Work {
                path: "/catalog",
                steps: &[always("catalog", "/catalog")],
            },
        ],
        ..PLAIN
    },
    Role {
        service: "notifications",
        health: HealthDialect::Terminus,
        breakers: BreakerDialect::Opossum,
        habits: &consumes("/order-placed"),
        ..PLAIN
    },
    Role {
        service: "orders",
        breakers: BreakerDialect::Words,
        latency_ms: 12,
        work: &[Work {
            path: "/orders",
            steps: &[
                always("orders-db", "/orders"),
                always("payments", "/payments"),
                always("events", "/order-placed"),
            ],
        }],
        ..PLAIN
    },
    Role {
        service: "orders-db",
        health: HealthDialect::PlainWord,
        latency_ms: 5,
        work: &[Work {
            path: "/orders",
            steps: &[],
        }],
        ..PLAIN
    },
    Role {
        service: "payments",
        health: HealthDialect::Spring,
        health_path: "/actuator/health",
        breakers: BreakerDialect::Resilience4j,
        latency_ms: 10,
        work: &[Work {
            path: "/payments",
            steps: &[always("bank", "/charges")],
        }],
        ..PLAIN
    },
    Role {
        service: "search",
        health: HealthDialect::Detailed,
        latency_ms: 15,
        work: &[Work {
            path: "/search",
            steps: &[],
        }],
        habits: &consumes("/product-changed"),
        ..PLAIN
    },
    Role {
        service: "shipping",
        health: HealthDialect::Verbose,
        habits: &consumes("/order-placed"),
        ..PLAIN
    },
    Role {
        service: "web",
        habits: &[
            Habit {
                every_ms: ORDER_EVERY_MS,
                step: always("gateway", "/orders"),
            },
            Habit {
                every_ms: BROWSE_EVERY_MS,
                step: always("gateway", "/catalog"),
            },
        ],
        ..PLAIN
    },
];

/// What a service does; one without a role of its own only tells that it is well.
pub(super) fn of(service: &str) -> &'static Role {
    ALL.iter()
        .find(|it| it.service == service)
        .unwrap_or(&PLAIN)
}

#[cfg(test)]
mod tests {
    use super::{ALL, Step};
    use crate::{demo, model::Id};

    #[test]
    fn roles_and_the_design_agree() {
        let project = demo::shop().unwrap();
        let environment = demo::demo_environment(&project).unwrap();
        let observed: Vec<_> = environment.targets.keys().map(Id::as_str).collect();
        let with_role: Vec<_> = ALL.iter().map(|it| it.service).collect();
        assert_eq!(observed, with_role);

        for role in ALL {
            let path = &environment.targets[role.service].health_path;
            assert_eq!(path, role.health_path, "{}", role.service);
            for step in steps(role) {
                let is_drawn = project
                    .model
                    .dependencies
                    .values()
                    .any(|it| it.from.as_str() == role.service && it.to.as_str() == step.to);
                assert!(is_drawn, "{} calls {}, undrawn", role.service, step.to);
                let answers = super::of(step.to)
                    .work
                    .iter()
                    .any(|it| it.path == step.path);
                assert!(answers, "{} has no {}", step.to, step.path);
            }
        }
    }

    #[test]
    fn every_dependency_that_is_drawn_is_used() {
        let project = demo::shop().unwrap();
        for dependency in project.model.dependencies.values() {
            let role = super::of(dependency.from.as_str());
            let is_used = steps(role).any(|it| it.to == dependency.to.as_str());
            assert!(is_used, "{} → {}", dependency.from, dependency.to);
        }
    }

    fn steps(role: &super::Role) -> impl Iterator<Item = &Step> {
        let asked = role.work.iter().flat_map(|it| it.steps);
        asked.chain(role.habits.iter().map(|it| &it.step))
    }
}
