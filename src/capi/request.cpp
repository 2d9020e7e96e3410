// SPDX-License-Identifier: Apache-2.0
#include <skillet/request.h>

#include "assembly/request.h"
#include "capi/boundary.h"

using namespace skillet;

namespace {

// What both ways of asking have in common.
struct Question {
    std::shared_ptr<SkillHandle> module;
    StopSignal stop;
};

Result<Question> question(skl_module module, const char *input,
                          const skl_request_options *options) {
    SKL_TRY(require(input, "input"));
    SKL_TRY_ASSIGN(object, find(module));
    SKL_TRY_ASSIGN(known, read_options(options));
    SKL_TRY(require_zero(known.reserved, "reserved"));
    SKL_TRY_ASSIGN(stop, stop_signal(known.cancel, known.deadline_ms));
    return Question{object, stop};
}

skl_result make_result(std::shared_ptr<SkillHandle> module, Answer answer) {
    return {handles().results.add(
        std::make_shared<const ResultObject>(ResultObject{std::move(module), std::move(answer)}))};
}

// A handle that is given to the caller only if everything else succeeds.
class NewHandle {
public:
    explicit NewHandle(std::shared_ptr<Request> request)
        : handle_{handles().requests.add(std::move(request))} {}
    NewHandle(const NewHandle &) = delete;
    NewHandle &operator=(const NewHandle &) = delete;
    ~NewHandle() { close(&Handles::requests, handle_.id); }

    [[nodiscard]] skl_request get() const { return handle_; }
    [[nodiscard]] skl_request release() { return std::exchange(handle_, {}); }

private:
    skl_request handle_;
};

// When a wait that begins now ends.
std::optional<SteadyClock::time_point> after(uint32_t timeout_ms) {
    if (timeout_ms == SKL_NO_TIMEOUT) return {};
    return SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
}

}  // namespace

skl_status skl_module_invoke(skl_module module, const char *input, size_t input_size,
                             const skl_request_options *options, skl_result *out,
                             skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(asked, question(module, input, options));
        SKL_TRY_ASSIGN(answer, asked.module->invoke({input, input_size}, asked.stop));
        *out = make_result(asked.module, std::move(answer));
        return {};
    });
}

skl_status skl_module_submit(skl_module module, const char *input, size_t input_size,
                             const skl_request_options *options, skl_request_done_fn done,
                             void *user, skl_request *out, skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(asked, question(module, input, options));
        SKL_TRY(asked.module->check_input_size(input_size));  // before it is copied
        const auto request =
            std::make_shared<Request>(asked.module, std::string(input, input_size), asked.stop);
        NewHandle handle(request);
        std::function<void()> on_done;
        if (done != nullptr) on_done = [done, user, own = handle.get()] { done(user, own); };
        SKL_TRY(request->start(std::move(on_done)));
        *out = handle.release();
        return {};
    });
}

skl_status skl_request_wait(skl_request request, uint32_t timeout_ms, skl_result *out,
                            skl_error *error) {
    return guard(error, [&]() -> Result<void> {
        SKL_TRY(require(out, "out"));
        SKL_TRY_ASSIGN(object, find(request));
        SKL_TRY_ASSIGN(answer, object->wait(after(timeout_ms)));
        *out = make_result(object->module(), std::move(answer));
        return {};
    });
}

skl_status skl_request_cancel(skl_request request) {
    return guard(nullptr, [&]() -> Result<void> {
        SKL_TRY_ASSIGN(object, find(request));
        object->cancel();
        return {};
    });
}

void skl_request_free(skl_request request) { close(&Handles::requests, request.id); }
