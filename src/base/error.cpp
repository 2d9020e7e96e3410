// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace skillet {
namespace {

// Exit codes come in groups: 2 usage, 3 not found, 4 package refused, 5 request refused,
// 6 state refuses, 7 memory, 8 stopped, 9 storage, 10 registries, 70 our bug. HTTP statuses avoid
// those that client libraries retry (408, 409, 429, 5xx) wherever retrying the same call cannot
// help.
constexpr auto table = std::to_array<CodeInfo>({
    {SKL_OK, "ok", "Success.", 200, 0, SKL_RETRY_NEVER},
    {SKL_E_INVALID_ARGUMENT, "invalid_argument", "An argument is null, malformed or out of range.",
     400, 2, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_NOT_FOUND, "not_found", "There is no such skill, version, package or file.", 404, 3,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_STALE, "stale", "The handle was closed, or never was one of ours.", 400, 2,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_ABI_MISMATCH, "abi_mismatch", "Header and library do not fit together.", 400, 2,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_ILLEGAL_TRANSITION, "illegal_transition", "The package's state does not allow this.",
     422, 6, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_CONFLICT, "conflict", "This id and version already name another package.", 422, 6,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_PENDING, "pending", "The request has not finished yet.", 503, 8, SKL_RETRY_LATER},
    {SKL_E_FORKED, "forked", "This process was forked from one that uses the library.", 400, 2,
     SKL_RETRY_NEVER},
    {SKL_E_MANIFEST_INVALID, "manifest_invalid", "A document of the package is malformed or wrong.",
     422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_DIGEST_MISMATCH, "digest_mismatch", "The bytes differ from the digest that names them.",
     422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_FORMAT_UNSUPPORTED, "format_unsupported",
     "This build does not run that format, version or feature.", 422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_MALFORMED_ARTIFACT, "malformed_artifact",
     "The model file is damaged or contradicts itself.", 422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_INCOMPATIBLE, "incompatible", "The parts do not belong together.", 422, 4,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_SCHEMA_REFUSED, "schema_refused", "A schema uses a keyword that would not be enforced.",
     422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_LICENSE_REFUSED, "license_refused", "The licence policy does not allow the package.",
     422, 4, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_BUDGET_NEVER_FITS, "budget_never_fits", "It is larger than the whole memory budget.",
     422, 7, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_BUDGET_BUSY, "budget_busy", "The memory budget is taken by skills in use.", 503, 7,
     SKL_RETRY_LATER},
    {SKL_E_LOAD_FAILED, "load_failed", "The engine refused the model.", 422, 7,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_ENGINE_FAULT, "engine_fault", "The engine failed while computing.", 500, 70,
     SKL_RETRY_LATER},
    {SKL_E_INPUT_SYNTAX, "input_syntax", "The input is not strict JSON in UTF-8.", 400, 5,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_INPUT_SCHEMA, "input_schema", "The input does not satisfy the contract.", 422, 5,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_INPUT_TOO_LARGE, "input_too_large", "The input has more bytes than the contract admits.",
     413, 5, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_CONTEXT_EXCEEDED, "context_exceeded",
     "The input has more tokens than the contract and the model admit.", 413, 5,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_OUTPUT_SCHEMA, "output_schema", "The output does not satisfy the contract.", 500, 5,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_OUTPUT_TOO_LARGE, "output_too_large", "The output is larger than the contract admits.",
     422, 5, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_CANCELLED, "cancelled", "The caller cancelled.", 499, 8, SKL_RETRY_LATER},
    {SKL_E_DEADLINE_EXCEEDED, "deadline_exceeded", "The deadline passed before the answer.", 504, 8,
     SKL_RETRY_LATER},
    {SKL_E_QUEUE_FULL, "queue_full", "Too many submitted requests wait already.", 429, 7,
     SKL_RETRY_LATER},
    {SKL_E_QUARANTINED, "quarantined", "The package is quarantined.", 422, 6,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_SUSPENDED, "suspended", "The package is suspended.", 422, 6, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_RETIRED, "retired", "The package is retired.", 422, 6, SKL_RETRY_AFTER_CHANGE},
    {SKL_E_NOT_VERIFIED, "not_verified", "The package has not passed verification.", 422, 6,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_DEPENDENCY_UNSATISFIED, "dependency_unsatisfied",
     "What the package depends on is not there, or does not serve.", 422, 6,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_STORE_CORRUPT, "store_corrupt", "The root's database or layout is damaged.", 500, 9,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_IO, "io", "The operating system refused a file operation.", 500, 9, SKL_RETRY_LATER},
    {SKL_E_OUT_OF_MEMORY, "out_of_memory", "An allocation failed.", 503, 7, SKL_RETRY_LATER},
    {SKL_E_INTERNAL, "internal", "A bug in this library; please report it.", 500, 70,
     SKL_RETRY_NEVER},
    {SKL_E_CPU_UNSUPPORTED, "cpu_unsupported",
     "The processor lacks the instructions this build was made for.", 500, 70,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_READ_ONLY, "read_only", "The root can be read, but not changed.", 422, 9,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_REMOTE_UNREACHABLE, "remote_unreachable",
     "The registry did not answer, or asks to come back later.", 502, 10, SKL_RETRY_LATER},
    {SKL_E_REMOTE_DENIED, "remote_denied", "The registry wants other credentials.", 422, 10,
     SKL_RETRY_AFTER_CHANGE},
    {SKL_E_REMOTE_INVALID, "remote_invalid", "The registry's answer breaks its protocol.", 502, 10,
     SKL_RETRY_LATER},
});

}  // namespace

std::span<const CodeInfo> code_table() { return table; }

const CodeInfo &code_info(Code code) {
    const auto find = [](Code wanted) {
        return std::find_if(table.begin(), table.end(),
                            [wanted](const CodeInfo &row) { return row.code == wanted; });
    };
    const auto *row = find(code);
    return row != table.end() ? *row : *find(SKL_E_INTERNAL);
}

Error os_error(int errno_value, std::string_view what, std::string_view path) {
    const Code code = errno_value == ENOENT ? SKL_E_NOT_FOUND : SKL_E_IO;
    const char *hint = "";
    switch (errno_value) {
        case ENOENT: hint = "check the path"; break;
        case EACCES:
        case EPERM: hint = "check the permissions of the file and its folders"; break;
        case ENOSPC:
        case EDQUOT: hint = "free some space and try again; nothing was changed"; break;
        case EFBIG: hint = "raise the file size limit (ulimit -f) and try again"; break;
        case EROFS: hint = "the file system is read-only: choose another --root"; break;
        default: break;
    }
    return make_error(code, fmt::format("{}: {}", what, std::strerror(errno_value)),
                      std::string(path), hint);
}

}  // namespace skillet
