//! An edge: its line, its arrow, its breaker and its words.

use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke};

use super::{
    brush::{Brush, Type, last_direction, rounded},
    flat::Flat,
    label::label_places,
    live::Live,
    scene::{Edge, Guard, Line, Scene},
    view::{Detail, Projection, View},
    words,
};
use crate::ui::{
    theme::{self, Theme, mixed, semibold},
    widgets::breaker_glyph::BreakerGlyph as Glyph,
};

const WIDTH: f32 = 1.6;
const CORNER: f32 = 10.0;
const ARROW: f32 = 8.0;
/// How far lines are drawn beyond what is seen, in window points.
const MARGIN: f32 = 32.0;
/// A piece of a line needs this room for words beside its glyph, in window points.
const ROOM_FOR_WORDS: f32 = 100.0;
/// How wide words beside an upright line may be, in canvas points.
const MOST_WORDS: f32 = 150.0;

/// What an edge shows besides itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stress {
    /// Whether it is selected.
    pub(super) is_selected: bool,
    /// Whether the pointer is over it or one of its ends is selected.
    pub(super) is_near: bool,
    /// Whether missing breakers are put into words.
    pub(super) names_missing: bool,
}

/// The glyph of an edge, if it has one.
pub(super) fn glyph(edge: &Edge, live: &Live, number: usize) -> Option<Glyph> {
    match (live.breaker(number), edge.guard) {
        (Some(state), _) => Some(Glyph::of(state)),
        (None, Guard::Breaker) if live.is_on() => Some(Glyph::Unknown),
        (None, Guard::Breaker) => Some(Glyph::Drawn),
        (None, Guard::Missing) => Some(Glyph::Missing),
        (None, Guard::Unneeded) => None,
    }
}

fn color(line: Line, glyph: Option<Glyph>, theme: &Theme) -> Color32 {
    match (glyph, line) {
        (Some(glyph), _) if glyph.refuses() => theme.down,
        (_, Line::Call) => theme.edge,
        (_, Line::Event) => theme.event,
        (_, Line::StartOrder) => theme.faint,
    }
}

/// Draws an edge whole.
pub(super) fn paint(
    brush: &mut Brush<'_>,
    (scene, live): (&Scene, &Live),
    number: usize,
    view: View,
    stress: Stress,
) {
    let edge = &scene.edges[number];
    let glyph = glyph(edge, live, number);
    let zoom = view.zoom;
    let color = match stress {
        _ if glyph.is_some_and(Glyph::refuses) => color(edge.line, glyph, brush.theme),
        Stress {
            is_selected: true, ..
        } => brush.theme.accent,
        _ => color(edge.line, glyph, brush.theme),
    };
    let is_strong = stress.is_selected || glyph.is_some_and(Glyph::refuses);
    let plain = if is_strong { 2.2 } else { WIDTH };
    let width = (plain * live.width(number) * zoom).clamp(1.0, 6.0);
    let stroke = Stroke::new(width, color);
    let seen = view.visible().expand(MARGIN / zoom);
    let tip = edge.wire.points.last().copied().unwrap_or_default();
    let toward = last_direction(&edge.wire.points);
    let arrow = ARROW * zoom.clamp(0.6, 1.5);
    for mut run in edge.wire.within(seen) {
        for point in &mut run {
            *point = if *point == tip {
                view.to_screen(tip) - toward * (arrow - 1.0)
            } else {
                view.to_screen(*point)
            };
        }
        paint_curve(brush, edge.line, rounded(&run, CORNER * zoom), stroke, zoom);
    }
    if seen.contains(tip) {
        brush.arrow(view.to_screen(tip), toward, arrow, color);
    }
    if let Some(glyph) = glyph.filter(|_| seen.contains(edge.wire.label)) {
        // A short piece gets a small glyph, so that line and arrow still show.
        let scale = zoom * (edge.wire.room / 48.0).clamp(0.7, 1.0);
        let at = view.to_screen(edge.wire.label);
        let looks = (brush.theme, brush.theme.canvas);
        let shapes = glyph.shapes(looks, at, edge.wire.is_upright_there, scale);
        brush.shapes.extend(shapes);
    }
}

fn paint_curve(brush: &mut Brush<'_>, line: Line, curve: Vec<Pos2>, stroke: Stroke, zoom: f32) {
    match line {
        Line::Call => brush.add(Shape::line(curve, stroke)),
        Line::Event => {
            let dashes = Shape::dashed_line(&curve, stroke, 6.0 * zoom, 4.0 * zoom);
            brush.shapes.extend(dashes);
        }
        Line::StartOrder => {
            let dots = Shape::dotted_line(&curve, stroke.color, 5.0 * zoom, 0.9 * zoom.max(0.8));
            brush.shapes.extend(dots);
        }
    }
}

