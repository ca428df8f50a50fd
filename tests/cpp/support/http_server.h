#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace floe::testing {

/// A server on this machine that answers as a test says: for what needs a clock that stands
/// still. One request for each connection.
class HttpServer {
 public:
  struct Request {
    std::string head;  ///< "POST /x HTTP/1.1\r\n…"
    std::string body;
  };
  struct Answer {
    int status = 200;
    std::string body;
    std::string headers;  ///< "Name: value\r\n…"
  };

  explicit HttpServer(std::function<Answer(const Request&)> answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string uri() const;
  /// What was asked so far.
  std::vector<Request> requests() const;

 private:
  void Serve();
  void Handle(int connection);

  const std::function<Answer(const Request&)> answer_;
  int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace floe::testing
