package dev.mlit.insight;

import java.util.Locale;

/** How durations are written for a person. */
final class Durations {
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;

  private Durations() {}

  /** Such as 42 s, 3 min 07 s or 5 h 20 min. */
  static String text(double seconds) {
    long all = Math.round(seconds);
    if (all < MINUTE) {
      return all + " s";
    }
    return all < HOUR
        ? String.format(Locale.ROOT, "%d min %02d s", all / MINUTE, all % MINUTE)
        : String.format(Locale.ROOT, "%d h %02d min", all / HOUR, all / MINUTE % MINUTE);
  }
}
