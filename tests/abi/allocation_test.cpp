// SPDX-License-Identifier: Apache-2.0
// Every allocation of ours may fail: the call says SKL_E_OUT_OF_MEMORY, or succeeds without what it
// could not get, and the next call is right. The engine's allocations are not ours, so nothing is
// loaded here.
//
//     allocation_test ROOT ARCHIVE
#include <cstdio>
#include <functional>
#include <string>

#include <skillet/authoring/contract.h>
#include <skillet/skillet.h>

#include "testing/failing_allocation.h"

using skillet::testing::FailingAllocation;

namespace {

int failures = 0;

void expect(bool condition, const char *what, skl_status status, long position,
            skl_error error = {}) {
    if (condition) return;
    ++failures;
    std::fprintf(stderr, "%s gives %s when allocation %ld fails: %s (%s)\n", what,
                 skl_status_name(status), position, skl_error_message(error),
                 skl_error_subject(error));
}

// Lets the 0th, 1st, 2nd… allocation of `call` fail until there is none left to fail.
void sweep(const char *name, const std::function<skl_status(skl_error *)> &call) {
    long position = 0;
    for (;; ++position) {
        skl_error error{};
        skl_status status = SKL_OK;
        {
            const FailingAllocation failing(position);
            status = call(&error);
        }
        const bool failed = FailingAllocation::has_failed();
        const bool fits = status == SKL_OK || (failed && status == SKL_E_OUT_OF_MEMORY);
        expect(fits, name, status, position, error);
        skl_error_free(error);
        if (!failed) break;
    }
    expect(position > 0, name, SKL_OK, position);
    std::printf("%-10s %5ld allocations\n", name, position);
}

// What a call makes is freed at once.
skl_status freed(skl_status status, skl_document document) {
    if (status == SKL_OK) skl_document_free(document);
    return status;
}

void sweep_schemas() {
    const std::string text =
        R"({"properties":{"a":{"enum":[1,"b"]}},"unevaluatedProperties":false})";
    sweep("schema", [&](skl_error *error) {
        skl_schema schema{};
        const skl_status status = skl_schema_compile(text.data(), text.size(), &schema, error);
        skl_schema_free(schema);
        return status;
    });
    const std::string line = R"({"id":1,"schema":)" + text + R"(,"instance":{"a":1}})";
    sweep("line", [&](skl_error *error) {
        skl_document out{};
        return freed(skl_schema_check_line(line.data(), line.size(), &out, error), out);
    });
}

void sweep_all(const char *root, const char *archive) {
    skl_runtime_options options{};
    options.struct_size = sizeof options;
    options.root = root;
    sweep("open", [&](skl_error *error) {
        skl_runtime runtime{};
        const skl_status status = skl_runtime_open(&options, &runtime, error);
        skl_runtime_close(runtime);
        return status;
    });
    skl_runtime runtime{};
    const skl_status status = skl_runtime_open(&options, &runtime, nullptr);
    expect(status == SKL_OK, "open", status, -1);
    sweep("verify", [&](skl_error *error) {
        skl_document out{};
        return freed(skl_package_verify(runtime, archive, nullptr, &out, error), out);
    });
    sweep("install", [&](skl_error *error) {
        skl_document out{};
        return freed(skl_package_install(runtime, archive, nullptr, &out, error), out);
    });
    sweep("list", [&](skl_error *error) {
        skl_document out{};
        return freed(skl_package_list(runtime, &out, error), out);
    });
    sweep("module", [&](skl_error *error) {
        skl_module module{};
        const skl_status status = skl_module_open(runtime, archive, nullptr, &module, error);
        skl_module_close(module);
        return status;
    });
    sweep("settings", [&](skl_error *error) {
        skl_document out{};
        return freed(skl_runtime_settings(runtime, &out, error), out);
    });
    sweep("remove", [&](skl_error *error) {
        const skl_status status =
            skl_package_remove(runtime, "org.example.tiny", "the test is over", error);
        // An earlier attempt may have got past the commit.
        return status == SKL_E_NOT_FOUND ? SKL_OK : status;
    });
    skl_runtime_close(runtime);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    sweep_schemas();
    sweep_all(argv[1], argv[2]);
    return failures == 0 ? 0 : 1;
}
