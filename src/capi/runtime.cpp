// SPDX-License-Identifier: Apache-2.0
#include <skillet/runtime.h>

#include <algorithm>
#include <variant>

#include "assembly/diagnosis.h"
#include "capi/boundary.h"
#include "json/write.h"

using namespace skillet;

namespace {

json::Value settings_document(const Settings &settings) {
    json::Array rows;
    for (const Setting &setting : settings.explained) {
        rows.push_back(json::Object{
            {"name", setting.name}, {"value", setting.value}, {"source", setting.source}});
    }
    return json::Object{{"schema", "skillet.settings/1"},
                        {"config", settings.config},
                        {"settings", std::move(rows)}};
}

json::Value diagnosis_document(const std::vector<Finding> &findings) {
    json::Array checks;
    Health worst = Health::good;
    Code code = SKL_OK;
    for (const Finding &finding : findings) {
        worst = std::max(worst, finding.health);
        if (code == SKL_OK) code = finding.code;
        checks.push_back(json::Object{{"check", finding.check},
                                      {"health", name_of(finding.health)},
                                      {"finding", finding.text},
                                      {"hint", finding.hint}});
    }
    return json::Object{{"schema", "skillet.diagnosis/1"},
                        {"health", name_of(worst)},
                        {"code", code_info(code).name},
                        {"number", code},
                        {"checks", std::move(checks)}};
}

json::Value log_document(const LogRecord &record) {
    json::Object document{{"schema", "skillet.log/1"},
                          {"at", utc_now()},
                          {"level", name_of(record.level)},
                          {"event", record.event},
                          {"message", record.message}};
    for (const LogField &field : record.fields) {
        std::visit([&](const auto &value) { document.append(field.name, value); }, field.value);
    }
    return document;
}

// The host's callback as a sink; none without one.
Log::Sink sink_of(const skl_runtime_options &options) {
    if (options.log == nullptr) return {};
    return [log = options.log, user = options.log_user](const LogRecord &record) {
        const std::string json = json::compact(log_document(record));
        const skl_log_record known{sizeof known, record.level, record.event, record.message.c_str(),
                                   json.c_str()};
        log(user, &known);
    };
}

// What the caller's options say, checked.
Result<RuntimeOptions> runtime_options(const skl_runtime_options &known) {
    SKL_TRY(require_zero(known.reserved, "reserved"));
    RuntimeOptions options;
    SKL_TRY_ASSIGN(root, optional_text(known.root, "root"));
    SKL_TRY_ASSIGN(actor, optional_text(known.actor, "actor"));
    SKL_TRY_ASSIGN(config, optional_text(known.config, "config"));
    options.root = std::move(root);
    options.actor = std::move(actor);
    options.config = std::move(config);
    options.budget_bytes = known.budget_bytes;
    options.log_level = known.log_level;
    options.log = sink_of(known);
    return options;
}

}  // namespace

skl_status skl_runtime_open(const skl_runtime_options *options, skl_runtime *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(wanted, runtime_options(known));
        SKL_TRY_ASSIGN(runtime, Runtime::open(std::move(wanted)));
        out->id = handles().runtimes.add(std::move(runtime));
        return {};
    });
}

skl_status skl_runtime_settings(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        *out = make_document(settings_document(object->settings()));
        return {};
    });
}

skl_status skl_runtime_diagnose(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        *out = make_document(diagnosis_document(diagnose(*object)));
        return {};
    });
}

void skl_runtime_close(skl_runtime runtime) { close(&Handles::runtimes, runtime.id); }
