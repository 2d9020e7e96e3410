// SPDX-License-Identifier: Apache-2.0
#include <skillet/runtime.h>

#include "capi/boundary.h"

using namespace skillet;

namespace {

json::Value residency_document(ResidentSet &resident) {
    json::Array modules;
    for (const ResidentStatus &status : resident.status()) {
        modules.push_back(json::Object{{"id", status.id},
                                       {"digest", status.key.to_string()},
                                       {"state", status.leases > 0 ? "active" : "resident"},
                                       {"leases", status.leases},
                                       {"reserved_bytes", status.reserved_bytes},
                                       {"load_ms", status.load_ms}});
    }
    const ResidentCounters counters = resident.counters();
    return json::Object{{"schema", "skillet.residency/1"},
                        {"budget_bytes", resident.budget_bytes()},
                        {"reserved_bytes", resident.reserved_bytes()},
                        {"loads", counters.loads},
                        {"evictions", counters.evictions},
                        {"failures", counters.failures},
                        {"modules", std::move(modules)}};
}

}  // namespace

skl_status skl_runtime_open(const skl_runtime_options *options, skl_runtime *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        skl_runtime_options known{};
        if (options != nullptr) SKL_TRY(read_options(options, sizeof known, &known));
        RuntimeOptions settings;
        SKL_TRY_ASSIGN(root, optional_text(known.root, "root"));
        SKL_TRY_ASSIGN(actor, optional_text(known.actor, "actor"));
        settings.root = std::move(root);
        settings.actor = std::move(actor);
        settings.budget_bytes = known.budget_bytes;
        SKL_TRY_ASSIGN(runtime, Runtime::open(std::move(settings)));
        out->id = handles().runtimes.add(std::move(runtime));
        return {};
    });
}

skl_status skl_runtime_residency(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        *out = make_document(residency_document(object->resident()));
        return {};
    });
}

void skl_runtime_close(skl_runtime runtime) { handles().runtimes.remove(runtime.id); }
