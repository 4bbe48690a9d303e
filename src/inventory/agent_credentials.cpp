#include "inventory/agent_credentials.h"

namespace plimsoll {

AgentCredentials AgentCredentials::with_token(std::string token) {
  AgentCredentials made;
  made.token = std::make_shared<SecretFile>(SecretFile::fixed(std::move(token)));
  return made;
}

HttpTarget AgentCredentials::target_of(const Host& host) const {
  HttpTarget target;
  target.host = host.address;
  target.port = host.port;
  target.tls = host.tls.value_or(tls);
  target.trust = trust;
  return target;
}

void AgentCredentials::sign(HttpRequest& request) const {
  if (!token || !token->is_set()) return;
  request.headers.emplace_back("Authorization", "Bearer " + token->current());
}

}  // namespace plimsoll
