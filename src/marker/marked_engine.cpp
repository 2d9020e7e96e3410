// SPDX-License-Identifier: Apache-2.0
#include "marker/marked_engine.h"

#include <utility>

namespace skillet {
namespace {

using Mark = CrashMarker::Mark;

class MarkedContext final : public EngineContext {
public:
    MarkedContext(std::unique_ptr<EngineContext> context, CrashMarker &marker,
                  const Digest &package)
        : context_(std::move(context)), marker_(marker), package_(package) {}

    Result<std::vector<float>> classify(std::span<const TokenId> tokens,
                                        const StopSignal &stop) override {
        const Mark mark(marker_, package_, Spot::compute);
        return context_->classify(tokens, stop);
    }

    Result<std::vector<double>> score(const PromptTokens &prompt, std::span<const TokenTree> trees,
                                      const StopSignal &stop) override {
        const Mark mark(marker_, package_, Spot::compute);
        return context_->score(prompt, trees, stop);
    }

private:
    std::unique_ptr<EngineContext> context_;
    CrashMarker &marker_;
    const Digest package_;
};

class MarkedModel final : public EngineModel {
public:
    MarkedModel(std::unique_ptr<EngineModel> model, CrashMarker &marker, const Digest &package)
        : model_(std::move(model)), marker_(marker), package_(package) {}

    Result<std::vector<TokenId>> tokenize(std::string_view text) const override {
        const Mark mark(marker_, package_, Spot::compute);
        return model_->tokenize(text);
    }

    Result<TokenId> control_token(std::string_view text) const override {
        const Mark mark(marker_, package_, Spot::load);
        return model_->control_token(text);
    }

    Result<std::unique_ptr<EngineContext>> create_context(
        const ContextShape &shape) const override {
        const Mark mark(marker_, package_, Spot::load);
        SKL_TRY_ASSIGN(context, model_->create_context(shape));
        return std::unique_ptr<EngineContext>(
            std::make_unique<MarkedContext>(std::move(context), marker_, package_));
    }

    bool park() override { return model_->park(); }
    [[nodiscard]] bool can_park() const override { return model_->can_park(); }

private:
    std::unique_ptr<EngineModel> model_;
    CrashMarker &marker_;
    const Digest package_;
};

}  // namespace

Result<std::unique_ptr<EngineModel>> load_marked(Engine &engine, const FileSlice &model,
                                                 const LoadOptions &options, CrashMarker &marker,
                                                 const Digest &package) {
    const Mark mark(marker, package, Spot::load);
    SKL_TRY_ASSIGN(loaded, engine.load(model, options));
    return std::unique_ptr<EngineModel>(
        std::make_unique<MarkedModel>(std::move(loaded), marker, package));
}

}  // namespace skillet
