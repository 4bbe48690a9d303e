#include "top/text_filter.h"

#include <boost/regex.hpp>
#include <stdexcept>

#include "core/text.h"

namespace plimsoll {

struct TextFilter::Pattern {
  boost::regex regex;
};

TextFilter::TextFilter(std::string_view typed) {
  inverse_ = typed.starts_with('!');
  if (inverse_) typed.remove_prefix(1);
  text_ = to_lower(typed);
  if (typed.find_first_of(R"(\^$.|?*+()[]{})") == std::string_view::npos) return;
  const auto syntax =
      boost::regex::perl | boost::regex::icase | boost::regex::no_except | boost::regex::nosubs;
  Pattern pattern{boost::regex{typed.begin(), typed.end(), syntax}};
  if (pattern.regex.status() == 0) {
    pattern_ = std::make_shared<const Pattern>(std::move(pattern));
  }
}

bool TextFilter::matches(std::string_view text) const {
  return text_.empty() || finds(text) != inverse_;
}

bool TextFilter::finds(std::string_view text) const {
  if (!pattern_) return to_lower(text).find(text_) != std::string::npos;
  try {
    return boost::regex_search(text.begin(), text.end(), pattern_->regex);
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace plimsoll
