package dev.mlit.spec.text;

import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** Lists of names that are too long for a message. */
@API(status = Status.INTERNAL)
public final class Shortened {
  private Shortened() {}

  /** The first names, and how many more there are: {@code cat, dog and 8 more}. */
  public static String list(List<String> names, int most) {
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
  }
}
