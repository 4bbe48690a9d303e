#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace plimsoll {

/// What kind of failure it is, so that callers can choose what to do next.
enum class Errc {
  invalid,       ///< A user's input or configuration is wrong.
  malformed,     ///< Something from outside does not have the form it must have.
  not_found,     ///< The thing named does not exist.
  unreachable,   ///< No connection: refused, no route, name not resolved.
  timeout,       ///< No answer in time; whether the act happened is unknown.
  refused,       ///< The other side or a rule of ours said no.
  unauthorized,  ///< Credentials are missing or wrong.
  conflict,      ///< It exists already, or somebody else holds it.
  too_large,     ///< A bound on size was passed.
  io,            ///< A file or a stream failed.
  cancelled,     ///< We were asked to stop.
};

[[nodiscard]] constexpr const char* to_string(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::malformed:
      return "malformed";
    case Errc::not_found:
      return "not_found";
    case Errc::unreachable:
      return "unreachable";
    case Errc::timeout:
      return "timeout";
    case Errc::refused:
      return "refused";
    case Errc::unauthorized:
      return "unauthorized";
    case Errc::conflict:
      return "conflict";
    case Errc::too_large:
      return "too_large";
    case Errc::io:
      return "io";
    case Errc::cancelled:
      return "cancelled";
  }
  return "unknown";
}

/// A failure that a person can act on: what was wrong, where, and what to do.
struct Error {
  Errc code = Errc::io;
  std::string message;

  /// The same failure, told with where it happened in front: "h2: connection refused".
  [[nodiscard]] Error in(const std::string& where) const { return {code, where + ": " + message}; }

  friend bool operator==(const Error&, const Error&) = default;
};

/// Called by boost::system::result when value() is asked of a failure: our own mistake, so it ends
/// the program with the failure's text.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location& /*where*/) {
  throw std::logic_error("value() of a failed Result: " + error.message);
}

/// A value or an Error. Cannot be dropped silently.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

}  // namespace plimsoll
