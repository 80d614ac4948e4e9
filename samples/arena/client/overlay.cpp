// What stands above the picture: the figures of the link, the score, and a word when there is nothing to play.
#include "samples/arena/client/overlay.h"

#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "samples/arena/client/palette.h"

namespace arena {

namespace {

constexpr int text_scale = 2;
constexpr float margin = 12;
constexpr float padding = 10;
constexpr float line_height = 20;
constexpr float figures_width = 244;
constexpr std::size_t figures_count = 12;
constexpr float figures_height = static_cast<float>(figures_count) * line_height + 2 * padding - 6;
constexpr std::size_t best_shown = 5;
constexpr float scores_screen_width_min = 560;  // room for both panels and some arena between them
constexpr float hint_seconds = 5;

template <class... Values>
std::string formatted(const char* format, Values... values) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

std::string milliseconds(std::chrono::microseconds duration) {
    return formatted("%.2f ms", static_cast<double>(duration.count()) / 1000);
}

std::string bytes_per_second(double bytes) {
    return bytes < 10'000 ? formatted("%.0f B/s", bytes) : formatted("%.1f kB/s", bytes / 1000);
}

}  // namespace

float Overlay::panel(const Rect& area) {
    constexpr float fighter_around = 36;
    const float visible = place_ && area.grown(fighter_around).contains(*place_) ? 0.3F : 1.0F;
    canvas_->rect(area, palette::panel.with_alpha(visible));
    canvas_->frame(area, palette::panel_edge.with_alpha(visible));
    return visible;
}

void Overlay::centred(Vec2 middle, std::string_view text, int scale, Color color) {
    canvas_->text({middle.x - Canvas::text_width(text, scale) / 2, middle.y}, text, scale, color);
}

void Overlay::banner(std::string_view text, float height, const Rect& screen) {
    const int scale = Canvas::text_width(text, 3) + 4 * padding < screen.width ? 3 : 2;
    const float width = Canvas::text_width(text, scale);
    const Rect area{screen.x + (screen.width - width) / 2 - 2 * padding, screen.y + screen.height * height,
                    width + 4 * padding, Canvas::text_height(scale) + 2 * padding};
    const float visible = panel(area);
    canvas_->text({area.x + 2 * padding, area.y + padding}, text, scale, palette::ink.with_alpha(visible));
}

void Overlay::draw_figures(const Meter& meter, const Rect& screen) {
    const auto& figures = meter.figures();
    const auto& latency = meter.latency();
    const Rates rates = meter.rates();
    const std::array<std::pair<const char*, std::string>, figures_count> lines{{
        {"RTT", milliseconds(latency.rtt_smoothed)},
        {"jitter", milliseconds(latency.jitter)},
        {"tick", formatted("%" PRIu32, figures.tick)},
        {"snapshots", formatted("%.0f /s", rates.snapshots)},
        {"in", bytes_per_second(rates.bytes_in)},
        {"out", bytes_per_second(rates.bytes_out)},
        {"entities", formatted("%" PRIu32, figures.entities)},
        {"age", milliseconds(figures.snapshot_age)},
        {"delay", milliseconds(figures.interpolation_delay)},
        {"lead", formatted("%.1f ticks", figures.input_lead)},
        {"corrections", formatted("%" PRIu64, figures.corrections)},
        {"FPS", formatted("%.0f", rates.frames)},
    }};
    const Rect area{screen.x + margin, screen.y + margin, figures_width, figures_height};
    const float visible = panel(area);
    float y = area.y + padding;
    for (const auto& [name, value] : lines) {
        canvas_->text({area.x + padding, y}, name, text_scale, palette::quiet_ink.with_alpha(visible));
        const float value_width = Canvas::text_width(value, text_scale);
        canvas_->text({area.right() - padding - value_width, y}, value, text_scale, palette::ink.with_alpha(visible));
        y += line_height;
    }
}

void Overlay::draw_link(std::string_view title, const Rect& screen) {
    label("link: " + std::string(title), screen.y + margin, screen);
}

void Overlay::draw_watching(std::chrono::milliseconds delay, const Rect& screen) {
    const std::string text = delay.count() == 0 ? "watching, live" : "watching, " + std::to_string((delay.count() + 500) / 1000) + " s ago";
    label(text, screen.bottom() - margin - Canvas::text_height(text_scale) - 2 * padding, screen);
}

void Overlay::label(std::string_view text, float top, const Rect& screen) {
    const float width = Canvas::text_width(text, text_scale);
    const Rect area{screen.x + (screen.width - width) / 2 - padding, top, width + 2 * padding,
                    Canvas::text_height(text_scale) + 2 * padding - 4};
    const float visible = panel(area);
    canvas_->text({area.x + padding, area.y + padding - 2}, text, text_scale, palette::warning.with_alpha(visible));
}

void Overlay::draw_graphs(const History& history, const Rect& screen) {
    constexpr float gap = 6;
    const float top = screen.y + margin + figures_height + gap;
    const Rect area{screen.x + margin, top, figures_width, screen.bottom() - margin - top};
    const float each = (area.height - 2 * padding) / static_cast<float>(History::trace_count);
    if (each < 36) return;
    const float visible = panel(area);
    for (std::size_t i = 0; i < History::trace_count; ++i)
        draw_trace(
            history.trace(i),
            {area.x + padding, area.y + padding + each * static_cast<float>(i), area.width - 2 * padding, each - 6},
            visible);
}

void Overlay::draw_trace(const History::Trace& trace, const Rect& area, float visible) {
    constexpr float label_height = 18;
    constexpr float step = 2;
    const Color color = palette::trace(trace.number).with_alpha(visible);
    canvas_->text({area.x, area.y}, trace.name, text_scale, palette::quiet_ink.with_alpha(visible));
    const std::string value = trace.text(trace.values.empty() ? 0 : trace.values.back());
    canvas_->text({area.right() - Canvas::text_width(value, text_scale), area.y}, value, text_scale, color);
    const Rect plot{area.x, std::round(area.y + label_height), area.width, std::round(area.height - label_height)};
    canvas_->rect(plot, palette::grid.with_alpha(0.5F * visible));
    canvas_->rect({plot.x, plot.bottom(), plot.width, 1}, palette::quiet_ink.with_alpha(0.5F * visible));
    // The newest at the right edge.
    const double top = trace.top();
    float x = plot.right() - step * static_cast<float>(trace.values.size());
    float before = -1;
    for (const double value_then : trace.values) {
        const auto part = static_cast<float>(std::clamp(value_then / top, 0.0, 1.0));
        const float y = std::round(plot.bottom() - plot.height * part);
        canvas_->rect({x, y, step, plot.bottom() - y}, color.with_alpha(0.25F));
        // A line from value to value, so that peaks of one sample show.
        const float from = before < 0 ? y : before;
        canvas_->rect({x, std::min(from, y) - 1, step, std::abs(from - y) + 2}, color);
        before = y;
        x += step;
    }
    const std::string scale = trace.text(top);
    canvas_->rect({plot.x, plot.y, Canvas::text_width(scale, 1) + 4, Canvas::text_height(1) + 3},
                  palette::panel.with_alpha(visible));
    canvas_->text({plot.x + 2, plot.y + 1}, scale, 1, palette::quiet_ink.with_alpha(visible));
}

void Overlay::draw_scores(const Scene& scene, const Rect& screen) {
    if (screen.width < scores_screen_width_min) return;
    std::vector<const SeenFighter*> order;
    for (const SeenFighter& fighter : scene.fighters) order.push_back(&fighter);
    std::sort(order.begin(), order.end(), [](const SeenFighter* a, const SeenFighter* b) {
        if (a->kills != b->kills) return a->kills > b->kills;
        if (a->deaths != b->deaths) return a->deaths < b->deaths;
        return a->index < b->index;
    });
    std::vector<std::pair<std::size_t, const SeenFighter*>> shown;  // rank from 1
    for (std::size_t i = 0; i < order.size(); ++i)
        if (i < best_shown || order[i]->own) shown.emplace_back(i + 1, order[i]);
    if (shown.empty()) return;

    const float width = 264;
    const Rect area{screen.right() - margin - width, screen.y + margin, width,
                    static_cast<float>(shown.size() + 1) * line_height + 2 * padding - 4};
    const float visible = panel(area);
    const Color quiet_ink = palette::quiet_ink.with_alpha(visible);
    const auto at_right = [&](float from_right, float y, std::string_view text, Color color) {
        canvas_->text({area.right() - padding - from_right - Canvas::text_width(text, text_scale), y}, text, text_scale,
                      color);
    };
    float y = area.y + padding;
    canvas_->text({area.x + padding, y}, "top 5", text_scale, quiet_ink);
    at_right(58, y, "kills", quiet_ink);
    at_right(0, y, "died", quiet_ink);
    for (const auto& [rank, fighter] : shown) {
        y += line_height;
        const Color ink = (fighter->own ? palette::accent : palette::ink).with_alpha(visible);
        canvas_->disc({area.x + padding + 6, y + 7}, 6, palette::fighter(fighter->hue).with_alpha(visible));
        const std::string name = rank > best_shown ? formatted("%zu ", rank) + fighter->name : fighter->name;
        canvas_->text({area.x + padding + 20, y}, std::string_view(name).substr(0, 12), text_scale, ink);
        at_right(58, y, formatted("%d", fighter->kills), ink);
        at_right(0, y, formatted("%d", fighter->deaths), ink);
    }
}

void Overlay::draw_kills(const KillFeed& feed, const Rect& screen) {
    if (screen.width < scores_screen_width_min) return;
    constexpr std::string_view between = " > ";
    const auto color = [](const KillFeed::Name& name) {
        return name.own ? palette::accent : palette::fighter(name.hue).mixed_with(palette::ink, 0.4F);
    };
    float y = screen.y + margin + static_cast<float>(best_shown + 2) * line_height + 2 * padding + margin;
    for (const KillFeed::Line& line : feed.lines()) {
        float x = screen.right() - margin - padding -
                  Canvas::text_width(line.killer.text + std::string(between) + line.victim.text, text_scale);
        const auto write = [&](std::string_view text, Color ink) {
            canvas_->text({x, y}, text, text_scale, ink.with_alpha(line.visible()));
            x += Canvas::text_width(std::string(text) + "m", text_scale) - Canvas::text_width("m", text_scale);
        };
        write(line.killer.text, color(line.killer));
        write(between, palette::quiet_ink);
        write(line.victim.text, color(line.victim));
        y += line_height;
    }
}

void Overlay::draw_state(const Scene& scene, const Rect& screen) {
    const SeenFighter* own = scene.own();
    if (own == nullptr || own->alive()) return;
    banner(formatted("Back in %.1f s", static_cast<double>(own->respawn_in)), 0.3F, screen);
}

void Overlay::draw_silence(double seconds, const Rect& screen) {
    banner(formatted("No word from the server for %.0f s", std::floor(seconds)), 0.42F, screen);
}

void Overlay::draw_reconnecting(const tidewire::Reconnecting& reconnecting, const Rect& screen) {
    const double seconds = std::chrono::duration<double>(reconnecting.since).count();
    banner(formatted("The connection is lost. Reconnecting for %.0f s, attempt %u", std::floor(seconds), reconnecting.attempt),
           0.42F, screen);
}

void Overlay::draw_hint(float seconds, const Rect& screen) {
    if (seconds >= hint_seconds) return;
    constexpr std::string_view text = "WASD move | mouse aim | click shoot | M map | F1 figures | F2 link";
    const int scale = Canvas::text_width(text, text_scale) + 2 * margin < screen.width ? text_scale : 1;
    const float width = Canvas::text_width(text, scale);
    const Rect area{screen.x + (screen.width - width) / 2 - padding,
                    screen.bottom() - margin - 2 * padding - Canvas::text_height(scale), width + 2 * padding,
                    Canvas::text_height(scale) + 2 * padding};
    const float visible = panel(area);
    canvas_->text({area.x + padding, area.y + padding}, text, scale, palette::ink.with_alpha(visible));
}

void Overlay::draw_waiting(std::string_view headline, std::string_view detail, float seconds, const Rect& screen) {
    canvas_->clear(palette::outside);
    const Vec2 middle{screen.x + screen.width / 2, screen.y + screen.height / 2};
    constexpr int dots = 12;
    for (int i = 0; i < dots; ++i) {
        const float turn = static_cast<float>(i) / dots;
        const float lit = 1 - std::fmod(seconds * 0.9F - turn + 2, 1.0F);
        canvas_->disc(middle + Vec2{0, -70} + direction(turn * 6.2832F) * 28, 2 + 2.5F * lit,
                      palette::accent.with_alpha(0.15F + 0.85F * lit * lit));
    }
    centred(middle, headline, 3, palette::ink);
    centred(middle + Vec2{0, 36}, detail, 2, palette::quiet_ink);
}

void Overlay::draw_ending(std::string_view headline, std::string_view detail, const Rect& screen) {
    canvas_->clear(palette::outside);
    Vec2 at{screen.x + screen.width / 2, screen.y + screen.height * 0.4F};
    centred(at, headline, 3, palette::ink);
    at.y += 2 * line_height;
    const float letter = Canvas::text_width("mm", text_scale) - Canvas::text_width("m", text_scale);
    const auto letters_max = static_cast<std::size_t>(std::max(1.0F, (screen.width - 4 * margin) / letter));
    while (!detail.empty()) {
        std::size_t end = detail.size();
        if (end > letters_max) {
            const std::size_t space = detail.rfind(' ', letters_max);
            end = space == std::string_view::npos || space == 0 ? letters_max : space;
        }
        centred(at, detail.substr(0, end), text_scale, palette::quiet_ink);
        detail.remove_prefix(end);
        if (!detail.empty() && detail.front() == ' ') detail.remove_prefix(1);
        at.y += line_height;
    }
    at.y += line_height;
    centred(at, "Any key ends", text_scale, palette::quiet_ink);
}

}  // namespace arena
