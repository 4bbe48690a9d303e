#include "runtime/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

namespace plimsoll {
namespace {

Error failed(const char* what) {
  return {Errc::io,
          std::string{"privileges: "} + what + ": " + std::generic_category().message(errno)};
}

/// capset(2) with version 3 has two words of 32 capabilities each.
struct CapabilitySets {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};

  bool load() { return ::syscall(SYS_capget, &header, words.data()) == 0; }
  bool store() { return ::syscall(SYS_capset, &header, words.data()) == 0; }
};

std::uint64_t bits_of(std::initializer_list<unsigned> capabilities) {
  std::uint64_t bits = 0;
  for (const unsigned capability : capabilities) bits |= std::uint64_t{1} << capability;
  return bits;
}

/// Only who has CAP_SETPCAP may lower its bounding set; with no_new_privs nobody else needs to.
void lower_bounding_set(std::uint64_t kept) {
  constexpr unsigned capabilities_max = 64;
  for (unsigned capability = 0; capability < capabilities_max; ++capability) {
    const bool keep = ((kept >> capability) & 1U) != 0;
    if (!keep) static_cast<void>(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
  }
}

}  // namespace

Result<void> keep_capabilities(std::initializer_list<unsigned> kept) {
  const std::uint64_t bits = bits_of(kept);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  lower_bounding_set(bits);
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return failed("ambient set");
  CapabilitySets sets;
  if (!sets.load()) return failed("capget");
  auto& [low, high] = sets.words;
  low.permitted &= static_cast<std::uint32_t>(bits);
  high.permitted &= static_cast<std::uint32_t>(bits >> 32U);
  for (auto& word : sets.words) {
    word.effective = word.permitted;
    word.inheritable = 0;
  }
  if (!sets.store()) return failed("capset");
  return {};
}

bool has_capability(unsigned capability) {
  CapabilitySets sets;
  if (!sets.load()) return false;
  return ((sets.words.at(capability / 32U).effective >> (capability % 32U)) & 1U) != 0;
}

}  // namespace plimsoll
