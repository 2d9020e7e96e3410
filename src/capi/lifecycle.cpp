// SPDX-License-Identifier: Apache-2.0
#include <skillet/package.h>

#include "capi/boundary.h"

using namespace skillet;

namespace {

json::Value history_document(const std::vector<LedgerRow> &rows) {
    json::Array events;
    for (const LedgerRow &row : rows) {
        events.push_back(json::Object{{"sequence", row.sequence},
                                      {"at", row.at},
                                      {"actor", row.actor},
                                      {"trigger", row.trigger},
                                      {"from", row.from},
                                      {"to", row.to},
                                      {"reason", row.reason},
                                      {"id", row.id},
                                      {"version", row.version},
                                      {"digest", row.digest.to_string()}});
    }
    return json::Object{{"schema", "skillet.history/1"}, {"events", std::move(events)}};
}

// A reference that is no path.
Result<Reference> installed_reference(const char *text) {
    SKL_TRY_ASSIGN(argument, text_argument(text, "reference"));
    SKL_TRY_ASSIGN(parsed, Reference::parse(argument));
    if (parsed.path.empty()) return std::move(parsed);
    return make_error(SKL_E_INVALID_ARGUMENT, "a file is not installed", argument,
                      "name the skill by its id");
}

// Null if no version serves the id.
Result<std::optional<PackageRow>> serving_row(Root &root, const std::string &id) {
    SKL_TRY_ASSIGN(digest, root.registry().current(id));
    return digest ? root.registry().find(*digest) : std::optional<PackageRow>();
}

json::Value version_members(const std::optional<PackageRow> &row) {
    if (!row) return {};
    return json::Object{{"version", row->version}, {"digest", row->digest.to_string()}};
}

struct Wish {
    Trigger trigger;
    skl_runtime runtime;
    const char *reference;
    const char *reason;
    const skl_transition_options *options;
};

json::Value transition_document(const PackageRow &row, const StateChange &change,
                                std::string_view reason, const std::optional<PackageRow> &serving) {
    json::Array dependants;
    for (const std::string &name : change.dependants) dependants.push_back(name);
    return json::Object{{"schema", "skillet.transition/1"},
                        {"id", row.id},
                        {"version", row.version},
                        {"digest", row.digest.to_string()},
                        {"trigger", name_of(change.edge.trigger)},
                        {"from", name_of(*change.edge.from)},
                        {"to", name_of(*change.edge.to)},
                        {"reason", reason},
                        {"state", name_of(row.state)},
                        {"serving", version_members(serving)},
                        {"dependants", std::move(dependants)}};
}

// Until no request uses the package any more.
Result<void> drain(Runtime &runtime, const PackageRow &row, Runtime::Drain drain,
                   const StopSignal &stop) {
    auto idle = runtime.await_idle(row.digest, drain, stop);
    if (idle) return {};
    Error error = std::move(idle).error();
    error.message = "the package is suspended, but requests still use it: " + error.message;
    error.subject = reference_to(row);
    error.hint = "they end by their own deadlines at the latest, and no other can begin";
    return error;
}

Result<void> change_state(const Wish &wish, skl_document *out) {
    SKL_TRY(require(out, "out"));
    SKL_TRY_ASSIGN(object, find(wish.runtime));
    SKL_TRY_ASSIGN(parsed, installed_reference(wish.reference));
    SKL_TRY_ASSIGN(why, optional_text(wish.reason, "reason"));
    SKL_TRY_ASSIGN(known, read_options(wish.options));
    SKL_TRY_ASSIGN(work, work_of(known.work));
    SKL_TRY_ASSIGN(root, object->root_with(parsed.id));
    SKL_TRY_ASSIGN(row, root->resolve_for(parsed, wish.trigger));
    SKL_TRY_ASSIGN(change, root->change_state(row, wish.trigger, why, work.stop));
    if (wish.trigger == Trigger::suspend) {
        const bool all = (known.flags & SKL_TRANSITION_DRAIN) != 0;
        SKL_TRY(drain(*object, row, all ? Runtime::Drain::all : Runtime::Drain::own, work.stop));
    }
    SKL_TRY_ASSIGN(after, root->get(row.digest));
    if (after.state == State::installed && (known.flags & SKL_TRANSITION_NO_VERIFY) == 0) {
        SKL_TRY(root->verify(after, work));
        SKL_TRY_ASSIGN(verified, root->get(row.digest));
        after = std::move(verified);
    }
    SKL_TRY_ASSIGN(serving, serving_row(*root, parsed.id));
    *out = make_document(transition_document(after, change, why, serving));
    return {};
}

skl_status transition(const Wish &wish, skl_document *out, skl_error *error) {
    return guard(error, [&] { return change_state(wish, out); });
}

}  // namespace

