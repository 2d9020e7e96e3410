// SPDX-License-Identifier: Apache-2.0
// C++17 wrapper over the C ABI: header-only, move-only owners, no exceptions of its own.
//
//     auto runtime = skl::Runtime::open();
//     auto module = runtime.value().open_module("org.skillet.spam-filter");
//     auto reply = module.value().invoke(R"({"subject": "…", "body": "…"})");
//     if (!reply) std::cerr << reply.error().message() << '\n';
#ifndef SKILLET_SKILLET_HPP
#define SKILLET_SKILLET_HPP

#include <optional>
#include <string>
#include <string_view>

#include <skillet/skillet.h>
#include <skillet/outcome.hpp>

namespace skl {

class Document {
public:
    explicit Document(skl_document handle) : handle_(handle) {}
    // Valid as long as the document.
    [[nodiscard]] std::string_view text() const {
        return {skl_document_text(handle_.get()), skl_document_size(handle_.get())};
    }

private:
    Owned<skl_document, skl_document_free> handle_;
};

class Cancel {
public:
    static Result<Cancel> create() { return call<Cancel, skl_cancel>(skl_cancel_create); }
    explicit Cancel(skl_cancel handle) : handle_(handle) {}
    void trigger() const { skl_cancel_trigger(handle_.get()); }
    [[nodiscard]] skl_cancel get() const { return handle_.get(); }

private:
    Owned<skl_cancel, skl_cancel_free> handle_;
};

// How to stop a long call, and how to hear how far it has come.
struct Work {
    skl_cancel cancel{};
    uint32_t deadline_ms = 0;
    skl_progress_fn progress = nullptr;
    void *user = nullptr;

    [[nodiscard]] skl_work_options options() const {
        return {sizeof(skl_work_options), 0, deadline_ms, 0, cancel, progress, user};
    }
};

class Reply {
public:
    explicit Reply(skl_result handle) : handle_(handle) {}
    // Empty if the skill abstained.
    [[nodiscard]] std::optional<std::string> label() const {
        const char *text = skl_result_label(handle_.get());
        return text != nullptr ? std::optional<std::string>(text) : std::nullopt;
    }
    [[nodiscard]] bool abstained() const { return skl_result_abstained(handle_.get()) != 0; }
    // Empty if nothing is known about how often such answers are right.
    [[nodiscard]] std::optional<double> confidence() const {
        double value = 0;
        if (skl_result_confidence(handle_.get(), &value) != SKL_OK) return std::nullopt;
        return value;
    }
    Result<Document> document(bool with_stats = false) const {
        return call<Document, skl_document>(skl_result_document, handle_.get(), with_stats ? 1 : 0);
    }

private:
    Owned<skl_result, skl_result_free> handle_;
};

// A submitted request.
class Request {
public:
    explicit Request(skl_request handle) : handle_(handle) {}
    // The reply, or SKL_E_PENDING if it is not there in time.
    Result<Reply> wait(uint32_t timeout_ms = SKL_NO_TIMEOUT) const {
        return call<Reply, skl_result>(skl_request_wait, handle_.get(), timeout_ms);
    }
    void cancel() const { skl_request_cancel(handle_.get()); }
    [[nodiscard]] skl_request get() const { return handle_.get(); }

private:
    Owned<skl_request, skl_request_free> handle_;
};

class Module {
public:
    explicit Module(skl_module handle) : handle_(handle) {}
    Result<Done> load(const Work &work = {}) const {
        skl_error error{};
        const skl_work_options options = work.options();
        const skl_status status = skl_module_load(handle_.get(), &options, &error);
        if (status != SKL_OK) return Error(status, error);
        return Done{};
    }
    Result<Reply> invoke(std::string_view input, uint32_t deadline_ms = 0,
                         skl_cancel cancel = {}) const {
        skl_request_options options{sizeof options, 0, deadline_ms, 0, cancel};
        return call<Reply, skl_result>(skl_module_invoke, handle_.get(), input.data(), input.size(),
                                       &options);
    }
    // `done` hears of the end on a thread of the runtime.
    Result<Request> submit(std::string_view input, skl_request_done_fn done = nullptr,
                           void *user = nullptr, uint32_t deadline_ms = 0,
                           skl_cancel cancel = {}) const {
        skl_request_options options{sizeof options, 0, deadline_ms, 0, cancel};
        return call<Request, skl_request>(skl_module_submit, handle_.get(), input.data(),
                                          input.size(), &options, done, user);
    }
    Result<Document> show() const {
        return call<Document, skl_document>(skl_module_show, handle_.get());
    }
    [[nodiscard]] skl_module get() const { return handle_.get(); }

private:
    Owned<skl_module, skl_module_close> handle_;
};

// Empty members mean the default.
struct RuntimeOptions {
    std::string root;
    std::string actor;
    std::string config;
    uint64_t budget_bytes = 0;
    skl_log_fn log = nullptr;
    void *log_user = nullptr;
    skl_log_level log_level = SKL_LOG_DEFAULT;
};

class Runtime {
public:
    // SKL_E_ABI_MISMATCH if the library that was found does not fit this header.
    static Result<Runtime> open(const RuntimeOptions &options = {}) {
        const skl_status fits = skl_abi_check(SKL_ABI_VERSION);
        if (fits != SKL_OK) return Error(fits, skl_error{});
        const auto text = [](const std::string &value) {
            return value.empty() ? nullptr : value.c_str();
        };
        const skl_runtime_options known{sizeof known,         0,
                                        text(options.root),   text(options.actor),
                                        options.budget_bytes, text(options.config),
                                        options.log,          options.log_user,
                                        options.log_level,    0};
        return call<Runtime, skl_runtime>(skl_runtime_open, &known);
    }
    explicit Runtime(skl_runtime handle) : handle_(handle) {}
    Result<Module> open_module(const std::string &reference, const Work &work = {}) const {
        const skl_work_options options = work.options();
        return call<Module, skl_module>(skl_module_open, handle_.get(), reference.c_str(),
                                        &options);
    }
    [[nodiscard]] skl_runtime get() const { return handle_.get(); }

private:
    Owned<skl_runtime, skl_runtime_close> handle_;
};

}  // namespace skl

#endif
