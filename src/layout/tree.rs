//! The design as nested groups, laid out from the innermost outward: once a boundary
//! is laid out, its parent treats it as one large item.

use std::collections::{BTreeSet, HashMap};

use super::{
    frames::frame_around,
    geometry::{CARD_SIZE, Point, Rect, Size, snapped},
    level::{self, Item, Level, Link},
};
use crate::model::{Access, BoundaryId, Model, Service, ServiceId, ServiceKind};

/// How much an order of starting counts beside a call.
const START_ORDER_WEIGHT: f32 = 0.1;
/// Width through height that looks well inside a frame.
const FRAME_ASPECT_RATIO: f32 = 1.8;
/// The most services of a design that is read card by card.
const LARGE: usize = 60;

/// The canvas itself, or a boundary with services in it.
struct Group {
    parent: usize,
    depth: usize,
    /// Numbers of the services directly inside.
    services: Vec<usize>,
    /// Numbers of the groups directly inside.
    groups: Vec<usize>,
    size: Size,
}

/// The services to arrange, their groups and their links.
pub(super) struct Tree<'a> {
    services: Vec<(&'a ServiceId, &'a Service)>,
    groups: Vec<Group>,
    group_of: Vec<usize>,
    /// From, to and weight, in the direction of the flow.
    links: Vec<(usize, usize, f32)>,
    /// Middle of each card, relative to the outermost group laid out so far.
    centers: Vec<Point>,
}

impl<'a> Tree<'a> {
    /// The services of a model, or those of a selection.
    pub(super) fn new(model: &'a Model, only: Option<&BTreeSet<ServiceId>>) -> Self {
        let services: Vec<_> = model
            .services
            .iter()
            .filter(|(id, _)| only.is_none_or(|it| it.contains(*id)))
            .map(|(id, service)| (id, service.as_ref()))
            .collect();
        let links = links(model, &services);
        let mut tree = Self {
            // In the middle of its own card, until the group around it is laid out.
            centers: vec![
                Point::new(CARD_SIZE.width / 2.0, CARD_SIZE.height / 2.0);
                services.len()
            ],
            group_of: vec![0; services.len()],
            groups: vec![Group::new(0, 0)],
            services,
            links,
        };
        let mut numbers = HashMap::new();
        for service in 0..tree.services.len() {
            let boundary = tree.services[service].1.boundary.as_ref();
            let group = boundary.map_or(0, |it| tree.group(model, it, &mut numbers));
            tree.group_of[service] = group;
            tree.groups[group].services.push(service);
        }
        tree
    }

    /// The group of a boundary, made with those around it if it is new.
    fn group(
        &mut self,
        model: &'a Model,
        boundary: &'a BoundaryId,
        numbers: &mut HashMap<&'a BoundaryId, usize>,
    ) -> usize {
        let mut missing = Vec::new();
        let mut parent = 0;
        let mut next = Some(boundary);
        while let Some(id) = next {
            if let Some(&number) = numbers.get(id) {
                parent = number;
                break;
            }
            // A boundary inside itself has no outermost one: the walk ends where it began.
            if missing.contains(&id) || !model.boundaries.contains_key(id) {
                break;
            }
            missing.push(id);
            next = model.boundaries.get(id).and_then(|it| it.parent.as_ref());
        }
        for id in missing.into_iter().rev() {
            let number = self.groups.len();
            let depth = self.groups[parent].depth + 1;
            self.groups.push(Group::new(parent, depth));
            self.groups[parent].groups.push(number);
            numbers.insert(id, number);
            parent = number;
        }
        parent
    }

    /// Lays everything out and gives the middle of every card.
    pub(super) fn lay_out(mut self, aspect_ratio: f32) -> Vec<(&'a ServiceId, Point)> {
        let is_large = self.services.len() > LARGE;
        let mut levels = self.levels(is_large, aspect_ratio);
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_key(|&it| (std::cmp::Reverse(self.groups[it].depth), it));
        for group in order {
            self.lay_out_group(group, std::mem::take(&mut levels[group]));
        }
        let ids = self.services.iter().map(|it| it.0);
        ids.zip(self.centers).collect()
    }

    /// What is side by side in each group. Links go to the innermost group that holds
    /// both ends; the ends' places are numbers of services until these are laid out.
    fn levels(&self, is_large: bool, aspect_ratio: f32) -> Vec<Pending> {
        let mut place_in_group = vec![0; self.groups.len()];
        let mut place_of = vec![0; self.services.len()];
        let mut pending: Vec<_> = self
            .groups
            .iter()
            .enumerate()
            .map(|(number, group)| {
                for (place, &service) in group.services.iter().enumerate() {
                    place_of[service] = place;
                }
                for (place, &inner) in (group.services.len()..).zip(&group.groups) {
                    place_in_group[inner] = place;
                }
                let cards = group.services.iter().map(|&it| card(self.services[it].1));
                let frames = group.groups.iter().map(|_| Item::default());
                let items = cards.chain(frames).collect();
                Pending {
                    level: Level {
                        items,
                        links: Vec::new(),
                        aspect_ratio: if number == 0 {
                            aspect_ratio
                        } else {
                            FRAME_ASPECT_RATIO
                        },
                        is_large,
                    },
                    ends: Vec::new(),
                }
            })
            .collect();

        for &(from, to, weight) in &self.links {
            let mut start = (self.group_of[from], place_of[from]);
            let mut end = (self.group_of[to], place_of[to]);
            while start.0 != end.0 {
                if self.groups[start.0].depth >= self.groups[end.0].depth {
                    pending[start.0].level.items[start.1].to_outside += weight;
                    start = (self.groups[start.0].parent, place_in_group[start.0]);
                } else {
                    pending[end.0].level.items[end.1].from_outside += weight;
                    end = (self.groups[end.0].parent, place_in_group[end.0]);
                }
            }
            if start.1 != end.1 {
                let pending = &mut pending[start.0];
                pending.ends.push((from, to));
                pending.level.links.push(Link {
                    from: start.1,
                    to: end.1,
                    weight,
                    from_port: Point::default(),
                    to_port: Point::default(),
                });
            }
        }
        pending
    }

