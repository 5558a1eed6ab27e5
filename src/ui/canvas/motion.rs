//! Short movements that a person caused: of the camera, and of cards to a new layout.

use egui::{Context, Pos2};

use super::{Canvas, view::View};
use crate::{model::ServiceId, project::Position, ui::canvas::view::to_pos};

/// How long a movement takes.
const SECONDS: f64 = 0.15;

/// A movement under way; it begins with the first frame that sees it.
#[derive(Debug)]
pub(super) struct Motion {
    began: Option<f64>,
    goal: Goal,
}

#[derive(Debug)]
enum Goal {
    Camera { from: View, to: View },
    Cards(Vec<(usize, Pos2, Pos2)>),
}

impl Canvas {
    /// Moves what is seen at once.
    pub(super) fn look_at(&mut self, view: View) {
        self.motions
            .retain(|it| !matches!(it.goal, Goal::Camera { .. }));
        self.view = view;
    }

    /// Moves what is seen, visibly.
    pub(super) fn glide_to(&mut self, view: View) {
        self.motions
            .retain(|it| !matches!(it.goal, Goal::Camera { .. }));
        self.motions.push(Motion {
            began: None,
            goal: Goal::Camera {
                from: self.view,
                to: view,
            },
        });
    }

    /// Lets cards glide from where they are seen to where the document now has them.
    pub(super) fn glide_cards(&mut self, from: &[(ServiceId, Position)]) {
        let scene = &self.scene;
        let moves = from.iter().filter_map(|(id, position)| {
            let number = scene.node_of(id)?;
            let to = scene.nodes[number].home;
            let from = to_pos(*position);
            (from != to).then_some((number, from, to))
        });
        let goal = Goal::Cards(moves.collect());
        self.motions.push(Motion { began: None, goal });
    }

    /// Takes every movement one frame further.
    pub(super) fn advance(&mut self, ctx: &Context) {
        if self.motions.is_empty() {
            return;
        }
        let now = ctx.input(|it| it.time);
        let mut under_way = Vec::new();
        for mut motion in std::mem::take(&mut self.motions) {
            let began = *motion.began.get_or_insert(now);
            let share = ((now - began) / SECONDS).clamp(0.0, 1.0) as f32;
            let eased = 1.0 - (1.0 - share).powi(3);
            match &motion.goal {
                Goal::Camera { from, to } => self.view = from.toward(*to, eased),
                Goal::Cards(moves) => {
                    let count = self.scene.nodes.len();
                    let places: Vec<_> = moves
                        .iter()
                        .filter(|it| it.0 < count)
                        .map(|(number, from, to)| (*number, from.lerp(*to, eased)))
                        .collect();
                    self.scene.move_for_now(places.into_iter());
                    self.scene.fit_frames(|_| false);
                    self.picture += 1;
                }
            }
            if share < 1.0 {
                under_way.push(motion);
            }
        }
        self.motions = under_way;
        if !self.motions.is_empty() {
            ctx.request_repaint();
        }
    }
}
