package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.ImageShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a user who is shown a wrong label mends that of another picture. */
class FileOfAnImageTest {
  @TempDir private Path root;

  private Dataset folder;

  @BeforeEach
  void open() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 4; i++) {
      files.put("train/a/" + i + ".png", Archives.png(2, 2, 10 + i));
      files.put("train/b/" + i + ".png", Archives.png(2, 2, 20 + i));
    }
    files.put("test/a/x.png", Archives.png(2, 2, 30));
    files.put("test/b/sub/y.png", Archives.png(2, 2, 40));
    folder = ImageFolder.read("letters", Archives.zip(root.resolve("letters.zip"), files));
  }

  private static List<String> files(Split split) {
    return IntStream.range(0, split.size())
        .mapToObj(split::file)
        .map(file -> file.orElse("none"))
        .toList();
  }

  @Test
  void anImageFileIsNamedByItsPathInTheArchive() {
    assertThat(files(folder.test())).containsExactly("test/a/x.png", "test/b/sub/y.png");
  }

  @Test
  void sizeAndNamesOfClassesChangeNothing() {
    Dataset other = folder.withClassNames(List.of("A", "B")).resizedTo(new ImageShape(3, 3, 1));
    assertThat(files(other.test())).isEqualTo(files(folder.test()));
    Dataset view =
        Dataset.of("view", folder.labels(), folder.shape(), folder.train(), folder.test())
            .resizedTo(new ImageShape(3, 3, 1));
    assertThat(files(view.test())).isEqualTo(files(folder.test()));
  }

  /** The first value of an image says which file it was drawn from. */
  @Test
  void aPartHasTheFilesOfItsOwnImages() {
    Dataset view =
        Dataset.of("view", folder.labels(), folder.shape(), folder.train(), folder.test());
    for (Dataset parted : List.of(folder.withLabels(0.5, 1), view.withLabels(0.5, 1))) {
      int[] values = Archives.firstValues(parted, parted.train());
      assertThat(values).hasSize(4);
      for (int i = 0; i < values.length; i++) {
        String name = (values[i] < 20 ? "a/" : "b/") + values[i] % 10 + ".png";
        assertThat(parted.train().file(i)).contains("train/" + name);
      }
    }
  }

  @Test
  void joinedDatasetsHaveTheFilesOfEach() {
    Split pixels = new MemorySplit(new byte[12], new int[1], 12);
    Dataset memory = Dataset.of("memory", List.of("m"), folder.shape(), pixels, pixels);
    assertThat(files(Dataset.join(List.of(memory, folder)).test()))
        .containsExactly("none", "test/a/x.png", "test/b/sub/y.png");
  }

  @Test
  void anImageInMemoryHasNoFile() {
    Split pixels = new MemorySplit(new byte[3], new int[1], 3);
    assertThat(pixels.file(0)).isEqualTo(Optional.empty());
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> pixels.file(1));
  }
}
