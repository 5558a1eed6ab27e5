//! `alerts.yml`: what somebody is woken for.
//!
//! An alert and the story that its tests tell of it are one value, so that no alert is
//! without a test: series under which it fires, and others under which it does not.

use super::{
    Facts, breaker_alerts, drawn,
    recording::{self, Dialects},
};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::Model,
};

/// The alert that also is about who does not answer at all.
pub(super) const REPLICAS_MISSING: &str = "ReplicasMissing";

/// One alert.
#[derive(Debug, Clone)]
pub(super) struct Alert {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) expression: String,
    /// How long it must hold.
    pub(super) hold: &'static str,
    pub(super) severity: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) story: Story,
}

/// What happens to which series in a test.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// Which services it can be told of.
    pub(super) about: About,
    /// Series, by what tells them: a name, further labels, values while all is well, and
    /// values that fire.
    pub(super) series: Vec<Series>,
    /// The labels that the alert keeps beside those of the service.
    pub(super) keeps: &'static [&'static str],
    /// Minutes after which it fires.
    pub(super) minutes: u32,
}

/// What a service must have for an alert to be about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Anything,
    /// A number of the design, by its series.
    Drawn(&'static str),
    Breaker,
}

#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) labels: Vec<(&'static str, &'static str)>,
    pub(super) well: String,
    pub(super) ill: String,
}

/// A series of a story.
pub(super) fn series(
    name: impl Into<String>,
    labels: &[(&'static str, &'static str)],
    well: &str,
    ill: &str,
) -> Series {
    Series {
        name: name.into(),
        labels: labels.to_vec(),
        well: well.to_owned(),
        ill: ill.to_owned(),
    }
}

/// Every alert that the numbers of a design can raise.
pub(super) fn all(facts: &Facts<'_>) -> Vec<Alert> {
    let is_said = |name: &str| facts.said.iter().any(|it| it.name == name);
    let mut alerts = vec![down()];
    if is_said(drawn::REPLICAS) {
        alerts.push(replicas());
    }
    if !Dialects::of(&facts.measured).is_none() {
        if is_said(drawn::ALLOWED) {
            alerts.extend(burning());
        }
        if is_said(drawn::PATIENCE) {
            alerts.push(slow(
                "SlowerThanCallersWait",
                drawn::PATIENCE,
                "critical",
                "{{ $labels.service }} answers later than its callers wait",
                "1 of 100 answers comes after the shortest timeout that the design gives a call to it.",
            ));
        }
        if is_said(drawn::EXPECTED) {
            alerts.push(slow(
                "SlowerThanDrawn",
                drawn::EXPECTED,
                "warning",
                "{{ $labels.service }} is slower than drawn",
                "1 of 100 answers takes longer than the 99th percentile that the design expects.",
            ));
        }
        if is_said(drawn::BREAKER) {
            alerts.extend(breaker_alerts::all());
        }
        if is_said(drawn::MEMORY) {
            alerts.push(full(
                "MemoryNearLimit",
                recording::MEMORY,
                drawn::MEMORY,
                "10m",
                "{{ $labels.instance }} uses most of the memory it may",
                "More than 90 % of the limit that the design gives one replica; beyond it the kernel ends the process.",
            ));
        }
        if is_said(drawn::PROCESSORS) {
            alerts.push(full(
                "ProcessorNearLimit",
                recording::PROCESSORS,
                drawn::PROCESSORS,
                "15m",
                "{{ $labels.instance }} uses most of the processor it may",
                "More than 90 % of the limit that the design gives one replica; beyond it every answer waits.",
            ));
        }
    }
    alerts
}

