// The Origin policy.
#include "sdk/core/ws/origin.h"

#include "sdk/core/ws/ascii.h"

namespace tidewire::ws {
namespace {

/// Without a port; an IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority) {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return authority;
    return authority.substr(0, colon);
}

}  // namespace

bool origin_allowed(const Request& request, std::span<const std::string> allowed) {
    const std::string* origin = find_header(request.headers, "Origin");
    if (!origin) return true;
    for (const std::string& entry : allowed)
        if (entry == "*" || equals_ignoring_case(entry, *origin)) return count_headers(request.headers, "Origin") == 1;
    if (count_headers(request.headers, "Origin") != 1) return false;
    std::string_view site = *origin;
    const std::size_t scheme = site.find("://");
    if (scheme == std::string_view::npos) return false;
    if (!equals_ignoring_case(site.substr(0, scheme), "http") && !equals_ignoring_case(site.substr(0, scheme), "https"))
        return false;
    site.remove_prefix(scheme + 3);
    const std::string* host = find_header(request.headers, "Host");
    return host && !site.empty() && site.find_first_of("/@?#\\") == std::string_view::npos &&
           equals_ignoring_case(host_of(site), host_of(*host));
}

}  // namespace tidewire::ws
