// SPDX-License-Identifier: Apache-2.0
// What the interface itself costs: requests to an engine that answers at once, through the C ABI.
// One caller of skl_module_invoke, for a .skill file and for an installed skill; then 8 threads of
// 10,000 skl_module_submit each, of which every one must be heard of.
//
//     bench_overhead
#include <atomic>
#include <latch>
#include <thread>

#include <skillet/skillet.h>

#include "capi/boundary.h"
#include "samples.h"
#include "testing/scripted_runtime.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int warm_up = 2'000;
constexpr int calls = 20'000;
constexpr int threads = 8;
constexpr int submits = 10'000;
constexpr std::string_view input = R"({"text":"a b"})";

void expect_ok(skl_status status, const char *what) {
    if (status == SKL_OK) return;
    fmt::print(stderr, "bench: {}: {}\n", what, skl_status_name(status));
    std::exit(1);
}

class Bench : testing::ScriptedRuntime {
public:
    void run() {
        const std::string archive = pack("1.0.0");
        const std::shared_ptr<Runtime> runtime = open_runtime();
        must(must(runtime->root())->install(archive, {}));
        const skl_module file = open(*runtime, archive);
        const skl_module installed = open(*runtime, "org.a.b");
        fmt::print(R"({{"bench":"overhead","unit":"us","invoke_file":{},"invoke_installed":{})",
                   invoke_us(file).json(), invoke_us(installed).json());
        submit_all(file);
    }

private:
    static skl_module open(Runtime &runtime, const std::string &reference) {
        return {handles().modules.add(must(runtime.open_skill(reference, {})))};
    }
    static bench::Series invoke_us(skl_module module) {
        bench::Series took;
        for (int i = 0; i < warm_up + calls; ++i) {
            skl_result result{};
            const double ms = bench::time_ms([&] {
                expect_ok(skl_module_invoke(module, input.data(), input.size(), nullptr, &result,
                                            nullptr),
                          "invoke");
                skl_result_free(result);
            });
            if (i >= warm_up) took.add(ms * 1e3);
        }
        return took;
    }
    // Who waits for the callbacks, and how many came.
    struct Hearing {
        std::atomic<int> heard = 0;
        std::latch all{threads * submits};

        static void hear(void *self, skl_request request) {
            skl_request_free(request);
            ++static_cast<Hearing *>(self)->heard;
            static_cast<Hearing *>(self)->all.count_down();
        }
    };
    // Submits one request, however often the queue is full; says how often it was.
    static int submit(skl_module module, Hearing &hearing) {
        for (int refused = 0;; ++refused) {
            skl_request request{};
            const skl_status status = skl_module_submit(module, input.data(), input.size(), nullptr,
                                                        Hearing::hear, &hearing, &request, nullptr);
            if (status == SKL_OK) return refused;
            if (status != SKL_E_QUEUE_FULL) expect_ok(status, "submit");
            std::this_thread::yield();
        }
    }
    static void submit_all(skl_module module) {
        Hearing hearing;
        std::atomic<int> refused = 0;
        const double ms = bench::time_ms([&] {
            std::vector<std::jthread> submitters;
            for (int i = 0; i < threads; ++i) {
                submitters.emplace_back([&] {
                    for (int call = 0; call < submits; ++call) refused += submit(module, hearing);
                });
            }
            hearing.all.wait();
        });
        fmt::print(R"(,"submitted":{},"heard_of":{},"refused":{},"submits_per_s":{:.0f}}})"
                   "\n",
                   threads * submits, hearing.heard.load(), refused.load(),
                   threads * submits / (ms / 1e3));
    }
};

}  // namespace

int main() {
    Bench().run();
    return 0;
}
