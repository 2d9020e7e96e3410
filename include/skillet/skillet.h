/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Skillet: tiny models as dependable functions. Include this header, link libskillet.
 *
 * Conventions, which hold for every function unless it says otherwise:
 *
 *  1. Status. A fallible call returns an skl_status; SKL_OK is 0. Its last parameter is an optional
 *     `skl_error *`: where it is not NULL and the call fails, it receives an error object that the
 *     caller frees. On success it is set to {0}.
 *  2. Outputs are written on success only; on failure they are untouched.
 *  3. Handles are 64-bit values in a struct of their own type, not pointers. {0} is never a handle.
 *     A closed, foreign or invented handle gives SKL_E_STALE, never a crash. Closing {0} or a
 *     closed handle does nothing.
 *  4. Ownership. Who gets a handle closes it. Text given to us is copied before the call returns.
 *     Text we return is borrowed from the handle it was asked from, NUL-terminated UTF-8, and valid
 *     until that handle is closed.
 *  5. Threads. Every function may be called from any thread. Several threads may use one handle at
 *     once; closing a handle while another thread reads text borrowed from it is the caller's bug,
 *     everything else is safe: a call in progress finishes, later ones get SKL_E_STALE.
 *  6. Option structs start with `uint32_t struct_size`, which the caller sets to sizeof. Zero means
 *     the default. A larger struct whose tail we do not know is refused unless that tail is zero.
 *  7. The library does not print, installs no signal handlers, throws nothing across the border and
 *     starts threads only where a function says so, and to read a large file ahead while it is
 *     hashed. Only remote.h uses the network. In the child of a fork() of a process that has used
 *     the library every call gives SKL_E_FORKED; what gives no status does nothing. A process may
 *     exit while calls are in progress.
 *  8. Documents are JSON texts whose member "schema" names their format and version.
 */
#ifndef SKILLET_SKILLET_H
#define SKILLET_SKILLET_H

#include <skillet/cancel.h>
#include <skillet/document.h>
#include <skillet/error.h>
#include <skillet/log.h>
#include <skillet/module.h>
#include <skillet/package.h>
#include <skillet/remote.h>
#include <skillet/request.h>
#include <skillet/result.h>
#include <skillet/root.h>
#include <skillet/runtime.h>
#include <skillet/version.h>
#include <skillet/work.h>

#endif
