/**
 * Serves a model over HTTP: {@link dev.mlit.serve.ModelServer} and what it speaks.
 *
 * <p>The HTTP server is Jetty 12, an optional dependency: {@code
 * org.eclipse.jetty:jetty-server:12.1.13} beside mlit. The JDK's {@code com.sun.net.httpserver}
 * would need no library, but on Java 17 it has no limit for the size of headers, and its limits for
 * slow clients and for connections are system properties, which hold for the whole process and can
 * be set by one of its parts only. Jetty has them as settings of one server, answers malformed
 * requests with 400, 414 or 431, reads bodies without a thread for each, and ends with what it has
 * begun. One limit it has not: the time that a client may take for the head of a request, byte by
 * byte; {@code StalledConnections} adds it.
 */
@NullMarked
package dev.mlit.serve;

import org.jspecify.annotations.NullMarked;
