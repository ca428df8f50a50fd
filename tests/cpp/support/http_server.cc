#include "support/http_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"

namespace floe::testing {
namespace {

void ReadUntil(int connection, std::string* text, const std::function<bool()>& ends) {
  std::array<char, 4096> buffer{};
  while (!ends()) {
    const ssize_t bytes = recv(connection, buffer.data(), buffer.size(), 0);
    if (bytes <= 0) {
      return;
    }
    text->append(buffer.data(), static_cast<size_t>(bytes));
  }
}

size_t BodyBytes(const std::string& head) {
  const std::string name = "Content-Length: ";
  const size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

HttpServer::HttpServer(std::function<Answer(const Request&)> answer)
    : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  Check(bind(listener_, generic, size) == 0 && listen(listener_, SOMAXCONN) == 0 &&
            getsockname(listener_, generic, &size) == 0,
        "a port for a server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

HttpServer::~HttpServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string HttpServer::uri() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<HttpServer::Request> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::Serve() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) {
      return;
    }
    Handle(connection);
    close(connection);
  }
}

void HttpServer::Handle(int connection) {
  const std::string end = "\r\n\r\n";
  std::string text;
  ReadUntil(connection, &text, [&] { return text.find(end) != std::string::npos; });
  const size_t head_bytes = text.find(end);
  if (head_bytes == std::string::npos) {
    return;
  }
  const std::string head = text.substr(0, head_bytes + 2);
  const size_t body_at = head_bytes + end.size();
  const size_t wanted = body_at + BodyBytes(head);
  ReadUntil(connection, &text, [&] { return text.size() >= wanted; });
  const Request request{head, text.substr(body_at)};
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  const Answer answer = answer_(request);
  const std::string said =
      "HTTP/1.1 " + std::to_string(answer.status) +
      " x\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) +
      "\r\n" + answer.headers + "\r\n" + answer.body;
  send(connection, said.data(), said.size(), MSG_NOSIGNAL);
}

}  // namespace floe::testing
