//! A card: tile, name, one line, state and findings; from afar a chip, then a dot.

use egui::{Align2, CornerRadius, Pos2, Rect, Shape, Stroke, StrokeKind, epaint::RectShape, vec2};

use super::{
    brush::{Brush, Type},
    flat::Flat,
    icon,
    scene::{Node, Tone, What},
    state_mark::StateMark,
};
use crate::{
    model::Severity,
    ui::{
        state::Badge,
        theme::{self, CARD_RADIUS, Theme, mixed, semibold},
    },
};

/// The tile's place on the card, in canvas points.
const TILE_LEFT: f32 = 10.0;
const TILE: f32 = 32.0;
const TEXT_LEFT: f32 = 52.0;
/// The smallest size of text at which words are still words.
const READABLE: f32 = 7.0;

/// What a card shows besides its node.
#[derive(Debug, Clone, Default)]
pub(super) struct Face {
    /// The second line.
    pub(super) detail: String,
    /// Its state, while it is watched.
    pub(super) mark: Option<StateMark>,
    /// Its findings.
    pub(super) badge: Option<Badge>,
    /// Whether it is selected.
    pub(super) is_selected: bool,
    /// Whether the pointer is over it.
    pub(super) is_hovered: bool,
}

/// Draws a whole card at this place of the window.
pub(super) fn paint(brush: &mut Brush<'_>, node: &Node, rect: Rect, face: &Face) {
    let zoom = rect.height() / theme::CARD.y;
    paint_ground(brush, node, rect, face);
    let tile = Rect::from_min_size(
        rect.min + vec2(TILE_LEFT, (theme::CARD.y - TILE) / 2.0) * zoom,
        vec2(TILE, TILE) * zoom,
    );
    paint_tile(brush, node, tile);
    let state_room = if face.mark.is_some() { 16.0 } else { 0.0 };
    let room = (theme::CARD.x - TEXT_LEFT - 10.0) * zoom;
    let left = rect.left() + TEXT_LEFT * zoom;
    let name = Type::plain(theme::CARD_NAME_SIZE * zoom, brush.theme.text)
        .family(semibold())
        .room(room - state_room * zoom);
    let at = |y: f32| egui::pos2(left, rect.top() + y * zoom);
    brush.text(at(20.5), Align2::LEFT_CENTER, &node.name, &name);
    let detail_size = 11.0 * zoom;
    if detail_size >= READABLE {
        let detail = Type::plain(detail_size, brush.theme.muted).room(room);
        brush.text(at(38.5), Align2::LEFT_CENTER, &face.detail, &detail);
    }
    if let Some(mark) = face.mark {
        mark.paint(
            brush,
            egui::pos2(rect.right() - 15.0 * zoom, at(17.0).y),
            zoom,
        );
    }
    if let Some(badge) = face.badge {
        paint_badge(brush, rect.right_top() - vec2(4.0 * zoom, 0.0), badge, zoom);
    }
}

fn paint_ground(brush: &mut Brush<'_>, node: &Node, rect: Rect, face: &Face) {
    let theme = brush.theme;
    let zoom = rect.height() / theme::CARD.y;
    let radius = CornerRadius::same((f32::from(CARD_RADIUS) * zoom).round() as u8);
    if matches!(node.what, What::Collapsed(..)) {
        // The rims of two more cards tell that there are several inside.
        for step in [2.0, 1.0] {
            let behind = rect.translate(vec2(4.0, 4.0) * step * zoom);
            let rim = Stroke::new(1.0, outline(node, theme));
            brush.add(RectShape::new(
                behind,
                radius,
                theme.card,
                rim,
                StrokeKind::Inside,
            ));
        }
    } else if !theme.is_dark {
        let shadow = rect.translate(vec2(0.0, 1.5 * zoom));
        brush.add(Shape::rect_filled(
            shadow,
            radius,
            mixed(theme.canvas, theme.line, 0.6),
        ));
    }
    let rim = match face.mark {
        _ if face.is_selected => Stroke::new(2.0, theme.accent),
        Some(mark @ (StateMark::Down | StateMark::Impacted)) => Stroke::new(1.0, mark.color(theme)),
        _ if face.is_hovered => Stroke::new(1.0, theme.faint),
        _ => Stroke::new(1.0, outline(node, theme)),
    };
    brush.add(RectShape::new(
        rect,
        radius,
        theme.card,
        rim,
        StrokeKind::Middle,
    ));
}

fn outline(node: &Node, theme: &Theme) -> egui::Color32 {
    match (&node.what, node.tone) {
        (What::Collapsed(..), Some(tone)) => tone.of(theme),
        (What::Collapsed(..) | What::Service(..), _) => theme.line,
    }
}

