/** The command line: picocli commands, thin. */
@API(status = Status.INTERNAL)
@org.jspecify.annotations.NullMarked
package dev.mlit.cli;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
