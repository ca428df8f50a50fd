// Loaded before Azurite. Azure's client for C++ loses an answer that reaches it in one piece with
// `100 Continue`, and waits for the end of the connection: what has no body is answered without.
const http = require("http");

const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function (...args) {
  this.on("checkContinue", (request, response) => {
    if (request.headers["content-length"] !== "0") {
      response.writeContinue();
    }
    this.emit("request", request, response);
  });
  return listen.apply(this, args);
};
