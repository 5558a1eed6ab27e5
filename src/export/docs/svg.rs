//! SVG: the picture by itself, arranged as the layout would.
//!
//! Where people put their cards is no part of a model, so an export does not know it.

use std::fmt::Write as _;

use imbl::OrdMap;

use super::{boundary_called, called, line, relation, system, technology};
use crate::{
    layout::{CARD_SIZE, Point, Rect, Request, Router, arrange, card_at, frames},
    model::{BoundaryColor, Mode, Model, ServiceId, ServiceKind},
    project::View,
};

/// Space around the picture.
const MARGIN: f32 = 24.0;
/// Characters of a name that fit on a card.
const MOST_CHARACTERS: usize = 24;
/// The colors of frames, by turn.
const COLORS: [(BoundaryColor, &str); 8] = [
    (BoundaryColor::Blue, "#2563EB"),
    (BoundaryColor::Green, "#127A54"),
    (BoundaryColor::Orange, "#B9651B"),
    (BoundaryColor::Violet, "#6D4AE0"),
    (BoundaryColor::Teal, "#0F766E"),
    (BoundaryColor::Pink, "#B0387F"),
    (BoundaryColor::Yellow, "#8A6A0B"),
    (BoundaryColor::Slate, "#586474"),
];

/// The picture.
pub(super) fn text(model: &Model) -> String {
    let positions = arrange(model, &OrdMap::new(), &Request::default());
    let frames = frames(model, &positions, &View::default());
    let cards: Vec<(&ServiceId, Rect)> = model
        .services
        .keys()
        .filter_map(|id| Some((id, card_at(*positions.get(id)?))))
        .collect();
    let all = cards.iter().map(|it| it.1).chain(frames.values().copied());
    let (width, height, origin) = extent(all);
    let title = escaped(&system(model));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\" \
         font-family=\"Inter, Helvetica, Arial, sans-serif\">\n\
         <title>{title}</title>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#77828F\"/></marker></defs>\n\
         <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"#F4F6F8\"/>\n",
        origin.x, origin.y, origin.x, origin.y
    );
    // The outer ones first: those inside are drawn over them.
    let mut ordered: Vec<_> = frames.iter().collect();
    ordered.sort_by(|a, b| area(b.1).total_cmp(&area(a.1)));
    for (id, rect) in ordered {
        let number = model.boundaries.keys().position(|it| it == id).unwrap_or(0);
        let chosen = model.boundaries.get(id).and_then(|it| it.color);
        let color = COLORS
            .iter()
            .find(|it| Some(it.0) == chosen)
            .map_or(COLORS[number % COLORS.len()].1, |it| it.1);
        let name = escaped(&boundary_called(model, id));
        writeln!(
            out,
            "<rect {} rx=\"12\" fill=\"{color}\" fill-opacity=\"0.05\" stroke=\"{color}\"/>\n\
             <text x=\"{}\" y=\"{}\" font-size=\"13\" font-weight=\"600\" fill=\"{color}\">{name}</text>",
            corners(rect),
            rect.min.x + 16.0,
            rect.min.y + 23.0
        )
        .unwrap_or_default();
    }
    edges(model, &cards, &mut out);
    for (id, rect) in &cards {
        card(model, id, rect, &mut out);
    }
    out.push_str("</svg>\n");
    out
}

fn area(rect: &Rect) -> f32 {
    (rect.max.x - rect.min.x) * (rect.max.y - rect.min.y)
}

fn corners(rect: &Rect) -> String {
    format!(
        "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        rect.min.x,
        rect.min.y,
        rect.max.x - rect.min.x,
        rect.max.y - rect.min.y
    )
}

fn extent(all: impl Iterator<Item = Rect>) -> (f32, f32, Point) {
    let mut bounds: Option<(Point, Point)> = None;
    for rect in all {
        let (min, max) = bounds.get_or_insert((rect.min, rect.max));
        *min = Point::new(min.x.min(rect.min.x), min.y.min(rect.min.y));
        *max = Point::new(max.x.max(rect.max.x), max.y.max(rect.max.y));
    }
    let (min, max) = bounds.unwrap_or((Point::new(0.0, 0.0), Point::new(0.0, 0.0)));
    (
        max.x - min.x + 2.0 * MARGIN,
        max.y - min.y + 2.0 * MARGIN,
        Point::new(min.x - MARGIN, min.y - MARGIN),
    )
}

fn edges(model: &Model, cards: &[(&ServiceId, Rect)], out: &mut String) {
    let number = |id: &ServiceId| cards.binary_search_by(|it| it.0.cmp(id)).ok();
    let drawn = model.dependencies.values();
    let drawn: Vec<_> = drawn
        .filter_map(|it| Some((it, (number(&it.from)?, number(&it.to)?))))
        .filter(|(_, (from, to))| from != to)
        .collect();
    let router = Router::new(
        cards.iter().map(|it| it.1).collect(),
        drawn.iter().map(|it| it.1).collect(),
    );
    for ((dependency, _), route) in drawn.iter().zip(router.routes()) {
        let mut path = String::new();
        for (number, point) in route.points.iter().enumerate() {
            let letter = if number == 0 { 'M' } else { 'L' };
            write!(path, "{letter}{} {} ", point.x, point.y).unwrap_or_default();
        }
        let dashes = if dependency.mode == Mode::Async {
            " stroke-dasharray=\"6 4\""
        } else {
            ""
        };
        let what = format!(
            "{} → {}: {}",
            called(model, &dependency.from),
            called(model, &dependency.to),
            relation(dependency)
        );
        writeln!(
            out,
            "<path d=\"{}\" fill=\"none\" stroke=\"#77828F\" stroke-width=\"1.6\" \
             stroke-linejoin=\"round\" marker-end=\"url(#arrow)\"{dashes}><title>{}</title></path>",
            path.trim_end(),
            escaped(&what)
        )
        .unwrap_or_default();
    }
}

fn card(model: &Model, id: &ServiceId, rect: &Rect, out: &mut String) {
    let Some(service) = model.services.get(id) else {
        return;
    };
    let mut below = technology(service);
    if below.is_empty() {
        service.kind.label().clone_into(&mut below);
    }
    if let Some(port) = service
        .main_port()
        .filter(|_| service.kind != ServiceKind::Job)
    {
        write!(below, " · {port}").unwrap_or_default();
    }
    let (x, middle) = (rect.min.x + 14.0, rect.min.y + CARD_SIZE.height / 2.0);
    writeln!(
        out,
        "<g><title>{}</title><rect {} rx=\"8\" fill=\"#FFFFFF\" stroke=\"#D9DFE7\"/>\n\
         <text x=\"{x}\" y=\"{}\" font-size=\"13.5\" font-weight=\"600\" fill=\"#1A2330\">{}</text>\n\
         <text x=\"{x}\" y=\"{}\" font-size=\"11.5\" fill=\"#586474\">{}</text></g>",
        escaped(&called(model, id)),
        corners(rect),
        middle - 4.0,
        escaped(&shortened(&called(model, id))),
        middle + 14.0,
        escaped(&shortened(&below))
    )
    .unwrap_or_default();
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST_CHARACTERS - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A text as XML has it.
fn escaped(text: &str) -> String {
    line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
