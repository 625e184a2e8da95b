package dev.mlit.serve;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request that was read to its end.
 *
 * @param query the parameters of its address; the first of a name counts
 * @param headers finds one by its name
 * @param body empty if it has none
 */
record Call(Map<String, String> query, Function<String, Optional<String>> headers, byte[] body) {}
