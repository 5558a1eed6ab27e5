//! A layout as SVG, to look at.

use std::{fmt::Write as _, io};

use imbl::OrdMap;
use meshboard::{
    layout::{Point, Rect, Route, Router, card_at, frames},
    model::{Model, ServiceId},
    project::{Position, View},
};

const COLORS: [&str; 4] = ["#5B9DFF", "#41B88D", "#E29A5B", "#A78BFA"];

/// Frames, edges and cards of a design.
pub(crate) fn svg(model: &Model, positions: &OrdMap<ServiceId, Position>) -> io::Result<String> {
    draw(model, positions).map_err(io::Error::other)
}

fn draw(model: &Model, positions: &OrdMap<ServiceId, Position>) -> Result<String, std::fmt::Error> {
    let ids: Vec<_> = positions.keys().collect();
    let cards: Vec<Rect> = positions.values().map(|it| card_at(*it)).collect();
    let number = |id| ids.binary_search(&id).ok();
    let ends = model.dependencies.values();
    let edges: Vec<_> = ends
        .filter_map(|it| Some((number(&it.from)?, number(&it.to)?)))
        .collect();
    let router = Router::new(cards.clone(), edges);
    let frames = frames(model, positions, &View::default());
    let all = cards.iter().copied().chain(frames.values().copied());
    let all = Rect::around_all(all).unwrap_or_default().grown(24.0);

    let mut svg = String::new();
    let (corner, size) = (all.min, all.size());
    writeln!(
        svg,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='{} {} {} {}' width='{}' height='{}' \
         font-family='Inter, sans-serif'><rect x='{}' y='{}' width='100%' height='100%' \
         fill='#12151A'/><defs><marker id='a' viewBox='0 0 8 8' refX='8' refY='4' \
         markerUnits='userSpaceOnUse' markerWidth='8' markerHeight='8' orient='auto'>\
         <path d='M0 0L8 4L0 8z' fill='#7C8898'/></marker></defs>",
        corner.x, corner.y, size.width, size.height, size.width, size.height, corner.x, corner.y
    )?;
    for ((id, frame), color) in frames.iter().zip(COLORS.iter().cycle()) {
        rect(&mut svg, *frame, 12, color, "fill-opacity='.05'", color)?;
        let at = Point::new(frame.min.x + 14.0, frame.min.y + 22.0);
        text(&mut svg, at, color, 13, id.as_str())?;
    }
    for route in router.routes() {
        edge(&mut svg, route)?;
    }
    for (id, card) in ids.iter().zip(&cards) {
        rect(&mut svg, *card, 8, "#2E3642", "", "#222832")?;
        let at = Point::new(card.min.x + 52.0, card.min.y + 32.0);
        text(&mut svg, at, "#E6EAF0", 13, id.as_str())?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn rect(
    svg: &mut String,
    rect: Rect,
    radius: u32,
    line: &str,
    more: &str,
    fill: &str,
) -> std::fmt::Result {
    let size = rect.size();
    writeln!(
        svg,
        "<rect x='{}' y='{}' width='{}' height='{}' rx='{radius}' stroke='{line}' fill='{fill}' \
         {more}/>",
        rect.min.x, rect.min.y, size.width, size.height
    )
}

fn text(svg: &mut String, at: Point, color: &str, size: u32, text: &str) -> std::fmt::Result {
    writeln!(
        svg,
        "<text x='{}' y='{}' fill='{color}' font-size='{size}'>{text}</text>",
        at.x, at.y
    )
}

fn edge(svg: &mut String, route: &Route) -> std::fmt::Result {
    let mut path = String::new();
    for (number, point) in route.points.iter().enumerate() {
        let before = number.checked_sub(1).map(|it| route.points[it]);
        let after = route.points.get(number + 1);
        match (before, after) {
            (Some(before), Some(after)) => {
                let (start, end) = (toward(*point, before), toward(*point, *after));
                write!(
                    path,
                    "L{} {}Q{} {} {} {}",
                    start.x, start.y, point.x, point.y, end.x, end.y
                )?;
            }
            (None, _) => write!(path, "M{} {}", point.x, point.y)?,
            (Some(_), None) => write!(path, "L{} {}", point.x, point.y)?,
        }
    }
    writeln!(
        svg,
        "<path d='{path}' fill='none' stroke='#7C8898' stroke-width='1.6' marker-end='url(#a)'/>\
         <circle cx='{}' cy='{}' r='3' fill='#12151A' stroke='#E2A83E'/>",
        route.label_at.x, route.label_at.y
    )
}

/// A point up to the corner radius along the way to another.
fn toward(from: Point, to: Point) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let length = x.hypot(y).max(0.01);
    let share = 10.0_f32.min(length / 2.0) / length;
    Point::new(from.x + x * share, from.y + y * share)
}
