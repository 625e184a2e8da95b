package dev.mlit.data;

import dev.mlit.spec.text.Shortened;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Finds the classes that two lists have in common, by their names. Case, the Unicode form and what
 * is neither letter nor digit are ignored, unless two classes of one list would then be the same:
 * the folder {@code t-shirt-top} holds images of the class {@code T-shirt/top}.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ClassNames {
  private static final int SHOWN = 12;
  private static final Pattern OTHER = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");

  private ClassNames() {}

  /**
   * Finds classes by their names.
   *
   * @param names the names to look for
   * @param among where to look
   * @return for each of {@code names} its index in {@code among}, or -1 if it is not there
   */
  public static int[] indices(List<String> names, List<String> among) {
    boolean exact = isAmbiguous(names) || isAmbiguous(among);
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < among.size(); i++) {
      index.putIfAbsent(exact ? among.get(i) : canonical(among.get(i)), i);
    }
    return names.stream()
        .mapToInt(name -> index.getOrDefault(exact ? name : canonical(name), -1))
        .toArray();
  }

  /** Whether every one of some names is found among others; see {@link #indices}. */
  public static boolean allFound(int[] indices) {
    return Arrays.stream(indices).allMatch(i -> i >= 0);
  }

  /**
   * Whether there are no names, or class_0, class_1, ..., as an import calls classes without names.
   */
  public static boolean areMadeUp(List<String> names) {
    return IntStream.range(0, names.size()).allMatch(i -> names.get(i).equals("class_" + i));
  }

  /** A list of names for a message: the first twelve, and how many more there are. */
  public static String shown(List<String> names) {
    return Shortened.list(names, SHOWN);
  }

  private static boolean isAmbiguous(List<String> names) {
    return new HashSet<>(names.stream().map(ClassNames::canonical).toList()).size() < names.size();
  }

  private static String canonical(String name) {
    String plain = Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    String words = OTHER.matcher(plain).replaceAll(" ").strip();
    return words.isEmpty() ? plain : words;
  }
}
