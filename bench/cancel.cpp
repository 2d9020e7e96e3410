// SPDX-License-Identifier: Apache-2.0
// How soon a request returns once it is cancelled while it computes: classifiers of about 15 and
// 135 million parameters in Q8_0, texts that fill their context of 512 tokens.
//
//     bench_cancel
//
// Prints a JSON line for each: a whole request, and the time from cancel() to its return, at
// moments spread over the request.
#include <thread>

#include "fleet.h"
#include "testing/temp_dir.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int rounds = 200;
constexpr uint64_t words = 480;

std::string long_input() {
    std::string text;
    for (uint64_t i = 0; i < words; ++i) text += bench::fleet_word(i * 7 % 3900) + " ";
    return json::compact(json::Value(json::Object{{"text", text}}));
}

// Milliseconds from cancel() to the return of a request that had run for `after_ms`; none if it was
// answered before.
std::optional<double> cancel_after(SkillHandle &skill, const std::string &input, double after_ms) {
    const auto flag = std::make_shared<CancelFlag>();
    std::optional<SteadyClock::time_point> returned;
    std::thread request([&] {
        const auto answer = skill.invoke(input, {flag, {}});
        if (!answer) returned = SteadyClock::now();
    });
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(after_ms));
    const auto cancelled = SteadyClock::now();
    flag->cancel();
    request.join();
    if (!returned) return {};
    return std::chrono::duration<double, std::milli>(*returned - cancelled).count();
}

void measure(const char *name, const bench::fleet_detail::ModelSize &size) {
    const testing::TempDir folder;
    const std::string model =
        testing::write_file(folder / "model.gguf", bench::fleet_detail::model_bytes(size, 1));
    json::Value document = testing::skill_document(model, "org.bench.cancel");
    testing::set_member(document, "/contract/limits/deadline_ms", 3'600'000);
    RuntimeOptions options;
    options.root = folder / "root";
    const auto runtime = must(Runtime::open(std::move(options)));
    must(must(runtime->root())->install(testing::pack_skill(folder.path(), model, document), {}));
    const auto skill = must(runtime->open_skill("org.bench.cancel", {}));
    const std::string input = long_input();
    bench::Series whole, latency;
    for (int i = 0; i < 10; ++i) {
        const double ms = bench::time_ms([&] { must(skill->invoke(input, {})); });
        if (i > 0) whole.add(ms);  // the first one loads
    }
    for (int i = 0; i < rounds; ++i) {
        const double part = 0.9 * (i + 0.5) / rounds;
        if (const auto ms = cancel_after(*skill, input, part * whole.median())) latency.add(*ms);
    }
    fmt::print(R"({{"bench":"cancel","unit":"ms","model":"{}","model_bytes":{},"whole":{},)"
               R"("cancel_to_return":{}}})"
               "\n",
               name, std::filesystem::file_size(model), whole.json(), latency.json());
    std::fflush(stdout);
}

}  // namespace

int main() {
    measure("15M", {4000, 384, 8, 512});
    measure("135M", {32000, 768, 16, 512});
    return 0;
}
