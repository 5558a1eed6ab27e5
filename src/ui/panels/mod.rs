//! How the window is divided, and everything around the canvas.

mod banner;
mod colored;
mod explorer;
mod export_choice;
mod export_diff;
mod export_mentions;
mod export_notes;
mod export_rows;
mod export_tree;
mod export_write;
mod menu;
mod notices;
mod problems;
mod readiness;
mod start_page;
mod status_bar;
mod timeline;
mod top_bar;

use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui, ViewportCommand};

use super::{
    canvas::Canvas,
    command::{Command, Commands},
    inspector::Inspector,
    state::{BottomTab, Mode, State},
    theme::{PANEL_PADDING, STATUS_BAR_HEIGHT, TOP_BAR_HEIGHT, Theme},
    widgets::parts,
};
pub(super) use start_page::choices as start_choices;
pub(super) use timeline::{Bar, bars};

/// What the panels keep of their own: text being typed, what is open, what is scrolled.
#[derive(Debug, Default)]
pub(super) struct Panels {
    explorer: explorer::Explorer,
    inspector: Inspector,
    problems: problems::Problems,
    tree: export_tree::Tree,
    diff: export_diff::Diff,
    title: String,
}

impl Panels {
    /// Calls the window by this name, if it is not called so already.
    pub(super) fn name_window(&mut self, ctx: &Context, title: String) {
        if self.title != title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Draws the whole window but its dialogs.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        state: &State,
        canvas: &mut Canvas,
        commands: &mut Commands,
    ) {
        let panel = Frame::new().fill(Theme::of(ui.ctx()).panel);
        Panel::top("top bar")
            .exact_size(TOP_BAR_HEIGHT)
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| top_bar::ui(ui, state, commands));
        Panel::bottom("status bar")
            .exact_size(STATUS_BAR_HEIGHT)
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| status_bar::ui(ui, state));
        if !state.has_design {
            CentralPanel::no_frame()
                .frame(Frame::new().fill(Theme::of(ui.ctx()).canvas))
                .show(ui, |ui| start_page::ui(ui, state, commands));
        } else if state.mode == Mode::Export {
            self.explorer_panel(ui, state, commands);
            self.export(ui, state, commands);
        } else {
            self.explorer_panel(ui, state, commands);
            self.around_canvas(ui, state, commands);
            let ground = Frame::new().fill(Theme::of(ui.ctx()).canvas);
            CentralPanel::no_frame().frame(ground).show(ui, |ui| {
                banner::ui(ui, state, commands);
                canvas.ui(ui, state, commands);
            });
        }
        notices::ui(ui, state, commands);
    }

    fn explorer_panel(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        if state.visible.explorer {
            Panel::left("explorer")
                .default_size(248.0)
                .size_range(180.0..=420.0)
                .frame(Frame::new().fill(Theme::of(ui.ctx()).panel))
                .show(ui, |ui| self.explorer.ui(ui, state, commands));
        }
    }

    fn around_canvas(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let panel = Frame::new().fill(Theme::of(ui.ctx()).panel);
        if state.visible.inspector {
            Panel::right("inspector")
                .default_size(320.0)
                .size_range(280.0..=520.0)
                .frame(panel)
                .show(ui, |ui| {
                    if state.mode == Mode::Review && state.selection.is_empty() {
                        readiness::ui(ui, state, commands);
                    } else {
                        self.inspector.ui(ui, state, commands);
                    }
                });
        }
        if state.visible.bottom {
            Panel::bottom("bottom panel")
                .default_size(188.0)
                .size_range(96.0..=520.0)
                .resizable(true)
                .frame(panel)
                .show(ui, |ui| {
                    // A panel shrinks to its contents, and the next frame would keep that.
                    ui.set_min_height(ui.available_height());
                    self.bottom(ui, state, commands);
                });
        }
    }

    fn bottom(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        // The panel is as high as a person made it, however little is in it.
        ui.set_min_height(ui.available_height());
        let count = state.judgement.findings.len();
        let mut tabs = vec![
            (BottomTab::Problems, format!("Problems {count}")),
            (BottomTab::Timeline, "Timeline".to_owned()),
        ];
        if state.mode == Mode::Live {
            tabs.reverse();
        }
        let frame = Frame::new().inner_margin(Margin {
            left: PANEL_PADDING as i8,
            right: 8,
            top: 2,
            bottom: 0,
        });
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            let chosen = ui
                .horizontal(|ui| {
                    let chosen = parts::tabs(ui, state.bottom_tab, &tabs);
                    if state.bottom_tab == BottomTab::Problems {
                        self.problems.switch(ui, state);
                    } else {
                        timeline::header(ui, state, commands);
                    }
                    chosen
                })
                .inner;
            if let Some(tab) = chosen {
                commands.push(Command::ShowTab(tab));
            }
        });
        let line = egui::Stroke::new(1.0, Theme::of(ui.ctx()).line);
        let at = ui.cursor().top() - ui.spacing().item_spacing.y;
        ui.painter().hline(ui.max_rect().x_range(), at, line);
        match state.bottom_tab {
            BottomTab::Problems => self.problems.ui(ui, state, commands),
            BottomTab::Timeline => timeline::ui(ui, state, commands),
        }
    }

    fn export(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let theme = Theme::of(ui.ctx());
        Panel::left("export tree")
            .default_size(332.0)
            .size_range(260.0..=520.0)
            .frame(Frame::new().fill(theme.panel))
            .show(ui, |ui| self.tree.ui(ui, state, commands));
        CentralPanel::no_frame()
            .frame(Frame::new().fill(theme.canvas))
            .show(ui, |ui| self.diff.ui(ui, state, commands));
    }
}
