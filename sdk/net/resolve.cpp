// Host names to addresses, by the operating system's resolver.
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "sdk/net/socket.h"

namespace tidewire::net {

Result<std::vector<std::string>> resolve(const std::string& host) {
    // RFC 6761 6.3: localhost is this machine, whatever a name server or hosts file says. Both families, because a server
    // may listen on either.
    std::string lower = host;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (lower == "localhost") return std::vector<std::string>{"::1", "127.0.0.1"};

    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;  // no IPv6 addresses where there is no IPv6
    std::array<char, NI_MAXHOST> text{};
    addrinfo* list = nullptr;
    int status = EAI_NONAME;
    // A numeric address needs no name server, and must not be hidden by AI_ADDRCONFIG.
    addrinfo numeric = hints;
    numeric.ai_flags = AI_NUMERICHOST;
    status = getaddrinfo(host.c_str(), nullptr, &numeric, &list);
    if (status != 0) status = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (status != 0) {
        const std::string reason = status == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(status);
        return unexpected(Blame::Machine, "could not find the address of \"" + host + "\": " + reason +
                                              "; check the spelling and the network");
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
    std::vector<std::string> addresses;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
            continue;
        if (std::find(addresses.begin(), addresses.end(), text.data()) == addresses.end())
            addresses.emplace_back(text.data());
    }
    if (addresses.empty())
        return unexpected(Blame::Machine, "\"" + host + "\" has no address; check the spelling and the network");
    return addresses;
}

}  // namespace tidewire::net
