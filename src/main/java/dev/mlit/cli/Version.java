package dev.mlit.cli;

import dev.mlit.graph.Sessions;
import org.tensorflow.TensorFlow;
import picocli.CommandLine;

/** {@code ./mlit --version}. */
final class Version implements CommandLine.IVersionProvider {
  @Override
  public String[] getVersion() {
    Sessions.load();
    String own = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "mlit " + (own == null ? "(built from source)" : own),
      "TensorFlow " + TensorFlow.version() + ", Java " + Runtime.version()
    };
  }
}
