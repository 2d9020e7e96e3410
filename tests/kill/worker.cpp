// SPDX-License-Identifier: Apache-2.0
#include "worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>

#include "assembly/root_check.h"
#include "assembly/runtime.h"
#include "testing/made.h"
#include "testing/scripted_engine.h"

namespace skillet::kill {
namespace {

using testing::made;

std::shared_ptr<Runtime> open_runtime(const std::string &root) {
    RuntimeOptions options;
    options.root = root;
    options.actor = "worker";
    options.engine = []() -> Result<std::unique_ptr<Engine>> {
        return std::unique_ptr<Engine>(
            std::make_unique<testing::ScriptedEngine>(std::make_shared<testing::Script>()));
    };
    return made(Runtime::open(std::move(options)));
}

// Does what it is told to the root.
class Hands {
public:
    Hands(std::string root, const std::vector<Target> &targets)
        : path_(std::move(root)), targets_(targets) {}

    Result<void> perform(const Step &step) {
        if (!runtime_ || step.operation == Operation::open) {
            runtime_.reset();
            runtime_ = open_runtime(path_);
        }
        SKL_TRY_ASSIGN(root, runtime_->root());
        return perform(*root, step.operation, targets_[step.target]);
    }

private:
    Result<void> perform(Root &root, Operation operation, const Target &target) {
        switch (operation) {
            case Operation::install: {
                SKL_TRY(root.install(target.archive, {}));
                return {};
            }
            case Operation::list: {
                SKL_TRY(root.registry().list());
                return {};
            }
            case Operation::run: return run(target);
            case Operation::collect: {
                SKL_TRY(root.collect({.grace = std::chrono::seconds(0)}, {}));
                return {};
            }
            case Operation::fsck: return fsck();
            case Operation::open:
            case Operation::count: return {};
            default: return use(root, operation, target);
        }
    }
    Result<void> use(Root &root, Operation operation, const Target &target) {
        SKL_TRY_ASSIGN(reference, Reference::parse(target.id + "@" + target.version));
        SKL_TRY_ASSIGN(row, root.resolve(reference));
        if (operation == Operation::remove) return root.remove(row, "told to");
        if (operation == Operation::serve) return root.serve(row, "told to");
        if (const auto trigger = trigger_of(operation)) {
            SKL_TRY_ASSIGN(change, root.change_state(row, *trigger, "told to"));
            if (change.edge.to != State::installed) return {};
            SKL_TRY_ASSIGN(back, root.get(row.digest));
            return root.verify(back, {});
        }
        return root.verify(row, {});
    }
    // A sound root that others are changing meanwhile must not be taken for a damaged one.
    Result<void> fsck() {
        const auto files = posix_file_system();
        SKL_TRY_ASSIGN(found, check_root(*files, path_, {}));
        if (found.is_sound()) return {};
        return repair_root(*files, path_, "worker", {}, found);
    }
    Result<void> run(const Target &target) {
        SKL_TRY_ASSIGN(skill, runtime_->open_skill(target.id + "@" + target.version, {}));
        SKL_TRY(skill->invoke(R"({"text":"a b"})", {}));
        return {};
    }

    std::string path_;
    const std::vector<Target> &targets_;
    std::shared_ptr<Runtime> runtime_;
};

void tell(int pipe, const Note &note) {
    if (::write(pipe, &note, sizeof note) != ssize_t{sizeof note}) ::_exit(0);
}

struct Pipe {
    UniqueFd read, write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

void Worker::work(const std::string &root, const std::vector<Target> &targets, size_t index,
                  uint64_t seed, int notes, int commands, const Shared &shared) {
    Dice dice(seed);
    Hands hands(root, targets);
    for (;;) {
        if (shared.pause.load()) {
            tell(notes, {Note::Kind::paused});
            char command = 0;
            if (::read(commands, &command, 1) != 1) ::_exit(0);
        }
        const Step step = dice.next_step(index, targets);
        const auto target = static_cast<uint16_t>(step.target);
        tell(notes, {Note::Kind::begun, step.operation, target});
        const auto done = hands.perform(step);
        tell(notes, {Note::Kind::done, step.operation, target, done ? SKL_OK : done.error().code});
    }
}

Worker Worker::start(const std::string &root, const std::vector<Target> &targets, size_t index,
                     uint64_t seed) {
    Pipe notes = make_pipe();
    Pipe commands = make_pipe();
    void *const page =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) std::abort();
    auto *const shared = new (page) Shared;
    const pid_t process = ::fork();
    if (process < 0) std::abort();
    if (process == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        notes.read = UniqueFd();
        commands.write = UniqueFd();
        work(root, targets, index, seed, notes.write.get(), commands.read.get(), *shared);
    }
    return Worker(process, std::move(notes.read), std::move(commands.write), shared);
}

std::vector<Note> Worker::read_notes() {
    Note notes[256];
    const ssize_t bytes = ::read(notes_.get(), notes, sizeof notes);
    if (bytes <= 0) return {};
    return {notes, notes + static_cast<size_t>(bytes) / sizeof(Note)};
}

std::vector<Note> Worker::listen(int timeout_ms) {
    pollfd pipe{notes_.get(), POLLIN, 0};
    if (::poll(&pipe, 1, timeout_ms) <= 0 || (pipe.revents & POLLIN) == 0) return {};
    return read_notes();
}

std::vector<Note> Worker::kill() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    std::vector<Note> all;
    for (std::vector<Note> some; !(some = read_notes()).empty();) {
        all.insert(all.end(), some.begin(), some.end());
    }
    ::munmap(shared_, sizeof(Shared));
    return all;
}

std::vector<Note> Worker::pause() {
    shared_->pause = true;
    std::vector<Note> all;
    for (;;) {
        const std::vector<Note> some = read_notes();
        all.insert(all.end(), some.begin(), some.end());
        if (some.empty() || all.back().kind == Note::Kind::paused) return all;
    }
}

void Worker::go_on() {
    shared_->pause = false;
    const char command = 0;
    if (::write(commands_.get(), &command, 1) != 1) std::abort();
}

}  // namespace skillet::kill
