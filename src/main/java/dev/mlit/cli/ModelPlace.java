package dev.mlit.cli;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.zoo.Zoo;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A model as it is named on the command line: by its directory, or one that comes along. */
final class ModelPlace implements ITypeConverter<Path> {
  static final String DESCRIPTION =
      "The directory of a SavedModel, or the name of one that comes along: ./mlit models lists"
          + " them.";

  @Override
  public Path convert(String text) {
    Main.path(text);
    try {
      return Zoo.resolve(text);
    } catch (InvalidInputException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