/// The file.
pub(super) fn file(model: &Model, alerts: &[Alert]) -> String {
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for alert in alerts {
        let rule = Value::from([
            ("alert", alert.name.into()),
            ("expr", Value::Block(format!("{}\n", alert.expression))),
            ("for", alert.hold.into()),
            ("labels", [("severity", alert.severity.into())].into()),
            (
                "annotations",
                [
                    ("summary", alert.summary.into()),
                    ("description", alert.description.into()),
                ]
                .into(),
            ),
        ]);
        match groups.iter_mut().find(|it| it.0 == alert.group) {
            Some((_, rules)) => rules.push(rule),
            None => groups.push((alert.group, vec![rule])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(name, rules)| Value::from([("name", name.into()), ("rules", rules.into())]));
    let mut file = Map::default();
    file.set("groups", groups.collect::<Vec<_>>());
    file.to_file(&format!(
        "What somebody should look at in {}. Limits come from the design, see recording.yml;\n\
         each alert is tested in alerts_test.yml: promtool test rules alerts_test.yml",
        bundle::system(model)
    ))
}

fn down() -> Alert {
    Alert {
        group: "availability",
        name: "ServiceDown",
        expression: "up{service!=\"\"} == 0".to_owned(),
        hold: "1m",
        severity: "critical",
        summary: "{{ $labels.service }} does not answer",
        description: "{{ $labels.instance }} has not told its numbers for a minute.",
        story: Story {
            about: About::Anything,
            series: vec![series(
                "up",
                &[("job", "job"), ("instance", "one:80")],
                "1x10",
                "1 0x10",
            )],
            keeps: &["job", "instance"],
            minutes: 5,
        },
    }
}

fn replicas() -> Alert {
    let count = drawn::REPLICAS;
    Alert {
        group: "availability",
        name: REPLICAS_MISSING,
        expression: format!(
            "{count}\n> on (service) group_left ()\n(sum by (service) (up) or 0 * sum by (service) ({count}))"
        ),
        hold: "10m",
        severity: "warning",
        summary: "{{ $labels.service }} runs fewer times than drawn",
        description: "Fewer replicas answer than the design says there are.",
        story: Story {
            about: About::Drawn(drawn::REPLICAS),
            series: vec![series(
                "up",
                &[("job", "job"), ("instance", "one:80")],
                "1000x20",
                "0x20",
            )],
            keeps: &[],
            minutes: 15,
        },
    }
}

/// Windows, by how fast the budget of a month burns: in 2 and in 5 days, in 10 and in 30.
fn burning() -> Vec<Alert> {
    let pairs = [
        (
            "ErrorBudgetGoneInTwoDays",
            "1h",
            "5m",
            "14.4",
            "2m",
            "critical",
        ),
        (
            "ErrorBudgetGoneInFiveDays",
            "6h",
            "30m",
            "6",
            "15m",
            "critical",
        ),
        ("ErrorBudgetGoneInTenDays", "1d", "2h", "3", "1h", "warning"),
        ("ErrorBudgetGoneInAMonth", "3d", "6h", "1", "3h", "warning"),
    ];
    let alerts = pairs.map(|(name, long, short, factor, hold, severity)| {
        let allowed = drawn::ALLOWED;
        let above = |window: &str| {
            format!(
                "({} > on (service) group_left () ({factor} * {allowed}))",
                recording::errors(window)
            )
        };
        Alert {
            group: "slo",
            name,
            expression: format!("{}\nand on (service)\n{}", above(long), above(short)),
            hold,
            severity,
            summary: "{{ $labels.service }} fails more often than its SLO allows",
            description: "At this pace the errors that 30 days may have are used up long before.",
            story: Story {
                about: About::Drawn(drawn::ALLOWED),
                series: vec![
                    series(recording::errors(long), &[], "0x400", "1x400"),
                    series(recording::errors(short), &[], "0x400", "1x400"),
                ],
                keeps: &[],
                minutes: 300,
            },
        }
    });
    alerts.into()
}

fn slow(
    name: &'static str,
    limit: &'static str,
    severity: &'static str,
    summary: &'static str,
    description: &'static str,
) -> Alert {
    Alert {
        group: "latency",
        name,
        expression: format!("{} > on (service) group_left () {limit}", recording::P99),
        hold: "5m",
        severity,
        summary,
        description,
        story: Story {
            about: About::Drawn(limit),
            series: vec![series(recording::P99, &[], "0x20", "100000000x20")],
            keeps: &[],
            minutes: 10,
        },
    }
}

fn full(
    name: &'static str,
    used: &str,
    limit: &'static str,
    hold: &'static str,
    summary: &'static str,
    description: &'static str,
) -> Alert {
    Alert {
        group: "saturation",
        name,
        expression: format!("{used} > on (service) group_left () (0.9 * {limit})"),
        hold,
        severity: "warning",
        summary,
        description,
        story: Story {
            about: About::Drawn(limit),
            series: vec![series(
                used,
                &[("instance", "one:80")],
                "0x40",
                "1000000000000000x40",
            )],
            keeps: &["instance"],
            minutes: 30,
        },
    }
}
