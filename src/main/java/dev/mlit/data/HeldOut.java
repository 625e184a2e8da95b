package dev.mlit.data;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Chooses the images of a class that are kept for the test: those whose names have the smallest
 * hashes. It depends on nothing but the names, not on a machine or an order, and a file that is
 * added moves at most one other.
 */
final class HeldOut {
  private HeldOut() {}

  /**
   * Chooses from the files of one class.
   *
   * @param fraction of the files, rounded; at least one is chosen and one is left, if there are two
   * @return none of a single file
   */
  static Set<String> of(List<String> files, double fraction) {
    int wanted = (int) Math.round(files.size() * fraction);
    int count = Math.min(Math.max(wanted, 1), files.size() - 1);
    Set<String> chosen = new LinkedHashSet<>();
    files.stream()
        .sorted(Comparator.comparingLong(HeldOut::hash).thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .forEach(chosen::add);
    return chosen;
  }

  /** FNV-1a, then the finaliser of MurmurHash3: names differ in few characters. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
