//! How available a service or a route is once everything it needs is counted in.

use std::collections::BTreeSet;

use super::Numbers;
use crate::model::RouteId;

impl Numbers<'_> {
    /// Share of time a service is up by itself, in percent: with replicas, that not all
    /// are down at once. A number of replicas that is not said counts as one.
    pub fn own_availability_percent(&self, number: usize) -> Option<f64> {
        let service = self.service(number);
        let up = service.availability_percent?.clamp(0.0, 100.0) / 100.0;
        let replicas = service.replicas.unwrap_or(1);
        let down = (1.0 - up).powf(f64::from(replicas));
        Some((1.0 - down) * 100.0)
    }

    /// Share of requests that a service can answer, in percent: it and everything it
    /// needs must be up, each counted once. `None` as soon as one of them says nothing.
    pub fn availability_percent(&self, number: usize) -> Option<f64> {
        let mut needed = self.needed_by(number);
        needed.insert(number);
        self.all_up_percent(&needed)
    }

    /// Share of requests that a route can answer, in percent: its gateway, its service
    /// and everything that one needs must be up.
    pub fn route_availability_percent(&self, id: &RouteId) -> Option<f64> {
        let route = self.model.routes.get(id)?;
        let gateway = self.graph.number(&route.gateway)?;
        let service = self.graph.number(&route.service)?;
        let mut needed = self.needed_by(service);
        needed.extend([gateway, service]);
        self.all_up_percent(&needed)
    }

    fn all_up_percent(&self, needed: &BTreeSet<usize>) -> Option<f64> {
        needed
            .iter()
            .try_fold(1.0, |product, &it| {
                Some(product * self.own_availability_percent(it)? / 100.0)
            })
            .map(|it| it * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use crate::model::testing::model;

    fn availability(text: &str, name: &str) -> Option<String> {
        let model = model(text);
        let numbers = Numbers::new(&model);
        let number = (0..numbers.graph.services.len()).find(|&it| numbers.name(it) == name);
        let percent = numbers.availability_percent(number.unwrap());
        percent.map(|it| format!("{it:.3}"))
    }

    #[test]
    fn three_nines_three_times_make_less_than_three_nines() {
        let text = "x(a{availability=99.9}, b{availability=99.9}, c{availability=99.9}); a -> b; b -> c; a -> c";
        assert_eq!(availability(text, "a").as_deref(), Some("99.700"));
    }

    #[test]
    fn replicas_stand_in_for_one_another() {
        let text = "x(a{availability=99 replicas=2})";
        assert_eq!(availability(text, "a").as_deref(), Some("99.990"));
    }

    #[test]
    fn one_unknown_part_makes_the_whole_unknown_unless_it_is_optional() {
        let text = "x(a{availability=99}, b); a -> b";
        assert_eq!(availability(text, "a"), None);
        let text = "x(a{availability=99}, b); a -> b{fallback}";
        assert_eq!(availability(text, "a").as_deref(), Some("99.000"));
    }

    #[test]
    fn a_route_needs_its_gateway_and_its_service_but_no_other_route() {
        let model =
            model("x(g:gateway{availability=99}, a{availability=98}, b); g/a -> a; g/b -> b");
        let numbers = Numbers::new(&model);
        let percent = |index: usize| {
            let id = model.routes.keys().nth(index).unwrap();
            numbers
                .route_availability_percent(id)
                .map(|it| format!("{it:.2}"))
        };
        assert_eq!(percent(0).as_deref(), Some("97.02"));
        assert_eq!(percent(1), None);
    }
}
