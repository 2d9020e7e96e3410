// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "style.h"

namespace cli {
namespace {

constexpr auto patience = std::chrono::milliseconds(300);  // shorter work needs no bar
constexpr auto frame = std::chrono::milliseconds(50);
constexpr uint64_t width = 30;

bool moves_cursor() {
    const char *terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && terminal != nullptr &&
           std::string_view(terminal) != "dumb";
}

}  // namespace

ProgressBar::ProgressBar() : on_(moves_cursor()), next_(Clock::now() + patience) {}

ProgressBar::~ProgressBar() { erase(); }

void ProgressBar::hear(void *bar, const char *phase, uint64_t done, uint64_t total) {
    static_cast<ProgressBar *>(bar)->draw(phase, done, total);
}

void ProgressBar::draw(const std::string &phase, uint64_t done, uint64_t total) {
    const auto now = Clock::now();
    if (!on_ || total == 0 || now < next_) return;
    next_ = now + frame;
    drawn_ = true;
    const double share = static_cast<double>(done) / static_cast<double>(total);
    const auto filled = static_cast<uint64_t>(share * width);
    fmt::print(stderr, "\r\033[K{:<7} [{}{}] {:3.0f} %  {} of {}", phase, std::string(filled, '#'),
               std::string(width - filled, '.'), 100 * share, short_bytes(done),
               short_bytes(total));
    std::fflush(stderr);
}

void ProgressBar::erase() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
}

}  // namespace cli
