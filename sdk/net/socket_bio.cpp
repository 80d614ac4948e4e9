// recv(2) and send(2) for OpenSSL.
#include "sdk/net/socket_bio.h"

#include <sys/socket.h>

#include <cerrno>

#include "sdk/net/arrival.h"

namespace tidewire::net {

namespace {

SocketEnd& end_of(BIO* bio) { return *static_cast<SocketEnd*>(BIO_get_data(bio)); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

int read_socket(BIO* bio, char* buffer, int size) {
    BIO_clear_retry_flags(bio);
    SocketEnd& end = end_of(bio);
    const MutableByteSpan to(reinterpret_cast<std::byte*>(buffer), static_cast<std::size_t>(size));
    ssize_t count = -1;
    do {
        count = end.notes_arrivals ? receive_noted(end.fd, to, end.arrived) : ::recv(end.fd, to.data(), to.size(), 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && would_block()) BIO_set_retry_read(bio);
    if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(count);
}

int write_socket(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    ssize_t count = -1;
    do {
        count = ::send(end_of(bio).fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && would_block()) BIO_set_retry_write(bio);
    return static_cast<int>(count);
}

long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;  // nothing is held back
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (method == nullptr) return nullptr;
    BIO_meth_set_read(method, read_socket);
    BIO_meth_set_write(method, write_socket);
    BIO_meth_set_ctrl(method, control);
    return method;
}

}  // namespace

BIO* make_socket_bio(SocketEnd& end) {
    // Never freed: a session may end after the statics have.
    static const BIO_METHOD* const method = make_method();
    BIO* bio = method == nullptr ? nullptr : BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &end);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace tidewire::net
