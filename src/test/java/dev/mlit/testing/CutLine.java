package dev.mlit.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A port of this machine that leads to another one until the line is cut: in the middle of what is
 * sent then, as when a cable is pulled or a router starts again. From then on nobody is let in.
 */
public final class CutLine implements AutoCloseable {
  private static final int BUFFER = 1 << 14;

  private final int target;
  private final ServerSocket server;
  private final List<Socket> open = new ArrayList<>();
  private boolean cutting;
  private boolean cut;

  private CutLine(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  /** A line to a port of this machine. */
  public static CutLine to(int target) throws IOException {
    return new CutLine(target);
  }

  /** Where it can be reached. */
  public int port() {
    return server.getLocalPort();
  }

  /** Cuts it in the middle of the next message, of whoever sends one. */
  public synchronized void cut() {
    cutting = true;
  }

  /** Whether it has been cut. */
  public synchronized boolean isCut() {
    return cut;
  }

  /** Something that ends when a socket is closed. */
  private interface Work {
    void run() throws IOException;
  }

  private static void run(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // It is closed.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket from = server.accept();
      Socket to;
      try {
        to = new Socket(InetAddress.getLoopbackAddress(), target);
      } catch (ConnectException e) {
        // Nobody is there yet: whoever asks hears so, and asks again.
        from.close();
        continue;
      }
      add(from, to);
      run(() -> pass(from.getInputStream(), to.getOutputStream()));
      run(() -> pass(to.getInputStream(), from.getOutputStream()));
    }
  }

  private synchronized void add(Socket from, Socket to) throws IOException {
    open.add(from);
    open.add(to);
    if (cut) {
      close();
    }
  }

  private void pass(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      if (isTimeToCut(n)) {
        out.write(buffer, 0, n / 2);
        out.flush();
        close();
        return;
      }
      out.write(buffer, 0, n);
    }
    out.close();
  }

  /** Not in the few bytes by which one asks whether the other is there. */
  private synchronized boolean isTimeToCut(int bytes) {
    if (cutting && !cut && bytes > 100) {
      cut = true;
      return true;
    }
    return false;
  }

  /** Resets all connections: what is on its way is lost. */
  @Override
  public synchronized void close() throws IOException {
    cut = true;
    server.close();
    for (Socket socket : open) {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
        socket.close();
      }
    }
  }
}
