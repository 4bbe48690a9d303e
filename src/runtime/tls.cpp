#include "runtime/tls.h"

#include "runtime/log.h"
#include "runtime/tls_context.h"

namespace plimsoll {
namespace {

struct PairStamp {
  FileStamp cert, key;
  friend bool operator==(const PairStamp&, const PairStamp&) = default;
};

constexpr std::chrono::seconds look_every{1};

}  // namespace

struct TlsIdentity::Impl {
  std::filesystem::path cert, key;
  SslContext context;
  PairStamp stamp;
  PairStamp bad;  ///< The stamps of the last pair that was no good.
  std::string last_problem;

  [[nodiscard]] PairStamp look() const { return {file_stamp(cert), file_stamp(key)}; }
};

TlsIdentity::TlsIdentity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(std::filesystem::path cert,
                                                       std::filesystem::path key) {
  auto impl = std::make_unique<Impl>();
  impl->cert = std::move(cert);
  impl->key = std::move(key);
  impl->stamp = impl->look();
  auto context = make_server_context(impl->cert, impl->key);
  if (!context) return context.error();
  impl->context = std::move(*context);
  return std::shared_ptr<TlsIdentity>{new TlsIdentity{std::move(impl)}};
}

void TlsIdentity::refresh() {
  const auto stamp = impl_->look();
  if (stamp == impl_->stamp) return;
  auto context = make_server_context(impl_->cert, impl_->key);
  if (context) {
    impl_->context = std::move(*context);
    impl_->stamp = stamp;
    impl_->last_problem.clear();
    log::info("{}: read again, new connections take this certificate, valid until {}",
              impl_->cert.string(), end_of_certificate(impl_->context.get()));
    return;
  }
  const bool settled = stamp == std::exchange(impl_->bad, stamp);
  if (!settled || context.error().message == impl_->last_problem) return;
  impl_->last_problem = context.error().message;
  log::warning("{}; the old certificate and key stay in force", impl_->last_problem);
}

Result<std::unique_ptr<TlsSession>> TlsIdentity::new_session() const {
  return make_server_session(impl_->context.get());
}

struct TlsTrust::Impl {
  std::filesystem::path file;
  SslContext context;
  FileStamp stamp;
  Clock::time_point looked_at;
  std::string last_problem;

  void refresh(Clock::time_point now);
};

void TlsTrust::Impl::refresh(Clock::time_point now) {
  if (file.empty() || now - looked_at < look_every) return;
  looked_at = now;
  const auto now_there = file_stamp(file);
  if (now_there == stamp) return;
  auto again = make_client_context(file);
  if (again) {
    context = std::move(*again);
    stamp = now_there;
    last_problem.clear();
    log::info("{}: read again, new connections trust what it holds", file.string());
  } else if (again.error().message != last_problem) {
    last_problem = again.error().message;
    log::warning("{}; what it held before stays in force", last_problem);
  }
}

TlsTrust::TlsTrust(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsTrust::~TlsTrust() = default;

Result<std::shared_ptr<TlsTrust>> TlsTrust::load(std::filesystem::path ca_file) {
  auto impl = std::make_unique<Impl>();
  impl->file = std::move(ca_file);
  impl->stamp = file_stamp(impl->file);
  auto context = make_client_context(impl->file);
  if (!context) return context.error();
  impl->context = std::move(*context);
  return std::shared_ptr<TlsTrust>{new TlsTrust{std::move(impl)}};
}

Result<std::shared_ptr<TlsTrust>> TlsTrust::system() {
  static const auto trust = load({});
  return trust;
}

Result<std::unique_ptr<TlsSession>> TlsTrust::new_session(const std::string& host,
                                                          Clock::time_point now) {
  impl_->refresh(now);
  return make_client_session(impl_->context.get(), host);
}

}  // namespace plimsoll
