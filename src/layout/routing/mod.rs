//! Edges as lines along the axes, from the rim of one card to the rim of another.
//!
//! [`Router::new`] routes a whole drawing; [`Router::reroute`] follows a drag and
//! touches only the edges of the cards that moved. Edges that leave a card on the
//! same side and bend the same way share a trunk and part where they must.

mod label;
mod lanes;
mod obstacles;
mod path;
mod ports;
mod sides;

#[cfg(test)]
mod tests;

use self::{lanes::Lanes, obstacles::Obstacles, ports::Port};
use super::geometry::{Point, Rect};

/// Above so many edges, routes no longer look for a way around cards.
const CAREFUL_EDGES: usize = 1500;

/// The way of one edge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Route {
    /// Corners from the rim of the first card to the rim of the second, each
    /// straight above, below or beside the one before; in canvas points.
    pub points: Vec<Point>,
    /// Where a label or a breaker fits best: on a long straight piece that this edge
    /// shares with no other.
    pub label_at: Point,
    /// Whether the line runs horizontally there.
    pub label_axis_is_horizontal: bool,
}

/// Routes between cards, kept up to date while cards move.
#[derive(Debug, Clone, Default)]
pub struct Router {
    nodes: Vec<Rect>,
    edges: Vec<(usize, usize)>,
    edges_of: Vec<Vec<usize>>,
    ports: Vec<(Port, Port)>,
    routes: Vec<Route>,
    obstacles: Obstacles,
}

impl Router {
    /// Routes `edges`, given as numbers of `nodes`, which must exist.
    pub fn new(nodes: Vec<Rect>, edges: Vec<(usize, usize)>) -> Self {
        let mut edges_of = vec![Vec::new(); nodes.len()];
        for (number, &(from, to)) in edges.iter().enumerate() {
            edges_of[from].push(number);
            if to != from {
                edges_of[to].push(number);
            }
        }
        let is_careful = edges.len() <= CAREFUL_EDGES;
        let mut router = Self {
            obstacles: if is_careful {
                Obstacles::new(&nodes)
            } else {
                Obstacles::default()
            },
            ports: vec![Default::default(); edges.len()],
            routes: vec![Route::default(); edges.len()],
            nodes,
            edges,
            edges_of,
        };
        let all: Vec<usize> = (0..router.edges.len()).collect();
        let nodes: Vec<usize> = (0..router.nodes.len()).collect();
        router.choose_ports(&nodes, &all);
        router.draw(&all);
        router
    }

    /// The way of every edge, in the order in which the edges were given.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Moves cards and routes their edges again; gives the numbers of these edges.
    /// Other edges stay as they are until the drawing is routed as a whole.
    pub fn reroute(&mut self, moved: &[(usize, Rect)]) -> Vec<usize> {
        let mut nodes: Vec<usize> = moved.iter().map(|it| it.0).collect();
        nodes.sort_unstable();
        nodes.dedup();
        for &(node, rect) in moved {
            if !self.obstacles.is_empty() {
                self.obstacles.replace(node, self.nodes[node], rect);
            }
            self.nodes[node] = rect;
        }
        let mut edges: Vec<usize> = nodes
            .iter()
            .flat_map(|&it| self.edges_of[it].iter().copied())
            .collect();
        edges.sort_unstable();
        edges.dedup();
        self.choose_ports(&nodes, &edges);
        self.draw(&edges);
        edges
    }

    /// Chooses sides for `edges`, and spreads the edges along the sides of `nodes`. On
    /// other cards an edge keeps its place if it keeps its side.
    fn choose_ports(&mut self, nodes: &[usize], edges: &[usize]) {
        let before: Vec<_> = edges.iter().map(|&it| self.ports[it]).collect();
        for &edge in edges {
            let (from, to) = self.edges[edge];
            self.ports[edge] = sides::sides(&self.nodes, from, to, &self.obstacles);
        }
        for &node in nodes {
            ports::spread(
                node,
                &self.nodes,
                &self.edges,
                &self.edges_of[node],
                &mut self.ports,
            );
        }
        let is_free = |node: usize| nodes.binary_search(&node).is_ok();
        for (&edge, before) in edges.iter().zip(before) {
            let (from, to) = self.edges[edge];
            let ports = &mut self.ports[edge];
            if !is_free(from) && before.0.side == ports.0.side {
                ports.0.offset = before.0.offset;
            }
            if !is_free(to) && before.1.side == ports.1.side {
                ports.1.offset = before.1.offset;
            }
        }
    }

    fn draw(&mut self, edges: &[usize]) {
        let mut lanes = Lanes::default();
        let is_careful = !self.obstacles.is_empty();
        for &edge in edges {
            let (from, to) = self.edges[edge];
            let ends = path::Ends {
                from: self.nodes[from],
                to: self.nodes[to],
                nodes: (from, to),
                ports: self.ports[edge],
            };
            let mut points = path::path(&ends, &self.obstacles);
            if is_careful {
                lanes.keep_apart(&mut points, &ends);
            }
            self.routes[edge].points = points;
        }
        label::place(edges, &self.edges, &self.ports, &mut self.routes);
    }
}