fn paint_tile(brush: &mut Brush<'_>, node: &Node, tile: Rect) {
    let theme = brush.theme;
    let zoom = tile.height() / TILE;
    brush.add(Shape::rect_filled(tile, 7.0 * zoom, theme.accent_surface));
    match mark(node) {
        Some(mark) => {
            let look = Type::plain(12.5 * zoom, theme.accent).family(semibold());
            brush.text(tile.center(), Align2::CENTER_CENTER, &mark, &look);
        }
        None => icon::paint(brush, node, tile.center(), zoom),
    }
}

/// Two letters for its technology, where it has one.
fn mark(node: &Node) -> Option<String> {
    let (_, service) = node.service()?;
    if let Some(known) = service.known_technology() {
        return Some(known.mark.to_owned());
    }
    let mut letters = service.technology.chars().filter(|it| it.is_alphanumeric());
    let first = letters.next()?.to_uppercase();
    Some(first.chain(letters.next()).collect())
}

/// A count of findings at the corner of a card.
fn paint_badge(brush: &mut Brush<'_>, at: Pos2, badge: Badge, zoom: f32) {
    let theme = brush.theme;
    let ground = match badge.worst {
        Severity::Error => theme.down,
        Severity::Warning => theme.degraded,
        Severity::Info => theme.unknown,
    };
    let text = if badge.count > 99 {
        "99+".to_owned()
    } else {
        badge.count.to_string()
    };
    let scale = zoom.max(0.8);
    let width = (10.0 + 6.5 * text.len() as f32 + 5.0).max(22.0) * scale;
    let pill = Rect::from_center_size(at, vec2(width, 16.0 * scale));
    brush.add(Shape::rect_filled(pill, 8.0 * scale, ground));
    let look = Type::plain(theme::SMALLEST_SIZE * scale, theme.on_state).family(semibold());
    brush.text(at, Align2::CENTER_CENTER, &text, &look);
}

/// Draws a card from some distance: ground and tile are plain, the name is text.
pub(super) fn paint_chip(
    flat: &mut Flat,
    brush: &mut Brush<'_>,
    node: &Node,
    rect: Rect,
    face: &Face,
) {
    let theme = brush.theme;
    let rim = match face.mark {
        _ if face.is_selected => theme.accent,
        Some(mark @ (StateMark::Down | StateMark::Impacted)) => mark.color(theme),
        _ => outline(node, theme),
    };
    let rect = Rect::from_min_max(rect.min.round(), rect.max.round());
    flat.rect(rect.expand(if face.is_selected { 2.0 } else { 1.0 }), rim);
    flat.rect(rect, theme.card);
    let inset = (rect.height() * 0.18).round().max(2.0);
    let side = rect.height() - 2.0 * inset;
    let tile = Rect::from_min_size(rect.min + vec2(inset, inset), vec2(side, side));
    flat.rect(tile, node.tone.map_or(theme.accent, |it| it.of(theme)));
    if let (true, Some(mark)) = (side >= 13.0, mark(node)) {
        let look = Type::plain(8.5, theme.card).family(semibold());
        brush.text(tile.center(), Align2::CENTER_CENTER, &mark, &look);
    }
    let state_room = if face.mark.is_some() { 11.0 } else { 0.0 };
    let room = rect.right() - tile.right() - 6.0 - state_room;
    if room >= 18.0 {
        let look = Type::plain(theme::SMALLEST_SIZE, theme.text).room(room);
        let at = egui::pos2(tile.right() + 4.0, rect.center().y);
        brush.text(at, Align2::LEFT_CENTER, &node.name, &look);
    }
    if let Some(mark) = face.mark {
        let at = egui::pos2(rect.right() - 8.0, rect.center().y);
        mark.paint(brush, at, 0.7);
    }
    if let Some(badge) = face.badge {
        let color = match badge.worst {
            Severity::Error => theme.down,
            Severity::Warning => theme.degraded,
            Severity::Info => theme.unknown,
        };
        flat.disc(rect.right_top(), 3.0, color);
    }
}

/// Draws a card from afar.
pub(super) fn paint_dot(
    flat: &mut Flat,
    theme: &Theme,
    tone: Option<Tone>,
    rect: Rect,
    face: &Face,
) {
    let radius = (rect.height() * 0.5).clamp(1.5, 7.0);
    let color = tone.map_or(theme.faint, |it| it.of(theme));
    let ring = match face.mark {
        _ if face.is_selected => Some(theme.accent),
        Some(StateMark::Up | StateMark::Unknown) | None => None,
        Some(mark) => Some(mark.color(theme)),
    };
    if let Some(ring) = ring {
        flat.disc(rect.center(), radius + (radius * 0.5).clamp(1.0, 2.5), ring);
    }
    flat.disc(rect.center(), radius, color);
}
