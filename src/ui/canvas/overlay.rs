//! What a gesture shows while it lasts: marquee, guides, the line to the pointer, the
//! card to be; and the handles of the card under the pointer.

use egui::{Align2, CornerRadius, Pos2, Rect, Shape, Stroke, StrokeKind, epaint::RectShape};

use super::{
    Canvas,
    brush::{Brush, Type},
    gesture::Gesture,
    ground,
    hit::Hit,
    view::Detail,
};
use crate::ui::theme::{self, CARD_RADIUS, mixed};

impl Canvas {
    /// Paints what lies above the cards.
    pub(super) fn paint_overlay(&self, brush: &mut Brush<'_>) {
        ground::paint_far_names(brush, &self.scene, self.view);
        match &self.gesture {
            Gesture::None | Gesture::Pan => self.paint_handles(brush),
            Gesture::Drag(drag) => {
                let stroke = Stroke::new(1.0, brush.theme.accent);
                for guide in &drag.snapped.guides {
                    let ends = guide.map(|it| self.view.to_screen(it));
                    brush.add(Shape::line_segment(ends, stroke));
                }
            }
            Gesture::Marquee { from, to, .. } => {
                let area = self.view.rect_to_screen(Rect::from_two_pos(*from, *to));
                let accent = brush.theme.accent;
                let fill = accent.gamma_multiply(0.12);
                let rim = Stroke::new(1.0, accent);
                brush.add(RectShape::new(
                    area,
                    CornerRadius::ZERO,
                    fill,
                    rim,
                    StrokeKind::Inside,
                ));
            }
            Gesture::Connect { from, to } => self.paint_connection(brush, *from, *to),
        }
        if let Some((at, caller)) = self.unborn() {
            if let Some(caller) = caller.and_then(|it| self.scene.node_of(it)) {
                self.paint_line(brush, caller, self.unborn_card(at));
            }
            self.paint_unborn(brush, at);
        }
    }

    fn paint_handles(&self, brush: &mut Brush<'_>) {
        let (Some(Hit::Node(node) | Hit::Rim(node)), Detail::Cards) =
            (self.hover, self.view.detail())
        else {
            return;
        };
        if self.naming.is_some() || self.scene.nodes[node].service().is_none() {
            return;
        }
        let rect = self.view.rect_to_screen(self.scene.nodes[node].rect());
        let rim = Stroke::new(1.5, brush.theme.accent);
        for at in [
            rect.left_center(),
            rect.right_center(),
            rect.center_top(),
            rect.center_bottom(),
        ] {
            brush.add(egui::epaint::CircleShape {
                center: at,
                radius: 4.5,
                fill: brush.theme.canvas,
                stroke: rim,
            });
        }
    }

    fn paint_connection(&self, brush: &mut Brush<'_>, from: usize, to: Pos2) {
        let tip = self.view.to_screen(to);
        let target = match self.hover {
            Some(Hit::Node(node) | Hit::Rim(node)) if node != from => Some(node),
            _ => None,
        };
        let end = match target {
            Some(node) => {
                let rect = self.view.rect_to_screen(self.scene.nodes[node].rect());
                let rim = Stroke::new(2.0, brush.theme.accent);
                let radius = CornerRadius::same(CARD_RADIUS);
                brush.add(RectShape::stroke(
                    rect.expand(2.0),
                    radius,
                    rim,
                    StrokeKind::Outside,
                ));
                rect
            }
            None => Rect::from_center_size(tip, egui::Vec2::ZERO),
        };
        self.paint_line(brush, from, end);
        if target.is_none() {
            let look = Type::plain(theme::SECONDARY_SIZE, brush.theme.muted);
            let below = tip + egui::vec2(0.0, 14.0);
            brush.text_on_ground(below, Align2::CENTER_TOP, "new service here", &look);
        }
    }

    /// A straight line from a card to a rectangle of the window.
    fn paint_line(&self, brush: &mut Brush<'_>, from: usize, end: Rect) {
        let start = self.view.rect_to_screen(self.scene.nodes[from].rect());
        let accent = brush.theme.accent;
        let (from, to) = (
            rim_toward(start, end.center()),
            rim_toward(end, start.center()),
        );
        brush.add(Shape::line_segment([from, to], Stroke::new(1.6, accent)));
        brush.arrow(to, (to - from).normalized(), 8.0, accent);
    }

    fn unborn_card(&self, at: Pos2) -> Rect {
        let zoom = self.view.zoom.max(0.8);
        Rect::from_center_size(self.view.to_screen(at), theme::CARD * zoom)
    }

    fn paint_unborn(&self, brush: &mut Brush<'_>, at: Pos2) {
        let rim = Stroke::new(2.0, brush.theme.accent);
        let fill = mixed(brush.theme.canvas, brush.theme.card, 0.8);
        let radius = CornerRadius::same(CARD_RADIUS);
        let card = self.unborn_card(at);
        brush.add(RectShape::new(card, radius, fill, rim, StrokeKind::Middle));
    }
}

/// Where the line from the middle of a rectangle to a point leaves it.
fn rim_toward(rect: Rect, point: Pos2) -> Pos2 {
    let away = point - rect.center();
    let half = rect.size() / 2.0;
    let share = (half.x / away.x.abs().max(0.01)).min(half.y / away.y.abs().max(0.01));
    rect.center() + away * share.min(1.0)
}
