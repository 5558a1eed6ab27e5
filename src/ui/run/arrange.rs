//! Where things are: layout, alignment, the lock.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    edit::Edit,
    model::ServiceId,
    project::{Position, Project},
    ui::{App, action::Action, canvas::Request, command::Command, templates},
};

impl App {
    pub(super) fn act_on_arrangement(&mut self, action: Action) {
        match action {
            Action::Layout => self.lay_out(None),
            Action::LayoutSelection => {
                let chosen = self.state.selected_services().cloned().collect();
                self.lay_out(Some(chosen));
            }
            Action::AlignLeft => self.place(|all| {
                let least = all.iter().map(|(_, it)| it.x).min();
                for (_, position) in all {
                    position.x = least.unwrap_or(position.x);
                }
            }),
            Action::AlignTop => self.place(|all| {
                let least = all.iter().map(|(_, it)| it.y).min();
                for (_, position) in all {
                    position.y = least.unwrap_or(position.y);
                }
            }),
            Action::DistributeHorizontally => self.place(|all| {
                all.sort_by_key(|(_, it)| it.x);
                spread(all, |it| &mut it.x);
            }),
            Action::DistributeVertically => self.place(|all| {
                all.sort_by_key(|(_, it)| it.y);
                spread(all, |it| &mut it.y);
            }),
            Action::ToggleLock => {
                let is_locked = self.state.document.project().view.locked;
                self.edit(Edit::Lock(!is_locked));
            }
            _ => {}
        }
    }

    /// Moves what is selected, as one step.
    fn place(&mut self, change: impl FnOnce(&mut Vec<(ServiceId, Position)>)) {
        let positions = &self.state.document.project().view.positions;
        let mut all: Vec<_> = self
            .state
            .selected_services()
            .filter_map(|it| Some((it.clone(), *positions.get(it)?)))
            .collect();
        change(&mut all);
        self.move_to(all);
    }

    fn move_to(&mut self, positions: Vec<(ServiceId, Position)>) {
        self.glide(&positions);
        self.edit(Edit::Move(positions));
    }

    /// Cards glide from where they are to where they are about to be.
    fn glide(&mut self, moves: &[(ServiceId, Position)]) {
        let positions = &self.state.document.project().view.positions;
        let earlier = moves
            .iter()
            .filter_map(|(id, _)| Some((id.clone(), *positions.get(id)?)));
        self.canvas.ask(Request::AnimateFrom(earlier.collect()));
    }

    fn lay_out(&mut self, chosen: Option<BTreeSet<ServiceId>>) {
        let project = Arc::clone(self.state.document.project());
        self.state.busy = Some("Arranging".to_owned());
        self.tasks.spawn_blocking(move || {
            let positions = templates::arrange(&project, chosen.as_ref());
            Command::LaidOut(project, positions)
        });
    }

    /// A layout of an older design is of no use any more.
    pub(super) fn laid_out(
        &mut self,
        project: Arc<Project>,
        positions: Vec<(ServiceId, Position)>,
    ) {
        self.state.busy = None;
        if !Arc::ptr_eq(&project, self.state.document.project()) {
            return;
        }
        self.glide(&positions);
        self.edit(Edit::All("arrange".to_owned(), vec![Edit::Move(positions)]));
        self.canvas.ask(Request::Fit);
    }
}

/// Gives sorted positions equal distances between the first and the last.
fn spread(all: &mut [(ServiceId, Position)], axis: impl Fn(&mut Position) -> &mut i32) {
    let Some(last) = all.len().checked_sub(1) else {
        return;
    };
    let first_at = f64::from(*axis(&mut all[0].1));
    let last_at = f64::from(*axis(&mut all[last].1));
    for (index, (_, position)) in all.iter_mut().enumerate() {
        let share = index as f64 / last.max(1) as f64;
        *axis(position) = (first_at + (last_at - first_at) * share).round() as i32;
    }
}

#[cfg(test)]
mod tests {
    use super::spread;
    use crate::{model::ServiceId, project::Position};

    #[test]
    fn spreading_keeps_the_ends_and_evens_the_rest() {
        let mut all: Vec<_> = [("a", 0), ("b", 7), ("c", 100)]
            .map(|(id, x)| (ServiceId::new(id).unwrap(), Position::new(x, 3)))
            .into();
        spread(&mut all, |it| &mut it.x);
        assert_eq!(
            all.iter().map(|(_, it)| it.x).collect::<Vec<_>>(),
            [0, 50, 100]
        );
        spread(&mut [], |it| &mut it.x);
    }
}
