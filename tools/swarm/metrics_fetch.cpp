// One GET, over a stream that does not block, and a clock.
#include "tools/swarm/metrics_fetch.h"

#include "sdk/core/base/printable.h"
#include "sdk/core/ws/http_head.h"
#include "sdk/net/dialer.h"
#include "sdk/net/system.h"
#include "sdk/net/wait.h"

namespace tidewire::swarm {

namespace {

/// A server that is busy with a tick answers after it; one that is not there for so long is no server to measure.
constexpr Duration patience = std::chrono::seconds(5);
/// A hundred rooms with two histograms each are a tenth of it.
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

class Fetch {
public:
    explicit Fetch(const net::Route& route) : route_(&route), deadline_(net::now() + patience) {}

    Result<std::string> run() {
        if (auto connected = connect(); !connected) return Unexpected{connected.error()};
        if (auto asked = ask(); !asked) return Unexpected{asked.error()};
        if (auto heard = hear(); !heard) return Unexpected{heard.error()};
        return body();
    }

private:
    Unexpected trouble(const std::string& what) const {
        return unexpected(Blame::Machine, "no metrics of " + route_->name() + ": " + what);
    }
    Result<void> wait(int fd, net::Interest interest) const {
        const Duration left = deadline_ - net::now();
        if (left <= Duration(0) || !net::wait(fd, interest, left)) {
            if (net::now() >= deadline_) return trouble("no answer within 5 s");
        }
        return {};
    }

    Result<void> connect() {
        auto dialer = net::Dialer::start(*route_, net::now());
        if (!dialer) return trouble(dialer.error().message);
        for (;;) {
            auto ready = dialer->advance(net::now());
            if (!ready) return trouble(ready.error().message);
            if (*ready) break;
            if (auto waited = wait(dialer->fd(), dialer->interest()); !waited) return waited;
        }
        stream_ = dialer->take();
        return {};
    }

    Result<void> ask() {
        const std::string request =
            "GET /metrics HTTP/1.1\r\nHost: " + route_->url.authority() + "\r\nConnection: close\r\n\r\n";
        ByteSpan rest = as_bytes(request);
        while (!rest.empty()) {
            const net::Transfer sent = stream_.write({&rest, 1});
            if (sent.outcome == net::Transfer::Outcome::Done) {
                rest = rest.subspan(sent.bytes);
            } else if (sent.outcome == net::Transfer::Outcome::WouldBlock) {
                if (auto waited = wait(stream_.fd(), {.readable = false, .writable = true}); !waited) return waited;
            } else {
                return trouble(sent.message);
            }
        }
        return {};
    }

    Result<void> hear() {
        Bytes buffer(64 * 1024);
        for (;;) {
            const net::Transfer got = stream_.read(buffer);
            switch (got.outcome) {
                case net::Transfer::Outcome::Done:
                    answer_ += as_text(ByteSpan(buffer).first(got.bytes));
                    if (answer_.size() > answer_bytes_max) return trouble("the answer is longer than any metrics are");
                    break;
                case net::Transfer::Outcome::WouldBlock:
                    if (auto waited = wait(stream_.fd(), {.readable = true, .writable = stream_.wants_write()});
                        !waited)
                        return waited;
                    break;
                case net::Transfer::Outcome::Eof:
                    return {};
                case net::Transfer::Outcome::Failed:
                    return trouble(got.message);
            }
        }
    }

    Result<std::string> body() const {
        ws::HeadParser parser(ws::Limits{});
        const std::size_t taken = parser.receive(as_bytes(answer_));
        if (!parser.complete()) return trouble("the answer is not HTTP");
        const ws::Head head = parser.take();
        if (head.start_line.rfind("HTTP/1.1 200", 0) != 0)
            return trouble("GET /metrics is answered \"" + printable(head.start_line) +
                           "\"; does this server have them?");
        if (ws::find_header(head.headers, "Transfer-Encoding") != nullptr)
            return trouble("the answer comes in chunks, as of a proxy; ask the server itself");
        return answer_.substr(taken);
    }

    const net::Route* route_;
    TimePoint deadline_;
    net::Stream stream_;
    std::string answer_;
};

}  // namespace

Result<MetricsText> fetch_metrics(const net::Route& route) {
    auto text = Fetch(route).run();
    if (!text) return Unexpected{text.error()};
    return MetricsText::parse(*text);
}

}  // namespace tidewire::swarm
