// SPDX-License-Identifier: Apache-2.0
#include "assembly/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "assembly/drain.h"
#include "manifest/skill.h"
#include "marker/marked_engine.h"
#include "runner/runner.h"
#include "store/archive.h"

#if SKILLET_HAS_LLAMA
#include "engine_llama/engine_llama.h"
#endif

namespace skillet {
namespace {

Result<std::unique_ptr<Engine>> default_engine() {
#if SKILLET_HAS_LLAMA
    return create_llama_engine(CrashMarker::note_abort);
#else
    return make_error(SKL_E_FORMAT_UNSUPPORTED, "this build has no inference engine", "",
                      "build with SKILLET_ENGINE=ON");
#endif
}

uint32_t cores() { return std::clamp(std::thread::hardware_concurrency(), 1u, 64u); }

// Of one skill: one for each core, and one that is ready. More would take memory from other skills.
uint32_t contexts_max() { return cores() + 1; }

// Requests that wait for a core: what is beyond is better asked again later.
constexpr size_t waiting_requests_max = 1024;

// Only when a thread that waits has been woken can it compute, and the kernel may leave it on the
// core it ran on last while another one is idle: with as many turns as cores that was a quarter of
// all time, of models that answer in 2 ms. So more are ready than can run.
Turns::Limits turn_limits() {
    return {.turns = 3 * cores(), .of_one_skill = contexts_max(), .waiting = waiting_requests_max};
}

// The package's own estimate was compared with its bytes when it was verified.
MemoryPlan estimate_of(const Package &package) {
    const auto estimate = [&](const char *name) -> uint64_t {
        const json::Value *value =
            json::resolve(package.skill.json, std::string("/resources/estimate/") + name);
        const int64_t *bytes = value != nullptr ? value->integer() : nullptr;
        return bytes != nullptr && *bytes > 0 ? static_cast<uint64_t>(*bytes) : 0;
    };
    return {package.artifact.size, estimate("vocabulary_bytes"), estimate("context_bytes")};
}

// What loads of are compared with each other.
std::string architecture_of(const Package &package) {
    const json::Value *value = json::resolve(package.skill.json, "/engine/architecture");
    const std::string *text = value != nullptr ? value->string() : nullptr;
    return text != nullptr ? *text : std::string();
}

ResidentOptions resident_options(const Settings &settings) {
    return {.budget_bytes = settings.budget_bytes,
            .rule = settings.memory.eviction,
            .parking = settings.memory.parking,
            .waiting_max = waiting_requests_max,
            .stay_min = std::chrono::milliseconds(settings.memory.stay_ms)};
}

}  // namespace

Runtime::Runtime(RuntimeOptions options, Settings settings)
    : options_(std::move(options)),
      settings_(std::move(settings)),
      log_(settings_.log_level, options_.log),
      files_(posix_file_system()),
      crash_guard_(*files_, settings_.state, log_),
      resident_(resident_options(settings_), log_),
      turns_(turn_limits()),
      workers_(cores()) {}

Result<std::shared_ptr<Runtime>> Runtime::open(RuntimeOptions options) {
    SKL_TRY_ASSIGN(settings, Settings::resolve(options));
    if (options.actor.empty()) options.actor = user_name();
    if (!options.engine) options.engine = default_engine;
    return std::shared_ptr<Runtime>(new Runtime(std::move(options), std::move(settings)));
}

std::string Runtime::boards_directory() const {
    return settings_.state.empty() ? std::string() : settings_.state + "/runtimes";
}

void Runtime::publish() {
    const std::string directory = boards_directory();
    if (directory.empty() || published_.exchange(true)) return;
    // Where that cannot be, it serves as well; the crash marker, which comes first, says so.
    if (!files_->make_directories(directory)) return;
    if (auto board = Board::create(directory, utc_now())) resident_.publish_on(*std::move(board));
}

Result<void> Runtime::await_idle(const Digest &package, Drain drain, const StopSignal &stop) {
    SKL_TRY(resident_.await_idle(package, stop));
    if (drain == Drain::own || boards_directory().empty()) return {};
    return await_idle_boards(boards_directory(), package, stop);
}

Result<Root *> Runtime::root() {
    const std::lock_guard lock(mutex_);
    if (!root_) {
        SKL_TRY_ASSIGN(
            opened, Root::open(*files_, settings_.root, options_.actor, log_, settings_.licenses));
        root_ = std::move(opened);
    }
    return root_.get();
}

bool Runtime::has_root() {
    const std::lock_guard lock(mutex_);
    // Anything else that is wrong with it, opening it will tell.
    return root_ || ::access((settings_.root + "/skillet.db").c_str(), F_OK) == 0 ||
           errno != ENOENT;
}

Result<Root *> Runtime::root_with(std::string_view id) {
    if (has_root()) return root();
    return make_error(SKL_E_NOT_FOUND, "no such skill is installed", std::string(id),
                      "`skillet install FILE` adds one");
}

Result<void> Runtime::check_needs(const Package &package) {
    if (package.skill.relations.depends.empty()) return {};
    if (!has_root()) {
        SKL_TRY(resolve(Installation(), resolvable(package)));
        return {};
    }
    SKL_TRY_ASSIGN(opened, root());
    return opened->check_needs(package);
}

Result<Engine *> Runtime::engine() {
    const std::lock_guard lock(mutex_);
    if (!engine_) {
        SKL_TRY_ASSIGN(created, options_.engine());
        engine_ = std::move(created);
    }
    return engine_.get();
}

namespace {

Result<void> check_runs_alone(const Package &package) {
    if (!package.skill.adapter) return {};
    return make_error(SKL_E_FORMAT_UNSUPPORTED,
                      "an adapter: this version packs and verifies adapters, and does not run them",
                      package.skill.id, "run a skill whose artifact is a model");
}

}  // namespace

Result<std::shared_ptr<SkillHandle>> Runtime::open_skill(std::string_view text, const Work &work) {
    SKL_TRY_ASSIGN(reference, Reference::parse(text));
    if (!reference.path.empty()) {
        SKL_TRY_ASSIGN(file, FileSlice::open(reference.path));
        SKL_TRY_ASSIGN(opened, Archive::open(file));
        const auto archive = std::make_shared<const Archive>(std::move(opened));
        SKL_TRY_ASSIGN(descriptor, only_package(*archive));
        SKL_TRY_ASSIGN(named, read_package(*archive, descriptor));
        SKL_TRY(check_runs_alone(named));
        SKL_TRY_ASSIGN(
            report, verify_package(*archive, descriptor, {.licenses = settings_.licenses}, work));
        SKL_TRY(check_needs(*report.package));
        return std::make_shared<SkillHandle>(
            shared_from_this(), std::make_shared<const Package>(*std::move(report.package)),
            archive,
            /*installed=*/false);
    }
    SKL_TRY_ASSIGN(root, root_with(reference.id));
    SKL_TRY_ASSIGN(row, root->resolve(reference));
    SKL_TRY(check_serves(row.state, row.id + "@" + row.version));
    auto package = root->read(row);
    if (!package) {
        root->quarantine(row.digest, package.error());
        return std::move(package).error();
    }
    SKL_TRY(check_runs_alone(*package));
    // Verified under another policy, perhaps; this process keeps to its own.
    SKL_TRY(check_license(settings_.licenses, package->skill.license_expression));
    SKL_TRY(root->check_needs(*package));
    auto handle = std::make_shared<SkillHandle>(
        shared_from_this(), std::make_shared<const Package>(*std::move(package)), nullptr,
        /*installed=*/true);
    SKL_TRY(handle->check_crashes(*root));
    return handle;
}

SkillHandle::SkillHandle(std::shared_ptr<Runtime> runtime, std::shared_ptr<const Package> package,
                         std::shared_ptr<const BlobSource> source, bool installed)
    : runtime_(std::move(runtime)),
      package_(std::move(package)),
      source_(std::move(source)),
      installed_(installed),
      contexts_max_(contexts_max()),
      estimate_(estimate_of(*package_)),
      architecture_(architecture_of(*package_)) {}

Result<void> SkillHandle::check_still_serves() {
    // Of a file, only what it depends on can change.
    if (!installed_ && package_->skill.relations.depends.empty()) return {};
    SKL_TRY_ASSIGN(root, runtime_->root());
    SKL_TRY_ASSIGN(generation, root->registry().generation());
    const std::lock_guard lock(mutex_);
    if (generation == checked_generation_) return {};
    if (installed_) {
        const std::string subject = package_->skill.id + "@" + package_->skill.version.text();
        SKL_TRY_ASSIGN(row, root->registry().find(package_->descriptor.digest));
        if (!row) return make_error(SKL_E_NOT_FOUND, "the package was removed", subject);
        SKL_TRY(check_serves(row->state, subject));
    }
    SKL_TRY(root->check_needs(*package_));
    checked_generation_ = generation;
    return {};
}

Result<void> SkillHandle::check_crashes(Root &root) {
    SKL_TRY_ASSIGN(strikes, runtime_->crash_guard().admit(root, *package_));
    if (strikes > 0) struck_ = true;
    return {};
}

Result<std::unique_ptr<EngineModel>> SkillHandle::load_model(Engine &engine, const HeldBlob &blob) {
    const LoadOptions options{
        .check_values = !blob.was_trusted(),
        .find_control_tokens = package_->skill.contract.continuation().has_value()};
    // Of a .skill file nobody could be told: it is in no registry.
    CrashMarker *const marker = installed_ ? runtime_->crash_guard().marker() : nullptr;
    if (marker == nullptr) return engine.load(blob.bytes(), options);
    return load_marked(engine, blob.bytes(), options, *marker, package_->descriptor.digest);
}

Result<std::unique_ptr<Module>> SkillHandle::load_module(const Work &work) {
    SKL_TRY_ASSIGN(engine, runtime_->engine());
    const BlobSource *source = source_.get();
    Root *root = nullptr;
    if (installed_) {
        SKL_TRY_ASSIGN(opened, runtime_->root());
        root = opened;
        source = &root->store();
        SKL_TRY(check_crashes(*root));
        runtime_->publish();
    }
    auto blob = hold_artifact(*source, work);
    if (!blob) {
        if (root != nullptr) root->quarantine(package_->descriptor.digest, blob.error());
        return std::move(blob).error();
    }
    // The digest is of the very descriptor that the engine then maps, or was when this process
    // loaded the same file before.
    HeapMeter &meter = runtime_->heap_meter();
    std::optional<uint64_t> skeleton;
    SKL_TRY_ASSIGN(model, meter.measure(skeleton, [&] { return load_model(*engine, **blob); }));
    if (installed_ && !(*blob)->sealed()) {
        runtime_->trusted_blobs().add(package_->artifact.digest, (*blob)->opened_as());
    }
    auto module =
        std::make_unique<Module>(package_, std::move(model), contexts_max_, *std::move(blob));
    SKL_TRY(module->make_ready(meter, skeleton));
    runtime_->forecast().learn(architecture_, estimate_, module->measured().heap);
    return module;
}

// Blobs of a store are never written in place, and their pages can be dropped and read again; a
// .skill file belongs to its author, who may pack it anew at any moment.
Result<std::unique_ptr<HeldBlob>> SkillHandle::hold_artifact(const BlobSource &source,
                                                             const Work &work) const {
    // Others may be waiting for this load, so whoever began it cannot stop it.
    Phase hashing({{}, work.progress}, "load", package_->artifact.size);
    const Sealing sealing = runtime_->settings().sealing;
    const bool seal = sealing == Sealing::always || (sealing == Sealing::automatic && !installed_);
    const auto map = [&] {
        // A .skill file's bytes are somewhere inside it.
        const TrustedBlobs *const trusted = installed_ ? &runtime_->trusted_blobs() : nullptr;
        return HeldBlob::map(source, package_->artifact, hashing, trusted);
    };
    if (!seal) return map();
    auto sealed = HeldBlob::seal(source, package_->artifact, hashing);
    if (sealed || sealing == Sealing::always || blames_package(sealed.error().code)) return sealed;
    return map();
}

Result<Lease> SkillHandle::lease(const Work &work, const std::function<void()> &on_wait) {
    SKL_TRY(check_still_serves());
    SKL_TRY_ASSIGN(
        held, runtime_->resident().lease(
                  {package_->descriptor.digest, runtime_->forecast().plan(architecture_, estimate_),
                   [&] { return load_module(work); }, on_wait},
                  work.stop));
    // Again: it may have been suspended while this one waited, and whoever did so waits for leases.
    SKL_TRY(check_still_serves());
    SKL_TRY(held.module().check_bytes(work.stop));
    return std::move(held);
}

bool SkillHandle::give_up(const Error &cause) {
    if (cause.code != SKL_E_DIGEST_MISMATCH) return false;
    // If others lease it too, the last of them will find the same.
    runtime_->resident().evict(package_->descriptor.digest);
    if (!installed_) return false;
    const auto root = runtime_->root();
    if (!root) return false;
    if (open_verified((*root)->store(), package_->artifact)) return true;
    (*root)->quarantine(package_->descriptor.digest, cause);
    return false;
}

template <typename Body>
auto SkillHandle::with_whole_bytes(const Body &body) -> decltype(body()) {
    auto outcome = body();
    if (outcome || !give_up(outcome.error())) return outcome;
    outcome = body();
    if (!outcome) (void)give_up(outcome.error());
    return outcome;
}

Result<void> SkillHandle::load(const Work &work) {
    auto loaded = with_whole_bytes([&]() -> Result<void> {
        SKL_TRY(lease(work));
        return {};
    });
    if (!loaded) note_outcome(&loaded.error());
    return loaded;
}

void SkillHandle::note_outcome(const Error *failure) {
    const Digest &digest = package_->descriptor.digest;
    if (!runtime_->faults().note(digest, failure != nullptr ? failure->code : SKL_OK)) return;
    runtime_->resident().evict(digest);
    if (!installed_) return;
    Error cause = *failure;
    cause.message =
        fmt::format("{} times in a row: {}", FaultBook::in_a_row_max, std::move(cause.message));
    if (const auto root = runtime_->root()) (*root)->take_out_of_service(digest, cause);
}

StopSignal SkillHandle::with_own_deadline(StopSignal stop) const {
    return with_deadline_of(package_->skill.contract, std::move(stop));
}

Result<Answer> SkillHandle::invoke(std::string_view input, const StopSignal &stop) {
    // The contract's deadline is for the whole request, so it also ends the wait for memory.
    const StopSignal within = with_own_deadline(stop);
    const auto begin = SteadyClock::now();
    auto answer = answer_within(input, within);
    log_request(answer, begin);
    return answer;
}

Result<Answer> SkillHandle::answer_within(std::string_view input, const StopSignal &within) {
    const auto compute = [&]() -> Result<Answer> {
        Turns &turns = runtime_->turns();
        const Digest &skill = package_->descriptor.digest;
        std::optional<Turns::Turn> turn;
        const auto take_turn = [&]() -> Result<void> {
            SKL_TRY_ASSIGN(taken, turns.take(skill, within));
            turn.emplace(std::move(taken));
            return {};
        };
        SKL_TRY(take_turn());
        // Who waits for memory lets others compute, whose end is what frees it.
        SKL_TRY_ASSIGN(held, lease({within, {}}, [&turn] { turn.reset(); }));
        if (!turn) SKL_TRY(take_turn());
        const HeapMeter::Busy busy(runtime_->heap_meter());
        auto answer = run_request(held.module(), *package_, input, within);
        // Whatever came out, it is worth nothing if the weights were changed meanwhile.
        SKL_TRY(held.module().check_bytes({}));
        return answer;
    };
    auto answer = with_whole_bytes(compute);
    note_outcome(answer ? nullptr : &answer.error());
    if (answer && struck_.load(std::memory_order_relaxed) && struck_.exchange(false)) {
        runtime_->crash_guard().answered(package_->descriptor.digest);
    }
    return answer;
}

void SkillHandle::log_request(const Result<Answer> &answer, SteadyClock::time_point begin) const {
    const Log &log = runtime_->log();
    if (!log.tells(SKL_LOG_DEBUG)) return;
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - begin;
    log.write(SKL_LOG_DEBUG, "request.finished",
              answer ? "a request was answered" : "a request failed: " + answer.error().message,
              {{"id", package_->skill.id},
               {"status", code_info(answer ? SKL_OK : answer.error().code).name},
               {"ms", took.count()}});
}

Result<void> SkillHandle::check_input_size(uint64_t bytes) const {
    return package_->skill.contract.check_input_size(bytes);
}

Result<json::Value> SkillHandle::document(const Answer &answer, bool with_stats) {
    SKL_TRY_ASSIGN(engine, runtime_->engine());
    return result_document(answer, *package_, engine->build(), with_stats);
}

}  // namespace skillet
