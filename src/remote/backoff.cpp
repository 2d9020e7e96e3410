// SPDX-License-Identifier: Apache-2.0
#include "remote/backoff.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <thread>

#include <fmt/format.h>

namespace skillet {
namespace {

using std::chrono::milliseconds;

// Between half and all of it: clients that failed together do not come back together.
milliseconds shortened(milliseconds pause) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    const auto half = pause.count() / 2;
    return milliseconds(half + static_cast<int64_t>(random() % static_cast<uint64_t>(half + 1)));
}

template <typename Number>
bool read_number(std::string_view text, Number &number) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size();
}

// "Sun, 06 Nov 1994 08:49:37 GMT", which is what servers must send.
std::optional<int64_t> read_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    unsigned day = 0;
    int year = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    const bool read =
        month != months.end() && read_number(text.substr(5, 2), day) &&
        read_number(text.substr(12, 4), year) && read_number(text.substr(17, 2), hour) &&
        read_number(text.substr(20, 2), minute) && read_number(text.substr(23, 2), second);
    if (!read) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year(year),
        std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
        std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace

Result<void> pause_for(milliseconds time, const StopSignal &stop) {
    const auto until = SteadyClock::now() + time;
    for (;;) {
        SKL_TRY(stop.check());
        const auto left = until - SteadyClock::now();
        if (left <= SteadyClock::duration::zero()) return {};
        std::this_thread::sleep_for(std::min<SteadyClock::duration>(left, milliseconds(50)));
    }
}

Result<void> Backoff::wait(const Error &cause, std::optional<milliseconds> wanted,
                           const StopSignal &stop) {
    ++failures_;
    const bool too_long = wanted && *wanted > rules_->longest_pause;
    if (failures_ >= rules_->attempts_max || too_long) {
        Error error = cause;
        if (failures_ > 1) error.message += fmt::format(" (attempt {})", failures_);
        if (too_long) {
            error.hint = fmt::format("it asks to come back in {} s", wanted->count() / 1000);
        }
        return error;
    }
    const auto own = rules_->first_pause * (1u << std::min(failures_ - 1, 16u));
    return rules_->pause(wanted ? *wanted : shortened(std::min(own, rules_->longest_pause)), stop);
}

std::optional<milliseconds> parse_retry_after(std::string_view text, int64_t now) {
    constexpr int64_t seconds_max = int64_t{1} << 31;
    int64_t seconds = 0;
    if (!read_number(text, seconds)) {
        const auto date = read_date(text);
        if (!date) return std::nullopt;
        seconds = *date - now;
    }
    return milliseconds(1000 * std::clamp<int64_t>(seconds, 0, seconds_max));
}

}  // namespace skillet
