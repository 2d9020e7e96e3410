// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM: the first one cancels what runs, the second one ends the process.
#pragma once

#include <chrono>

#include <skillet/cancel.h>

namespace cli {

// Blocks the signals in the calling thread and those it starts, and waits for them in a thread of
// its own: a cancel token must not be triggered inside a signal handler. Call once, first in main.
void watch_interrupts();

// The token to trigger; {0} for none.
void set_interrupt_target(skl_cancel cancel);

// Whether a signal has come.
bool interrupted();
// Waits for one, but no longer than this.
void wait_for_interrupt(std::chrono::seconds longest);

}  // namespace cli
