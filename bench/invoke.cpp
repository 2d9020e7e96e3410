// SPDX-License-Identifier: Apache-2.0
// What a request costs beyond the engine: skl_module_invoke against bare tokenise + encode of the
// same text, alternating in one process on a resident model.
//
//     bench_invoke PACKAGE.skill REFERENCE.jsonl
//
// REFERENCE.jsonl: one {"input": …} per line. Prints one JSON document.
#include <fstream>
#include <iterator>

#include <skillet/skillet.h>

#include "engine_llama/engine_llama.h"
#include "json/parse.h"
#include "json/write.h"
#include "package/package.h"
#include "samples.h"
#include "store/archive.h"

using namespace skillet;
using bench::must;

namespace {

constexpr int rounds = 15;
constexpr size_t inputs_max = 60;

// One mail, as the ABI takes it and as the bare engine does.
struct Case {
    std::string request;
    std::string text;
    size_t tokens = 0;
};

std::vector<Case> read_cases(const char *path, const Contract &contract) {
    std::vector<Case> cases;
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line) && cases.size() < inputs_max;) {
        const json::Value document = must(json::parse(line, SKL_E_INPUT_SYNTAX, path));
        const json::Value *input = document.object()->find("input");
        cases.push_back({json::compact(*input), must(contract.render(*input)), 0});
    }
    return cases;
}

double invoke_ms(skl_module module, const Case &one) {
    skl_result result{};
    const double took = bench::time_ms([&] {
        if (skl_module_invoke(module, one.request.data(), one.request.size(), nullptr, &result,
                              nullptr) != SKL_OK) {
            std::exit(1);
        }
    });
    skl_result_free(result);
    return took;
}

// The least a caller of the engine has to do for the same answer.
double bare_ms(const EngineModel &model, EngineContext &context, const PrepareSpec &prepare,
               Case &one) {
    return bench::time_ms([&] {
        std::vector<TokenId> tokens = must(model.tokenize(one.text));
        if (prepare.truncate_tokens && tokens.size() > *prepare.truncate_tokens) {
            tokens.resize(*prepare.truncate_tokens);
        }
        one.tokens = tokens.size();
        for (const auto part : must(windows(tokens, *prepare.window))) {
            must(context.classify(part, {}));
        }
    });
}

skl_module open_module(const char *path) {
    skl_runtime runtime{};
    skl_module module{};
    if (skl_runtime_open(nullptr, &runtime, nullptr) != SKL_OK ||
        skl_module_open(runtime, path, nullptr, &module, nullptr) != SKL_OK ||
        skl_module_load(module, nullptr, nullptr) != SKL_OK) {
        fmt::print(stderr, "bench: cannot open {}\n", path);
        std::exit(1);
    }
    return module;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) {
        fmt::print(stderr, "usage: bench_invoke PACKAGE.skill REFERENCE.jsonl\n");
        return 2;
    }
    const Archive archive = must(Archive::open(must(FileSlice::open(argv[1]))));
    const Package package = must(read_package(archive, must(only_package(archive))));
    const Contract &contract = package.skill.contract;
    const auto engine = must(create_llama_engine());
    const auto model = must(engine->load(must(archive.open(package.artifact.digest)), {}));
    const auto context = must(model->create_context({contract.context_tokens()}));
    const skl_module module = open_module(argv[1]);
    std::vector<Case> cases = read_cases(argv[2], contract);

    bench::Series through_abi, bare, difference;
    for (int round = 0; round < rounds; ++round) {
        for (Case &one : cases) {
            // Alternate who goes first, so that caches favour neither.
            const bool abi_first = round % 2 == 0;
            double abi = abi_first ? invoke_ms(module, one) : 0;
            const double direct = bare_ms(*model, *context, contract.prepare(), one);
            if (!abi_first) abi = invoke_ms(module, one);
            if (round == 0) continue;  // warm-up
            through_abi.add(abi);
            bare.add(direct);
            difference.add(abi - direct);
        }
    }
    fmt::print(R"({{"bench":"invoke","unit":"ms","cases":{},"rounds":{},"invoke":{},"bare":{},)"
               R"("difference":{},"difference_over_bare":{:.4f}}})"
               "\n",
               cases.size(), rounds - 1, through_abi.json(), bare.json(), difference.json(),
               difference.median() / bare.median());
    return 0;
}
