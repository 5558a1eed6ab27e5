//! Drawing one plot, and a breaker's lane, over the time that is shown.

use egui::{Color32, Id, RichText, Sense, Stroke, TextStyle, Ui, pos2, vec2};
use egui_plot::{
    GridMark, HoverPosition, Line, LineStyle, Plot, PlotPoints, PlotResponse, PlotUi, Points, Span,
    VLine,
};
use jiff::Timestamp;

use super::Unit;
use crate::{
    history::Point,
    ui::{
        command::{Command, Commands},
        panels::Bar,
        past::{Extent, Record},
        state::State,
        theme::{FontKind, SECONDARY_SIZE, Theme, mixed},
        widgets::{
            parts,
            words::{clock_on, day_or_clock},
        },
    },
};

/// Room for the numbers at the left, the same in all plots.
const NUMBERS_WIDTH: f32 = 54.0;
/// Height of a plot.
const HEIGHT: f32 = 84.0;
/// Height of a plot that has the times below.
const HEIGHT_WITH_TIMES: f32 = 104.0;
/// A pause of so many stretches interrupts a line.
const PAUSE: f64 = 2.5;

/// A line of a plot.
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) color: Color32,
    pub(super) style: LineStyle,
    pub(super) value: fn(&Point) -> Option<f64>,
}

/// A plot.
pub(super) struct Chart<'a> {
    pub(super) name: &'static str,
    pub(super) curves: &'a [Curve],
    /// How a number is written.
    pub(super) unit: Unit,
    /// The highest number, where it is known.
    pub(super) top: Option<f64>,
    pub(super) is_filled: bool,
    pub(super) has_times: bool,
    /// Why there is nothing to draw, if there is nothing.
    pub(super) nothing: &'static str,
}

/// What all plots of one element share.
pub(super) struct Sheet<'a> {
    pub(super) record: &'a Record,
    pub(super) extent: Extent,
    pub(super) moment: Option<Timestamp>,
    pub(super) theme: &'static Theme,
}

/// The next of 1, 2, 5, 10, 20, … that is no less; 1 for nothing.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let unit = 10_f64.powf(value.max(0.1).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|it| it * unit);
    steps.into_iter().find(|it| *it >= value).unwrap_or(value)
}

impl<'a> Sheet<'a> {
    pub(super) fn new(ui: &Ui, state: &State, record: &'a Record) -> Self {
        Self {
            record,
            extent: record.wanted.extent,
            moment: state.past.moment,
            theme: Theme::of(ui.ctx()),
        }
    }

    fn seconds(&self, at: Timestamp) -> f64 {
        at.duration_since(self.extent.from).as_secs_f64()
    }

    /// A plot below its name, or in words why there is none.
    pub(super) fn chart(
        &self,
        ui: &mut Ui,
        commands: &mut Commands,
        chart: &Chart<'_>,
        remark: &str,
    ) {
        parts::heading_with(ui, chart.name, remark);
        let values = self.record.points.iter().flat_map(|point| {
            let values = chart.curves.iter().map(move |it| (it.value)(point));
            values.flatten()
        });
        let most = values.filter(|it| it.is_finite()).reduce(f64::max);
        let Some(most) = most else {
            parts::hint(ui, chart.nothing);
            return;
        };
        self.legend(ui, chart);
        let top = chart.top.unwrap_or_else(|| round_up(most));
        let lines: Vec<_> = chart
            .curves
            .iter()
            .flat_map(|it| self.lines(chart, it))
            .collect();
        let cursor = self.line_at_the_moment();
        let plot = self.numbered(chart, top);
        let seconds = self.extent.seconds();
        let shown = in_small(ui, plot, move |plot| {
            plot.set_plot_bounds_x(0.0..=seconds);
            for it in lines {
                match it {
                    Drawn::Line(it) => plot.line(it),
                    Drawn::Points(it) => plot.points(it),
                }
            }
            if let Some(it) = cursor {
                plot.vline(it);
            }
        });
        let pointer = shown.response.interact_pointer_pos();
        if let Some(at) = pointer.filter(|_| shown.response.clicked()) {
            let second = shown.transform.value_from_position(at).x;
            let moment = self.extent.at(second / seconds);
            commands.push(Command::LookBack(Some(moment)));
        }
    }

