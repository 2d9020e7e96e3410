// SPDX-License-Identifier: Apache-2.0
#include <skillet/root.h>

#include "assembly/root_check.h"
#include "capi/boundary.h"

using namespace skillet;

namespace {

json::Array blob_list(const std::vector<Collected::Blob> &blobs) {
    json::Array list;
    for (const Collected::Blob &blob : blobs) {
        list.push_back(json::Object{{"digest", blob.digest.to_string()}, {"bytes", blob.bytes}});
    }
    return list;
}

json::Value collected_document(const Collected &collected, bool dry_run) {
    json::Array packages;
    for (const PackageRow &row : collected.packages) {
        packages.push_back(json::Object{
            {"id", row.id}, {"version", row.version}, {"digest", row.digest.to_string()}});
    }
    return json::Object{{"schema", "skillet.collected/1"},
                        {"dry_run", dry_run},
                        {"packages", std::move(packages)},
                        {"removed", blob_list(collected.removed)},
                        {"removed_bytes", collected.removed_bytes},
                        {"spared", blob_list(collected.spared)},
                        {"spared_bytes", collected.spared_bytes},
                        {"kept", static_cast<uint64_t>(collected.kept)}};
}

json::Value check_document(const RootCheck &check, const std::string &root) {
    json::Array findings;
    for (const RootFinding &finding : check.findings) {
        findings.push_back(json::Object{{"fault", name_of(finding.fault)},
                                        {"subject", finding.subject},
                                        {"finding", finding.text},
                                        {"harmless", finding.is_harmless()},
                                        {"repaired", finding.repaired},
                                        {"hint", finding.repaired ? "" : finding.hint}});
    }
    return json::Object{{"schema", "skillet.fsck/1"},     {"root", root},
                        {"sound", check.is_sound()},      {"packages", check.packages},
                        {"blobs", check.blobs},           {"bytes", check.bytes},
                        {"findings", std::move(findings)}};
}

json::Value known_good_document(const std::vector<KnownGoodSet> &sets) {
    json::Array list;
    for (const KnownGoodSet &set : sets) {
        json::Array members;
        for (const PackageRow &row : set.members) {
            members.push_back(json::Object{{"id", row.id},
                                           {"version", row.version},
                                           {"digest", row.digest.to_string()},
                                           {"state", name_of(row.state)},
                                           {"current", row.current}});
        }
        list.push_back(json::Object{{"name", set.name},
                                    {"saved_at", set.saved_at},
                                    {"reason", set.reason},
                                    {"members", std::move(members)}});
    }
    return json::Object{{"schema", "skillet.known_good/1"}, {"sets", std::move(list)}};
}

using ChangeSet = Result<void> (Root::*)(std::string_view name, std::string_view reason);

skl_status change_known_good(skl_runtime runtime, const char *name, const char *reason,
                             skl_error *error, ChangeSet change) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(set, text_argument(name, "name"));
        SKL_TRY_ASSIGN(why, optional_text(reason, "reason"));
        SKL_TRY_ASSIGN(root, object->root());
        return (root->*change)(set, why);
    });
}

}  // namespace

skl_status skl_known_good_save(skl_runtime runtime, const char *name, const char *reason,
                               skl_error *error) {
    return change_known_good(runtime, name, reason, error, &Root::save_known_good);
}

skl_status skl_known_good_restore(skl_runtime runtime, const char *name, const char *reason,
                                  skl_error *error) {
    return change_known_good(runtime, name, reason, error, &Root::restore_known_good);
}

skl_status skl_known_good_remove(skl_runtime runtime, const char *name, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(set, text_argument(name, "name"));
        SKL_TRY_ASSIGN(root, object->root());
        return root->remove_known_good(set);
    });
}

skl_status skl_known_good_list(skl_runtime runtime, skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        std::vector<KnownGoodSet> sets;
        if (object->has_root()) {
            SKL_TRY_ASSIGN(root, object->root());
            SKL_TRY_ASSIGN(found, root->registry().known_good());
            sets = std::move(found);
        }
        *out = make_document(known_good_document(sets));
        return {};
    });
}

skl_status skl_root_collect(skl_runtime runtime, const skl_collect_options *options,
                            skl_document *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY(require_zero(known.reserved, "reserved"));
        SKL_TRY_ASSIGN(work, work_of(known.work));
        CollectOptions how;
        how.dry_run = (known.flags & SKL_COLLECT_DRY_RUN) != 0;
        how.retired = (known.flags & SKL_COLLECT_RETIRED) != 0;
        if ((known.flags & SKL_COLLECT_GRACE) != 0) {
            how.grace = std::chrono::seconds(known.grace_seconds);
        }
        Collected collected;
        if (object->has_root()) {
            SKL_TRY_ASSIGN(root, object->root());
            SKL_TRY_ASSIGN(done, root->collect(how, work));
            collected = std::move(done);
        }
        *out = make_document(collected_document(collected, how.dry_run));
        return {};
    });
}

skl_status skl_root_check(skl_runtime runtime, const skl_check_options *options, skl_document *out,
                          skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(runtime));
        SKL_TRY_ASSIGN(known, read_options(options));
        SKL_TRY_ASSIGN(work, work_of(known.work));
        const std::string &path = object->settings().root;
        RootCheck check;
        if (object->has_root()) {
            SKL_TRY_ASSIGN(found, check_root(object->files(), path, work));
            check = std::move(found);
            if ((known.flags & SKL_CHECK_REPAIR) != 0) {
                SKL_TRY(repair_root(object->files(), path, object->actor(), object->log(), check));
            }
        }
        *out = make_document(check_document(check, path));
        return {};
    });
}
