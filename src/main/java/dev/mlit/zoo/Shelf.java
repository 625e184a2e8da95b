package dev.mlit.zoo;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelCopy;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A place where models lie, each in a folder of its name, with {@code zoo.yaml} beside them. */
abstract class Shelf {
  static final String INDEX = "zoo.yaml";

  /** What the index holds. */
  private record Index(List<ZooModel> models) {}

  private @Nullable List<ZooModel> models;

  /** A file of the shelf; null if it is not there. */
  abstract @Nullable InputStream open(String file) throws IOException;

  /** The directory of a model, which is there. */
  abstract Path directory(String name);

  /** The models that lie here; none if there is no index. One that was deleted is none. */
  final synchronized List<ZooModel> models() {
    if (models == null) {
      try (InputStream in = open(INDEX)) {
        models = in == null ? List.of() : read(in);
      } catch (IOException e) {
        throw new InvalidInputException(this + "/" + INDEX + ": " + Printable.excerpt(e), e);
      }
    }
    return models;
  }

  private List<ZooModel> read(InputStream in) throws IOException {
    List<ZooModel> there = new ArrayList<>();
    for (ZooModel model : new YAMLMapper().readValue(in, Index.class).models()) {
      try (InputStream file = open(model.name() + "/" + ModelLayout.GRAPH)) {
        if (file != null) {
          there.add(model);
        }
      }
    }
    return List.copyOf(there);
  }

  /** Models in a folder. */
  static final class Folder extends Shelf {
    private final Path folder;

    Folder(Path folder) {
      this.folder = folder;
    }

    @Override
    @Nullable InputStream open(String file) throws IOException {
      Path path = folder.resolve(file);
      return Files.isRegularFile(path) ? Files.newInputStream(path) : null;
    }

    @Override
    Path directory(String name) {
      return folder.resolve(name);
    }

    @Override
    public String toString() {
      return folder.toString();
    }
  }

  /**
   * Models on the class path. Each is copied once into a temporary directory of this user's, which
   * is deleted when the process ends, as TensorFlow reads files only.
   */
  static final class ClassPath extends Shelf {
    private static final String PLACE = "dev/mlit/zoo/models/";

    private final ClassLoader classes;
    private final Map<String, Path> copies = new ConcurrentHashMap<>();

    ClassPath(ClassLoader classes) {
      this.classes = classes;
    }

    @Override
    @Nullable InputStream open(String file) {
      return classes.getResourceAsStream(PLACE + file);
    }

    @Override
    Path directory(String name) {
      return copies.computeIfAbsent(name, this::copy);
    }

    private Path copy(String name) {
      Path copy =
          ModelCopy.of(
              "mlit-zoo-", this + name, ModelLayout.SAVED_MODEL, file -> open(name + "/" + file));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy)));
      return copy;
    }

    private static void delete(Path directory) {
      try {
        Disk.delete(directory);
      } catch (IOException e) {
        // The process ends; what is left lies in the directory of temporary files.
      }
    }

    @Override
    public String toString() {
      return "class path " + PLACE;
    }
  }
}
