package dev.mlit.cli;

import dev.mlit.tensorflow.Versions;
import picocli.CommandLine;

/** {@code ./mlit --version}. */
final class Version implements CommandLine.IVersionProvider {
  @Override
  public String[] getVersion() {
    Versions versions = Versions.current();
    return new String[] {
      "mlit " + versions.mlit(), "TensorFlow " + versions.tensorflow() + ", Java " + versions.java()
    };
  }
}
