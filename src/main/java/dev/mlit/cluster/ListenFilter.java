package dev.mlit.cluster;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import dev.mlit.tensorflow.CLibrary;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restricts a listening port to one address of the machine. TensorFlow's server listens at all
 * addresses, whatever address it is given, and lets anyone who reaches it run code: so a filter on
 * its socket drops what was sent to another address, before a connection is made. Linux only.
 *
 * <p>The filter is a program of the kernel's classic packet filter (linux/filter.h); connections
 * inherit it from the socket that listens.
 */
final class ListenFilter {
  private static final Logger LOG = LoggerFactory.getLogger(ListenFilter.class);

  // From asm-generic/socket.h.
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;

  // From linux/bpf_common.h and linux/filter.h: what an instruction does.
  private static final int LOAD_WORD = 0x20;
  private static final int LOAD_BYTE = 0x30;
  private static final int SHIFT_RIGHT = 0x74;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int RETURN = 0x06;

  /** Offsets from here on count from the header of the network layer. */
  private static final int NETWORK_HEADER = -0x100000;

  private static final int VERSION_BITS = 4;
  private static final int IPV4 = 4;
  private static final int IPV6 = 6;
  private static final int IPV4_DESTINATION = 16;
  private static final int IPV6_DESTINATION = 24;
  private static final int ALL = -1;
  private static final int NOTHING = 0;
  private static final int BYTES_OF_INSTRUCTION = 8;
  private static final int BYTES_OF_PROGRAM = 16;
  private static final int POINTER_AT = 8;

  /** The state of a listening socket in /proc/net/tcp. */
  private static final String LISTENS = "0A";

  /** The inode of a connection that was not accepted yet. */
  private static final String NOT_ACCEPTED = "0";

  private static final int SHUT_RDWR = 2;
  private static final int LOOKS = 100;
  private static final int BETWEEN_LOOKS_MILLIS = 20;

  private static final int STATE_COLUMN = 3;
  private static final int INODE_COLUMN = 9;
  private static final int HEXADECIMAL = 16;

  private ListenFilter() {}

  /**
   * Filters a listening port of this process; logs a warning where that is not possible.
   *
   * @param address a name or number of this machine, and the port
   */
  static void restrict(InetSocketAddress address) {
    List<InetAddress> allowed = own(address.getHostString());
    if (allowed.isEmpty()) {
      LOG.warn(
          "{} is no address of a network interface here, so that port {} listens at all of them",
          address.getHostString(),
          address.getPort());
      return;
    }
    try {
      if (!Platform.isLinux()) {
        throw new IOException("this system has no such filter");
      }
      List<Integer> sockets = listening(address.getPort());
      if (sockets.isEmpty()) {
        throw new IOException("its socket was not found");
      }
      for (int socket : sockets) {
        attach(socket, program(allowed));
      }
    } catch (IOException | LinkageError e) {
      LOG.warn(
          "port {} listens at all addresses of this machine, not at {} alone: {}",
          address.getPort(),
          address.getHostString(),
          e.getMessage());
    }
  }