    /// A plot with numbers from 0 to the top, which says what is under the pointer.
    fn numbered<'b>(&self, chart: &Chart<'_>, top: f64) -> Plot<'b> {
        let extent = self.extent;
        let unit = chart.unit;
        self.plot((chart.name, chart.has_times))
            .include_y(0.0)
            .include_y(top)
            .y_grid_spacer(move |_| {
                let marks = [0.0, top / 2.0, top];
                marks.map(|value| mark(value, top / 2.0)).to_vec()
            })
            .y_axis_formatter(move |mark, _| unit(mark.value))
            .label_formatter(move |it| match it {
                HoverPosition::NearDataPoint {
                    plot_name,
                    position,
                    ..
                } => {
                    let at = extent.at(position.x / extent.seconds());
                    let (value, at) = (unit(position.y), clock_on(at, extent.to));
                    Some(format!("{plot_name} {value}\n{at}"))
                }
                HoverPosition::Elsewhere { .. } => None,
            })
    }

    /// The states of a breaker, over the same time.
    pub(super) fn lane(
        &self,
        ui: &mut Ui,
        commands: &mut Commands,
        (index, bars): (usize, &[Bar]),
        has_times: bool,
    ) {
        let theme = self.theme;
        let seconds = self.extent.seconds();
        let spans: Vec<_> = bars
            .iter()
            .map(|it| {
                let color = mixed(theme.panel, it.shape.color(theme), 0.75);
                let place = |at| self.seconds(at).clamp(0.0, seconds);
                Span::new("", place(it.from)..=place(it.to))
                    .fill(color)
                    .border(Stroke::new(0.0, color))
            })
            .collect();
        let cursor = self.line_at_the_moment();
        let plot = self
            .plot((&format!("breaker {index}"), has_times))
            .height(if has_times { 34.0 } else { 14.0 })
            .include_y(0.0)
            .include_y(1.0)
            .show_grid([false, false])
            .y_axis_formatter(|_, _| String::new())
            .label_formatter(|_| None);
        let shown = in_small(ui, plot, move |plot| {
            plot.set_plot_bounds_x(0.0..=seconds);
            for it in spans {
                plot.span(it);
            }
            if let Some(it) = cursor {
                plot.vline(it);
            }
        });
        let pointer = shown.response.hover_pos();
        let Some(at) = pointer.map(|it| shown.transform.value_from_position(it).x) else {
            return;
        };
        let at = self.extent.at(at / seconds);
        if shown.response.clicked() {
            commands.push(Command::LookBack(Some(at)));
        }
        if let Some(bar) = bars.iter().rfind(|it| it.from <= at && at <= it.to) {
            let since = clock_on(bar.from, self.extent.to);
            let text = format!("{} since {since}\n{}", bar.state, bar.cause);
            shown.response.on_hover_text_at_pointer(text.trim_end());
        }
    }

    /// A plot that cannot be moved by itself, over the time that is shown.
    fn plot<'b>(&self, (name, has_times): (&str, bool)) -> Plot<'b> {
        let (extent, theme) = (self.extent, self.theme);
        let link = Id::new("history plots");
        Plot::new(("history", name))
            .height(if has_times { HEIGHT_WITH_TIMES } else { HEIGHT })
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .set_margin_fraction(vec2(0.0, 0.06))
            .show_axes([has_times, true])
            .y_axis_min_width(NUMBERS_WIDTH)
            .link_axis(link, [true, false])
            .link_cursor(link, [true, false])
            .grid_color(theme.line)
            .cursor_color(theme.faint)
            .x_grid_spacer(move |_| {
                let ticks = extent.ticks(3).into_iter();
                let step = extent.seconds() / 3.0;
                let second = |at: Timestamp| at.duration_since(extent.from).as_secs_f64();
                ticks.map(|it| mark(second(it), step)).collect()
            })
            .x_axis_formatter(move |mark, _| {
                let share = mark.value / extent.seconds();
                // At an edge a time would be cut.
                if (0.1..=0.9).contains(&share) {
                    day_or_clock(extent.at(share), extent.seconds())
                } else {
                    String::new()
                }
            })
    }

    fn line_at_the_moment(&self) -> Option<VLine> {
        let second = self.seconds(self.moment?);
        let line = VLine::new("", second).stroke(Stroke::new(1.5, self.theme.accent));
        Some(line.allow_hover(false))
    }

    /// What a curve says at the moment that is looked at, or last.
    fn value(&self, curve: &Curve) -> Option<f64> {
        let points = self.record.points.iter();
        let mut before = points.filter(|it| self.moment.is_none_or(|moment| it.at <= moment));
        (curve.value)(before.next_back()?)
    }

    fn legend(&self, ui: &mut Ui, chart: &Chart<'_>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            ui.spacing_mut().interact_size.y = 16.0;
            for curve in chart.curves {
                let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
                let y = rect.center().y;
                let line = [pos2(rect.left(), y), pos2(rect.right(), y)];
                let stroke = Stroke::new(1.8, curve.color);
                if curve.style == LineStyle::Solid {
                    ui.painter().line_segment(line, stroke);
                } else {
                    let dashes = egui::Shape::dashed_line(&line, stroke, 4.0, 3.0);
                    ui.painter().extend(dashes);
                }
                let value = self.value(curve);
                let value = value.map_or_else(|| "—".to_owned(), chart.unit);
                let text = RichText::new(format!("{} {value}", curve.name));
                ui.label(text.size(SECONDARY_SIZE).color(self.theme.muted));
                ui.add_space(6.0);
            }
        });
    }

    /// A curve, interrupted where nothing was recorded.
    fn lines<'b>(&self, chart: &Chart<'_>, curve: &Curve) -> Vec<Drawn<'b>> {
        let points = &self.record.points;
        let mut steps: Vec<f64> = points
            .windows(2)
            .map(|it| it[1].at.duration_since(it[0].at).as_secs_f64())
            .collect();
        steps.sort_by(f64::total_cmp);
        let usual = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
        let mut runs: Vec<Vec<[f64; 2]>> = Vec::new();
        for point in points {
            let Some(value) = (curve.value)(point).filter(|it| it.is_finite()) else {
                continue;
            };
            let second = self.seconds(point.at);
            let last = runs.last().and_then(|it| it.last());
            let goes_on = last.is_some_and(|it| second - it[0] <= usual * PAUSE);
            match runs.last_mut().filter(|_| goes_on) {
                Some(run) => run.push([second, value]),
                None => runs.push(vec![[second, value]]),
            }
        }
        let drawn = runs.into_iter().map(|run| {
            if let [only] = run.as_slice() {
                let point = Points::new(curve.name, vec![*only]);
                return Drawn::Points(point.color(curve.color).radius(1.8));
            }
            let line = Line::new(curve.name, PlotPoints::from(run))
                .color(curve.color)
                .style(curve.style)
                .width(1.5);
            Drawn::Line(if chart.is_filled {
                line.fill(0.0).fill_alpha(0.18)
            } else {
                line
            })
        });
        drawn.collect()
    }
}

/// Shows a plot with small numbers.
fn in_small<'a>(
    ui: &mut Ui,
    plot: Plot<'a>,
    contents: impl FnOnce(&mut PlotUi<'a>) + 'a,
) -> PlotResponse<()> {
    ui.scope(|ui| {
        let small = FontKind::Secondary.id();
        ui.style_mut().text_styles.insert(TextStyle::Body, small);
        plot.show(ui, contents)
    })
    .inner
}

/// A part of a curve.
enum Drawn<'a> {
    Line(Line<'a>),
    Points(Points<'a>),
}

fn mark(value: f64, step_size: f64) -> GridMark {
    GridMark { value, step_size }
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn an_axis_ends_at_a_round_number_that_no_value_exceeds() {
        for (value, top) in [(0.0, 1.0), (0.7, 1.0), (84.0, 100.0), (120.0, 200.0)] {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}");
        }
    }
}
