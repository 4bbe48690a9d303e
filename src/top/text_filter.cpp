#include "top/text_filter.h"

#include <re2/re2.h>

#include "core/text.h"

namespace plimsoll {

struct TextFilter::Pattern {
  Pattern(const std::string& text, const re2::RE2::Options& options) : regex(text, options) {}
  re2::RE2 regex;
};

TextFilter::TextFilter(std::string_view typed) {
  inverse_ = typed.starts_with('!');
  if (inverse_) typed.remove_prefix(1);
  text_ = to_lower(typed);
  if (typed.find_first_of(R"(\^$.|?*+()[]{})") == std::string_view::npos) return;
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_never_capture(true);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto pattern = std::make_shared<const Pattern>("(?m)" + std::string{typed}, options);
  if (pattern->regex.ok()) pattern_ = std::move(pattern);
}

bool TextFilter::matches(std::string_view text) const {
  return text_.empty() || finds(text) != inverse_;
}

bool TextFilter::finds(std::string_view text) const {
  if (!pattern_) return to_lower(text).find(text_) != std::string::npos;
  return re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, pattern_->regex);
}

}  // namespace plimsoll