  /**
   * Ends the connections that were made at other addresses before the port was filtered; there are
   * none afterwards. Call it once the server runs, which accepts those that wait.
   *
   * @param address as for {@link #restrict}
   */
  static void endOthers(InetSocketAddress address) {
    List<InetAddress> allowed = own(address.getHostString());
    if (allowed.isEmpty() || !Platform.isLinux()) {
      return;
    }
    try {
      for (int look = 0; look < LOOKS; look++) {
        List<Socket> others =
            sockets(address.getPort()).stream()
                .filter(s -> !s.state.equals(LISTENS) && !allowed.contains(s.address))
                .toList();
        for (int number : numbers(others)) {
          CLibrary.call("shutdown", number, SHUT_RDWR);
        }
        if (others.stream().noneMatch(s -> s.inode.equals(NOT_ACCEPTED))) {
          return;
        }
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
      }
      LOG.warn(
          "port {}: a connection to another address than {} waits there",
          address.getPort(),
          address.getHostString());
    } catch (IOException | UnsatisfiedLinkError e) {
      LOG.warn("port {}: its connections are not known: {}", address.getPort(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The addresses of a name that network interfaces of this machine have. */
  private static List<InetAddress> own(String host) {
    try {
      List<InetAddress> addresses = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (NetworkInterface.getByInetAddress(address) != null) {
          addresses.add(address);
        }
      }
      return addresses;
    } catch (UnknownHostException | java.net.SocketException e) {
      return List.of();
    }
  }

  /** A line of /proc/net/tcp. */
  private record Socket(InetAddress address, String state, String inode) {
    static Socket of(String[] columns) throws UnknownHostException {
      String local = columns[1].substring(0, columns[1].indexOf(':'));
      ByteBuffer bytes = ByteBuffer.allocate(local.length() / 2).order(ByteOrder.nativeOrder());
      for (int word = 0; word < local.length(); word += HEXADECIMAL / 2) {
        bytes.putInt(
            Integer.parseUnsignedInt(local.substring(word, word + HEXADECIMAL / 2), HEXADECIMAL));
      }
      return new Socket(
          InetAddress.getByAddress(bytes.array()), columns[STATE_COLUMN], columns[INODE_COLUMN]);
    }
  }

  /** The sockets of a port in this process's network. */
  private static List<Socket> sockets(int port) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] columns = line.trim().split(" +", -1);
          if (columns.length > INODE_COLUMN
              && columns[1].indexOf(':') > 0
              && !columns[1].startsWith("local")
              && Integer.parseInt(
                      columns[1].substring(columns[1].lastIndexOf(':') + 1), HEXADECIMAL)
                  == port) {
            sockets.add(Socket.of(columns));
          }
        }
      }
    }
    return sockets;
  }

  /** The numbers of this process's sockets that listen at a port. */
  private static List<Integer> listening(int port) throws IOException {
    return numbers(sockets(port).stream().filter(s -> s.state.equals(LISTENS)).toList());
  }

  /** The numbers that sockets have in this process; those of others have none. */
  private static List<Integer> numbers(List<Socket> sockets) throws IOException {
    Set<String> names = new HashSet<>();
    sockets.forEach(socket -> names.add("socket:[" + socket.inode + "]"));
    List<Integer> numbers = new ArrayList<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : open.toList()) {
        if (isOneOf(file, names)) {
          numbers.add(Integer.parseInt(file.getFileName().toString()));
        }
      }
    }
    return numbers;
  }

  private static boolean isOneOf(Path file, Set<String> names) {
    try {
      return names.contains(Files.readSymbolicLink(file).toString());
    } catch (IOException e) {
      // Closed meanwhile, such as the one that lists the folder.
      return false;
    }
  }

  /** Instructions of eight bytes each. */
  static byte[] program(List<InetAddress> allowed) {
    List<int[]> code = new ArrayList<>();
    for (InetAddress address : allowed) {
      boolean four = address instanceof Inet4Address;
      if (!four && !(address instanceof Inet6Address)) {
        continue;
      }
      ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
      int words = bytes.capacity() / Integer.BYTES;
      // What fails goes on behind this address: past its words and the return.
      int rest = 2 * words + 1;
      code.add(new int[] {LOAD_BYTE, 0, 0, NETWORK_HEADER});
      code.add(new int[] {SHIFT_RIGHT, 0, 0, VERSION_BITS});
      code.add(new int[] {JUMP_IF_EQUAL, 0, rest, four ? IPV4 : IPV6});
      int destination = four ? IPV4_DESTINATION : IPV6_DESTINATION;
      for (int word = 0; word < words; word++) {
        rest -= 2;
        code.add(new int[] {LOAD_WORD, 0, 0, NETWORK_HEADER + destination + word * Integer.BYTES});
        code.add(new int[] {JUMP_IF_EQUAL, 0, rest, bytes.getInt()});
      }
      code.add(new int[] {RETURN, 0, 0, ALL});
    }
    code.add(new int[] {RETURN, 0, 0, NOTHING});
    ByteBuffer program =
        ByteBuffer.allocate(code.size() * BYTES_OF_INSTRUCTION).order(ByteOrder.nativeOrder());
    for (int[] i : code) {
      program.putShort((short) i[0]).put((byte) i[1]).put((byte) i[2]).putInt(i[3]);
    }
    return program.array();
  }

  private static void attach(int socket, byte[] program) throws IOException {
    try (Memory instructions = new Memory(program.length);
        Memory description = new Memory(BYTES_OF_PROGRAM)) {
      instructions.write(0, program, 0, program.length);
      description.clear();
      description.setShort(0, (short) (program.length / BYTES_OF_INSTRUCTION));
      description.setPointer(POINTER_AT, instructions);
      if (CLibrary.call(
              "setsockopt", socket, SOL_SOCKET, SO_ATTACH_FILTER, description, BYTES_OF_PROGRAM)
          != 0) {
        throw new IOException("the filter was refused, error " + Native.getLastError());
      }
    }
  }
}
