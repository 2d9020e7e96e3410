// SPDX-License-Identifier: Apache-2.0
// A stream of lines, answered by several threads at once and printed in the order of the lines:
// each answer as soon as it and all before it are there. What is held is bounded by a window of
// lines, however long the stream is.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <skillet/error.h>

#include "input.h"

namespace cli {

// What is printed for a line, on a line of its own, and how it went.
struct BatchAnswer {
    std::string text;
    skl_status status = SKL_OK;
};

struct BatchSummary {
    size_t lines = 0;
    size_t failed = 0;
    skl_status first_failure = SKL_OK;
};

class Batch {
public:
    // Answers the line of this number, counted from 1. Called by several threads; does not throw.
    using Answer = std::function<BatchAnswer(size_t number, const InputLine &line)>;

    Batch(Answer answer, size_t workers);
    // Waits for the lines that were added, and prints their answers.
    ~Batch();
    Batch(const Batch &) = delete;
    Batch &operator=(const Batch &) = delete;

    // Waits while the window is full. Throws Failure if answers cannot be printed.
    void add(InputLine line);
    // After the last line: waits until everything is printed. Throws as add() does.
    BatchSummary finish();

private:
    struct Slot {
        InputLine line;
        std::optional<BatchAnswer> answer;
    };

    void work();
    void print_answers();
    void check_output() const;
    void close_and_join();

    const Answer answer_;
    const size_t window_;
    std::mutex mutex_;  // guards all below but the threads
    std::condition_variable changed_;
    std::deque<Slot> slots_;  // the lines whose answers are not printed yet, in order
    size_t printed_ = 0;      // lines; the first slot holds the next one
    size_t taken_ = 0;        // lines that a worker has taken
    bool closed_ = false;     // no line will be added
    bool broken_ = false;     // an answer could not be printed
    BatchSummary summary_;
    std::vector<std::thread> threads_;
};

}  // namespace cli
