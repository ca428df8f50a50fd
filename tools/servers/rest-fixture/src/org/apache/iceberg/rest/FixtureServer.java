package org.apache.iceberg.rest;

import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Iceberg's REST fixture on 127.0.0.1 (its own server listens on every address). The argument is
 * the port, 0 for a free one. Prints its URI when it answers, and ends when standard input does, so
 * that it never outlives the process that holds the other end. GET /requests tells how many other
 * requests there were.
 */
public class FixtureServer {
  public static void main(String[] args) throws Exception {
    Method open = RESTCatalogServer.class.getDeclaredMethod("initializeBackendCatalog");
    open.setAccessible(true);
    Object context = open.invoke(new RESTCatalogServer());
    RESTCatalogAdapter adapter =
        new RESTServerCatalogAdapter((RESTCatalogServer.CatalogContext) context);

    ServletContextHandler handler = new ServletContextHandler(ServletContextHandler.NO_SESSIONS);
    handler.addServlet(new ServletHolder(new RESTCatalogServlet(adapter)), "/*");
    CompressionHandler compression = new CompressionHandler();
    compression.putCompression(new GzipCompression());
    handler.insertHandler(compression);
    handler.insertHandler(new CountingHandler());

    int port = Integer.parseInt(args[0]);
    Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    server.setHandler(handler);
    server.start();
    int bound = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    System.out.println("http://127.0.0.1:" + bound);
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nobody has anything to say; the end of the stream is what counts.
    }
    System.exit(0);
  }
}
