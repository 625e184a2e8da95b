package dev.mlit.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.Suggestions;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes specs as YAML.
 *
 * @since 0.1.0
 */
public final class Specs {
  private static final long LARGEST_FILE = 1 << 20;

  /** Leaves quotes out only where nothing but a text can be meant: 1e3 and 0x1 are numbers. */
  private static final StringQuotingChecker QUOTES =
      new StringQuotingChecker.Default() {
        private static final long serialVersionUID = 1;

        @Override
        public boolean needToQuoteValue(String value) {
          return super.needToQuoteValue(value) || !value.matches("[A-Za-z][A-Za-z0-9._/-]*");
        }
      };

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .stringQuotingChecker(QUOTES)
              .build());

  private Specs() {}

  /**
   * Reads a model from a file, or takes the preset of this name.
   *
   * @param pathOrPreset such as {@code specs/models/mlit-xxs.yaml} or {@code mlit-xxs}
   * @param settings changes of single fields, such as {@code classes=10}
   * @throws InvalidSpecException with every problem, each with its file and line
   * @throws InvalidInputException if there is no such file
   */
  public static ModelSpec model(String pathOrPreset, Collection<String> settings) {
    Mapping tree = modelTree(pathOrPreset, Path.of(""));
    Settings.apply(tree, ModelSpec.class, settings, Specs::noModel);
    return SpecBinder.read(tree, ModelSpec.class, Specs::noModel);
  }

  /** As {@link #model(String, Collection)}, without changes. */
  public static ModelSpec model(String pathOrPreset) {
    return model(pathOrPreset, List.of());
  }

  /**
   * Reads a model from YAML.
   *
   * @param source what messages call it
   * @throws InvalidSpecException with every problem, each with the source and line
   */
  public static ModelSpec modelOf(String yaml, String source) {
    return SpecBinder.read(YamlReader.document(yaml, source), ModelSpec.class, Specs::noModel);
  }

  /**
   * Reads a run from a file. A {@code model} given as a path is relative to the file; all other
   * paths are relative to the working directory.
   *
   * @param settings changes of single fields, such as {@code training.epochs=3}
   * @throws InvalidSpecException with every problem, each with its file and line
   * @throws InvalidInputException if there is no such file
   */
  public static RunSpec run(Path file, Collection<String> settings) {
    Path base = file.getParent() == null ? Path.of("") : file.getParent();
    SpecBinder.ModelResolver models = text -> modelTree(text, base);
    Mapping tree = YamlReader.document(text(file), file.toString());
    Settings.apply(tree, RunSpec.class, settings, models);
    return SpecBinder.read(tree, RunSpec.class, models);
  }

  /** As {@link #run(Path, Collection)}, without changes. */
  public static RunSpec run(Path file) {
    return run(file, List.of());
  }

  /**
   * A run with changes of single fields; a model's path is relative to the working directory.
   *
   * @param settings such as {@code training.epochs=3}
   * @throws InvalidSpecException with every problem
   */
  public static RunSpec with(RunSpec run, Collection<String> settings) {
    if (settings.isEmpty()) {
      return run;
    }
    SpecBinder.ModelResolver models = text -> modelTree(text, Path.of(""));
    Mapping tree = YamlReader.document(write(run), run.name());
    Settings.apply(tree, RunSpec.class, settings, models);
    return SpecBinder.read(tree, RunSpec.class, models);
  }

  /**
   * Reads a study from a file.
   *
   * @param settings changes of single fields, such as {@code seeds=[1]}
   * @throws InvalidSpecException with every problem, each with its file and line
   * @throws InvalidInputException if there is no such file
   */
  public static StudySpec study(Path file, Collection<String> settings) {
    Mapping tree = YamlReader.document(text(file), file.toString());
    Settings.apply(tree, StudySpec.class, settings, Specs::noModel);
    return SpecBinder.read(tree, StudySpec.class, Specs::noModel);
  }

  /** The study as YAML with every field; reading it gives an equal study. */
  public static String yaml(StudySpec study) {
    return write(study);
  }

  /** The spec as YAML with every field, defaults included; reading it gives an equal model. */
  public static String yaml(ModelSpec model) {
    return write(model);
  }

  /** The run as YAML with every field, its model written out; reading it gives an equal run. */
  public static String yaml(RunSpec run) {
    return write(run);
  }

  private static Mapping noModel(String text) {
    throw new InvalidInputException(text + ": a model has no model in it");
  }

  private static Mapping modelTree(String pathOrPreset, Path base) {
    ModelSpec preset = Presets.named(pathOrPreset);
    if (preset != null) {
      return YamlReader.document(write(preset), "preset " + pathOrPreset);
    }
    Path file = path(pathOrPreset, base);
    if (!Files.exists(file) && !pathOrPreset.endsWith(".yaml")) {
      throw new InvalidInputException(
          pathOrPreset
              + ": neither a model file nor a preset; "
              + Suggestions.didYouMean(pathOrPreset, Presets.names())
              + "Presets: "
              + String.join(", ", Presets.names()));
    }
    return YamlReader.document(text(file), file.toString());
  }

  private static Path path(String text, Path base) {
    try {
      return base.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw new InvalidInputException(text + ": not a path: " + e.getReason(), e);
    }
  }

  private static String text(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new InvalidInputException(file + ": is a directory, a YAML file is needed");
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw new InvalidInputException(file + ": larger than 1 MiB, that is no spec");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": not a text file in UTF-8", e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private static String write(Record spec) {
    try {
      return YAML.writeValueAsString(tree(spec));
    } catch (JsonProcessingException e) {
      throw new AssertionError("a spec is always YAML", e);
    }
  }

  private static @Nullable Object tree(@Nullable Object value) {
    if (value instanceof Record group) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      for (RecordComponent component : group.getClass().getRecordComponents()) {
        Object field = tree(Fields.get(group, component));
        if (field != null && !Fields.isAbsent(component, field)) {
          fields.put(Fields.key(component), field);
        }
      }
      return fields;
    } else if (value instanceof List<?> list) {
      return list.stream().map(Specs::tree).toList();
    } else if (value instanceof Enum<?> constant) {
      return KebabCase.of(constant);
    }
    return value;
  }
}
