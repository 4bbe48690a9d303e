#include "hand/sha256.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace plimsoll {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  State() = default;
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void begin() const {
    if (context == nullptr || EVP_DigestInit_ex2(context, EVP_sha256(), nullptr) != 1) {
      throw std::runtime_error("OpenSSL gives no SHA-256");
    }
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->begin(); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(const void* data, std::size_t bytes) {
  EVP_DigestUpdate(state_->context, data, bytes);
}

void Sha256::add_number(std::uint64_t number) {
  std::array<unsigned char, 8> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<unsigned char>(number & 0xffU);
    number >>= 8U;
  }
  add(bytes.data(), bytes.size());
}

void Sha256::add_text(std::string_view text) {
  add_number(text.size());
  add(text);
}

Sha256Sum Sha256::finish() {
  Sha256Sum sum{};
  EVP_DigestFinal_ex(state_->context, sum.data(), nullptr);
  state_->begin();
  return sum;
}

std::string to_hex(const Sha256Sum& sum) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : sum) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace plimsoll
