//! Polly 8 through OpenTelemetry: a counter of events of every resilience strategy, told
//! apart by tags that become labels with underscores, or keep their dots.
//!
//! Isolating a breaker by hand counts as opening it, so after that only growth tells.

use super::{
    super::{BreakerReading, Evidence},
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};

pub(super) const DIALECT: Dialect = Dialect {
    title: "Polly",
    looks_like: r#"resilience_polly_strategy_events_total{event_name="OnCircuitOpened",pipeline_name="bank"} 1"#,
    tested_against: "written after its documentation",
    start: |_| Box::<Polly>::default(),
};

#[derive(Default)]
struct Polly(Named<Events>);

#[derive(Default)]
struct Events {
    opened: f64,
    half_opened: f64,
    closed: f64,
}

impl Picks for Polly {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        if !matches!(
            sample.name.as_ref(),
            "resilience_polly_strategy_events_total"
                | "resilience_polly_strategy_events"
                | "resilience.polly.strategy.events_total"
                | "resilience.polly.strategy.events"
        ) {
            return false;
        }
        let label = |plain: &str, dotted: &str| {
            let found = sample.label(plain).or_else(|| sample.label(dotted));
            found.filter(|it| !it.is_empty() && *it != "(null)")
        };
        let event = label("event_name", "event.name").unwrap_or_default();
        let Some(value) = count(sample.value).filter(|_| event.starts_with("OnCircuit")) else {
            return true;
        };
        let name = breaker(
            label("pipeline_name", "pipeline.name"),
            label("pipeline_instance", "pipeline.instance"),
            label("strategy_name", "strategy.name"),
        );
        // Each kind of exception has a series of its own.
        if let Some(events) = self.0.of(&name) {
            match event {
                "OnCircuitOpened" => events.opened += value,
                "OnCircuitHalfOpened" => events.half_opened += value,
                "OnCircuitClosed" => events.closed += value,
                _ => {}
            }
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, events) in self.0.iter() {
            let evidence = Evidence::Events {
                opened: events.opened,
                half_opened: Some(events.half_opened),
                closed: events.closed,
            };
            found.breaker(BreakerReading::inferred(name, evidence));
        }
    }
}

/// `pipeline`, `pipeline/instance`, or the strategy's name where the pipeline has none.
fn breaker(pipeline: Option<&str>, instance: Option<&str>, strategy: Option<&str>) -> String {
    match (pipeline, instance) {
        (Some(pipeline), Some(instance)) => format!("{pipeline}/{instance}"),
        (Some(pipeline), None) => pipeline.to_owned(),
        (None, _) => strategy.unwrap_or("Polly").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn events_of_breakers_are_counted_over_all_exceptions() {
        let event = |name: &str, pipeline: &str, exception: &str, value: u32| {
            format!(
                "resilience_polly_strategy_events_total{{event_name=\"{name}\",exception_type=\"{exception}\",pipeline_name=\"{pipeline}\",strategy_name=\"CircuitBreaker\"}} {value}\n"
            )
        };
        let page = [
            event("OnCircuitOpened", "bank", "A", 1),
            event("OnCircuitOpened", "bank", "B", 1),
            event("OnCircuitHalfOpened", "bank", "", 2),
            event("OnCircuitOpened", "mail", "A", 1),
            event("OnRetry", "tax", "A", 9),
        ]
        .concat();
        assert_eq!(told(&page), "bank:HalfOpen mail:Open");
    }

    #[test]
    fn names_with_dots_are_the_same() {
        let page = "{\"resilience.polly.strategy.events_total\",\"event.name\"=\"OnCircuitOpened\",\"pipeline.name\"=\"bank\",\"pipeline.instance\"=\"eu\"} 1\n";
        assert_eq!(told(page), "bank/eu:Open");
    }
}
