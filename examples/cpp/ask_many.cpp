// SPDX-License-Identifier: Apache-2.0
// Asks a skill about every line of stdin from several threads, and stops them all once enough
// answers are there. The answers are printed as they come.
//
//     cmake -S . -B build && cmake --build build
//     build/ask_many PACKAGE.skill ROOT ANSWERS_MAX < mails.jsonl
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <skillet/skillet.hpp>

namespace {

constexpr unsigned threads_count = 4;

// Lines in, answers out. Its functions are called by all threads.
class Desk {
public:
    Desk(unsigned long answers_max, const skl::Cancel &enough)
        : answers_max_(answers_max), enough_(enough) {}

    bool next_line(std::string &line) {
        const std::lock_guard lock(mutex_);
        return answers_ < answers_max_ && std::getline(std::cin, line);
    }

    void take(const skl::Reply &reply) {
        const std::lock_guard lock(mutex_);
        if (answers_ == answers_max_) return;
        std::printf("%s  confidence %.3f\n", reply.label().value_or("undecided").c_str(),
                    reply.confidence().value_or(0));
        if (++answers_ == answers_max_) enough_.trigger();
    }

    void take(const skl::Error &error) {
        // We stopped it ourselves: that is no news.
        if (error.code() == SKL_E_CANCELLED) return;
        const std::lock_guard lock(mutex_);
        ++failures_;
        std::fprintf(stderr, "%s: %s\n  try: %s\n", skl_status_name(error.code()),
                     error.message().c_str(), error.hint().c_str());
    }

    // Once the threads have ended.
    [[nodiscard]] unsigned long failures() const { return failures_; }

private:
    const unsigned long answers_max_;
    const skl::Cancel &enough_;
    std::mutex mutex_;
    unsigned long answers_ = 0;   // mutex_
    unsigned long failures_ = 0;  // mutex_
};

// A bad line fails alone: the module and the other requests are as before.
void work(Desk &desk, const skl::Module &module, const skl::Cancel &enough) {
    std::string line;
    while (desk.next_line(line)) {
        auto reply = module.invoke(line, 0, enough.get());
        if (reply) {
            desk.take(*reply);
        } else {
            desk.take(reply.error());
        }
    }
}

int fail(const skl::Error &error) {
    std::fprintf(stderr, "%s: %s\n  try: %s\n", skl_status_name(error.code()),
                 error.message().c_str(), error.hint().c_str());
    return skl_status_exit_code(error.code());
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: ask_many PACKAGE.skill ROOT ANSWERS_MAX\n");
        return 2;
    }
    skl::RuntimeOptions options;
    options.root = argv[2];
    auto runtime = skl::Runtime::open(options);
    if (!runtime) return fail(runtime.error());
    // Where the wrapper has no member, call() takes the C function.
    auto installed = skl::call<skl::Document, skl_document>(skl_package_install, runtime->get(),
                                                            argv[1], nullptr);
    if (!installed) return fail(installed.error());
    auto module = runtime->open_module("org.skillet.spam-filter");
    if (!module) return fail(module.error());
    auto enough = skl::Cancel::create();
    if (!enough) return fail(enough.error());

    Desk desk(std::strtoul(argv[3], nullptr, 10), *enough);
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < threads_count; ++number) {
        threads.emplace_back(work, std::ref(desk), std::cref(*module), std::cref(*enough));
    }
    for (std::thread &thread : threads) thread.join();
    return desk.failures() == 0 ? 0 : 1;
}
