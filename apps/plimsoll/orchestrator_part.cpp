#include "orchestrator_part.h"

namespace plimsoll {

std::unique_ptr<OrchestratorPart> make_orchestrator_part(asio::any_io_executor /*executor*/,
                                                         const Config& /*config*/, Store& /*store*/,
                                                         const HostFile& /*hosts*/) {
  return nullptr;
}

}  // namespace plimsoll
