package org.apache.iceberg.rest;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Counts requests, and tells how many there were to who asks for /requests. */
class CountingHandler extends Handler.Wrapper {
  private final AtomicLong count = new AtomicLong();

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (Request.getPathInContext(request).equals("/requests")) {
      Content.Sink.write(response, true, Long.toString(count.get()), callback);
      return true;
    }
    count.incrementAndGet();
    return super.handle(request, response, callback);
  }
}