/// Writes at an edge what there is to say, where it covers no card and no name of a
/// frame. `cards` are those in sight, in window points.
pub(super) fn paint_words(
    brush: &mut Brush<'_>,
    (scene, live): (&Scene, &Live),
    number: usize,
    (view, stress): (View, Stress),
    cards: &[Rect],
) {
    let (theme, edge) = (brush.theme, &scene.edges[number]);
    if !view.visible().contains(edge.wire.label) {
        return;
    }
    let glyph = glyph(edge, live, number);
    let is_asked = stress.is_selected || stress.is_near;
    let room = if edge.wire.is_upright_there {
        MOST_WORDS * view.zoom
    } else {
        edge.wire.room * view.zoom
    };
    let may_be_news = live.breaker(number).is_some() || live.flow(number).is_some();
    if !is_asked && !may_be_news && !stress.names_missing && room < ROOM_FOR_WORDS {
        return;
    }
    let (mut parts, is_news) = words::edge_label(edge, live, number);
    let color = match glyph {
        Some(glyph) if is_news && glyph != Glyph::Closed => glyph.color(theme),
        Some(_) | None if is_news => theme.down,
        Some(_) | None => theme.muted,
    };
    let is_missing = glyph == Some(Glyph::Missing);
    if is_missing && parts.is_empty() && (is_asked || stress.names_missing) {
        parts.push("no breaker".to_owned());
    }
    // That all is well is said only to who asks.
    let has_traffic = live.flow(number).is_some();
    if parts.is_empty() || (may_be_news && !is_news && !is_asked && !has_traffic) {
        return;
    }
    let scale = view.zoom.clamp(0.8, 1.4);
    let look = Type::plain(theme::SMALLEST_SIZE * scale, color).family(semibold());
    let mut size = brush.measure(&parts.join(" · "), &look);
    while parts.len() > 1 && size.x > room {
        parts.pop();
        size = brush.measure(&parts.join(" · "), &look);
    }
    let at = view.to_screen(edge.wire.label);
    let own_room = edge.wire.room * view.zoom;
    let mut places = label_places(at, edge.wire.is_upright_there, view.zoom, own_room);
    let Some(best) = places.next() else {
        return;
    };
    let is_free = |(place, anchor): &(Pos2, Align2)| {
        let rect = anchor.anchor_size(*place, size).expand(2.0);
        !cards.iter().any(|it| it.intersects(rect))
    };
    let free = std::iter::once(best).chain(places).find(is_free);
    if free.is_none() && !is_news && !is_asked {
        return;
    }
    let (place, anchor) = free.unwrap_or(best);
    brush.text_on_ground(place, anchor, &parts.join(" · "), &look);
}

/// How plain lines are drawn, worked out once for all of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    view: View,
    projection: Projection,
    colors: [Color32; 5],
    /// Whether there are too many to follow their corners.
    is_straight: bool,
}

impl Plain {
    /// For this view; `is_crowded` if there are too many to follow their corners.
    pub(super) fn new(theme: &Theme, view: View, is_crowded: bool) -> Self {
        let strength = if is_crowded { 0.35 } else { 0.6 };
        let faded = |it| mixed(theme.canvas, it, strength);
        Self {
            view,
            projection: view.projection(),
            colors: [
                theme.accent,
                theme.down,
                faded(theme.edge),
                faded(theme.event),
                faded(theme.faint),
            ],
            is_straight: is_crowded && view.detail() == Detail::Dots,
        }
    }
}

/// Draws an edge as one plain line: from afar, or where it only passes by.
pub(super) fn paint_flat(
    flat: &mut Flat,
    (scene, live): (&Scene, &Live),
    number: usize,
    plain: &Plain,
    is_selected: bool,
) {
    let (caller, target, kind) = scene.ends(number);
    let refuses = live
        .breaker(number)
        .is_some_and(|it| Glyph::of(it).refuses());
    let color = match kind {
        _ if is_selected => plain.colors[0],
        _ if refuses => plain.colors[1],
        Line::Call => plain.colors[2],
        Line::Event => plain.colors[3],
        Line::StartOrder => plain.colors[4],
    };
    let width = if is_selected || refuses { 1.6 } else { 1.0 };
    if plain.is_straight {
        let ends = [caller, target].map(|it| plain.projection.to_screen(scene.centers()[it]));
        flat.line(ends[0], ends[1], width, color);
        return;
    }
    let view = plain.view;
    let edge = &scene.edges[number];
    for run in edge.wire.within(view.visible().expand(MARGIN / view.zoom)) {
        let points = run.iter().map(|it| view.to_screen(*it));
        match kind {
            Line::StartOrder => flat.dots(points, color),
            Line::Call | Line::Event => flat.polyline(points, width, color),
        }
    }
    if view.zoom > 0.2
        && let Some(tip) = edge.wire.points.last()
    {
        let toward = last_direction(&edge.wire.points);
        flat.arrow(view.to_screen(*tip), toward, 5.0, color);
    }
}
