//! An edge: its line, its arrow, its breaker and its words.

use egui::{Color32, Pos2, Rect, Shape, Stroke};

use super::{
    brush::{Brush, Type, last_direction, rounded},
    flat::Flat,
    label::{Spot, Taken, Urgency, set},
    live::Live,
    scene::{Edge, Guard, Line, Scene},
    view::{Detail, Projection, View},
    words::{self, Failing},
};
use crate::ui::{
    theme::{self, Theme, mixed, semibold},
    widgets::breaker_glyph::{self, BreakerGlyph as Glyph},
};

const WIDTH: f32 = 1.6;
const CORNER: f32 = 10.0;
const ARROW: f32 = 8.0;
/// How far lines are drawn beyond what is seen, in window points.
const MARGIN: f32 = 32.0;
/// A piece of a line needs this room for words beside its glyph, in window points.
const ROOM_FOR_WORDS: f32 = 100.0;
/// How wide words beside an upright line may be, in canvas points.
const MOST_WORDS: f32 = 170.0;

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

/// Where its breaker stands, in window points.
pub(super) fn glyph_rect(edge: &Edge, view: View) -> Rect {
    let size = breaker_glyph::SIZE * glyph_scale(edge, view);
    let size = if edge.wire.is_upright_there {
        size.yx()
    } else {
        size
    };
    Rect::from_center_size(view.to_screen(edge.wire.label), size)
}

/// A short piece gets a small glyph, so that line and arrow still show.
fn glyph_scale(edge: &Edge, view: View) -> f32 {
    view.zoom * (edge.wire.room / 48.0).clamp(0.7, 1.0)
}

fn color(line: Line, theme: &Theme) -> Color32 {
    match line {
        Line::Call => theme.edge,
        Line::Event => theme.event,
        Line::StartOrder => theme.faint,
    }
}

/// The color of calls that fail.
fn failing_color(live: &Live, number: usize, theme: &Theme) -> Option<Color32> {
    Some(match live.flow(number).and_then(words::failing)? {
        Failing::Some => theme.degraded,
        Failing::Most => theme.down,
    })
}

/// The color of what its words tell as news.
fn news_color(live: &Live, number: usize, theme: &Theme) -> Color32 {
    let breaker = live.breaker(number).map(Glyph::of);
    let odd = breaker.filter(|it| !matches!(it, Glyph::Closed | Glyph::Unknown));
    odd.map(|it| it.color(theme))
        .or_else(|| failing_color(live, number, theme))
        .unwrap_or(theme.muted)
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
    let refuses = glyph.is_some_and(Glyph::refuses);
    let color = match stress {
        _ if refuses => brush.theme.down,
        Stress {
            is_selected: true, ..
        } => brush.theme.accent,
        _ => failing_color(live, number, brush.theme)
            .unwrap_or_else(|| color(edge.line, brush.theme)),
    };
    let is_strong = stress.is_selected || refuses;
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
        let scale = glyph_scale(edge, view);
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

/// Writes at an edge what there is to say, where it covers nothing that is `taken`.
pub(super) fn paint_words(
    brush: &mut Brush<'_>,
    (scene, live): (&Scene, &Live),
    number: usize,
    (view, stress): (View, Stress),
    taken: &mut Taken,
) {
    let (theme, edge) = (brush.theme, &scene.edges[number]);
    if !view.visible().contains(edge.wire.label) {
        return;
    }
    let is_asked = stress.is_selected || stress.is_near;
    let along = edge.wire.room * view.zoom;
    let room = if edge.wire.is_upright_there {
        MOST_WORDS * view.zoom
    } else {
        along
    };
    let has_traffic = live.flow(number).is_some();
    let is_seen = live.breaker(number).is_some() || has_traffic;
    // Beside what was seen, a number that was only drawn would be taken for it.
    let has_no_place = live.is_on() || room < ROOM_FOR_WORDS;
    if !is_asked && !is_seen && !stress.names_missing && has_no_place {
        return;
    }
    let (mut parts, is_news) = words::edge_label(edge, live, number);
    let is_missing = glyph(edge, live, number) == Some(Glyph::Missing);
    if is_missing && parts.is_empty() && (is_asked || stress.names_missing) {
        parts.push("no breaker".to_owned());
    }
    // That all is well is said only to who asks.
    if parts.is_empty() || (is_seen && !is_news && !is_asked && !has_traffic) {
        return;
    }
    let (urgency, color) = match (is_asked, is_news) {
        (true, true) => (Urgency::Asked, news_color(live, number, theme)),
        (true, false) => (Urgency::Asked, theme.muted),
        (false, true) => (Urgency::News, news_color(live, number, theme)),
        (false, false) => (Urgency::Plain, theme.muted),
    };
    let scale = view.zoom.clamp(0.8, 1.4);
    let look = Type::plain(theme::SMALLEST_SIZE * scale, color).family(semibold());
    let spot = Spot {
        edge: number,
        at: view.to_screen(edge.wire.label),
        is_upright: edge.wire.is_upright_there,
        scale: view.zoom,
        along,
        room,
    };
    let measure = |lines: &[String]| brush.measure_lines(lines, &look);
    if let Some(setting) = set(&parts, (spot, urgency), taken, measure) {
        let rect = brush.lines_on_ground(setting.place, &setting.lines, &look);
        taken.words.push(rect);
    }
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
    let is_failing = live.flow(number).and_then(words::failing) == Some(Failing::Most);
    let color = match kind {
        _ if is_selected => plain.colors[0],
        _ if refuses || is_failing => plain.colors[1],
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