    fn lay_out_group(&mut self, number: usize, pending: Pending) {
        let Pending { mut level, ends } = pending;
        for (link, (from, to)) in level.links.iter_mut().zip(ends) {
            link.from_port = self.centers[from];
            link.to_port = self.centers[to];
        }
        let first_frame = self.groups[number].services.len();
        for (place, &inner) in (first_frame..).zip(&self.groups[number].groups) {
            level.items[place].size = self.groups[inner].size;
        }

        let corners = level::place(&level);
        let rects = corners.iter().zip(&level.items);
        let bounds = Rect::around_all(rects.map(|(&min, item)| Rect::at(min, item.size)));
        let frame = match (number, bounds) {
            (0, bounds) => bounds.unwrap_or_default(),
            (_, bounds) => frame_around(bounds.unwrap_or_default()),
        };
        self.groups[number].size = frame.size();
        for (place, corner) in corners.into_iter().enumerate() {
            let shift = Point::new(
                snapped(corner.x - frame.min.x),
                snapped(corner.y - frame.min.y),
            );
            if place < first_frame {
                let service = self.groups[number].services[place];
                self.centers[service] = self.centers[service].moved_by(shift);
            } else {
                self.shift_all(self.groups[number].groups[place - first_frame], shift);
            }
        }
    }

    /// Moves everything inside a group.
    fn shift_all(&mut self, group: usize, by: Point) {
        let mut open = vec![group];
        while let Some(group) = open.pop() {
            for &service in &self.groups[group].services {
                self.centers[service] = self.centers[service].moved_by(by);
            }
            open.extend(&self.groups[group].groups);
        }
    }
}

/// A level whose link ends are known only once the frames inside are laid out.
#[derive(Default)]
struct Pending {
    level: Level,
    /// Numbers of the services at both ends of each link.
    ends: Vec<(usize, usize)>,
}

impl Group {
    fn new(parent: usize, depth: usize) -> Self {
        Self {
            parent,
            depth,
            services: Vec::new(),
            groups: Vec::new(),
            size: Size::default(),
        }
    }
}

fn card(service: &Service) -> Item {
    Item {
        size: CARD_SIZE,
        is_card: true,
        is_store: service.kind.is_store(),
        is_client: service.kind == ServiceKind::Client,
        from_outside: 0.0,
        to_outside: 0.0,
    }
}

/// Who is left of whom. Messages flow from the broker to whoever consumes them.
fn links(model: &Model, services: &[(&ServiceId, &Service)]) -> Vec<(usize, usize, f32)> {
    let numbers: HashMap<&ServiceId, usize> =
        services.iter().zip(0..).map(|(it, n)| (it.0, n)).collect();
    let pair = |from: &ServiceId, to: &ServiceId| Some((*numbers.get(from)?, *numbers.get(to)?));
    let mut links = Vec::with_capacity(model.dependencies.len());
    let mut is_called = BTreeSet::new();
    for dependency in model.dependencies.values() {
        let ends = pair(&dependency.from, &dependency.to).filter(|it| it.0 != it.1);
        if let Some((from, to)) = ends {
            is_called.insert((from, to));
            links.push(match dependency.access {
                Access::Consume => (to, from, 1.0),
                Access::Call | Access::Read | Access::Write | Access::Publish => (from, to, 1.0),
            });
        }
    }
    for route in model.routes.values() {
        let ends = pair(&route.gateway, &route.service).filter(|it| it.0 != it.1);
        if let Some((from, to)) = ends.filter(|it| is_called.insert(*it)) {
            links.push((from, to, 1.0));
        }
    }
    for (number, (_, service)) in services.iter().enumerate() {
        for first in service.starts_after.keys() {
            let other = numbers.get(first).filter(|it| **it != number);
            if let Some(&other) = other.filter(|it| is_called.insert((number, **it))) {
                links.push((number, other, START_ORDER_WEIGHT));
            }
        }
    }
    links.extend(kinships(services, &numbers, &links));
    links
}

/// Stores that nobody is said to use stand beside the service they are named after:
/// `carts-db` beside `carts`. That only places them; nothing is drawn.
fn kinships(
    services: &[(&ServiceId, &Service)],
    numbers: &HashMap<&ServiceId, usize>,
    links: &[(usize, usize, f32)],
) -> Vec<(usize, usize, f32)> {
    let is_linked: BTreeSet<usize> = links.iter().flat_map(|it| [it.0, it.1]).collect();
    let stores = services.iter().enumerate().filter(|(number, (_, it))| {
        (it.kind.is_store() || it.kind == ServiceKind::Broker) && !is_linked.contains(number)
    });
    stores
        .filter_map(|(number, (id, _))| {
            let (stem, _) = id.as_str().rsplit_once('-')?;
            let owner = numbers.get(&ServiceId::new(stem).ok()?)?;
            Some((*owner, number, START_ORDER_WEIGHT))
        })
        .collect()
}