skl_status skl_package_history(skl_runtime runtime, const char *id, skl_document *out,
                               skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(name, text_argument(id, "id"));
        std::vector<LedgerRow> rows;
        if (object->has_root()) {
            SKL_TRY_ASSIGN(root, object->root());
            SKL_TRY_ASSIGN(found, root->registry().history(name));
            rows = std::move(found);
        }
        *out = make_document(history_document(rows));
        return {};
    });
}

skl_status skl_package_rollback(skl_runtime runtime, const char *reference, const char *reason,
                                skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(parsed, installed_reference(reference));
        SKL_TRY_ASSIGN(why, optional_text(reason, "reason"));
        SKL_TRY_ASSIGN(root, object->root_with(parsed.id));
        SKL_TRY_ASSIGN(before, serving_row(*root, parsed.id));
        const bool by_id_alone = parsed.version.empty() && !parsed.range && !parsed.digest;
        SKL_TRY_ASSIGN(
            target, by_id_alone ? root->registry().predecessor(parsed.id) : root->resolve(parsed));
        SKL_TRY(root->serve(target, why));
        SKL_TRY_ASSIGN(after, serving_row(*root, parsed.id));
        *out = make_document(json::Object{{"schema", "skillet.rolled_back/1"},
                                          {"id", parsed.id},
                                          {"from", version_members(before)},
                                          {"to", version_members(after)}});
        return {};
    });
}

skl_status skl_package_remove(skl_runtime runtime, const char *reference, const char *reason,
                              skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(parsed, installed_reference(reference));
        SKL_TRY_ASSIGN(why, optional_text(reason, "reason"));
        SKL_TRY_ASSIGN(root, object->root_with(parsed.id));
        SKL_TRY_ASSIGN(row, root->resolve(parsed));
        return root->remove(row, why);
    });
}

skl_status skl_package_suspend(skl_runtime runtime, const char *reference, const char *reason,
                               const skl_transition_options *options, skl_document *out,
                               skl_error *error) {
    return transition({Trigger::suspend, runtime, reference, reason, options}, out, error);
}

skl_status skl_package_resume(skl_runtime runtime, const char *reference, const char *reason,
                              const skl_transition_options *options, skl_document *out,
                              skl_error *error) {
    return transition({Trigger::resume, runtime, reference, reason, options}, out, error);
}

skl_status skl_package_retire(skl_runtime runtime, const char *reference, const char *reason,
                              const skl_transition_options *options, skl_document *out,
                              skl_error *error) {
    return transition({Trigger::retire, runtime, reference, reason, options}, out, error);
}

skl_status skl_package_reinstate(skl_runtime runtime, const char *reference, const char *reason,
                                 const skl_transition_options *options, skl_document *out,
                                 skl_error *error) {
    return transition({Trigger::reinstate, runtime, reference, reason, options}, out, error);
}

skl_status skl_package_quarantine(skl_runtime runtime, const char *reference, const char *reason,
                                  const skl_transition_options *options, skl_document *out,
                                  skl_error *error) {
    return transition({Trigger::quarantine, runtime, reference, reason, options}, out, error);
}

skl_status skl_package_release(skl_runtime runtime, const char *reference, const char *reason,
                               const skl_transition_options *options, skl_document *out,
                               skl_error *error) {
    return transition({Trigger::release, runtime, reference, reason, options}, out, error);
}
