package dev.mlit.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * If this fails, an accuracy is measured against the wrong classes, or a dataset whose folders
 * cannot be named as its classes are is refused.
 */
class ClassNamesTest {
  @Test
  void classesAreFoundByNameInAnyOrder() {
    assertThat(ClassNames.indices(List.of("cat", "dog"), List.of("dog", "owl", "cat")))
        .containsExactly(2, 0);
    assertThat(ClassNames.indices(List.of("cat", "fox"), List.of("cat", "dog")))
        .containsExactly(0, -1);
  }

  @Test
  void aFolderStandsForTheNameThatAFileSystemCannotHave() {
    assertThat(
            ClassNames.indices(
                List.of("T-shirt-top", "ankle_boot", "Maen\u0303ana"),
                List.of("Mae\u00f1ana", "Ankle boot", "T-shirt/top")))
        .containsExactly(2, 1, 0);
  }

  @Test
  void whereOnlyCaseOrSignsTellClassesApartTheNamesAreTheSameOnlyIfEveryLetterIs() {
    assertThat(ClassNames.indices(List.of("a", "A"), List.of("A", "a", "b"))).containsExactly(1, 0);
    assertThat(ClassNames.indices(List.of("C++", "C"), List.of("C", "C++"))).containsExactly(1, 0);
    assertThat(ClassNames.indices(List.of("+", "-"), List.of("-", "+"))).containsExactly(1, 0);
    assertThat(ClassNames.indices(List.of("a"), List.of("A", "a"))).containsExactly(1);
  }

  @Test
  void aMessageNamesTwelve() {
    List<String> names = IntStream.range(0, 14).mapToObj(i -> "c" + i).toList();
    assertThat(ClassNames.shown(names.subList(0, 12))).endsWith(", c11");
    assertThat(ClassNames.shown(names)).endsWith(", c11 and 2 more");
  }
}
