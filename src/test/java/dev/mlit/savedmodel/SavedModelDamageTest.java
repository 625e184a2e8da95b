package dev.mlit.savedmodel;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.IndexBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.SavedModel;

/**
 * A SavedModel with a bit flipped somewhere, or a field of its messages changed. If this fails, one
 * bad bit of a disk ends a service with a stack trace, or without one, or it answers wrongly.
 *
 * <p>Without checksums, as earlier versions left a model: with them, every change is refused for
 * being one. In full: {@code mvn test -Dtest=SavedModelDamageTest -Dmlit.damage.flips=2000
 * -Dmlit.damage.mutations=500}.
 */
class SavedModelDamageTest {
  private static final int FLIPS = Integer.getInteger("mlit.damage.flips", 40);
  private static final int MUTATIONS = Integer.getInteger("mlit.damage.mutations", 40);
  private static final String INDEX = "variables/variables.index";
  private static final List<String> FILES =
      List.of(
          "labels.txt",
          "saved_model.pb",
          "spec.yaml",
          INDEX,
          "variables/variables.data-00000-of-00001");

  @TempDir private Path directory;
  private Path whole = Path.of("");
  private Path model = Path.of("");
  private float[] expected = {};
  private final float[] images = RandomModel.images(1);
  private final Random random = new Random(Long.getLong("mlit.damage.seed", 1));

  @BeforeEach
  void write() throws IOException {
    whole = directory.resolve("whole");
    model = directory.resolve("model");
    RandomModel.write(whole);
    try (Classifier classifier = Classifier.load(whole)) {
      expected = classifier.logits(images, 1);
    }
    Files.delete(whole.resolve("SHA256SUMS"));
    FileUtils.copyDirectory(whole.toFile(), model.toFile());
  }

  /** Loads what was changed; whatever is not refused answers as before. */
  private boolean loads(String change) {
    try (Classifier classifier = Classifier.load(model)) {
      assertThat(classifier.logits(images, 1)).as(change).containsExactly(expected);
      return true;
    } catch (InvalidInputException e) {
      assertThat(e.getMessage()).as(change).startsWith(model.toString());
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        assertThat(cause).as(change).isNotInstanceOf(Error.class);
      }
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(change, e);
    }
  }

  @Test
  void aFlippedBitIsRefusedOrChangesNoAnswer() throws IOException {
    int loaded = 0;
    for (int i = 0; i < FLIPS; i++) {
      String name = FILES.get(i % FILES.size());
      byte[] bytes = Files.readAllBytes(whole.resolve(name));
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(model.resolve(name), bytes);
      boolean one = loads(name + ", byte " + at);
      assertThat(one && name.startsWith("variables")).as(name + ", byte " + at).isFalse();
      loaded += one ? 1 : 0;
      Files.copy(whole.resolve(name), model.resolve(name), REPLACE_EXISTING);
    }
    System.out.printf("%d of %d models with a flipped bit load%n", loaded, FLIPS);
  }

  @Test
  void anotherMessageIsRefusedOrChangesNoAnswer() throws IOException {
    byte[] graph = Files.readAllBytes(whole.resolve(ModelLayout.GRAPH));
    SavedModel saved = SavedModel.parseFrom(ByteString.copyFrom(graph));
    Map<String, byte[]> rows = IndexBytes.rows(Files.readAllBytes(whole.resolve(INDEX)));
    int loaded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String name = i % 2 == 0 ? ModelLayout.GRAPH : INDEX;
      List<String> changes = new ArrayList<>();
      byte[] changed;
      if (i % 2 == 0) {
        changed = mutated(saved, changes).toByteArray();
      } else {
        changed = mutated(rows, changes);
      }
      Files.write(model.resolve(name), changed);
      loaded += loads(name + ", " + changes) ? 1 : 0;
      Files.copy(whole.resolve(name), model.resolve(name), REPLACE_EXISTING);
    }
    System.out.printf("%d of %d models with a changed message load%n", loaded, MUTATIONS);
  }

  /** An index with one of its messages changed, its checksums right. */
  private byte[] mutated(Map<String, byte[]> rows, List<String> changes) throws IOException {
    Map<String, byte[]> changed = new LinkedHashMap<>(rows);
    List<String> keys = List.copyOf(rows.keySet());
    String key = keys.get(random.nextInt(keys.size()));
    changes.add(key);
    byte[] value = Objects.requireNonNull(rows.get(key));
    Message message =
        key.isEmpty() ? BundleHeaderProto.parseFrom(value) : BundleEntryProto.parseFrom(value);
    changed.put(key, mutated(message, changes).toByteArray());
    return IndexBytes.of(changed);
  }

  /** Changes a field somewhere in a message. */
  private Message mutated(Message message, List<String> changes) {
    Message.Builder builder = message.toBuilder();
    List<FieldDescriptor> set = new ArrayList<>(message.getAllFields().keySet());
    List<FieldDescriptor> all = message.getDescriptorForType().getFields();
    // One that is not set now and then, but most changes go down into what is there.
    boolean other = set.isEmpty() || random.nextInt(8) == 0;
    FieldDescriptor field =
        other ? all.get(random.nextInt(all.size())) : set.get(random.nextInt(set.size()));
    changes.add(field.getName());
    if (field.isRepeated()) {
      int count = message.getRepeatedFieldCount(field);
      if (count == 0) {
        builder.addRepeatedField(field, value(field, null, builder, changes));
      } else if (random.nextInt(16) == 0) {
        builder.clearField(field);
      } else {
        int at = random.nextInt(count);
        Object old = message.getRepeatedField(field, at);
        builder.setRepeatedField(field, at, value(field, old, builder, changes));
      }
    } else if (message.hasField(field) && random.nextInt(16) == 0) {
      builder.clearField(field);
    } else {
      Object old = message.hasField(field) ? message.getField(field) : null;
      builder.setField(field, value(field, old, builder, changes));
    }
    return builder.build();
  }

  private Object value(
      FieldDescriptor field, @Nullable Object old, Message.Builder builder, List<String> changes) {
    if (field.getJavaType() == JavaType.MESSAGE) {
      return old == null
          ? builder.newBuilderForField(field).build()
          : mutated((Message) old, changes);
    }
    long number = random.nextBoolean() ? random.nextLong() : random.nextInt(5) - 2;
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case FLOAT -> (float) number;
      case DOUBLE -> (double) number;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> random.nextBoolean() ? "" : old + "x";
      case BYTE_STRING -> ByteString.copyFromUtf8(random.nextBoolean() ? "" : old + "x");
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      default -> throw new AssertionError(field);
    };
  }
}
