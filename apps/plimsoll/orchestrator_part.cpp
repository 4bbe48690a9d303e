#include "orchestrator_part.h"

#include <fmt/format.h>

#include "moving.h"

namespace plimsoll {
namespace {

class RealPart : public OrchestratorPart {
 public:
  RealPart(asio::any_io_executor executor, const Config& config, Store& store,
           const HostFile& hosts)
      : executor_(std::move(executor)), config_(config), store_(store), hosts_(hosts) {}

  Task<Result<void>> run() override {
    auto journal = open_journal(config_);
    if (!journal) co_return journal.error();
    journal_ = std::make_unique<Journal>(std::move(*journal));
    OrchestratorParts parts{executor_,      store_,
                            *journal_,      [this] { return hosts_.hosts(); },
                            config_.policy, config_.orchestrator,
                            config_.ssh,    config_.monitor.agents};
    orchestrator_ = std::make_unique<Orchestrator>(std::move(parts));
    co_await orchestrator_->run();
    co_return Result<void>{};
  }

  Task<> stop() override {
    if (orchestrator_) co_await orchestrator_->stop();
  }

  void set_policy(const Policy& policy) override {
    config_.policy = policy;
    if (orchestrator_) orchestrator_->set_policy(policy);
  }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("mode {}, strategy {}", mode_name(config_.orchestrator.mode),
                       strategy_name(config_.orchestrator.strategy));
  }

 private:
  asio::any_io_executor executor_;
  Config config_;
  Store& store_;
  const HostFile& hosts_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Orchestrator> orchestrator_;
};

}  // namespace

std::unique_ptr<OrchestratorPart> make_orchestrator_part(asio::any_io_executor executor,
                                                         const Config& config, Store& store,
                                                         const HostFile& hosts) {
  return std::make_unique<RealPart>(std::move(executor), config, store, hosts);
}

}  // namespace plimsoll
