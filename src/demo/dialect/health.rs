//! Health, in the dialects that are short; Spring's is in a file of its own.

use serde_json::{Map, Value, json};

use super::{Answer, Check, Condition, HealthDialect, Report, code_of, spring};

/// What a service answers when it is asked how it is.
pub(in crate::demo) fn health(dialect: HealthDialect, report: &Report) -> Answer {
    let code = code_of(report.condition);
    match dialect {
        HealthDialect::Words => Answer::json(code, &words(report)),
        HealthDialect::Ok => match report.condition {
            Condition::Up | Condition::Degraded => Answer::text(200, "ok".to_owned()),
            Condition::Down => verbose(report),
        },
        HealthDialect::PlainWord => {
            let word = match report.condition {
                Condition::Up => "Healthy",
                Condition::Degraded => "Degraded",
                Condition::Down => "Unhealthy",
            };
            Answer::text(code, word.to_owned())
        }
        HealthDialect::Spring => spring::health(report),
        HealthDialect::HealthJson => Answer {
            content_type: "application/health+json",
            ..Answer::json(code, &health_json(report))
        },
        HealthDialect::Hellofresh => Answer::json(code, &hellofresh(report)),
        HealthDialect::Detailed => Answer::json(code, &detailed(report)),
        HealthDialect::Verbose => verbose(report),
        HealthDialect::MicroProfile => Answer::json(code, &microprofile(report)),
        HealthDialect::Terminus => Answer::json(code, &terminus(report)),
    }
}

fn words(report: &Report) -> Value {
    let status = match report.condition {
        Condition::Up => "ok",
        Condition::Degraded => "degraded",
        Condition::Down => "down",
    };
    let notes: Map<_, _> = failing(report)
        .map(|it| (it.name.clone(), json!(it.output)))
        .collect();
    if notes.is_empty() {
        return json!({ "status": status });
    }
    json!({ "status": status, "notes": notes })
}

fn health_json(report: &Report) -> Value {
    let word = |it| match it {
        Condition::Up => "pass",
        Condition::Degraded => "warn",
        Condition::Down => "fail",
    };
    let checks: Map<_, _> = report
        .checks
        .iter()
        .map(|it| {
            let check = json!([{
                "componentType": "component",
                "status": word(it.condition),
                "time": report.time,
                "output": it.output,
            }]);
            (format!("{}:state", it.name), check)
        })
        .collect();
    json!({
        "status": word(report.condition),
        "version": "1",
        "serviceId": report.service,
        "checks": checks,
    })
}

fn hellofresh(report: &Report) -> Value {
    let status = match report.condition {
        Condition::Up => "OK",
        Condition::Degraded => "Partially Available",
        Condition::Down => "Unavailable",
    };
    let failures: Map<_, _> = failing(report)
        .map(|it| (it.name.clone(), json!(it.output)))
        .collect();
    json!({
        "status": status,
        "timestamp": report.time,
        "failures": failures,
        "component": { "name": report.service, "version": "1.0" },
    })
}

fn detailed(report: &Report) -> Value {
    // This library knows no state in between.
    let word = |it| match it {
        Condition::Up | Condition::Degraded => "up",
        Condition::Down => "down",
    };
    let details: Map<_, _> = report
        .checks
        .iter()
        .map(|it| {
            let mut detail = json!({ "status": word(it.condition), "timestamp": report.time });
            if it.condition == Condition::Down {
                detail["error"] = json!(it.output);
            }
            (it.name.clone(), detail)
        })
        .collect();
    json!({ "status": word(report.condition), "details": details })
}

fn verbose(report: &Report) -> Answer {
    let mut body = "[+]ping ok\n".to_owned();
    for check in &report.checks {
        let line = match check.condition {
            Condition::Up | Condition::Degraded => format!("[+]{} ok\n", check.name),
            Condition::Down => format!("[-]{} failed: reason withheld\n", check.name),
        };
        body.push_str(&line);
    }
    let (code, verdict) = match report.condition {
        Condition::Up | Condition::Degraded => (200, "passed"),
        Condition::Down => (500, "failed"),
    };
    Answer::text(code, format!("{body}healthz check {verdict}\n"))
}

fn microprofile(report: &Report) -> Value {
    let word = |it| match it {
        Condition::Up | Condition::Degraded => "UP",
        Condition::Down => "DOWN",
    };
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|it| {
            json!({
                "name": it.name,
                "status": word(it.condition),
                "data": { "output": it.output },
            })
        })
        .collect();
    json!({ "status": word(report.condition), "checks": checks })
}

fn terminus(report: &Report) -> Value {
    let details: Map<_, _> = report
        .checks
        .iter()
        .map(|it| (it.name.clone(), json!({ "status": "up" })))
        .collect();
    match report.condition {
        Condition::Up | Condition::Degraded => {
            json!({ "status": "ok", "info": details, "details": details })
        }
        Condition::Down => json!({ "status": "error" }),
    }
}

fn failing(report: &Report) -> impl Iterator<Item = &Check> {
    report
        .checks
        .iter()
        .filter(|it| it.condition != Condition::Up)
}

#[cfg(test)]
mod tests {
    use super::{Condition, HealthDialect, health};
    use crate::demo::{breaker::State, dialect::testing::report};

    fn answer(dialect: HealthDialect, condition: Condition) -> (u16, String) {
        let answer = health(dialect, &report(condition, State::Open));
        (answer.code, answer.body)
    }

    #[test]
    fn a_service_that_is_down_says_so_in_its_own_words() {
        use HealthDialect as D;
        for (dialect, code, text) in [
            (D::Words, 503, r#""status":"down""#),
            (D::Ok, 500, "healthz check failed"),
            (D::PlainWord, 503, "Unhealthy"),
            (D::Spring, 503, r#""status":"DOWN""#),
            (D::HealthJson, 503, r#""status":"fail""#),
            (D::Hellofresh, 503, r#""status":"Unavailable""#),
            (D::Detailed, 503, r#""status":"down""#),
            (D::Verbose, 500, "[-]bank failed"),
            (D::MicroProfile, 503, r#""status":"DOWN""#),
            (D::Terminus, 503, r#""status":"error""#),
        ] {
            let (found_code, body) = answer(dialect, Condition::Down);
            assert_eq!(found_code, code, "{dialect:?}");
            assert!(body.contains(text), "{dialect:?}: {body}");
        }
    }

    #[test]
    fn a_degraded_service_answers_with_200_and_says_why_where_it_can() {
        for (dialect, text) in [
            (HealthDialect::Words, "degraded"),
            (HealthDialect::PlainWord, "Degraded"),
            (HealthDialect::HealthJson, "warn"),
            (HealthDialect::Hellofresh, "Partially Available"),
        ] {
            let (code, body) = answer(dialect, Condition::Degraded);
            assert_eq!(code, 200);
            assert!(body.contains(text), "{dialect:?}: {body}");
        }
    }

    #[test]
    fn a_service_that_is_well_answers_with_200_in_every_dialect() {
        use HealthDialect as D;
        for dialect in [
            D::Words,
            D::Ok,
            D::PlainWord,
            D::Spring,
            D::HealthJson,
            D::Hellofresh,
            D::Detailed,
            D::Verbose,
            D::MicroProfile,
            D::Terminus,
        ] {
            assert_eq!(answer(dialect, Condition::Up).0, 200, "{dialect:?}");
        }
    }
}
